"""Which tables there are, and what stands where in them: the paper's, and the same ones for datasets that it does not know."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from csnviz.data.manifest import CAST, CAST_AS_DISFA
from csnviz.evaluation.methods import MAIN_MERGE_POINT, Method
from csnviz.evaluation.pooling import Group
from csnviz.evaluation.published import DATASET_TITLES, METRIC_TITLES
from csnviz.evaluation.summary import ACROSS, MEAN_AU, WITHIN
from csnviz.facs import AUSet

_INTENSITY = ("icc31", "mae")
_OCCURRENCE = ("f1", "accuracy", "precision", "recall")
_DRAWN_TITLES = {CAST: "the cast (drawn people)", CAST_AS_DISFA: "the cast in the folders of DISFA (drawn people)"}
_BOTH = (("intensity", "icc31"), ("intensity", "mae"), ("occurrence", "f1"), ("occurrence", "accuracy"))


@dataclass(frozen=True)
class Column:
    """One column of a block: which number of a method stands there."""

    heading: str
    quantity: str
    metric: str
    au: str = MEAN_AU
    group_by: str = ACROSS


@dataclass(frozen=True)
class BlockLayout:
    """Part of a table under a title of its own: one pair of datasets, its columns, and whether merge points are its rows."""

    title: str
    dataset: str
    trained_on: str
    columns: tuple[Column, ...]
    merge_points: bool = False


@dataclass(frozen=True)
class TableLayout:
    """number: as in the paper ("2", "S1"), "" for a table that is not in it. by_unit: its columns are action units."""

    number: str
    title: str
    blocks: tuple[BlockLayout, ...]
    by_unit: bool


def paper_layouts() -> tuple[TableLayout, ...]:
    """Tables 2 to 6 and S1 to S9 of arXiv 2409.00240, without their action units (see `with_units`)."""
    disfa, plus, unbc = DATASET_TITLES
    return (
        _by_metric("2", disfa, disfa, "intensity", _INTENSITY),
        _by_metric("3", disfa, disfa, "occurrence", _OCCURRENCE),
        TableLayout("4", "DISFA+ and UNBC-McMaster, averages over AUs", (_averages(plus), _averages(unbc)), False),
        TableLayout(
            "5", "Across and within participants, averages over AUs", tuple(map(_grouped, (disfa, plus, unbc))), False
        ),
        TableLayout(
            "6", "Merge points on DISFA, averages over AUs", (replace(_averages(disfa), merge_points=True),), False
        ),
        _by_metric("S1", plus, plus, "intensity", _INTENSITY),
        _by_metric("S2", plus, plus, "occurrence", _OCCURRENCE[:2]),
        _by_metric("S3", unbc, unbc, "intensity", _INTENSITY),
        _by_metric("S4", unbc, unbc, "occurrence", _OCCURRENCE[:2]),
        *(_by_grouping(number, name, name) for number, name in (("S5", disfa), ("S6", plus), ("S7", unbc))),
        _by_metric("S8", disfa, disfa, "intensity", _INTENSITY, merge_points=True),
        _by_metric("S9", disfa, disfa, "occurrence", _OCCURRENCE[:2], merge_points=True),
    )


def other_layouts(dataset: str, trained_on: str) -> tuple[TableLayout, ...]:
    """The same tables, without numbers, for what the paper does not have: other datasets, and one dataset after another."""
    both = dataset, trained_on
    return (
        _by_metric("", *both, "intensity", _INTENSITY),
        _by_metric("", *both, "occurrence", _OCCURRENCE),
        _by_grouping("", *both),
        _by_metric("", *both, "intensity", _INTENSITY, merge_points=True),
        _by_metric("", *both, "occurrence", _OCCURRENCE[:2], merge_points=True),
    )


def with_units(layout: TableLayout, aus: AUSet) -> TableLayout:
    """A table by unit with these action units as its columns, and their average."""

    def spread(block: BlockLayout) -> BlockLayout:
        (column,) = block.columns
        units = (replace(column, heading=unit.title.split()[0], au=unit.column) for unit in aus.units)
        return replace(block, columns=(*units, replace(column, heading="Average")))

    return replace(layout, blocks=tuple(map(spread, layout.blocks))) if layout.by_unit else layout


def stands_in(method: Method, among: Collection[Method], merge_points: bool) -> bool:
    """Whether a method is a row: merge points have tables of their own, and elsewhere the main one stands for all.

    A backbone without the main merge point is shown with those that it has.
    """
    if merge_points:
        return method.kind == "csn"
    alike = {other.merge_point for other in among if other.kind == "csn" and other.backbone == method.backbone}
    return method.kind != "csn" or method.merge_point == MAIN_MERGE_POINT or MAIN_MERGE_POINT not in alike


def title_of(dataset: str) -> str:
    """A dataset's name for people."""
    return {**DATASET_TITLES, **_DRAWN_TITLES}.get(dataset, dataset)


def arrow(metric: str) -> str:
    """Which way is better: "↑" or "↓"."""
    return "↓" if metric in ("mae", "mse") else "↑"


def place_of(dataset: str, trained_on: str) -> str:
    """On whom was judged, and on whom trained where that was somebody else."""
    if dataset == trained_on:
        return title_of(dataset)
    return f"trained on {title_of(trained_on)}, tested on {title_of(dataset)}, common AUs"


def _by_metric(
    number: str, dataset: str, trained_on: str, quantity: str, metrics: tuple[str, ...], merge_points: bool = False
) -> TableLayout:
    task = "AU intensity estimation" if quantity == "intensity" else "AU detection"
    start = "Merge points, " if merge_points else ""
    title = f"{start}{task}: {place_of(dataset, trained_on)}"
    blocks = (
        BlockLayout(_heading(metric), dataset, trained_on, (Column("", quantity, metric),), merge_points)
        for metric in metrics
    )
    return TableLayout(number, title[0].upper() + title[1:], tuple(blocks), True)


def _by_grouping(number: str, dataset: str, trained_on: str) -> TableLayout:
    blocks = (
        BlockLayout(
            f"{group_by.capitalize()}-participant {_heading('icc31')}",
            dataset,
            trained_on,
            (Column("", "intensity", "icc31", group_by=group_by),),
        )
        for group_by in (ACROSS, WITHIN)
    )
    return TableLayout(number, f"Across and within participants: {place_of(dataset, trained_on)}", tuple(blocks), True)


def _averages(dataset: str) -> BlockLayout:
    columns = tuple(Column(_heading(metric), quantity, metric) for quantity, metric in _BOTH)
    return BlockLayout(title_of(dataset), dataset, dataset, columns)


def _grouped(dataset: str) -> BlockLayout:
    columns = (
        Column(f"{group_by.capitalize()}-participant {_heading('icc31')}", "intensity", "icc31", group_by=group_by)
        for group_by in (ACROSS, WITHIN)
    )
    return BlockLayout(title_of(dataset), dataset, dataset, tuple(columns))


def _heading(metric: str) -> str:
    return f"{METRIC_TITLES[metric]} {arrow(metric)}"


def groups_of(block: BlockLayout) -> tuple[Group, ...]:
    """The groups of methods that a block shows."""
    quantities = dict.fromkeys(column.quantity for column in block.columns)
    return tuple(Group(block.dataset, block.trained_on, quantity) for quantity in quantities)
