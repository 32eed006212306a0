"""Marks a reader's answers to the test that `tests.blind_readers` draws."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from csnviz import facs
from csnviz.cast.anatomy import CAST_AUS
from csnviz.errors import InputError

Key = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Part of the test -> number of the picture -> what is in it."""
Answers = Mapping[str, Mapping[str, Any]]
SIDES = ("left", "right")


@dataclass(frozen=True)
class Marks:
    """Shares of right answers, 0 .. 1; one that is missing is wrong. confused: (shown, said) -> how often, wrong ones only;
    missed: by unit, how often the weaker of a pair was taken for the stronger. unanswered: of both parts together."""

    naming: float
    strength: float
    confused: Counter[tuple[int, int]]
    missed: Counter[int]
    unanswered: int


def mark(key: Key, answers: Answers) -> Marks:
    """Compares answers with the key. InputError for an answer to a picture that the test does not have, or that is none of those
    to choose from."""
    _refuse_strange(key, answers)
    named, stronger = answers.get("naming", {}), answers.get("strength", {})
    confused = Counter(
        (said["au"], int(named[number]))
        for number, said in key["naming"].items()
        if number in named and int(named[number]) != said["au"]
    )
    missed = Counter(
        said["au"]
        for number, said in key["strength"].items()
        if number in stronger and stronger[number] != said["stronger"]
    )
    right_names = sum(number in named for number in key["naming"]) - confused.total()
    right_sides = sum(number in stronger for number in key["strength"]) - missed.total()
    return Marks(
        naming=right_names / len(key["naming"]),
        strength=right_sides / len(key["strength"]),
        confused=confused,
        missed=missed,
        unanswered=sum(number not in answers.get(part, {}) for part in key for number in key[part]),
    )


def _refuse_strange(key: Key, answers: Answers) -> None:
    choices = {"naming": tuple(str(au) for au in CAST_AUS.numbers), "strength": SIDES}
    for part, given in answers.items():
        if part not in key:
            raise InputError(f"The answers have a part {part!r}; the parts are {', '.join(key)}.")
        for number, said in given.items():
            if number not in key[part]:
                raise InputError(f"There is no picture {part}/{number}.png. Number the answers as the files are.")
            if str(said) not in choices[part]:
                raise InputError(f"{part}/{number}.png: {said!r} is no answer. Choose from {', '.join(choices[part])}.")


def marks_text(marks: Marks) -> str:
    """The marks in a few lines, confusions by how often."""
    lines = [f"naming: {marks.naming:.3f} right", f"strength: {marks.strength:.3f} right"]
    if marks.unanswered:
        lines.append(f"unanswered, marked as wrong: {marks.unanswered}")
    lines += [
        f"{facs.au(shown).title} taken for {facs.au(said).title}: {times}"
        for (shown, said), times in sorted(marks.confused.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    lines += [f"weaker taken for stronger, {facs.au(au).title}: {times}" for au, times in sorted(marks.missed.items())]
    return "\n".join(lines)
