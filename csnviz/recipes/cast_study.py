"""The study on the cast: does a reference help, which merge, and what does each attribute do to each method?

Written down before it was run (docs/results/cast_study.md), and it stands as it falls. The people are drawings: it says how the
methods treat people who are known exactly, and is no evidence about people.

Command  python -m csnviz.recipes.cast_study [--device cuda] [--workers 2] [--out FOLDER] [--data-root FOLDER]
         [--full | --small | --merge-points]
         python -m csnviz.recipes.cast_study --coverage    the planted-bias check alone
Time     see docs/results/cast_study.md; what has finished in FOLDER is not made again
Numbers  docs/results/cast_study.md

FOLDER holds study.json, study.md (its tables), scores.csv, differences.csv, spread.csv, effects.csv and coverage.csv, written after
each part, so that a study that was stopped has said what it knew.
"""

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from csnviz import places
from csnviz.data.storage import replacing
from csnviz.evaluation.summary import MEAN_AU
from csnviz.evaluation.table_words import CAVEAT
from csnviz.inference.device import DEVICES, choose_device
from csnviz.recipes.cast_study_coverage import coverage_rows
from csnviz.recipes.cast_study_plan import (
    MAIN,
    Run,
    StudySettings,
    full,
    main_runs,
    merge_points,
    merge_runs,
    method_of,
    small,
    tuning_runs,
)
from csnviz.recipes.cast_study_runs import (
    BS,
    RECENTRED,
    Where,
    draw_pairs,
    draw_people,
    in_turn,
    train,
    train_and_estimate,
)
from csnviz.recipes.cast_study_scores import Cell, difference_of, effects_of, scores_of, spread_of
from csnviz.recipes.cast_study_words import study_lines

TABLES = ("scores", "differences", "spread", "effects", "coverage")


@dataclass
class Found:
    """What the study has found so far: words of its report, tables by name, and the seconds that each part took."""

    words: dict[str, Any]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Takes the time of a part and says it."""
        start = time.monotonic()
        yield
        self.seconds[part] = round(time.monotonic() - start, 1)
        print(f"csnviz: {part}: {self.seconds[part]:.0f} s", flush=True)

    def add(self, name: str, rows: pd.DataFrame) -> None:
        """Adds rows to one of the tables."""
        self.tables[name] = pd.concat([self.tables[name], rows], ignore_index=True) if name in self.tables else rows

    def lines(self) -> list[str]:
        """What was found as Markdown."""
        return study_lines(self.words, self.tables, self.seconds)

    def write(self, out: Path) -> None:
        """Writes study.json, study.md and the tables, each whole or not at all."""
        report = {**self.words, "seconds": self.seconds}
        report |= {name: _records(_means(self.tables[name])) for name in TABLES if name in self.tables}
        with replacing(out / "study.json") as part:
            part.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        with replacing(out / "study.md") as part:
            part.write_text("\n".join(self.lines()) + "\n", encoding="utf-8")
        for name, rows in self.tables.items():
            with replacing(out / f"{name}.csv") as part:
                rows.to_csv(part, index=False, float_format="%.5g")


def study(settings: StudySettings, where: Where, coverage: bool = True) -> Found:
    """Draws, chooses rates, trains, asks and writes; runs that finished in `where.out` with the same numbers are used again."""
    found = Found({"caveat": CAVEAT, "settings": asdict(settings), "device": where.device})
    with found.timed("drawing people"):
        draw_people(settings, where)
    with _pool(where) as pool:
        with found.timed("drawing pairs"):
            draw_pairs(settings, where, pool)
        with found.timed("choosing learning rates"):
            rates = _choose_rates(settings, where, pool, found)
        runs = main_runs(settings, rates)
        with found.timed("training NCG and the main CSN"):
            _train(runs, settings, where, pool)
        with found.timed("scores and effects"):
            _report_main(runs, settings, where, pool, found)
        found.write(where.out)
        if coverage:
            _check_coverage(settings, where, pool, found)
            found.write(where.out)
        others = merge_runs(settings, rates)
        with found.timed("training the other merge points"):
            _train(others, settings, where, pool)
        with found.timed("scores of the merge points"):
            _report_merges(others, runs, settings, where, pool, found)
        found.write(where.out)
    return found


def coverage_alone(settings: StudySettings, where: Where) -> Found:
    """The planted-bias check alone, with the study's own networks where they are finished, else with those that ship.

    It is written to the folder coverage inside `where.out`, so that what the study said there stays.
    """
    found = Found({"caveat": CAVEAT, "settings": asdict(settings), "device": where.device})
    with _pool(where) as pool:
        _check_coverage(settings, where, pool, found)
    found.write(where.out / "coverage")
    return found


def _check_coverage(settings: StudySettings, where: Where, pool: Executor, found: Found) -> None:
    with found.timed("planted-bias check"):
        found.tables["coverage"], found.words["coverage_networks"] = coverage_rows(settings, where, pool)


def _choose_rates(settings: StudySettings, where: Where, pool: Executor, found: Found) -> dict[str, float]:
    """By method the learning rate with the best mean ICC on the validation people."""
    runs = tuning_runs(settings)
    scores = {run: score for run, score in in_turn(pool, "tuning", _scored, [(run, settings, where) for run in runs])}
    found.words["validation_icc31"] = {run.name: scores[run] for run in runs}
    rates = {
        method: max((run for run in runs if run.method == method), key=scores.__getitem__).learning_rate
        for method in dict.fromkeys(run.method for run in runs)
    }
    found.words["learning_rates"] = rates
    return rates


def _scored(run: Run, settings: StudySettings, where: Where) -> tuple[Run, float]:
    return run, train(run, settings, where)


def _train(runs: Sequence[Run], settings: StudySettings, where: Where, pool: Executor) -> None:
    for _ in in_turn(pool, "training", train_and_estimate, [(run, settings, where) for run in runs]):
        pass


def _report_main(runs: Sequence[Run], settings: StudySettings, where: Where, pool: Executor, found: Found) -> None:
    draws = settings.draws
    cells = [cell for dial in settings.dials for cell in _main_cells(runs, dial)]
    pairs = [(other, cell) for cell in cells for other in cells if _worth_a_difference(other, cell)]
    _gather(found, "scores", pool, scores_of, [(cell, where, draws) for cell in cells])
    _gather(found, "differences", pool, difference_of, [(one, other, where, draws) for one, other in pairs])
    _gather(found, "spread", pool, spread_of, [(cell, where) for cell in cells])
    by_dial = [(dial, [run for run in runs if run.dial == dial], where, draws) for dial in settings.dials]
    _gather(found, "effects", pool, effects_of, by_dial)


def _main_cells(runs: Sequence[Run], dial: float) -> list[Cell]:
    here = [run for run in runs if run.dial == dial]
    ncg, csn = (tuple(run for run in here if run.merge_before == merge) for merge in (None, MAIN))
    return [(dial, "NCG", ncg), (dial, BS, ncg), (dial, RECENTRED, ncg), (dial, method_of(MAIN), csn)]


def _worth_a_difference(first: Cell, second: Cell) -> bool:
    """The CSN less each other method, and BS less NCG, at the same dial."""
    asked = {(other, method_of(MAIN)) for other in ("NCG", BS, RECENTRED)} | {("NCG", BS)}
    return first[0] == second[0] and (first[1], second[1]) in asked


def _report_merges(
    others: Sequence[Run], main: Sequence[Run], settings: StudySettings, where: Where, pool: Executor, found: Found
) -> None:
    """Each other merge point, and the main CSN less it on the same seeds."""
    cells = [
        (settings.dials[0], method, tuple(run for run in others if run.method == method))
        for method in dict.fromkeys(run.method for run in others)
    ]
    same = tuple(
        run
        for run in main
        if run.merge_before == MAIN and run.dial == settings.dials[0] and run.seed in settings.merge_seeds
    )
    beside = (settings.dials[0], method_of(MAIN), same)
    _gather(found, "scores", pool, scores_of, [(cell, where, settings.draws) for cell in cells])
    _gather(found, "differences", pool, difference_of, [(cell, beside, where, settings.draws) for cell in cells])
    _gather(found, "spread", pool, spread_of, [(cell, where) for cell in cells])


def _gather(found: Found, table: str, pool: Executor, job: Any, asked: Sequence[tuple[Any, ...]]) -> None:
    """Adds what the job says about each, in the order in which it was asked."""
    for waiting in [pool.submit(job, *arguments) for arguments in asked]:
        found.add(table, waiting.result())


@contextmanager
def _pool(where: Where) -> Iterator[Executor]:
    """Processes that are spawned, because a fork of a program with threads, or with a GPU in use, may hang.

    Each computes with one thread, in NumPy too, which reads this from the environment when it is imported.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    with ProcessPoolExecutor(where.workers, multiprocessing.get_context("spawn")) as pool:
        yield pool


def _means(rows: pd.DataFrame) -> pd.DataFrame:
    """Of scores the means over AUs alone; each AU's stand in the CSV files. Of effects everything."""
    return rows[rows["au"] == MEAN_AU] if MEAN_AU in set(rows["au"]) else rows


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The lines as JSON has them: numbers to five digits, None where there is none."""
    return json.loads(rows.to_json(orient="records", double_precision=5))


def main(arguments: Sequence[str] | None = None) -> None:
    """The command: runs the study, or the planted-bias check alone, and prints the tables as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m csnviz.recipes.cast_study", description=CAVEAT)
    parser.add_argument("--out", type=Path, default=Path("runs/cast_study"), help="where runs and reports go")
    parser.add_argument("--data-root", type=Path, help="folder for drawn faces (default: your cache folder)")
    parser.add_argument("--device", choices=DEVICES, default="auto", help="what draws and computes")
    parser.add_argument("--workers", type=int, default=2, help="how many processes run at once, one thread each")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--full", action="store_true", help="every merge point with every seed")
    size.add_argument(
        "--small", action="store_true", help="one seed, no choice of rates, no other merge points: for two cores"
    )
    size.add_argument(
        "--merge-points", action="store_true", help="the six merge points at the default dial alone: for two cores"
    )
    parser.add_argument("--coverage", action="store_true", help="the planted-bias check alone")
    options = parser.parse_args(arguments)
    chosen = [plan for plan in (full, small, merge_points) if getattr(options, plan.__name__)]
    settings = chosen[0]() if chosen else StudySettings()
    device = choose_device(options.device).type
    where = Where(options.out.resolve(), places.data_root(options.data_root).resolve(), device, options.workers)
    found = coverage_alone(settings, where) if options.coverage else study(settings, where, not options.merge_points)
    print("\n".join(found.lines()))


if __name__ == "__main__":
    main()
