"""What a folder of drawn people says of itself: a manifest in the form of data_manifest, true by construction."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from csnviz import places
from csnviz.cast.attributes import draw_attributes, in_words
from csnviz.cast.dataset import TRAINING_PARTICIPANTS, VALIDATION_PARTICIPANTS, cast_references
from csnviz.cast.performance import FRAMES_PER_SECOND
from csnviz.cast.play import Play
from csnviz.cast.version import cast_version
from csnviz.data.manifest import CAST, CAST_AS_DISFA, TABLES
from csnviz.data.tables import FrameTable

FOLDS = 3

_QUIRKS = (
    "A participant's number is the seed of that person: with one cast_version, C007 is the same face and performance everywhere.",
    "The networks that ship with csnviz were trained on C001 to C027 and tuned on C028 to C036 (`part` in participants.csv): do "
    "not judge those networks on these people.",
    "C100 to C199 are left to the demo of csnviz and stand in no tree.",
)


@dataclass(frozen=True)
class Shape:
    """How a folder of drawn people is laid out.

    dataset: its name in the manifest and in frame ids. camera: what the one camera is called. video: whether frame ids have a
    part for the video, which is then called as the participant. first: the number of the first frame. occurrence: the AUs of
    that task. picture: where a frame lies, from participant and number. labels: where labels lie, from participant (and au).
    quirks: what surprises a reader of this shape alone.
    """

    dataset: str
    title: str
    camera: str
    video: bool
    first: int
    occurrence: Sequence[int]
    picture: str
    labels: str
    quirks: Sequence[str] = ()


PLAIN = Shape(
    dataset=CAST,
    title="The csnviz cast: invented people drawn by code",
    camera="front",
    video=False,
    first=0,
    occurrence=(1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26),
    picture="Pictures/{participant}/{number:04}.jpg",
    labels="Drawn_Labels/{participant}.csv",  # DISFA+ is known by a folder called Labels
)
AS_DISFA = Shape(
    dataset=CAST_AS_DISFA,
    title="The csnviz cast in the folders of DISFA",
    camera="left",
    video=True,
    first=1,
    occurrence=(1, 2, 4, 6, 9, 12, 25, 26),
    picture="Images_LeftCamera/{participant}/{number}.jpg",
    labels="ActionUnit_Labels/{participant}/{participant}_au{au}.txt",
    quirks=(
        "There is one camera. It is called left, because most tools read the left one alone.",
        "Pictures and labels count from 1, as the CSN authors' code and csnviz expect; ME-GraphAU, AUNCE and JAA-Net count "
        "pictures from 0.",
        "Nobody bears the name of a participant of DISFA: put these names where a tool lists SN001 and the others. folds.csv has "
        "three parts for it.",
    ),
)


def write_manifest(folder: Path, table: FrameTable, shape: Shape, play: Play) -> None:
    """A folder of manifests for CSNVIZ_MANIFEST: those that csnviz knows here, and the one of these drawn frames."""
    shutil.copytree(places.manifest(), folder, copy_function=shutil.copyfile)
    own = folder / shape.dataset
    own.mkdir(exist_ok=True)
    (own / "dataset.toml").write_text("\n".join(_toml(_words(table, shape, play))) + "\n", encoding="utf-8")
    for name, rows in _tables(table, shape).items():
        columns = [*TABLES[name], "part"] if name == "participants" else list(TABLES[name])
        pd.DataFrame(rows, columns=columns).to_csv(own / f"{name}.csv", index=False)


def _words(table: FrameTable, shape: Shape, play: Play) -> dict[str, Any]:
    people = len(table.participants)
    return {
        "name": shape.dataset,
        "title": shape.title,
        "how_to_ask": "There is nothing to ask for: `csnviz prepare cast` drew these people.",
        "licence": "Drawn by csnviz itself (MIT); no person was filmed, so no agreement is needed.",
        "may_show_faces": True,
        "cameras": [shape.camera],
        "frames_per_second": FRAMES_PER_SECOND,
        "intensity": list(table.aus),
        "occurrence": list(shape.occurrence),
        "fold_scheme": f"{FOLDS}-fold",
        "folds_cover_everybody": True,
        "papers": [],
        "quirks": [*_QUIRKS, *play.quirks, *shape.quirks],
        "cast_version": cast_version(),
        "played": asdict(play),
        "counts": {"participants": people, "frames_per_participant": len(table) // people},
        "frame_numbers": {"labels": shape.first, "pictures": shape.first, "references": shape.first},
        "layout": {"labels": [shape.labels], "pictures": {shape.camera: [shape.picture]}},
    }


def _tables(table: FrameTable, shape: Shape) -> dict[str, list[tuple[str, ...]]]:
    """The rows of each CSV file. Nothing is a case before somebody has looked."""
    people = table.participants
    frames = str(len(table) // len(people))
    first_calm = cast_references(table)
    calm = {who: table.rows["frame_index"][table.row_of(first_calm.frame_id_for(who, PLAIN.camera))] for who in people}
    folds = [(str(1 + place % FOLDS), who) for place, who in enumerate(people)]
    attributes = [(who, name, there) for who in people for name, there in in_words(draw_attributes(who)).items()]
    return {
        "participants": [(who, f"cast-{who}", frames, "", _part(who)) for who in people],
        "references": [
            (who, shape.camera, who if shape.video else "", str(calm[who] + shape.first), "labels", "")
            for who in people
        ],
        "folds": sorted(folds, key=lambda row: row[0]),
        "attributes": [(who, name, "present" if there else "absent", "drawn") for who, name, there in attributes],
        "cases": [],
    }


def _part(participant: str) -> str:
    """What the networks that ship with csnviz saw of somebody."""
    parts = {"training": TRAINING_PARTICIPANTS, "validation": VALIDATION_PARTICIPANTS}
    return next((part for part, people in parts.items() if participant in people), "")


def _toml(words: Mapping[str, Any], table: str = "") -> Iterator[str]:
    """Lines of TOML, whose texts, numbers, booleans and lists are written as in JSON; tables come last."""
    if table:
        yield from ("", f"[{table}]")
    for name, value in words.items():
        if not isinstance(value, Mapping):
            yield f"{name} = {json.dumps(value)}"
    for name, value in words.items():
        if isinstance(value, Mapping):
            yield from _toml(value, f"{table}.{name}" if table else name)
