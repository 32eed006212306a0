import json

import numpy as np
import pytest

from csnviz import places, workbench
from csnviz.data.tables import FrameTable, make_rows
from csnviz.facs import AUSet

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


def test_a_person_starts_with_the_first_fit_frame_as_reference():
    shut_at_first = [0.1, 0.2, 1.0, 1.0, 1.0, 1.0]
    references = workbench.first_fit_references(table(eye_opening=shut_at_first))
    assert references.frame_id_for("P", "own") == "P/2"
    assert list(references.rows["chosen_by"]) == ["automatic"]
    assert list(workbench.first_fit_references(table(labels=0.0)).rows["chosen_by"]) == ["labels"]


def test_a_person_who_never_rests_starts_without_a_reference():
    assert workbench.first_fit_references(table(labels=3.0)).rows.empty


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
