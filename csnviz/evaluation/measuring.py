"""Pooled methods narrowed to numbers: each with its interval, how many people stand behind it, and how methods differ."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from csnviz.data.tables import PredictionTable
from csnviz.evaluation.intervals import bootstrap_difference, summarise_with_intervals
from csnviz.evaluation.layouts import Column, stands_in
from csnviz.evaluation.methods import Method
from csnviz.evaluation.person_sums import Key, PersonSums
from csnviz.evaluation.pooling import Group, PooledMethod

_NUMBERS = ["value", "low", "high", "n_frames", "n_positive", "draws"]


@dataclass(frozen=True)
class Number:
    """One number of a method: NaN where undefined or where there is no interval; counts as in MetricTable."""

    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    n_frames: int = 0
    n_positive: int = 0
    n_participants: int = 0
    draws: int = 0


@dataclass(frozen=True)
class MeasuredGroup:
    """What is compared with each other, measured.

    methods: by name. metrics: a MetricTable's rows of all methods. numbers: by method and key. differences: for a CSN and another
    method, the CSN's number less the other's (as `bootstrap_difference` gives them, by key). alike: whether all methods saw the
    same frames and action units; only then is one called better than another.
    """

    group: Group
    methods: Mapping[str, PooledMethod]
    metrics: pd.DataFrame
    numbers: Mapping[tuple[str, Key], Number]
    differences: Mapping[tuple[str, str], Mapping[Key, Number]]
    alike: bool

    def number(self, method: str, column: Column) -> Number:
        """The number of a method that a column shows; all NaN where the method has none."""
        return self.numbers.get((method, (column.metric, column.au, column.group_by)), Number())

    def judges_of(self, name: str) -> tuple[str, ...]:
        """The methods that a CSN is held against: NCG and baseline subtraction on the same backbone, in order."""
        method = Method.named(name)
        others = sorted(map(Method.named, self.methods), key=lambda other: other.place)
        return tuple(other.name for other in others if self.alike and method.is_judged_against(other))


def measure(methods: Mapping[tuple[Group, str], PooledMethod], draws: int = 1000) -> dict[Group, MeasuredGroup]:
    """Measures every group; `draws` is how often people are drawn for the intervals."""
    groups: dict[Group, dict[str, PooledMethod]] = {}
    for (group, name), method in methods.items():
        groups.setdefault(group, {})[name] = method
    return {group: _measured(group, found, draws) for group, found in groups.items()}


def _measured(group: Group, methods: Mapping[str, PooledMethod], draws: int) -> MeasuredGroup:
    tables = {name: method.table for name, method in methods.items()}
    metrics = {name: summarise_with_intervals(table, draws).rows for name, table in tables.items()}
    numbers = {
        (name, key): number for name, table in tables.items() for key, number in _numbers(metrics[name], table).items()
    }
    alike = _alike(list(tables.values()))
    found = MeasuredGroup(group, methods, pd.concat(metrics.values(), ignore_index=True), numbers, {}, alike)
    named = [Method.named(name) for name in methods]
    differences = {
        (method.name, other): _differences(tables[other], tables[method.name], draws)
        for method in named
        if method.kind == "csn" and stands_in(method, named, merge_points=False)
        for other in found.judges_of(method.name)
    }
    return MeasuredGroup(group, methods, found.metrics, numbers, differences, alike)


def _numbers(rows: pd.DataFrame, table: PredictionTable) -> dict[Key, Number]:
    behind = PersonSums.of(table).people_behind()
    pooled = rows[rows["group"] == "all"]
    keys = zip(pooled["metric"], pooled["au"], pooled["group_by"], strict=True)
    values = zip(*(pooled[name] for name in _NUMBERS), strict=True)
    return {
        key: Number(value, low, high, n_frames, n_positive, behind[key], n_draws)
        for key, (value, low, high, n_frames, n_positive, n_draws) in zip(keys, values, strict=True)
    }


def _differences(other: PredictionTable, csn: PredictionTable, draws: int) -> dict[Key, Number]:
    rows = bootstrap_difference(other, csn, draws)
    return {
        (row.metric, row.au, row.group_by): Number(row.difference, row.low, row.high, draws=row.draws)
        for row in rows.itertuples()
    }


def _alike(tables: list[PredictionTable]) -> bool:
    first = tables[0]
    return all(
        table.aus == first.aus and list(table.rows["frame_id"]) == list(first.rows["frame_id"]) for table in tables
    )
