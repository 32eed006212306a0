"""The demo's saved table, on two frames of two people."""

import shutil

import numpy as np
import pytest

from csnviz.cast import dataset, demo
from csnviz.data.tables import FrameTable


@pytest.fixture
def drawn(monkeypatch):
    """A demo of two people and two frames; how often it was loaded from its drawings."""
    loads = []
    load = dataset.load_cast

    def counted(participants, frames, root):
        loads.append(root)
        return load(("C101", "C102"), 2, root, workers=1, progress=False)

    monkeypatch.setattr(dataset, "load_cast", counted)
    return loads


def test_the_demo_is_loaded_from_its_drawings_once_and_anew_where_they_are_gone(tmp_path, drawn):
    path = demo.demo_table(tmp_path)
    assert demo.demo_table(tmp_path) == path
    assert len(drawn) == 1
    table = FrameTable.load(path)
    again = dataset.load_cast((), 0, tmp_path)
    assert table.rows.equals(again.rows)
    np.testing.assert_array_equal(table.crops(range(4)), again.crops(range(4)))
    shutil.rmtree(table.images.paths[0])
    assert demo.demo_table(tmp_path) == path
    assert len(drawn) == 3
    assert FrameTable.load(path).usable.all()


def test_another_way_of_making_the_table_is_another_file(tmp_path, drawn, monkeypatch):
    paths = {demo.demo_table(tmp_path)}
    monkeypatch.setattr(demo, "_MADE_BY", demo._MADE_BY[:-1])
    paths.add(demo.demo_table(tmp_path))
    monkeypatch.setattr(demo, "cast_version", lambda folder: "other drawings")
    paths.add(demo.demo_table(tmp_path))
    assert len(paths) == len(drawn) == 3
