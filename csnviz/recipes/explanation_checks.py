"""Whether csnviz's explanations can be believed, on drawn people and with the networks that ship: one command, one table.

Completeness, random parameters, deletion and insertion, pointing at a known attribute, agreement between methods. Every line says
what was asked for before anything was measured, what was found, and of how many frames and people. What the networks do not bear
out is said as plainly as what they do.

Command  python -m csnviz.recipes.explanation_checks [--data-root FOLDER] [--workers 2] [--only PART ...] [--out FOLDER]
Numbers  docs/results/explanations.md
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from csnviz import places
from csnviz.recipes import explanation_deletion as squares
from csnviz.recipes.explanation_completeness import NUMBERS, beside_themselves, completeness, gaps
from csnviz.recipes.explanation_demo import Demo, Workers, any_numbers, raised_numbers, working
from csnviz.recipes.explanation_finding import Finding, finding_lines
from csnviz.recipes.explanation_pointing import ask_people, pointing, pointing_lines
from csnviz.recipes.explanation_randomisation import likenesses, randomisation

CAVEAT = "The people are drawings: this says how the explanations of these two networks behave, and is no evidence about people."

Kept = Callable[[str, pd.DataFrame], None]


def _completeness(workers: Workers, demo: Demo, root: Path, keep: Kept) -> list[Finding]:
    lines = workers.lines(gaps, any_numbers(demo, NUMBERS), root)
    people = demo.table.participants
    calm = [demo.table.row_of(demo.references.frame_id_for(name, "front")) for name in people]
    keep("completeness", lines)
    return completeness(lines, workers.lines(beside_themselves, calm, root))


def _randomisation(workers: Workers, demo: Demo, root: Path, keep: Kept) -> list[Finding]:
    lines = workers.lines(likenesses, raised_numbers(demo, 1), root)
    keep("randomisation", lines)
    return randomisation(lines)


def _deletion(workers: Workers, demo: Demo, root: Path, keep: Kept) -> list[Finding]:
    lines = workers.lines(squares.curves, raised_numbers(demo, 2), root)
    keep("deletion", lines)
    return squares.deletion(lines)


def _agreement(workers: Workers, demo: Demo, root: Path, keep: Kept) -> list[Finding]:
    lines = workers.lines(squares.agreements, raised_numbers(demo, 1), root)
    keep("agreement", lines)
    return squares.agreement(lines)


def _pointing(workers: Workers, demo: Demo, root: Path, keep: Kept) -> list[Finding]:
    lines, looked = ask_people(workers, root)
    keep("pointing", lines)
    print("\n".join(pointing_lines(lines)))
    print(f"\n{looked} people were looked at, each once with each attribute.\n")
    return pointing(lines, looked)


PARTS = {
    "completeness": _completeness,
    "randomisation": _randomisation,
    "deletion": _deletion,
    "agreement": _agreement,
    "pointing": _pointing,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """The command: prints the table, with --out also every single number as a .csv file for each part."""
    parser = argparse.ArgumentParser(prog="python -m csnviz.recipes.explanation_checks", description=__doc__)
    parser.add_argument("--data-root", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS), metavar="PART")
    parser.add_argument("--out", type=Path, help="a folder for every single number")
    asked = parser.parse_args(arguments)
    root = places.data_root(asked.data_root)
    demo, findings, seconds = Demo.load(root), [], {}

    def keep(name: str, lines: pd.DataFrame) -> None:
        if asked.out:
            asked.out.mkdir(parents=True, exist_ok=True)
            lines.to_csv(asked.out / f"{name}.csv", index=False)

    with working(asked.workers) as workers:
        for part in asked.only:
            began = time.perf_counter()
            findings += PARTS[part](workers, demo, root, keep)
            seconds[part] = time.perf_counter() - began
    print("\n".join(finding_lines(findings)))
    print(f"\n{CAVEAT}\nSeconds: {', '.join(f'{part} {np.round(taken):.0f}' for part, taken in seconds.items())}.")


if __name__ == "__main__":
    main()
