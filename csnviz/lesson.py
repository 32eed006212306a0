"""The lesson "learn": invented people and the shipped networks, handed to a page that knows neither.

Command  python -m csnviz.lesson --key FOLDER    the teacher's key, as key.csv and as key.html to print
"""

import argparse
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import ipywidgets
import numpy as np

from csnviz import places
from csnviz.data.lesson_answers import PASSES, AnswerFile, LessonAnswers
from csnviz.data.storage import replacing
from csnviz.errors import InputError
from csnviz.evaluation.lesson_key import key_csv, key_page
from csnviz.evaluation.lesson_questions import lesson_faces
from csnviz.facs import DISFA
from csnviz.lesson_faces import GUIDE, PLAYER, Artist
from csnviz.page_choices import READ_ONLY
from csnviz.page_memory import LoadedNetworks, quietly
from csnviz.views.lesson_page import LessonPage, LessonSource
from csnviz.views.lesson_scores_panel import NetworkAnswers
from csnviz.views.words import escape

if TYPE_CHECKING:
    from csnviz.cast.anatomy import Expression

FIRST_SHOWN: "tuple[Expression, ...]" = ({}, {DISFA.numbers[0]: 3.0})
"""The neutral face, and the unit and intensity that lesson_guide.js begins with."""
OPENING = 15.0
"""Seconds for which a browser may take the processors for itself."""
INVENTED = "Invented people: what was drawn is the truth."
NOT_KEPT = "Nothing is kept here: save your answers before you leave."


def open_lesson(environment: Mapping[str, str] = os.environ) -> ipywidgets.Widget:
    """The lesson's page. CSNVIZ_DATA_ROOT: where answers are kept; CSNVIZ_READ_ONLY: they are not. CSNVIZ_CHECKPOINTS: another
    folder with cast_ncg.safetensors and cast_csn.safetensors. What cannot be used becomes a sentence in place of the page."""
    try:
        return lesson_page(environment).page
    except InputError as error:
        sentence = ipywidgets.HTML()
        sentence.value = f"<p style='font: 20px/1.5 system-ui; padding: 24px' role='alert'>{escape(str(error))}</p>"
        return sentence


def lesson_page(environment: Mapping[str, str]) -> LessonPage:
    """The page, whose faces are drawn ahead of whoever codes them; InputError where kept answers cannot be read."""
    file = AnswerFile.under(places.data_root(environment.get("CSNVIZ_DATA_ROOT") or None))
    kept = LessonAnswers() if environment.get(READ_ONLY) else file.read()
    keep, put_aside = (None, None) if environment.get(READ_ONLY) else (file.keep, file.put_aside)
    artist = Artist(lesson_faces())
    folder = Path(environment.get("CSNVIZ_CHECKPOINTS") or places.checkpoints())

    asked, shown = threading.Event(), threading.Event()

    def player(expression: "Expression") -> bytes:
        shown.wait(OPENING)  # a face that nobody sees yet is no reason to wait for the one on the screen
        return artist.played(PLAYER, expression)

    def guide(expression: "Expression") -> bytes:
        asked.set()
        return artist.played(GUIDE, expression)

    source = LessonSource(
        guide=guide,
        player=player,
        pictures=artist.pictures,
        estimates=lambda: network_answers(artist, folder),
        kept=kept,
        keep=keep,
        put_aside=put_aside,
        note=INVENTED if keep else f"{INVENTED} {NOT_KEPT}",
    )
    page = LessonPage(source)
    threading.Thread(target=_draw_ahead, args=(artist, kept, shown, asked), name="csnviz lesson", daemon=True).start()
    return page


def _draw_ahead(artist: Artist, kept: LessonAnswers, shown: threading.Event, asked: threading.Event) -> None:
    """Draws what the guide shows first, while a browser is still opening the page, and the faces to code once it has asked."""
    for expression in FIRST_SHOWN:
        artist.played(GUIDE, expression)
    shown.set()
    asked.wait(OPENING)
    artist.ahead(_answered_last(kept))


def network_answers(artist: Artist, checkpoints: Path) -> NetworkAnswers:
    """What the networks in a folder say to the lesson's questions: NCG of each face alone, CSN of it beside its neutral."""
    from csnviz.inference.features import encode_faces
    from csnviz.inference.predict import estimates_beside, estimates_in
    from csnviz.models.images import images_of

    pairs = [artist.pair(face.number) for face in artist.faces]
    neutral, acting = np.stack([pair.neutral_crop for pair in pairs]), np.stack([pair.face_crop for pair in pairs])
    networks = LoadedNetworks().in_front((checkpoints / "cast_ncg.safetensors", checkpoints / "cast_csn.safetensors"))
    ncg, csn = networks.ncg, networks.csn
    with quietly():
        alone = estimates_in(ncg, encode_faces(ncg, images_of(acting, ncg.device)))
        rest, seen = (encode_faces(csn, images_of(crops, csn.device)) for crops in (neutral, acting))
        beside = estimates_beside(csn, rest, seen)
    asked = [(row, question) for row, face in enumerate(artist.faces) for question in face.questions]
    column = ncg.config.aus.index
    return NetworkAnswers(
        ncg={question.key: float(alone[row, column(question.au)]) for row, question in asked},
        csn={question.key: float(beside[row, column(question.au)]) for row, question in asked},
    )


def write_key(folder: Path) -> tuple[Path, Path]:
    """Draws the faces and writes key.csv and key.html into a folder, which is made where it is not there; says where they are."""
    artist, faces = Artist(lesson_faces()), lesson_faces()
    page = key_page(faces, {face.number: artist.pictures(face.number) for face in faces})
    written = folder / "key.csv", folder / "key.html"
    for path, text in zip(written, (key_csv(faces), page), strict=True):
        with replacing(path) as part:
            part.write_text(text, encoding="utf-8")
    return written


def main(arguments: Sequence[str] | None = None) -> None:
    """The command: writes the key and says where."""
    parser = argparse.ArgumentParser(prog="python -m csnviz.lesson", description=__doc__)
    parser.add_argument("--key", type=Path, required=True, metavar="FOLDER", help="where key.csv and key.html go")
    print(*write_key(parser.parse_args(arguments).key), sep="\n")


def _answered_last(kept: LessonAnswers) -> list[int]:
    """The faces in the order in which they will be looked at: those without an answer first."""
    answered = kept.given[kept.at] if kept.at in PASSES else {}
    return sorted(
        (face.number for face in lesson_faces()),
        key=lambda number: all(question.key in answered for question in lesson_faces()[number - 1].questions),
    )


if __name__ == "__main__":
    main()
