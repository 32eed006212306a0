import json
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests import small_disfa

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
QUESTIONS = {"explore", "why", "who", "learn", "reference"}
MOST_LINES = 6


def faults(notebook: dict) -> list[str]:
    """Everything that a notebook of ours must not hold, in words."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    first = notebook["cells"][0]
    opening = "".join(first["source"]) if first["cell_type"] == "markdown" else notebook["metadata"].get("title", "")
    found = [
        ("an output", any(cell["outputs"] for cell in code)),
        ("an execution count", any(cell["execution_count"] is not None for cell in code)),
        ("widget state", "widgets" in notebook["metadata"]),
        ("an attachment", any(cell.get("attachments") for cell in notebook["cells"])),
        ("a long cell", any(len("".join(cell["source"]).splitlines()) > MOST_LINES for cell in notebook["cells"])),
        ("no question", "?" not in opening),
    ]
    return [words for words, is_so in found if is_so]


def test_notebooks_are_at_most_five_and_named_by_their_question():
    assert {path.stem for path in NOTEBOOKS} <= QUESTIONS
    assert {path.relative_to(FOLDER).parts[0] for path in FOLDER.rglob("*.ipynb")} == {path.name for path in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_thin_says_its_question_and_holds_no_result(path):
    assert faults(json.loads(path.read_text())) == []


def test_what_a_notebook_must_not_hold_is_found():
    cell = {"cell_type": "code", "source": ["1\n"] * 7, "outputs": [{"data": {}}], "execution_count": 1}
    notebook = {"cells": [{**cell, "attachments": {"face.png": {}}}], "metadata": {"widgets": {}, "title": "csnviz"}}
    assert len(faults(notebook)) == 6


@pytest.fixture(scope="module")
def faces(tmp_path_factory) -> Path:
    """Two drawn people, six frames each, as a saved table."""
    folder = tmp_path_factory.mktemp("faces")
    table = small_disfa.table(folder / "crops")
    table.select(table.rows["participant"].isin(["SN010", "SN012"]).to_numpy()).save(folder / "frames.npz")
    return folder / "frames.npz"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_a_page(path, faces, tmp_path, monkeypatch):
    monkeypatch.setenv("CSNVIZ_SOURCE", str(faces))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    # The tests' own csnviz, wherever they were started from.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(FOLDER.parent), os.environ.get("PYTHONPATH", ""))))
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in shown)
    assert [output for output in shown if output.output_type == "stream" and output.name == "stderr"] == []
    # What could not be used would be a sentence in place of the page.
    assert "role='alert'" not in json.dumps(notebook.metadata.get("widgets", {}))
