"""What the lesson leaves on paper: the teacher's key, and a student's answers and scores, as CSV and as a page to print."""

import base64
import csv
import html
import io
from collections.abc import Iterable, Mapping, Sequence

from csnviz import facs
from csnviz.evaluation.lesson_questions import LessonFace, Question, face_id
from csnviz.evaluation.lesson_scores import BESIDE, BLIND, CSN, NCG, Answers, LessonScore, by_group, score

ASKED = ("question", "face", "participant", "au", "condition", "attribute", "strength", "group", "truth")
SCORED = (
    "rater",
    "group",
    "questions",
    "exact",
    "within_one",
    "absent",
    "seen_though_absent",
    "weighted_kappa",
    "icc31",
)
RATERS = (BLIND, BESIDE, NCG, CSN)

_HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>The lesson's key</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 24px; color: #1b2430; background: #fff; }
h1 { font-size: 22px; margin: 0 0 4px; } p { margin: 0 0 14px; }
section { display: inline-grid; grid-template-columns: 120px 120px; gap: 4px 6px; width: 246px; margin: 0 14px 16px 0;
  vertical-align: top; break-inside: avoid; }
h2 { font-size: 16px; margin: 0; grid-column: 1 / -1; } img { width: 120px; height: 120px; display: block; border-radius: 4px; }
figcaption { font-size: 12px; color: #586575; } figure { margin: 0; }
ul { grid-column: 1 / -1; margin: 0; padding: 0; list-style: none; }
</style>"""


def key_csv(faces: Sequence[LessonFace]) -> str:
    """The teacher's key: one line for each question, with its truth, trait and group."""
    return _csv(ASKED, (_asked(face, question) for face in faces for question in face.questions))


def answers_csv(faces: Sequence[LessonFace], raters: Mapping[str, Answers]) -> str:
    """The key with the answers of each rater beside the truth; empty where there is none. Estimates have two decimals."""
    rows = (
        [*_asked(face, question), *(_cell(raters.get(rater, {}), question) for rater in RATERS)]
        for face in faces
        for question in face.questions
    )
    return _csv((*ASKED, *RATERS), rows)


def scores_csv(questions: Sequence[Question], raters: Mapping[str, Answers]) -> str:
    """The scores of each rater over all questions and in each group; an undefined one is empty, its count beside it."""
    rows = []
    for rater in RATERS:
        answers = raters.get(rater, {})
        for group, found in {"all": score(questions, answers), **by_group(questions, answers)}.items():
            rows.append([rater, group, *_numbers(found)])
    return _csv(SCORED, rows)


def key_page(faces: Sequence[LessonFace], pictures: Mapping[int, tuple[bytes, bytes]]) -> str:
    """The key as one HTML page that prints and opens offline. pictures: a face's number -> JPEGs of its neutral and of itself."""
    parts = [
        _HEAD,
        "<h1>Can you see it without the neutral face? The key</h1><p>Invented people, so the truth is what was drawn.</p>",
    ]
    for face in faces:
        shown = "".join(
            f'<figure><img alt="{words} of face {face.number}" src="data:image/jpeg;base64,'
            f'{base64.b64encode(picture).decode()}"><figcaption>{words}</figcaption></figure>'
            for words, picture in zip(("neutral", "face"), pictures[face.number], strict=True)
        )
        asked = "".join(f"<li>{html.escape(key_words(question))}</li>" for question in face.questions)
        parts.append(f"<section><h2>Face {face.number}</h2>{shown}<ul>{asked}</ul></section>")
    return "\n".join(parts)


def key_words(question: Question) -> str:
    """A question and its answer in words, such as "AU5, hooded lids: 3 (C)"."""
    return f"{question.condition.title}: {letter_words(question.truth)}"


def letter_words(intensity: int) -> str:
    """An intensity with its letter.

    >>> letter_words(0), letter_words(3)
    ('0', '3 (C)')
    """
    letter = facs.intensity_letter(intensity)
    return f"{intensity} ({letter})" if letter else "0"


def _asked(face: LessonFace, question: Question) -> list[str]:
    condition = question.condition
    strength = f"{question.dose:g}" if condition.attribute else ""
    return [
        question.key, face_id(face.number), face.participant, facs.au(question.au).column, condition.words, condition.attribute,
        strength, condition.group, str(question.truth),
    ]  # fmt: skip


def _cell(answers: Answers, question: Question) -> str:
    answer = answers.get(question.key)
    if answer is None or answer != answer:  # NaN is no answer
        return ""
    return str(answer) if isinstance(answer, int) else f"{answer:.2f}"


def _numbers(found: LessonScore) -> list[str]:
    counts = (found.n, found.exact, found.near, found.absent, found.seen)
    undefined_empty = ("" if value != value else f"{value:.3f}" for value in (found.kappa, found.icc))
    return [*map(str, counts), *undefined_empty]


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue()
