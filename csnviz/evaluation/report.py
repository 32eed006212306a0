"""From run folders to the paper's tables: a page to read, two CSV files to compute with, and Markdown to keep.

Nothing is trained or estimated here: what a run left in its folder `predictions` is pooled, measured and laid out.
"""

import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

import csnviz
from csnviz.data.storage import replacing
from csnviz.evaluation.layouts import place_of
from csnviz.evaluation.measuring import measure
from csnviz.evaluation.methods import Method
from csnviz.evaluation.paper_tables import Measured, Table, tables_of
from csnviz.evaluation.pooling import Group, PooledMethod, ReadRuns, read_runs
from csnviz.evaluation.tables_html import page
from csnviz.evaluation.tables_text import markdown

TITLE = "Calibration on one neutral frame: the tables"

CELL_COLUMNS = (
    "table", "title", "dataset", "trained_on", "task", "metric", "group_by", "method", "au", "ours", "low", "high", "published",
    "difference", "worse_than", "n_frames", "n_positive", "n_participants", "source", "note",
)  # fmt: skip
"""The columns of tables.csv: ours, low, high and published in the metric's own unit (shares 0-1); empty where there is none."""


def report(runs: Sequence[Path], out: Path, draws: int = 1000) -> Path:
    """Writes `out`/report.html, tables.csv (every cell), metrics.csv (every metric, also of each participant) and tables.md.

    runs: run folders, each with `run.json` and `predictions`. draws: how often people are drawn for the intervals. Returns the
    path of the page. Each file is written whole or not at all. InputError as `read_runs` raises it.
    """
    read = read_runs(runs)
    if said := references_left_out(read):
        print(f"csnviz: {said}", file=sys.stderr)
    measured = measure(read.methods, draws)
    tables = tables_of(measured)
    out = Path(out)
    _write(out / "metrics.csv", metric_rows(measured).to_csv(index=False, lineterminator="\n"))
    _write(out / "tables.csv", cell_rows(tables).to_csv(index=False, lineterminator="\n"))
    _write(out / "tables.md", markdown(tables))
    _write(out / "report.html", page(TITLE, _facts(read), tables))
    return out / "report.html"


def text_tables(runs: Sequence[Path], draws: int = 1000) -> str:
    """The same tables as Markdown; InputError as `read_runs` raises it."""
    return markdown(tables_of(measure(read_runs(runs).methods, draws)))


def metric_rows(measured: Measured) -> pd.DataFrame:
    """The rows of every method's MetricTable, with dataset, trained_on and quantity before them."""
    parts = []
    for group, found in measured.items():
        rows = found.metrics.copy()
        for place, name in enumerate(("dataset", "trained_on", "quantity")):
            rows.insert(place, name, getattr(group, name))
        parts.append(rows)
    return pd.concat(parts, ignore_index=True)


def cell_rows(tables: Sequence[Table]) -> pd.DataFrame:
    """Every cell of every table, one per row, with CELL_COLUMNS."""
    rows = []
    for table in tables:
        for block in table.blocks:
            for cell in (cell for row in block.rows for cell in row.cells):
                column, ours, printed = cell.column, cell.ours, cell.printed
                rows.append(
                    [
                        table.name, table.layout.title, block.layout.dataset, block.layout.trained_on, column.quantity,
                        column.metric, column.group_by, cell.method, column.au, ours.value, ours.low, ours.high,
                        printed.value if printed else np.nan, cell.difference, "; ".join(cell.worse_than), ours.n_frames,
                        ours.n_positive, ours.n_participants, printed.source if printed else "", printed.note if printed else "",
                    ]
                )  # fmt: skip
    return pd.DataFrame(rows, columns=list(CELL_COLUMNS))


def references_left_out(read: ReadRuns) -> str:
    """A sentence about the references that a user chose with the labels, in place of which others were used; "" without any.

    Who sees the labels can choose the frame that makes the errors small, which nobody can for a new person.
    """
    parts = (part for method in read.methods.values() for part in method.parts)
    found = sorted({str(whose) for part in parts for whose in part.words.get("references_left_out", ())})
    if not found:
        return ""
    many = f"{len(found)} references" if len(found) > 1 else "1 reference"
    return f"{many} chosen with the labels {'are' if len(found) > 1 else 'is'} left out: {'; '.join(found)}."


def _facts(read: ReadRuns) -> list[tuple[str, list[str]]]:
    """What the head of the page says: what was read, what was left out and why, and with what it was made."""
    by_group: dict[Group, list[PooledMethod]] = {}
    for (group, _), method in read.methods.items():
        by_group.setdefault(group, []).append(method)
    versions = {
        f"{name} {version}" for words in read.read.values() for name, version in words.get("versions", {}).items()
    }
    left_out = [f"{path.parent.parent.name}, {path.name}: {reason}" for path, reason in read.left_out]
    left_out += [said] if (said := references_left_out(read)) else []
    return [
        ("Read", [_about(group, methods) for group, methods in by_group.items()]),
        ("Run folders", [", ".join(run.name for run in read.read)]),
        ("Left out", left_out or ["nothing"]),
        ("Runs made with", [", ".join(sorted(versions)) or "not recorded"]),
        ("This page", [f"csnviz {csnviz.__version__}, python {platform.python_version()}, numpy {np.__version__}"]),
    ]


def _about(group: Group, methods: Sequence[PooledMethod]) -> str:
    """A group's methods in order, and how many of their folds are here."""
    ordered = sorted(methods, key=lambda method: Method.named(method.table.method).place)
    folds = {f"{len(method.folds)} of {method.n_folds}" for method in methods}
    where = place_of(group.dataset, group.trained_on)
    return (
        f"{where}, {group.quantity}, folds {' or '.join(sorted(folds))}: {', '.join(m.table.method for m in ordered)}"
    )


def _write(path: Path, text: str) -> None:
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")
