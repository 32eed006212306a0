"""Starts what serves a page: `python -m csnviz.start_jupyter voila NOTEBOOK` or `... lab`, without what neither ever asks for."""

import sys


def start(which: str, arguments: list[str]) -> None:
    """Runs Voila behind our guard ("voila") or JupyterLab ("lab") until it ends."""
    # jsonschema tells whether an international address (RFC 3987) is one where this package is there. No message of these servers
    # holds any, and to build its parser takes longer than all else that they import.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment] # as if it were not installed
    if which == "lab":
        from jupyterlab.labapp import LabApp

        LabApp.launch_instance(arguments)
    else:
        from csnviz.guarded_voila import GuardedVoila

        GuardedVoila.launch_instance(arguments)


if __name__ == "__main__":
    start(sys.argv[1], sys.argv[2:])
