"""The tables as Markdown, with pipes that line up: what docs/results holds."""

from collections.abc import Sequence

from csnviz.evaluation.paper_tables import Block, Cell, Row, Table, shown, shown_interval
from csnviz.evaluation.summary import MEAN_AU
from csnviz.evaluation.table_words import counts, findings, notes
from csnviz.evaluation.tables_html import loss_marks

LEGEND = (
    "**Bold**: the best of ours in its column. (In parentheses): the printed number. [In brackets]: the 95 % interval over "
    "participants. ▼: a CSN that is worse than NCG on the same backbone; ▽: worse than baseline subtraction of any kind."
)


def markdown(tables: Sequence[Table]) -> str:
    """Every table under a heading of its own, losers marked, with what was found and what it stands on."""
    return "\n\n".join([LEGEND, *map(_section, tables)]) + "\n"


def _section(table: Table) -> str:
    title = f"## {table.name}: {table.layout.title}" if table.name else f"## {table.layout.title}"
    blocks = list(map(_block, table.blocks))
    stands_on = counts(table)
    if stands_on:
        headings = [column.heading for column in table.blocks[0].layout.columns]
        blocks.append(_piped([["Counts", *headings], *([name, *values] for name, values in stands_on)]))
    lines = "\n".join(f"- {line}" for line in (*findings(table), *notes(table)))
    return "\n\n".join([title, *blocks, lines])


def _block(block: Block) -> str:
    headings = [block.layout.title, *(column.heading for column in block.layout.columns)]
    return _piped([headings, *([_name(row), *(_cell(cell, row.ours) for cell in row.cells)] for row in block.rows)])


def _name(row: Row) -> str:
    return row.method if row.ours else f"{row.method}, printed"


def _cell(cell: Cell, ours: bool) -> str:
    metric = cell.column.metric
    printed = f"({shown(cell.printed.value, metric)})" if cell.printed else ""
    if not ours:
        return printed
    value = shown(cell.ours.value, metric)
    value = f"**{value}**" if cell.best else value
    interval = shown_interval(cell.ours.low, cell.ours.high, metric) if cell.column.au == MEAN_AU else ""
    return " ".join(filter(None, [loss_marks(cell) + value, interval, printed]))


def _piped(lines: Sequence[Sequence[str]]) -> str:
    """Lines of texts as a table: the first is its head; texts to the left in the first column, to the right in the others."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    padded = [
        [line[0].ljust(widths[0]), *(text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True))]
        for line in lines
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in [padded[0], rule, *padded[1:]])
