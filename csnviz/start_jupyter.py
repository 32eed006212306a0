"""Starts what serves a page: `python -m csnviz.start_jupyter voila NOTEBOOK` or `... lab`, without what neither ever asks for."""

import sys

from csnviz.lean_imports import without_address_grammar


def start(which: str, arguments: list[str]) -> None:
    """Runs Voila behind our guard ("voila") or JupyterLab ("lab") until it ends."""
    with without_address_grammar():
        if which == "lab":
            from jupyterlab.labapp import LabApp as App
        else:
            from csnviz.guarded_voila import GuardedVoila as App
    App.launch_instance(arguments)


if __name__ == "__main__":
    start(sys.argv[1], sys.argv[2:])
