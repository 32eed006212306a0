"""Imports without what they bring along and nothing here ever asks for."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_GRAMMAR = "rfc3987_syntax"


@contextmanager
def without_address_grammar() -> Iterator[None]:
    """While this lasts, whoever imports jsonschema gets it without the grammar of internationalised web addresses (RFC 3987).

    plotly's widget, Voila and JupyterLab load jsonschema, and that compiles the grammar: two to three seconds, for a check of
    addresses that nothing here makes. jsonschema takes its absence for not being installed.
    """
    wanted_elsewhere = _GRAMMAR in sys.modules
    if not wanted_elsewhere:
        sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if not wanted_elsewhere:
            del sys.modules[_GRAMMAR]
