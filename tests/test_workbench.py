import json
import os

import numpy as np
import pytest

from csnviz import places, workbench
from csnviz.data.tables import FrameTable, make_rows
from csnviz.facs import AUSet
from tests import small_disfa

AUS = AUSet((4, 12))


def table(dataset: str = "recording", labels: float = np.nan, **view: object) -> FrameTable:
    """Six frames of one person without pictures."""
    rows = make_rows(
        {
            "frame_id": [f"P/{i}" for i in range(6)],
            "dataset": dataset, "participant": "P", "camera": "own", "video": "v", "source": "", "timestamp": np.nan,
            "frame_index": np.arange(6), **view,
        }
    )  # fmt: skip
    return FrameTable(rows, np.full((6, 2), labels, np.float32), AUS)


def test_a_page_on_drawings_says_that_it_is_no_evidence_about_people(tmp_path):
    source = workbench.source_of(table("cast"), tmp_path)
    assert "no evidence about people" in source.about
    assert source.start_note == ""


def test_a_page_on_a_recording_says_that_its_networks_know_drawings_only(tmp_path):
    source = workbench.source_of(table(), tmp_path)
    assert "not on people" in source.about
    assert "not what this person felt" in source.about
    assert "drawn face" in source.start_note


@pytest.mark.parametrize(("coded", "unit"), [((), 12), ((4, 12), 12), ((4,), 4)])
def test_a_recording_opens_on_a_smile_or_on_what_was_coded(tmp_path, coded, unit):
    frames = table()
    for number in coded:
        frames.intensity[2, AUS.column_of(number)] = 1
    assert workbench.source_of(frames, tmp_path).opening == ("P", unit)


def test_the_demo_opens_on_its_case_and_offers_it(tmp_path):
    rows = table("cast").rows.assign(participant="C112", camera="front")
    frames = FrameTable(rows, np.zeros((6, 1), np.float32), AUSet((17,)))
    source = workbench.source_of(frames, tmp_path)
    assert [(case.participant, case.au) for case in source.cases] == [("C112", 17)]
    assert source.opening == ("C112", 17)
    assert workbench.source_of(table("cast"), tmp_path).cases == ()


def test_a_dataset_is_opened_from_what_was_prepared_with_the_runs_that_are_named(tmp_path):
    root, runs = tmp_path / "root", small_disfa.fold_runs(tmp_path / "runs")
    small_disfa.keep(small_disfa.table(tmp_path / "crops"), root)
    environment = {"CSNVIZ_SOURCE": "dataset:disfa", "CSNVIZ_DATA_ROOT": str(root)}
    one_by_one = os.pathsep.join(map(str, sorted(runs.iterdir())))
    source = workbench.source_named({**environment, "CSNVIZ_RUNS": one_by_one})
    assert source.frames.participants == ("SN010", "SN001", "SN012")
    in_sample = workbench.source_named({**environment, "CSNVIZ_RUNS": str(runs), "CSNVIZ_IN_SAMPLE": "1"})
    assert in_sample.frames.participants == ("SN010", "SN001", "SN012", "SN003")


def test_a_dataset_without_runs_is_a_sentence_in_place_of_the_page(tmp_path):
    small_disfa.keep(small_disfa.table(tmp_path / "crops"), tmp_path)
    page = workbench.open_page({"CSNVIZ_SOURCE": "dataset:disfa", "CSNVIZ_DATA_ROOT": str(tmp_path)})
    assert "no finished run" in page.value


def test_making_a_source_loads_no_network(tmp_path):
    assert workbench.source_of(table(), tmp_path / "nowhere").frames.aus == AUS


def test_a_saved_table_is_a_source(tmp_path):
    table("cast").save(tmp_path / "frames.npz")
    source = workbench.source_named(
        {"CSNVIZ_SOURCE": str(tmp_path / "frames.npz"), "CSNVIZ_DATA_ROOT": str(tmp_path / "root")}
    )
    assert list(source.frames.rows["frame_id"]) == [f"P/{i}" for i in range(6)]


@pytest.mark.parametrize("name", ["missing.npz", "missing.mp4"])
def test_a_source_that_is_not_there_is_a_sentence_in_place_of_the_page(tmp_path, name):
    page = workbench.open_page({"CSNVIZ_SOURCE": str(tmp_path / name), "CSNVIZ_DATA_ROOT": str(tmp_path / "root")})
    assert name in page.value
    assert "Traceback" not in page.value


def test_the_notebook_is_short_stores_nothing_and_calls_the_workbench():
    notebook = json.loads(places.notebook("explore").read_text(encoding="utf-8"))
    assert all(not cell.get("outputs") for cell in notebook["cells"])
    assert "workbench.open_page()" in "".join(line for cell in notebook["cells"] for line in cell["source"])
    assert sum(len(cell["source"]) for cell in notebook["cells"]) < 20
