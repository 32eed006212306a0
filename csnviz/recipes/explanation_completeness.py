"""Do the values of an explanation add up to what they explain, and is there none where image and reference are one face?"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from csnviz.explain.attribution import what_csn_does_not_see, what_moved, what_the_reference_cancelled, why_ncg
from csnviz.explain.results import Attribution
from csnviz.explain.walks import STEPS
from csnviz.recipes.explanation_demo import Asked, Demo
from csnviz.recipes.explanation_finding import FAILS, HOLDS, Finding, counted

MEDIAN, WORST = 0.01, 0.05
NUMBERS = 200


def gaps(asked: Sequence[Asked], data_root: Path) -> pd.DataFrame:
    """For each number one of the four questions, in turn: participant, au, question, share, more.

    share: the gap as `Attribution.relative_gap` has it; more: it took more steps than usual.
    """
    demo = Demo.load(data_root)
    lines = []
    for each in asked:
        found = _answer(demo, each)
        more = not found.algorithm.endswith(f" {STEPS} steps")
        lines.append((demo.participant(each.row), each.au, found.question.partition(": ")[2], found.relative_gap, more))
    return pd.DataFrame(lines, columns=["participant", "au", "question", "share", "more"])


def _answer(demo: Demo, asked: Asked) -> Attribution:
    image, reference = demo.crop(asked.row), demo.reference(asked.row)
    question = (asked.row + asked.au) % 4
    if question == 0:
        return why_ncg(demo.networks.ncg, image, demo.start, asked.au)
    if question == 1:
        return what_the_reference_cancelled(demo.networks.csn, image, reference, demo.start, asked.au)
    if question == 2:
        return what_csn_does_not_see(demo.networks.ncg, demo.networks.csn, image, reference, demo.start, asked.au)
    return what_moved(demo.networks.csn, image, reference, asked.au)


def beside_themselves(rows: Sequence[int], data_root: Path) -> pd.DataFrame:
    """For the face in each row beside itself, and the first AU: participant, largest (absolute value of what moved)."""
    demo = Demo.load(data_root)
    au = demo.networks.csn.config.aus[0]
    moved = [what_moved(demo.networks.csn, demo.crop(row), demo.crop(row), au) for row in rows]
    largest = [float(abs(found.values).max()) for found in moved]
    return pd.DataFrame({"participant": [demo.participant(row) for row in rows], "largest": largest})


def completeness(lines: pd.DataFrame, alone: pd.DataFrame) -> list[Finding]:
    """What `gaps` and `beside_themselves` found, as lines of the table."""
    middle, worst = float(lines["share"].median()), float(lines["share"].max())
    more = f"{int(lines['more'].sum())} needed more than {STEPS} steps"
    return [
        Finding(
            "completeness, median gap",
            "<= 1 %",
            f"{100 * middle:.2f} %",
            counted(lines, "numbers"),
            _if(middle <= MEDIAN),
        ),
        Finding("completeness, largest gap", "<= 5 %", f"{100 * worst:.2f} %; {more}", "the same", _if(worst <= WORST)),
        Finding(
            "image = reference",
            "CSN's attribution exactly 0",
            f"largest absolute value {alone['largest'].max():g}",
            counted(alone),
            _if(not alone["largest"].any()),
        ),
    ]


def _if(holds: bool) -> str:
    return HOLDS if holds else FAILS
