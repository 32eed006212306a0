import importlib.util
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import csnviz
from csnviz import places

PROJECT = Path(__file__).parents[1]
EXTENSION = PROJECT / "csnviz" / "views" / "jupyter" / "labextension"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    """The wheel as it would be published."""
    return zipfile.ZipFile(built_wheel(tmp_path_factory.mktemp("wheel")))


def built_wheel(folder: Path) -> Path:
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed, so no wheel can be built here: pip install -e '.[test]'")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=PROJECT, check=True
    )
    return next(folder.glob("csnviz-*.whl"))


def test_the_extension_has_the_version_of_the_package():
    assert json.loads((EXTENSION / "package.json").read_text())["version"] == csnviz.__version__


def test_the_entry_that_jupyterlab_is_told_to_load_is_there():
    build = json.loads((EXTENSION / "package.json").read_text())["jupyterlab"]["_build"]
    assert (EXTENSION / build["load"]).is_file()
    assert f'"{build["extension"]}"' in (EXTENSION / build["load"]).read_text()


def test_the_entry_names_no_other_host():
    text = (EXTENSION / "static" / "remoteEntry.js").read_text()
    assert not re.search(r"https?:|//[a-z]+\.", text)


def test_the_wheel_puts_the_extension_where_jupyter_looks(wheel):
    data = f"csnviz-{csnviz.__version__}.data/data/share/jupyter/labextensions/csnviz/"
    found = {name.removeprefix(data) for name in wheel.namelist() if name.startswith(data)}
    assert found == {
        "package.json",
        "install.json",
        *(f"static/{file}" for file in ("remoteEntry.js", "icon.svg", "explore.ipynb")),
    }


def test_the_card_opens_the_one_notebook_that_travels_in_the_package(wheel):
    static = f"csnviz-{csnviz.__version__}.data/data/share/jupyter/labextensions/csnviz/static"
    assert wheel.read(f"{static}/explore.ipynb") == places.notebook("explore").read_bytes()
    assert wheel.read("csnviz/_travelling/notebooks/explore.ipynb") == places.notebook("explore").read_bytes()


def test_the_wheel_brings_voila_its_template(wheel):
    template = f"csnviz-{csnviz.__version__}.data/data/share/jupyter/voila/templates/csnviz"
    assert {f"{template}/conf.json", f"{template}/index.html.j2"} <= set(wheel.namelist())
