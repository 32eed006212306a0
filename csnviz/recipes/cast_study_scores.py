"""From the estimates of the study's trainings to its numbers: scores, differences, spread between people, effects of attributes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from jaxtyping import Float64

from csnviz.data.tables import PredictionTable
from csnviz.evaluation.attribute_effect import EFFECT_KEYS, effects
from csnviz.evaluation.over_seeds import difference_over_seeds, mean_over_seeds
from csnviz.evaluation.summary import MEAN_AU
from csnviz.recipes.cast_study_pairs import ACTIVE, BOTH, IMAGE, NEUTRAL, REFERENCE
from csnviz.recipes.cast_study_plan import EFFECTS, MAIN, Run, method_of
from csnviz.recipes.cast_study_runs import BS, Where

METRICS = ("icc31", "mae", "f1", "precision", "recall")

Cell = tuple[float, str, tuple[Run, ...]]
"""A dial, a method, and the trainings that its estimates come of."""


def scores_of(cell: Cell, where: Where, draws: int) -> pd.DataFrame:
    """dial, method, and of each metric the mean over seeds with its interval over people, for each AU and their mean."""
    dial, method, runs = cell
    found = mean_over_seeds(pooled(method, runs, where), draws)
    return found[found["metric"].isin(METRICS)].assign(dial=dial, method=method, seeds=_seeds(runs))


def difference_of(first: Cell, second: Cell, where: Where, draws: int) -> pd.DataFrame:
    """dial, method ("CSN-Stage4 - NCG": the second less the first), and as `scores_of`."""
    found = difference_over_seeds(pooled(first[1], first[2], where), pooled(second[1], second[2], where), draws)
    named = f"{second[1]} - {first[1]}"
    return found[found["metric"].isin(METRICS)].assign(dial=second[0], method=named, seeds=_seeds(second[2]))


def spread_of(cell: Cell, where: Where) -> pd.DataFrame:
    """dial, method, au and value: the spread between people on frames with label 0, averaged over seeds, and its mean over AUs."""
    dial, method, runs = cell
    tables = pooled(method, runs, where)
    folds = {name: run.fold for run in runs for name in _people(method, run, where)}
    each = np.mean([spread_between_people(table, folds) for table in tables], axis=0)
    aus = [*tables[0].aus.columns, MEAN_AU]
    return pd.DataFrame({"dial": dial, "method": method, "au": aus, "value": [*each, np.nanmean(each)]})


def spread_between_people(table: PredictionTable, folds: dict[str, int]) -> Float64[np.ndarray, " A"]:
    """Per AU how far people's mean estimates on their frames with label 0 lie apart: a standard deviation, in intensity steps.

    People are compared within their fold, whom one network estimates, and the folds' variances are averaged. 0 is best: nobody's
    looks count as an expression.
    """
    who = table.rows["participant"].to_numpy()
    neutral = np.where(table.label == 0, table.estimate.astype(float), np.nan)
    means = pd.DataFrame(neutral).groupby(who).mean()
    variances = means.groupby(np.array([folds[name] for name in means.index])).var(ddof=1)
    return np.sqrt(variances.mean().to_numpy())


def effects_of(dial: float, runs: Sequence[Run], where: Where, draws: int) -> pd.DataFrame:
    """dial, and what each attribute does to each method's estimates: each person's change averaged over seeds, then `effects`."""
    found = pd.concat([pd.read_csv(where.run(run).predictions / "changes.csv") for run in runs])
    people = found.groupby([*EFFECT_KEYS, "participant"], sort=False)["change"].mean().reset_index()
    return in_order(effects(people, draws).assign(dial=dial))


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """The lines in the order of the plan: by attribute and unit, kind of frame, where it was switched on, and method."""
    units = [(attribute, f"AU{au:02d}") for attribute, au in EFFECTS]
    orders = (NEUTRAL, ACTIVE), (IMAGE, REFERENCE, BOTH), ("NCG", BS, method_of(MAIN))
    places = [
        (
            units.index((line.attribute, line.au)),
            *(order.index(what) for order, what in zip(orders, named, strict=True)),
        )
        for line, named in zip(rows.itertuples(), rows[["frames", "changed", "method"]].to_numpy(), strict=True)
    ]
    return rows.iloc[sorted(range(len(rows)), key=places.__getitem__)].reset_index(drop=True)


def pooled(method: str, runs: Sequence[Run], where: Where) -> list[PredictionTable]:
    """A method's estimates of everybody, seed by seed: each person by the network whose fold tests that person."""
    by_seed: dict[int, list[PredictionTable]] = {}
    for run in sorted(runs, key=lambda run: (run.seed, run.fold)):
        by_seed.setdefault(run.seed, []).append(_read(method, run, where))
    return [_joined(parts) for parts in by_seed.values()]


def _joined(parts: Sequence[PredictionTable]) -> PredictionTable:
    rows = pd.concat([part.rows for part in parts], ignore_index=True)
    label, estimate = (np.concatenate([getattr(part, name) for part in parts]) for name in ("label", "estimate"))
    return replace(parts[0], rows=rows, label=label, estimate=estimate, provenance={})


def _read(method: str, run: Run, where: Where) -> PredictionTable:
    return PredictionTable.load(where.run(run).predictions / f"{method}.npz")


def _people(method: str, run: Run, where: Where) -> list[str]:
    return list(_read(method, run, where).rows["participant"].unique())


def _seeds(runs: Sequence[Run]) -> int:
    return len({run.seed for run in runs})
