"""Shapes are checked while the tests run, and real faces come from a folder that is never committed."""

import os
from pathlib import Path

import pytest
from jaxtyping import install_import_hook

install_import_hook("csnviz", "beartype.beartype")


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of real faces; the test skips where there is none."""
    named = os.environ.get("CSNVIZ_REALDATA")
    if not named:
        pytest.skip("no real faces here: CSNVIZ_REALDATA names no folder")
    folder = Path(named)
    if not folder.is_dir():
        pytest.skip(f"no real faces here: CSNVIZ_REALDATA names {folder}, which is not a folder")
    return folder.resolve()


@pytest.fixture(autouse=True)
def _own_data_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the data root of the person who runs it."""
    monkeypatch.setenv("CSNVIZ_DATA_ROOT", str(tmp_path / "data-root"))
