"""The coding sheet: twenty faces, a unit asked at a time, answered with the keys 0 to 5; first blind, then beside the neutral."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from csnviz import facs
from csnviz.data.lesson_answers import FINISHED, PASSES, LessonAnswers
from csnviz.errors import InputError
from csnviz.evaluation.lesson_questions import LessonFace
from csnviz.views.latest_only import LatestOnly

Pictures = Callable[[int], tuple[bytes, bytes]]
"""A face's number, from 1 -> the JPEGs of its neutral and of itself."""


class CodingSheet(anywidget.AnyWidget):
    """Asks, keeps what is answered, and shows what was true once both passes are finished.

    keep: called with the answers after each of them; None: they are nowhere kept. changed: called when a pass begins or ends.
    In the blind pass no neutral face leaves Python, and no truth before the end; `told` is what is then said of each question.
    """

    _esm = Path(__file__).parent / "lesson_coding.js"
    faces = traitlets.List().tag(sync=True)
    letters = traitlets.List(["0", *facs.INTENSITY_LETTERS]).tag(sync=True)
    words = traitlets.List(list(facs.INTENSITY_WORDS)).tag(sync=True)
    at = traitlets.Unicode().tag(sync=True)
    given = traitlets.Dict().tag(sync=True)
    told = traitlets.Dict().tag(sync=True)
    trouble = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        faces: Sequence[LessonFace],
        pictures: Pictures,
        answers: LessonAnswers,
        keep: Callable[[LessonAnswers], None] | None,
        changed: Callable[[LessonAnswers], None],
    ) -> None:
        self._pictures, self._keep, self._changed = pictures, keep, changed
        self._keys = {question.key for face in faces for question in face.questions}
        self.answers = answers
        super().__init__(faces=[_described(face) for face in faces], **_shown(answers))
        self.artist = LatestOnly(lambda words: None, self._fail)
        self.on_msg(self._heard)

    def tell(self, told: Mapping[str, str]) -> None:
        """What is said about each question, by key; refused before both passes are finished."""
        if self.answers.at != FINISHED:
            raise InputError("The lesson is not finished, so no truth is told. Finish both passes first.")
        self.told = dict(told)

    def begin_again(self) -> None:
        """An empty sheet."""
        self.told = {}
        self._take(LessonAnswers())

    def _heard(self, _: object, message: dict[str, Any], __: object) -> None:
        if message.get("type") == "answer":
            self._answer(message)
        elif message.get("type") == "go on" and message.get("at") == self.answers.at != FINISHED:
            after = {PASSES[0]: PASSES[1], PASSES[1]: FINISHED}
            self._take(replace(self.answers, at=after[self.answers.at]))
        elif message.get("type") == "picture" and message.get("face") in range(1, len(self.faces) + 1):
            self._send_picture(int(message["face"]))

    def _answer(self, message: Mapping[str, Any]) -> None:
        """A late answer to a pass that is over changes nothing."""
        at, key, answer = self.answers.at, message.get("key"), message.get("answer")
        if message.get("at") != at or at == FINISHED or key not in self._keys or type(answer) is not int:
            return
        if 0 <= answer <= 5:
            self._take(replace(self.answers, given={**self.answers.given, at: {**self.answers.given[at], key: answer}}))

    def _take(self, answers: LessonAnswers) -> None:
        ended = answers.at != self.answers.at
        self.answers = answers
        self.trouble = ""
        try:
            if self._keep is not None:
                self._keep(answers)
        except (InputError, OSError) as error:
            self.trouble = f"This answer is on the page but could not be kept: {error}"
        with self.hold_sync():
            for name, value in _shown(answers).items():
                setattr(self, name, value)
        if ended:
            self._changed(answers)

    def _send_picture(self, face: int) -> None:
        at = self.answers.at

        def send(pair: tuple[bytes, bytes]) -> None:
            neutral, acting = pair
            self.send({"type": "picture", "face": face, "at": at}, [acting] if at == PASSES[0] else [acting, neutral])

        self.artist.submit(f"{at} {face}", "drawing", lambda watch: self._pictures(face), send)

    def _fail(self, sentence: str) -> None:
        self.trouble = sentence


def _shown(answers: LessonAnswers) -> dict[str, Any]:
    return {"at": answers.at, "given": {each: dict(answers.given[each]) for each in PASSES}}


def _described(face: LessonFace) -> dict[str, Any]:
    units = [(question.key, facs.au(question.au)) for question in face.questions]
    return {
        "number": face.number,
        "questions": [
            {"key": key, "au": unit.number, "name": unit.name, "looks": unit.looks, "muscle": unit.muscle}
            for key, unit in units
        ],
    }
