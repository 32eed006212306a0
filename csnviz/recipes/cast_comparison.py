"""With and without calibration, trained alike: three seeds of each on the cast, judged on drawn people that neither has seen.

Each method's learning rate is chosen on the validation people with the first seed; then both are trained with every seed, on
the same frames in the same order for the same number of updates, and the demo people are asked once. The best pair, which
`cast_release` ships, is the one of the seed whose two networks together do best on the validation people. The people are
drawings: this checks the pipeline and is no evidence about people.

Command  python -m csnviz.recipes.cast_comparison [--out FOLDER] [--data-root FOLDER] [--workers 2]
Time     ten trainings, each as long as its recipe says; what has finished in FOLDER is not trained again
"""

import argparse
import json
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from csnviz import places
from csnviz.data.storage import replacing
from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable
from csnviz.evaluation.intervals import bootstrap_difference, summarise_with_intervals
from csnviz.evaluation.summary import summarise
from csnviz.evaluation.table_words import CAVEAT
from csnviz.inference.predict import predict_with_reference, predict_without_reference, subtract_neutral_output
from csnviz.models.checkpoints import load_checkpoint
from csnviz.recipes import cast_csn, cast_ncg
from csnviz.recipes.cast_settings import CastSettings

MEAN_ICC = 'metric == "icc31" and au == "mean" and group_by == "across"'


@dataclass(frozen=True)
class ComparisonSettings:
    """The seeds of both methods, the learning rates they may choose from, and how intervals are drawn."""

    seeds: tuple[int, ...] = (1, 2, 3)
    learning_rates: tuple[float, ...] = (1.5e-3, 3e-3, 6e-3)
    draws: int = 1000
    training: CastSettings = field(default_factory=CastSettings)


@dataclass(frozen=True)
class Run:
    """One training: of the CSN or of the network without a reference, and with which seed and peak learning rate."""

    calibrated: bool
    seed: int
    learning_rate: float

    @property
    def name(self) -> str:
        """The name of its folder."""
        return f"{'csn' if self.calibrated else 'ncg'}-seed{self.seed}-lr{self.learning_rate:g}"


def compare(out: Path, data_root: Path | None, workers: int, settings: ComparisonSettings) -> dict[str, Any]:
    """Trains what is not trained yet, evaluates, writes `out`/comparison.json and returns what it says.

    Runs that finished in `out` with the same settings are used again, so that an interrupted comparison goes on where it stopped.
    """
    root, first = places.data_root(data_root), settings.seeds[0]
    trial = [Run(calibrated, first, rate) for calibrated in (False, True) for rate in settings.learning_rates]
    _draw(settings, root)
    _train_all(trial, out, root, workers, settings.training)
    tried = {run: _validation_icc(run, out, root, settings) for run in trial}
    rates = {
        calibrated: max((run for run in trial if run.calibrated == calibrated), key=tried.__getitem__).learning_rate
        for calibrated in (False, True)
    }
    chosen = [Run(calibrated, seed, rates[calibrated]) for seed in settings.seeds for calibrated in (False, True)]
    _train_all(chosen, out, root, workers, settings.training)
    tried |= {run: _validation_icc(run, out, root, settings) for run in chosen if run not in tried}
    pairs = {seed: [run.name for run in chosen if run.seed == seed] for seed in settings.seeds}
    scores = {run.name: score for run, score in tried.items()}
    seeds = [_judge(seed, rates, out, root, settings) for seed in settings.seeds]
    report = {
        "caveat": CAVEAT,
        "settings": asdict(settings),
        "validation_icc31": scores,
        "learning_rates": {"ncg": rates[False], "csn": rates[True]},
        "best_pair": max(pairs.values(), key=lambda names: sum(scores[name] for name in names)),
        "seeds": seeds,
        "mean": {name: sum(seed[name]["value"] for seed in seeds) / len(seeds) for name in seeds[0] if name != "seed"},
    }
    with replacing(out / "comparison.json") as part:
        part.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return report


def table_of(report: dict[str, Any]) -> str:
    """The report as lines of text: across-participant ICC(3,1), mean over AUs, with 95 % intervals over participants."""
    columns = [name for name in report["mean"]]
    lines = [
        "across-participant ICC(3,1), mean over AUs, 95 % interval over the demo participants",
        report["caveat"],
        "",
    ]
    lines.append("seed " + "".join(f"{name:>22}" for name in columns))
    for seed in report["seeds"]:
        cells = [f"{seed[c]['value']:.3f} [{seed[c]['low']:.3f}, {seed[c]['high']:.3f}]" for c in columns]
        lines.append(f"{seed['seed']:<5}" + "".join(f"{cell:>22}" for cell in cells))
    lines.append("mean " + "".join(f"{report['mean'][name]:>22.3f}" for name in columns))
    return "\n".join(lines)


def _draw(settings: ComparisonSettings, root: Path) -> None:
    """Draws everybody once, before several processes want the same faces."""
    from csnviz.cast.dataset import DEMO_PARTICIPANTS, TRAINING_PARTICIPANTS, VALIDATION_PARTICIPANTS, load_cast

    for people in (TRAINING_PARTICIPANTS, VALIDATION_PARTICIPANTS, DEMO_PARTICIPANTS):
        load_cast(people, settings.training.frames, root)


def _train_all(runs: Sequence[Run], out: Path, root: Path, workers: int, settings: CastSettings) -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, spawn) as pool, tqdm(total=len(runs), desc="training", unit="run") as bar:
        jobs = [pool.submit(_train, run, out, root, settings) for run in runs]
        for job in jobs:
            job.result()
            bar.update()


def _train(run: Run, out: Path, root: Path, settings: CastSettings) -> None:
    torch.set_num_threads(1)
    recipe = cast_csn if run.calibrated else cast_ncg
    chosen = replace(settings, peak_learning_rate=run.learning_rate)
    recipe.train(root, out / run.name, run.seed, chosen, progress=False)


def _faces(participants: Sequence[str], settings: ComparisonSettings, root: Path) -> tuple[FrameTable, ReferenceTable]:
    from csnviz.cast.dataset import cast_references, load_cast

    table = load_cast(participants, settings.training.frames, root)
    return table, cast_references(table)


def _estimates(run: Run, out: Path, table: FrameTable, references: ReferenceTable) -> PredictionTable:
    trained = load_checkpoint(out / run.name / "checkpoint.safetensors")
    if run.calibrated:
        return predict_with_reference(trained, table, references)
    return predict_without_reference(trained, table)


def _validation_icc(run: Run, out: Path, root: Path, settings: ComparisonSettings) -> float:
    from csnviz.cast.dataset import VALIDATION_PARTICIPANTS

    return summarise(_estimates(run, out, *_faces(VALIDATION_PARTICIPANTS, settings, root))).value("icc31")


def _judge(seed: int, rates: dict[bool, float], out: Path, root: Path, settings: ComparisonSettings) -> dict[str, Any]:
    """What the three methods of one seed reach on the demo people, and their differences, each with its interval."""
    from csnviz.cast.dataset import DEMO_PARTICIPANTS

    table, references = _faces(DEMO_PARTICIPANTS, settings, root)
    ncg, csn = (
        _estimates(Run(calibrated, seed, rates[calibrated]), out, table, references) for calibrated in (False, True)
    )
    methods = {"NCG": ncg, "BS": subtract_neutral_output(ncg, references), "CSN": csn}
    found: dict[str, Any] = {"seed": seed}
    for name, predictions in methods.items():
        row = summarise_with_intervals(predictions, settings.draws).rows.query(MEAN_ICC).iloc[0]
        found[name] = {key: float(row[key]) for key in ("value", "low", "high")}
    for other in ("NCG", "BS"):
        row = bootstrap_difference(methods[other], csn, settings.draws).query(MEAN_ICC).iloc[0]
        found[f"CSN - {other}"] = {
            "value": float(row["difference"]),
            "low": float(row["low"]),
            "high": float(row["high"]),
        }
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """The command: compares and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m csnviz.recipes.cast_comparison", description=CAVEAT)
    parser.add_argument("--out", type=Path, default=Path("runs/cast_comparison"), help="where runs and the report go")
    parser.add_argument("--data-root", type=Path, help="folder for rendered faces (default: your cache folder)")
    parser.add_argument("--workers", type=int, default=2, help="how many trainings run at once, one thread each")
    options = parser.parse_args(arguments)
    print(table_of(compare(options.out, options.data_root, options.workers, ComparisonSettings())))


if __name__ == "__main__":
    main()
