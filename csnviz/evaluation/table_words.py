"""What stands under a table: where calibration loses, how sure the differences are, and on what the numbers stand."""

from collections.abc import Iterable, Sequence

from csnviz.data.manifest import DRAWN
from csnviz.evaluation.layouts import title_of
from csnviz.evaluation.measuring import MeasuredGroup
from csnviz.evaluation.methods import Method
from csnviz.evaluation.paper_tables import Block, Cell, Row, Table, shown, shown_difference, shown_interval
from csnviz.evaluation.pooling import PooledMethod
from csnviz.evaluation.summary import MEAN_AU

CAVEAT = "The people are drawings: this checks the pipeline and is no evidence about people."

NOT_LIKE_FOR_LIKE = (
    "OFC uses one labelled neutral frame per held-out participant: not a like-for-like comparison with NCG."
)

_CHOOSERS = {
    "authors": "the authors of the paper",
    "person": "a person",
    "automatic": "an automatic rule",
    "labels": "the labels (allowed here because nobody is judged by it)",
}


def findings(table: Table) -> tuple[str, ...]:
    """Where each CSN is worse than NCG or baseline subtraction, and how much it gains or loses on average."""
    said = []
    for block in table.blocks:
        for row in block.rows:
            if row.ours and Method.named(row.method).kind == "csn":
                said += _losses(block, row, table)
                said += _mean_differences(block, row, table)
    return tuple(said)


def notes(table: Table) -> tuple[str, ...]:
    """On what the numbers stand: people, folds, alignment, references, training, and where printed numbers were read."""
    methods = _methods_in(table)
    said = []
    if any(Method.named(method.table.method).calibrated for method in methods):
        said.append(NOT_LIKE_FOR_LIKE)
    if any({group.group.dataset, group.group.trained_on} & {*DRAWN} for group in table.measured):
        said.append(CAVEAT)
    for group in table.measured:
        said += _about_group(
            group, [method for method in methods if method.group == group.group], len(table.measured) > 1
        )
    return (*said, *_about_print(table))


def counts(table: Table) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Rows of counts under a table by unit: frames, frames with the unit present, participants; from-to where methods differ."""
    if not table.layout.by_unit:
        return ()
    rows = [row for row in table.blocks[0].rows if row.ours]
    columns = list(zip(*(row.cells for row in rows), strict=True))
    return tuple(
        (title, tuple(_from_to([getattr(cell.ours, name) for cell in cells], cells[0]) for cells in columns))
        for title, name in (
            ("frames", "n_frames"),
            ("unit present", "n_positive"),
            ("participants", "n_participants"),
        )
    )


def joined(words: Sequence[str]) -> str:
    """Words as a list in a sentence.

    >>> joined(["AU1", "AU2", "AU4"])
    'AU1, AU2 and AU4'
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _losses(block: Block, row: Row, table: Table) -> list[str]:
    judges = dict.fromkeys(name for group in _groups_of(block, table) for name in group.judges_of(row.method))
    parts = []
    for other in judges:
        lost = [_loss(cell, other, block, table) for cell in row.cells if other in cell.worse_than]
        parts.append(f"than {other} {'on ' + joined(lost) if lost else 'nowhere'}")
    return [f"{_plain(block.layout.title)}: {row.method} is worse {'; '.join(parts)}."] if parts else []


def _loss(cell: Cell, other: str, block: Block, table: Table) -> str:
    """Where a cell loses, and by what numbers; without them among merge points, which are many."""
    metric = cell.column.metric
    where = "the average" if cell.column.au == MEAN_AU and table.layout.by_unit else _plain(cell.column.heading)
    if block.layout.merge_points:
        return where
    group = next(group for group in _groups_of(block, table) if group.group.quantity == cell.column.quantity)
    theirs = group.number(other, cell.column).value
    return f"{where} ({shown(cell.ours.value, metric)} against {shown(theirs, metric)})"


def _mean_differences(block: Block, row: Row, table: Table) -> list[str]:
    """The average column's differences, with their intervals, in tables by unit."""
    said = []
    for cell in row.cells:
        column = cell.column
        for group in _groups_of(block, table) if table.layout.by_unit and column.au == MEAN_AU else ():
            for other in group.judges_of(row.method):
                found = group.differences.get((row.method, other))
                if found and not block.layout.merge_points:
                    number = found[column.metric, column.au, column.group_by]
                    interval = shown_interval(number.low, number.high, column.metric, signed=True)
                    gap = shown_difference(number.value, column.metric)
                    said.append(f"{row.method} less {other}: {gap} {interval}".rstrip())
    return [f"{_plain(block.layout.title)}, average: {'; '.join(said)}."] if said else []


def _plain(heading: str) -> str:
    """A heading without the arrow that says which way is better."""
    return heading.rstrip(" ↑↓")


def _about_group(group: MeasuredGroup, methods: Sequence[PooledMethod], named: bool) -> list[str]:
    if not methods:
        return []
    start = f"{title_of(group.group.dataset)}, {group.group.quantity}: " if named else ""
    said = [start + " ".join(_sentences(group, methods))]
    said += _missing_folds(methods)
    if not group.alike:
        said.append("The methods did not see the same frames and AUs, so none is called better or worse than another.")
    return said


def _missing_folds(methods: Sequence[PooledMethod]) -> list[str]:
    """Which methods have not all folds, those that miss the same ones together."""
    short: dict[str, list[str]] = {}
    for method in methods:
        if len(method.folds) < method.n_folds:
            folds = f"{len(method.folds)} of {method.n_folds} folds ({', '.join(method.folds)})"
            short.setdefault(folds, []).append(method.table.method)
    return [
        f"{joined(names)}: {folds}; the other folds are missing, and so are their participants."
        for folds, names in short.items()
    ]


def _sentences(group: MeasuredGroup, methods: Sequence[PooledMethod]) -> list[str]:
    """Training, folds, alignment and references of a group, in short sentences."""
    trained = sorted({count for method in methods for count in method.training_counts})
    folds = list(dict.fromkeys(", ".join(method.folds) for method in methods))
    alignments = list(dict.fromkeys(name for method in methods for name in method.alignments))
    choosers = list(dict.fromkeys(name for method in methods for name in method.chosen_by))
    said = [
        f"Networks trained on {title_of(group.group.trained_on)}, {_span(trained)} participants in each fold.",
        f"Folds: {joined([f'{names} of {methods[0].n_folds}' for names in folds])}.",
        f"Alignment: {joined(alignments)}.",
    ]
    if choosers:
        said.append(f"References chosen by {joined([_CHOOSERS.get(name, name) for name in choosers])}.")
    return said


def _about_print(table: Table) -> list[str]:
    """Where printed numbers come from, and what is odd about them."""
    cells = [cell.printed for block in table.blocks for row in block.rows for cell in row.cells if cell.printed]
    if not cells:
        return []
    odd: dict[str, dict[str, None]] = {}
    for cell in cells:
        if cell.note:
            # "Table 2, MAE, CSN-IR50 (OFC), AU1" names a cell; its row is enough here.
            odd.setdefault(cell.note, {})[" of ".join(cell.source.split(", ")[1:3][::-1])] = None
    remarks = "".join(f" {note[0].upper() + note[1:]}: {joined(list(rows))}." for note, rows in odd.items())
    return [f"Printed numbers: arXiv 2409.00240, {table.name}.{remarks}"]


def _methods_in(table: Table) -> list[PooledMethod]:
    names = [row.method for block in table.blocks for row in block.rows if row.ours]
    pairs = [(group, name) for group in table.measured for name in dict.fromkeys(names)]
    return [group.methods[name] for group, name in pairs if name in group.methods]


def _groups_of(block: Block, table: Table) -> list[MeasuredGroup]:
    place = block.layout.dataset, block.layout.trained_on
    return [group for group in table.measured if (group.group.dataset, group.group.trained_on) == place]


def _from_to(values: Sequence[int], cell: Cell) -> str:
    """A count, or the least and the most of several methods; the average column has none of its own."""
    return "" if cell.column.au == MEAN_AU else _span(values)


def _span(values: Iterable[int]) -> str:
    found = sorted(set(values))
    return f"{found[0]:,}" if len(found) == 1 else f"{found[0]:,}–{found[-1]:,}"
