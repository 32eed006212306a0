"""A test for people who have not seen the code: can a drawn action unit be named, and which of two is stronger?

Draws it      python -m tests.blind_readers OUT --seed N [--workers 2]
Marks it      python -m tests.blind_readers OUT --mark ANSWERS.json

OUT/naming holds 36 pictures, each of the twelve units three times at intensity 4 by another person, the same person's neutral
face on the left. OUT/strength holds 36 pairs of one unit at two intensities. OUT/instructions.md is for the reader; OUT/key.json is
not. Nobody wears glasses, a beard or a standing wrinkle here: the question is whether a unit is drawn so that it can be read. What
hides a unit, and how much of it, is the dial's to say (csnviz.cast.render.NON_ADDITIVITY).
"""

import argparse
import json
import multiprocessing
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from csnviz.cast.anatomy import CAST_AUS, Expression
from csnviz.cast.attributes import Attributes
from csnviz.cast.identity import draw_identity, generator
from csnviz.cast.performance import moment_of
from csnviz.cast.render import draw, take_picture
from tests.reading_marks import mark, marks_text

SIDE, BETWEEN = 384, 16
READ_AT = 4.0
TIMES = 3
LEAST_APART = 1.5
WEAKEST = 0.5
LIPS_PARTED = 2.0
"""How far AU25 parts the lips in half of the pictures of AU26: a jaw rarely falls behind closed lips."""
STRANGERS = range(200, 1000)
FRAMES = 200


@dataclass(frozen=True)
class Pair:
    """Two pictures of one person at one moment but for the expression, side by side, and what the key says about them."""

    participant: str
    frame: int
    left: Expression
    right: Expression
    key: Mapping[str, Any]


def _expression(au: int, intensity: float, parted: bool) -> Expression:
    return {au: intensity, 25: LIPS_PARTED} if au == 26 and parted else {au: intensity}


def pairs(seed: int) -> tuple[list[Pair], list[Pair]]:
    """The pairs to name and the pairs to compare, each in random order; nobody appears twice."""
    rng = np.random.default_rng(seed)
    people = iter(rng.permutation(STRANGERS))
    naming = [_to_name(int(au), int(next(people)), rng) for au in rng.permutation(CAST_AUS.numbers * TIMES)]
    strength = [_to_compare(int(au), int(next(people)), rng) for au in rng.permutation(CAST_AUS.numbers * TIMES)]
    return naming, strength


def _to_name(au: int, number: int, rng: np.random.Generator) -> Pair:
    expression = _expression(au, READ_AT, rng.random() < 0.5)
    return Pair(f"C{number}", int(rng.integers(FRAMES)), {}, expression, {"au": au, "shown": _told(expression)})


def _to_compare(au: int, number: int, rng: np.random.Generator) -> Pair:
    low = rng.uniform(WEAKEST, 5.0 - LEAST_APART)
    high = rng.uniform(low + LEAST_APART, 5.0)
    parted, stronger = rng.random() < 0.5, ("left", "right")[rng.integers(2)]
    weak, strong = _expression(au, low, parted), _expression(au, high, parted)
    left, right = (strong, weak) if stronger == "left" else (weak, strong)
    key = {"stronger": stronger, "au": au, "left": _told(left), "right": _told(right)}
    return Pair(f"C{number}", int(rng.integers(FRAMES)), left, right, key)


def _told(expression: Expression) -> dict[str, float]:
    return {f"AU{au}": round(intensity, 2) for au, intensity in expression.items()}


def picture(pair: Pair) -> UInt8[np.ndarray, "384 784 3"]:
    """Both pictures of a pair, white between them."""
    moments = [
        replace(moment_of(pair.participant, pair.frame, expression), openness=1.0)
        for expression in (pair.left, pair.right)
    ]
    carried = [Attributes.none()] * 2
    drawn = draw(draw_identity(pair.participant), carried, moments, SIDE)
    left, right = (
        take_picture(light, moment.camera, generator(pair.participant, 30, pair.frame, side))
        for side, (light, moment) in enumerate(zip(drawn.light, moments, strict=True))
    )
    return np.concatenate((left, np.full((SIDE, BETWEEN, 3), 255, np.uint8), right), axis=1)


def instructions() -> str:
    """What a reader is told, as Markdown."""
    units = "\n".join(f"| {unit.number} | {unit.name} | {unit.looks} |" for unit in CAST_AUS.units)
    return f"""# Reading faces

Nobody on these pictures exists. Please look at the pictures only, and at nothing else that came with them.

## Naming: naming/01.png to naming/36.png

On the left is a person at rest, on the right the same person with one facial action unit, clearly shown. Which one is it? Choose
one number for each picture, also when you are not sure. Do not count on how often each comes up.

| number | name | what it looks like |
|---|---|---|
{units}

Glasses, beards and lines that are on both faces mean nothing. When the jaw has fallen, the answer is 26, whether or not the lips
are open; when the lips are open and the jaw has not fallen, it is 25.

## Strength: strength/01.png to strength/36.png

One person twice, doing the same, once more strongly. On which side is it stronger: left or right?

## Answers

One file of this form, with all 36 of each:

```json
{{"naming": {{"01": 12, "02": 4}}, "strength": {{"01": "left", "02": "right"}}}}
```
"""


def draw_test(out: Path, seed: int, workers: int) -> None:
    """Writes the pictures, the instructions and the key."""
    key: dict[str, dict[str, Any]] = {}
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        for part, wanted in zip(("naming", "strength"), pairs(seed), strict=True):
            (out / part).mkdir(parents=True, exist_ok=True)
            key[part] = {}
            for number, (pair, drawn) in enumerate(zip(wanted, pool.map(picture, wanted), strict=True), 1):
                Image.fromarray(drawn).save(out / part / f"{number:02d}.png")
                key[part][f"{number:02d}"] = {**pair.key, "participant": pair.participant}
    (out / "instructions.md").write_text(instructions(), encoding="utf-8")
    (out / "key.json").write_text(json.dumps(key, indent=1), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command: draws the test, or marks one reader's answers."""
    parser = argparse.ArgumentParser(prog="python -m tests.blind_readers")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--mark", type=Path, metavar="ANSWERS.json")
    asked = parser.parse_args(arguments)
    if asked.mark is None:
        draw_test(asked.out, asked.seed, asked.workers)
        return
    key, answers = (json.loads(path.read_text(encoding="utf-8")) for path in (asked.out / "key.json", asked.mark))
    print(marks_text(mark(key, answers)))


if __name__ == "__main__":
    main()
