"""The work of the study that is done in processes of its own: drawing, training, and asking what was trained about others.

What a job made is kept under the study's folder and named after what it was made from, so that an interrupted study goes on.

tables/   dial1.npz: every person's frames; dial1_pairs.npz: the faces with and without an attribute
runs/     a folder for each training, its estimates of the people whom its fold tests in predictions
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable
from csnviz.evaluation.summary import summarise
from csnviz.inference.device import choose_device
from csnviz.inference.predict import (
    predict_with_reference,
    predict_without_reference,
    subtract_and_recentre,
    subtract_neutral_output,
)
from csnviz.models.checkpoints import TrainedNetwork, load_checkpoint
from csnviz.recipes.cast_settings import train_on_cast
from csnviz.recipes.cast_study_pairs import (
    Pairs,
    Portrait,
    changes_with_reference,
    changes_without_reference,
    chosen_by_label,
    draw_portrait,
    keep_pairs,
    pairs_of,
    portrait,
    read_pairs,
)
from csnviz.recipes.cast_study_plan import MAIN, Run, StudySettings
from csnviz.training.run_folder import RunFolder

BS, RECENTRED = "BS", "BS re-centred"


@dataclass(frozen=True)
class Where:
    """out: the study's folder. data_root: where faces are kept. device: what draws and computes. workers: processes at once."""

    out: Path
    data_root: Path
    device: str
    workers: int

    def table(self, dial: float) -> Path:
        """Every person's frames, as drawn at this dial."""
        return self.out / "tables" / f"dial{dial:g}.npz"

    def pairs(self, dial: float) -> Path:
        """The faces with and without an attribute."""
        return self.out / "tables" / f"dial{dial:g}_pairs.npz"

    def run(self, run: Run) -> RunFolder:
        """A training's folder."""
        return RunFolder(self.out / "runs" / run.name)


def in_turn(pool: Executor, what: str, job: Callable[..., Any], asked: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
    """What the job returns for each of these arguments, in whatever order they end; a bar shows how many did."""
    waiting = [pool.submit(job, *arguments) for arguments in asked]
    try:
        for done in tqdm(as_completed(waiting), total=len(waiting), desc=what, unit="job"):
            yield done.result()
    except BaseException:
        for each in waiting:
            each.cancel()
        raise


def draw_people(settings: StudySettings, where: Where) -> None:
    """Draws everybody at each dial, and leaves the tables for the other processes."""
    from csnviz.cast.dataset import load_cast

    for dial in settings.dials:
        table = load_cast(
            settings.people,
            settings.frames,
            where.data_root,
            workers=where.workers,
            non_additivity=dial,
            device=where.device,
        )
        table.save(where.table(dial))


def draw_pairs(settings: StudySettings, where: Where, pool: Executor) -> None:
    """Draws the chosen frames of everybody with and without each attribute, at each dial."""
    from csnviz.cast.dataset import cast_references

    table = FrameTable.load(where.table(settings.dials[0]))
    chosen = chosen_by_label(table, cast_references(table), settings.effect_frames)
    portraits = [portrait(person) for person in chosen]
    draw_portraits(portraits, settings.dials, where, pool)
    for dial in settings.dials:
        keep_pairs(pairs_of(portraits, where.data_root, dial, table.aus), where.pairs(dial))


def draw_portraits(portraits: Sequence[Portrait], dials: Sequence[float], where: Where, pool: Executor) -> None:
    """Draws these people's faces, a person a job."""
    asked = [(person, where.data_root, dial, where.device) for dial in dials for person in portraits]
    for _ in in_turn(pool, "drawing pairs", draw_portrait, asked):
        pass


def train(run: Run, settings: StudySettings, where: Where) -> float:
    """Trains one network, or keeps the one that is there; its mean ICC on the people who choose the learning rate."""
    trained = _trained(run, settings, where)
    table, references = _part(where.table(run.dial), settings.validating(run.fold))
    return summarise(_asked(trained, table, references, where.device)).value("icc31")


def train_and_estimate(run: Run, settings: StudySettings, where: Where) -> Run:
    """Trains one network, or keeps the one that is there, and asks it about the people whom its fold tests.

    Its folder then holds, in predictions, a table for each method that comes of the network and, of NCG and the main CSN, how far
    each attribute moves its estimates (changes.csv).
    """
    trained = _trained(run, settings, where)
    folder, marked = where.run(run).predictions, f"{trained.sha256} {settings.effect_frames}"
    mark = folder / "made_by.txt"
    if not mark.is_file() or mark.read_text(encoding="utf-8") != marked:
        mark.unlink(missing_ok=True)
        _estimate(run, trained, settings, where)
        mark.write_text(marked, encoding="utf-8")
    return run


def _estimate(run: Run, trained: TrainedNetwork, settings: StudySettings, where: Where) -> None:
    folder, tested = where.run(run).predictions, settings.tested(run.fold)
    table, references = _part(where.table(run.dial), tested)
    estimates = _asked(trained, table, references, where.device)
    methods = {run.method: estimates}
    if run.merge_before is None:
        methods[BS] = subtract_neutral_output(estimates, references)
        methods[RECENTRED] = subtract_and_recentre(estimates, references, _mean_neutral(trained, run, settings, where))
    for name, found in methods.items():
        replace(found, method=name).save(folder / f"{name}.npz")
    if run.merge_before in (None, MAIN):
        changes_of(trained, _pairs(where.pairs(run.dial)).of(tested), where.device).to_csv(
            folder / "changes.csv", index=False
        )


def _mean_neutral(trained: TrainedNetwork, run: Run, settings: StudySettings, where: Where) -> np.ndarray:
    """What the network says on average about the references of its training people."""
    table, references = _part(where.table(run.dial), settings.training_people(run.fold))
    neutral = table.select(table.rows["frame_id"].isin(set(references.rows["frame_id"])).to_numpy())
    return predict_without_reference(trained, neutral, device=where.device, progress=False).estimate.mean(axis=0)


def _asked(trained: TrainedNetwork, table: FrameTable, references: ReferenceTable, device: str) -> PredictionTable:
    if trained.config.merge_before is None:
        return predict_without_reference(trained, table, device=device, progress=False)
    return predict_with_reference(trained, table, references, device=device, progress=False)


def changes_of(trained: TrainedNetwork, pairs: Pairs, device: str) -> pd.DataFrame:
    """How far each attribute moves what comes of this network, a line for each person."""
    if trained.config.merge_before is None:
        return changes_without_reference(trained, pairs, device)
    return changes_with_reference(trained, pairs, device)


def _trained(run: Run, settings: StudySettings, where: Where) -> TrainedNetwork:
    table, references = _part(where.table(run.dial), settings.training_people(run.fold))
    numbers = replace(settings.training, peak_learning_rate=run.learning_rate)
    folder, device = where.run(run).path, choose_device(where.device)
    done = train_on_cast(table, references, run.merge_before, folder, run.seed, numbers, device, progress=False)
    return load_checkpoint(done.checkpoint)


def _part(path: Path, participants: Sequence[str]) -> tuple[FrameTable, ReferenceTable]:
    from csnviz.cast.dataset import cast_references

    whole = _table(path)
    part = whole.select(whole.rows["participant"].isin(participants).to_numpy())
    return part, cast_references(part)


@cache
def _table(path: Path) -> FrameTable:
    return FrameTable.load(path)


@cache
def _pairs(path: Path) -> Pairs:
    return read_pairs(path)
