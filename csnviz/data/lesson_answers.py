"""A student's answers in the lesson, kept as they are given: one JSON file under the data root, which a reload reads again."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from csnviz.data.images import make_private
from csnviz.data.storage import replacing
from csnviz.errors import InputError

PASSES = ("blind", "beside")
FINISHED = "finished"


@dataclass(frozen=True)
class LessonAnswers:
    """What was answered so far. at: the pass that is being coded, or "finished". given: pass -> key of a question -> 0 to 5."""

    at: str = PASSES[0]
    given: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: {each: {} for each in PASSES})

    def __post_init__(self) -> None:
        if self.at not in (*PASSES, FINISHED):
            raise InputError(f"The lesson is at {PASSES[0]}, {PASSES[1]} or {FINISHED}; found {self.at!r}.")
        for each in PASSES:
            wrong = [key for key, answer in self.given[each].items() if type(answer) is not int or not 0 <= answer <= 5]
            if wrong:
                raise InputError(
                    f"{wrong[0]}: an answer is a whole number from 0 to 5; found {self.given[each][wrong[0]]!r}."
                )


@dataclass(frozen=True)
class AnswerFile:
    """The file of the answers, readable by its owner alone; made when the first answer is kept."""

    path: Path

    @classmethod
    def under(cls, data_root: Path) -> "AnswerFile":
        """The file under a data root."""
        return cls(data_root / "lesson" / "answers.json")

    def read(self) -> LessonAnswers:
        """What was kept, or a lesson at its beginning; InputError when the file is damaged."""
        if not self.path.exists():
            return LessonAnswers()
        try:
            words = json.loads(self.path.read_text(encoding="utf-8"))
            return LessonAnswers(str(words["at"]), {each: dict(words["given"][each]) for each in PASSES})
        except (OSError, ValueError, KeyError, TypeError, InputError) as error:
            raise InputError(
                f"{self.path}: the answers kept cannot be read ({error}). Mend the file, or move it away."
            ) from error

    def keep(self, answers: LessonAnswers) -> None:
        """Writes the answers in place of those before, whole or not at all."""
        make_private(self.path.parent)
        words = {"at": answers.at, "given": {each: dict(answers.given[each]) for each in PASSES}}
        with replacing(self.path) as part:
            part.touch(mode=0o600)
            part.write_text(json.dumps(words, indent=1) + "\n", encoding="utf-8")

    def put_aside(self) -> None:
        """Keeps these answers under another name, so that somebody else can begin."""
        if self.path.exists():
            self.path.replace(self.path.with_name(f"answers {time.strftime('%Y-%m-%d %H.%M.%S')}.json"))
