import json
import sys
from pathlib import Path

import pytest

import csnviz
from csnviz import doctor


@pytest.fixture
def environments(tmp_path, monkeypatch):
    """Two environments without extensions: our own, and one whose `jupyter lab` comes first on the PATH."""
    ours, other = tmp_path / "ours", tmp_path / "other"
    monkeypatch.setattr(sys, "prefix", str(ours))
    monkeypatch.setattr("jupyter_core.paths.ENV_JUPYTER_PATH", [str(ours / "share" / "jupyter")])
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda: [str(ours / "share" / "jupyter")])
    for folder in (ours, other):
        (folder / "bin").mkdir(parents=True)
    return ours, other


def put_extensions(prefix: Path, **versions: str) -> None:
    names = {"widgets": "@jupyter-widgets/jupyterlab-manager"}
    for name, version in versions.items():
        folder = prefix / "share" / "jupyter" / "labextensions" / names.get(name, name)
        folder.mkdir(parents=True)
        (folder / "package.json").write_text(json.dumps({"version": version}))


def put_jupyterlab_on_the_path(prefix: Path, monkeypatch) -> None:
    program = prefix / "bin" / "jupyter-lab"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(prefix / "bin"))


def test_a_jupyterlab_that_sees_card_and_viewer_is_fine(environments, monkeypatch):
    put_extensions(environments[0], csnviz=csnviz.__version__, anywidget="0.11.0", widgets="5.0.16")
    put_jupyterlab_on_the_path(environments[0], monkeypatch)
    found = doctor._jupyterlab()
    assert found.problem == ""
    assert f"sees csnviz {csnviz.__version__}, anywidget 0.11.0" in found.found


@pytest.mark.parametrize(
    ("there", "lacks"),
    [
        ({"anywidget": "0.11.0", "widgets": "5.0.16"}, "the launcher card; install csnviz again"),
        ({"csnviz": csnviz.__version__, "widgets": "5.0.16"}, "the face viewer; install anywidget again"),
        ({"csnviz": csnviz.__version__, "anywidget": "0.11.0"}, "every widget; install jupyterlab_widgets again"),
    ],
)
def test_what_jupyterlab_does_not_find_is_said_with_what_to_do(environments, monkeypatch, there, lacks):
    monkeypatch.setenv("PATH", "")
    put_extensions(environments[0], **there)
    assert lacks in doctor._jupyterlab().problem


def test_a_card_of_another_version_is_a_problem(environments, monkeypatch):
    monkeypatch.setenv("PATH", "")
    put_extensions(environments[0], csnviz="0.0.1", anywidget="0.11.0", widgets="5.0.16")
    assert f"not of csnviz {csnviz.__version__}" in doctor._jupyterlab().problem


def test_another_jupyterlab_on_the_path_that_lacks_the_viewer_is_named(environments, monkeypatch):
    ours, other = environments
    put_extensions(ours, csnviz=csnviz.__version__, anywidget="0.11.0", widgets="5.0.16")
    put_extensions(other, widgets="5.0.16")
    put_jupyterlab_on_the_path(other, monkeypatch)
    found = doctor._jupyterlab()
    assert found.problem == ""
    assert f"in {other}, lacks csnviz and anywidget" in found.found
    assert "-m jupyterlab instead" in found.found
