"""The paper's tables filled in: what we measured, beside it what was printed, and marks on the best and on the losers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from csnviz.evaluation.layouts import (
    BlockLayout,
    Column,
    TableLayout,
    groups_of,
    other_layouts,
    paper_layouts,
    stands_in,
    with_units,
)
from csnviz.evaluation.measuring import MeasuredGroup, Number
from csnviz.evaluation.methods import Method
from csnviz.evaluation.pooling import Group
from csnviz.evaluation.published import DATASET_TITLES, Printed, printed_cells
from csnviz.facs import AUSet

Measured = Mapping[Group, MeasuredGroup]

_SHARES = ("f1", "accuracy", "precision", "recall")


@dataclass(frozen=True)
class Cell:
    """One place in a table: our number, the printed one (None where the paper has none), and how ours compares.

    best: among ours in this column, as the digits show them. worse_than: the methods without a CSN that do better here.
    """

    column: Column
    method: str
    ours: Number
    printed: Printed | None
    best: bool = False
    worse_than: tuple[str, ...] = ()

    @property
    def difference(self) -> float:
        """Ours less the printed number; NaN where either is missing."""
        return self.ours.value - self.printed.value if self.printed else np.nan


@dataclass(frozen=True)
class Row:
    """A method's cells; `ours` is false for a row that only the paper has."""

    method: str
    cells: tuple[Cell, ...]
    ours: bool


@dataclass(frozen=True)
class Block:
    """Part of a table: its layout, its rows, and what was measured for it."""

    layout: BlockLayout
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Table:
    """A table with everything that stands in it; `measured` are the groups it shows."""

    layout: TableLayout
    blocks: tuple[Block, ...]
    measured: tuple[MeasuredGroup, ...]

    @property
    def name(self) -> str:
        """ "Table 2" or "Table S1"; "" for a table that the paper does not have."""
        return f"Table {self.layout.number}" if self.layout.number else ""


def tables_of(measured: Measured) -> list[Table]:
    """The paper's tables for which something was measured, in its order, and then those of other datasets."""
    layouts = list(paper_layouts())
    for dataset, trained_on in dict.fromkeys((group.dataset, group.trained_on) for group in measured):
        if dataset != trained_on or dataset not in DATASET_TITLES:
            layouts += other_layouts(dataset, trained_on)
    return [table for layout in layouts if (table := _filled(layout, measured)) is not None]


def shown(value: float, metric: str) -> str:
    """A number as the paper prints it: shares in per cent with one decimal, the others with two; a dash for none.

    >>> shown(0.534, "icc31"), shown(-0.031, "icc31"), shown(0.286, "f1"), shown(float("nan"), "f1")
    ('.53', '−.03', '28.6', '–')
    """
    if np.isnan(value):
        return "–"
    size = abs(_rounded(value, metric))
    text = f"{size:.1f}" if metric in _SHARES else f"{size:.2f}".removeprefix("0")
    return f"−{text}" if _rounded(value, metric) < 0 else text


def shown_difference(value: float, metric: str) -> str:
    """A difference as `shown`, with its sign.

    >>> shown_difference(0.08, "icc31"), shown_difference(-0.0004, "f1"), shown_difference(0.0, "mae")
    ('+.08', '0.0', '.00')
    """
    text = shown(value, metric)
    return f"+{text}" if not np.isnan(value) and _rounded(value, metric) > 0 else text


def shown_interval(low: float, high: float, metric: str, signed: bool = False) -> str:
    """Its two ends in brackets, or "" where there is no interval."""
    how = shown_difference if signed else shown
    return "" if np.isnan(low) or np.isnan(high) else f"[{how(low, metric)}, {how(high, metric)}]"


def is_worse(one: float, other: float, metric: str) -> bool:
    """Whether the first number is worse than the second, in the digits that are shown; never where either is undefined."""
    gap = _rounded(one, metric) - _rounded(other, metric)
    return bool(gap > 0 if metric in ("mae", "mse") else gap < 0)


def _rounded(value: float, metric: str) -> float:
    return round(100 * value, 1) if metric in _SHARES else round(value, 2)


def _filled(layout: TableLayout, measured: Measured) -> Table | None:
    """The table, without the blocks of which nothing was measured; None when that leaves none."""
    groups = [measured[group] for block in layout.blocks for group in groups_of(block) if group in measured]
    if not groups:
        return None
    layout = with_units(layout, _aus(groups))
    blocks = [Block(block, rows) for block in layout.blocks if (rows := _rows(layout, block, measured))]
    own = [block for block in blocks if any(row.ours for row in block.rows)]
    return Table(layout, tuple(own), tuple({id(group): group for group in groups}.values())) if own else None


def _aus(groups: Iterable[MeasuredGroup]) -> AUSet:
    """Every unit of these methods, in FACS order."""
    numbers = {number for group in groups for method in group.methods.values() for number in method.table.aus}
    return AUSet(tuple(sorted(numbers)))


def _rows(layout: TableLayout, block: BlockLayout, measured: Measured) -> tuple[Row, ...]:
    groups = {group.quantity: measured[group] for group in groups_of(block) if group in measured}
    printed = _printed_in(layout.number, block)
    own = {name for group in groups.values() for name in group.methods}
    named = [Method.named(name) for name in own]
    wanted = [method for method in named if stands_in(method, named, block.merge_points)]
    if block.merge_points and len(wanted) < 2 and not layout.number:
        return ()
    quoted = list(dict.fromkeys(key[0] for key in printed))
    others = [name for name in quoted if Method.named(name).kind == "other" and name not in own]
    ordered = {method.name: method for method in [*wanted, *map(Method.named, quoted)] if method.name not in others}
    names = [*others, *(method.name for method in sorted(ordered.values(), key=lambda method: method.place))]
    rows = []
    for name in names:
        cells = tuple(_cell(name, column, groups.get(column.quantity), printed) for column in block.columns)
        rows.append(Row(name, cells, name in own))
    return _with_best(rows, all(group.alike for group in groups.values()))


def _cell(
    name: str, column: Column, group: MeasuredGroup | None, printed: Mapping[tuple[str, Column], Printed]
) -> Cell:
    stated = printed.get((name, replace(column, heading="")))
    if group is None or name not in group.methods:
        return Cell(column, name, Number(), stated)
    number = group.number(name, column)
    worse_than = tuple(
        other
        for other in group.judges_of(name)
        if is_worse(number.value, group.number(other, column).value, column.metric)
    )
    return Cell(column, name, number, stated, worse_than=worse_than)


def _with_best(rows: list[Row], alike: bool) -> tuple[Row, ...]:
    """The rows with the best of ours marked in each column, where several methods saw the same frames."""
    own = [row for row in rows if row.ours]
    if not alike or len(own) < 2:
        return tuple(rows)
    marked = []
    for row in rows:
        cells = []
        for place, cell in enumerate(row.cells):
            rivals = [other.cells[place].ours.value for other in own]
            beaten = any(is_worse(cell.ours.value, rival, cell.column.metric) for rival in rivals)
            cells.append(replace(cell, best=row.ours and not np.isnan(cell.ours.value) and not beaten))
        marked.append(replace(row, cells=tuple(cells)))
    return tuple(marked)


def _printed_in(number: str, block: BlockLayout) -> Mapping[tuple[str, Column], Printed]:
    """What the paper prints in one block, by method and column (without its heading)."""
    wanted = {(column.quantity, column.metric, column.group_by) for column in block.columns}
    return {
        (cell.method, Column("", cell.quantity, cell.metric, cell.au, cell.group_by)): cell
        for cell in printed_cells()
        if cell.table == number
        and cell.dataset == block.dataset == block.trained_on
        and (cell.quantity, cell.metric, cell.group_by) in wanted
    }
