"""The tables as a page of HTML that stands by itself: no script, no outside address, readable on paper and in the dark."""

import html
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from csnviz.evaluation.layouts import Column
from csnviz.evaluation.methods import Method
from csnviz.evaluation.paper_tables import Block, Cell, Row, Table, shown, shown_difference, shown_interval
from csnviz.evaluation.summary import MEAN_AU
from csnviz.evaluation.table_words import counts, findings, notes

LEGEND = (
    "Large: ours; bold: the best of ours in its column. Small: the printed number and how far ours is from it. In brackets: "
    "the 95 % interval over participants (other columns show theirs under the pointer). ▼ a CSN that is worse than NCG on the "
    "same backbone; ▽ worse than baseline subtraction of any kind. A dash: undefined, or not known."
)

_STYLE = Path(__file__).with_name("report.css")


def page(title: str, facts: Sequence[tuple[str, Sequence[str]]], tables: Sequence[Table]) -> str:
    """The whole page: its head with titled facts, and a section for each table."""
    style = _STYLE.read_text(encoding="utf-8")
    told = "".join(f"<dt>{_text(name)}</dt><dd>{'<br>'.join(map(_text, lines))}</dd>" for name, lines in facts)
    sections = "\n".join(map(section, tables))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{_text(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>\n{style}</style></head>\n'
        f'<body><header><h1>{_text(title)}</h1><p class="legend small">{_text(LEGEND)}</p><dl>{told}</dl></header>\n'
        f"{sections}\n</body></html>\n"
    )


def section(table: Table) -> str:
    """One table with its title, what was found, and what it stands on."""
    number = f"<span>{_text(table.name)}</span>" if table.name else ""
    bodies = "\n".join(map(_body, table.blocks))
    narrow = "" if table.layout.by_unit else ' class="narrow"'
    found, small = ("".join(f"<li>{_text(line)}</li>" for line in lines) for lines in (findings(table), notes(table)))
    return (
        f"<section><h2>{number}{_text(table.layout.title)}</h2>\n"
        f'<div class="wide"><table{narrow}>{_head(table)}\n{bodies}\n{_counts(table)}</table></div>\n'
        + (f'<ul class="found">{found}</ul>' if found else "")
        + f'<ul class="small">{small}</ul></section>'
    )


def _head(table: Table) -> str:
    columns = table.blocks[0].layout.columns
    cells = "".join(f'<th scope="col"{_average(column, table)}>{_text(column.heading)}</th>' for column in columns)
    return f'<thead><tr><th scope="col">Method</th>{cells}</tr></thead>'


def _average(column: Column, table: Table) -> str:
    return ' class="average"' if table.layout.by_unit and column.au == MEAN_AU else ""


def _body(block: Block) -> str:
    width = len(block.layout.columns) + 1
    title = f'<tr class="block"><th colspan="{width}" scope="rowgroup">{_text(block.layout.title)}</th></tr>'
    rows = "\n".join(_row(row, len(block.layout.columns)) for row in block.rows)
    return f"<tbody>{title}{rows}</tbody>"


def _row(row: Row, width: int) -> str:
    kind = "" if row.ours else ' class="quoted"'
    name = row.method if row.ours else f"{row.method}, printed"
    by_unit = any(cell.column.au != MEAN_AU for cell in row.cells)
    cells = "".join(_cell(cell, row.ours, by_unit) for cell in row.cells)
    return f'<tr{kind}><th scope="row">{_text(name)}</th>{cells}</tr>'


def _cell(cell: Cell, ours: bool, by_unit: bool) -> str:
    metric, number = cell.column.metric, cell.ours
    mean = cell.column.au == MEAN_AU
    names = [name for name, there in (("average", mean and by_unit), ("worse", cell.worse_than)) if there]
    attributes = f' class="{" ".join(names)}"' if names else ""
    printed = shown(cell.printed.value, metric) if cell.printed else ""
    if not ours:
        return f"<td{attributes}>{printed}</td>"
    interval = shown_interval(number.low, number.high, metric)
    if interval and not mean:
        attributes += f' title="{interval}"'
    value = shown(number.value, metric)
    lines = [_marks(cell) + (f"<b>{value}</b>" if cell.best else value)]
    if mean and interval:
        lines.append(f"<small>{interval}</small>")
    if printed:
        gap = "" if np.isnan(cell.difference) else f" {shown_difference(cell.difference, metric)}"
        lines.append(f"<small>{printed}{gap}</small>")
    return f"<td{attributes}>{''.join(lines)}</td>"


def _marks(cell: Cell) -> str:
    marks = loss_marks(cell)
    return f'<span class="mark">{marks}</span>' if marks else ""


def loss_marks(cell: Cell) -> str:
    """ "▼" for a CSN that is worse than NCG here, "▽" for one that is worse than baseline subtraction, or both, or neither."""
    kinds = {Method.named(name).kind for name in cell.worse_than}
    return ("▼" if "ncg" in kinds else "") + ("▽" if "bs" in kinds else "")


def _counts(table: Table) -> str:
    lines = []
    for place, (title, values) in enumerate(counts(table)):
        cells = "".join(f"<td>{_text(value)}</td>" for value in values)
        lines.append(f'<tr class="count{" first" if place == 0 else ""}"><th scope="row">{title}</th>{cells}</tr>')
    return f"<tbody>{''.join(lines)}</tbody>" if lines else ""


def _text(words: str) -> str:
    return html.escape(words, quote=True)
