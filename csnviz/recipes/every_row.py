"""Every row of the paper's tables at once: NCG, baseline subtraction and the six merge points, all folds, then the tables.

Command  python -m csnviz.recipes.every_row [--on cast] [--out runs/every_row] [--workers 2] [--set NAME=VALUE] ...
Time     see docs/results/cast.md; what has finished in the folder is not trained again
"""

import argparse
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import torch
from tqdm import tqdm

from csnviz.data.manifest import read_manifest
from csnviz.evaluation.report import report, text_tables
from csnviz.recipes.command import ROWS, Asked, run_recipe
from csnviz.recipes.splits import open_study

QUANTITIES = ("intensity", "occurrence")


def train_every_row(asked: Asked, quantities: Sequence[str], workers: int) -> list[Path]:
    """Trains every row on every fold for these quantities, `workers` at a time, one thread each; the run folders."""
    open_study(asked.on, asked.data_root, asked.root)  # drawn or prepared once, before several processes want it
    folds = asked.folds or tuple(fold.name for fold in read_manifest(asked.on).all_folds)

    def jobs(*recipes: str) -> list[Asked]:
        job = replace(asked, root=None, progress=False)
        return [
            replace(job, recipe=recipe, folds=(fold,), changes=(*asked.changes, f"quantity={quantity}"))
            for quantity in quantities
            for recipe in recipes
            for fold in folds
        ]

    # Subtraction comes last: it uses the networks of ir50_ncg.
    return [*_at_once(jobs(*(row for row in ROWS if row != "ir50_bs")), workers), *_at_once(jobs("ir50_bs"), workers)]


def _at_once(jobs: Sequence[Asked], workers: int) -> list[Path]:
    spawn = multiprocessing.get_context("spawn")
    paths = []
    with ProcessPoolExecutor(workers, spawn) as pool, tqdm(total=len(jobs), desc="runs", unit="run") as bar:
        for done in [pool.submit(_run, job) for job in jobs]:
            paths += done.result()
            bar.update()
    return paths


def _run(asked: Asked) -> list[Path]:
    torch.set_num_threads(1)
    return [run.path for run in run_recipe(asked)]


def main(arguments: Sequence[str] | None = None) -> None:
    """The command: trains, writes report.html, tables.csv and metrics.csv, and prints the tables as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m csnviz.recipes.every_row", description=__doc__)
    parser.add_argument("--on", default="cast", help="the dataset (default: cast)")
    parser.add_argument("--root", type=Path, help="its folder, where it is not prepared yet")
    parser.add_argument("--start", default="", help="a file of public face-recognition parameters")
    parser.add_argument("--set", dest="changes", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--quantity", choices=QUANTITIES, action="append", help="one task alone (default: both)")
    parser.add_argument("--out", type=Path, default=Path("runs/every_row"))
    parser.add_argument("--data-root", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    asked = Asked(
        "", options.on, options.root, changes=tuple(options.changes), start=options.start, out=options.out,
        data_root=options.data_root,
    )  # fmt: skip
    runs = train_every_row(asked, options.quantity or QUANTITIES, options.workers)
    report(runs, options.out)
    print(text_tables(runs))


if __name__ == "__main__":
    main()
