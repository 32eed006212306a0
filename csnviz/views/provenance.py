"""The small print: which networks, which preprocessing, which reference and which versions made the numbers on the page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from csnviz.data.tables import PredictionTable
from csnviz.views.words import escape


def provenance_html(tables: Sequence[PredictionTable]) -> str:
    """A closed details element with one block per method."""
    blocks = "".join(_block(table) for table in tables)
    return (
        f'<details class="csn-provenance"><summary>Where these numbers come from</summary><div>{blocks}</div></details>'
    )


def _block(table: PredictionTable) -> str:
    pairs = facts_of(table.provenance)
    facts = "".join(f"<tr><th scope='row'>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in pairs)
    return f"<section><h4>{escape(table.method)}</h4><table>{facts}</table></section>"


def facts_of(facts: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """The facts of a table's provenance as names and values, nested ones one after the other under joined names."""
    for name, value in facts.items():
        title = f"{above}{name}".replace("_", " ")
        if isinstance(value, Mapping):
            yield from facts_of(value, f"{title} ")
        elif isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
            for part in value:
                yield from facts_of(part, f"{title} ")
        else:
            yield title, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
