import os
import subprocess
import time
from dataclasses import replace

import numpy as np
import pytest

from csnviz import serving
from csnviz.errors import InputError
from csnviz.facs import DISFA
from csnviz.server_settings import Door
from csnviz.servers import Server
from csnviz.serving import Manner
from tests import small_disfa


@pytest.fixture
def handed_over(monkeypatch):
    """What would be served, without a server."""
    found = []
    monkeypatch.setattr(serving, "_serve", lambda source, root, manner, more=None, _=(): found.append((source, more)))
    return found


def test_a_dataset_is_loaded_by_the_page_itself_with_the_runs_that_were_checked_before(tmp_path, handed_over):
    runs = small_disfa.fold_runs(tmp_path / "runs")
    small_disfa.keep(small_disfa.table(tmp_path / "crops"), tmp_path / "root")
    serving.serve_dataset("disfa", None, [runs], tmp_path / "root")
    assert handed_over == [
        ("dataset:disfa", {"CSNVIZ_RUNS": str(runs.resolve()), "CSNVIZ_IN_SAMPLE": "", "CSNVIZ_CROPS": ""})
    ]
    assert not (tmp_path / "root" / "pages").exists()


def test_the_page_on_a_folder_of_drawn_people_is_told_whose_manifest_it_is(tmp_path, monkeypatch, handed_over):
    monkeypatch.setattr("csnviz.recipes.splits.open_study", lambda *_: None)
    monkeypatch.setattr("csnviz.dataset_source.dataset_source", lambda *_: None)
    serving.serve_dataset("cast", tmp_path / "drawn", [tmp_path / "runs"], tmp_path / "root")
    ((_, environment),) = handed_over
    assert environment["CSNVIZ_MANIFEST"] == str((tmp_path / "drawn" / "data_manifest").resolve())


def test_a_dataset_that_cannot_be_shown_is_a_sentence_before_any_server(tmp_path, handed_over):
    small_disfa.keep(small_disfa.table(tmp_path / "crops"), tmp_path / "root")
    with pytest.raises(InputError, match="Name the runs that were trained for disfa with --run"):
        serving.serve_dataset("disfa", None, [], tmp_path / "root")
    with pytest.raises(InputError, match="no such folder"):
        serving.serve_dataset("disfa", None, [tmp_path / "missing"], tmp_path / "root")
    with pytest.raises(InputError, match="csnviz prepare disfa --root DIR"):
        serving.serve_dataset("disfa", None, [tmp_path], tmp_path / "empty")
    assert handed_over == []


def test_the_lesson_is_its_own_notebook_under_the_data_root(tmp_path, monkeypatch):
    found = []
    monkeypatch.setattr(serving, "_serve", lambda *given: found.append(given))
    serving.serve_lesson(tmp_path)
    assert found == [("", tmp_path, replace(serving.ONE_PERSON, notebook="learn"))]


def test_a_recording_is_served_with_the_labels_that_were_named_and_wrong_ones_are_told_first(
    tmp_path, monkeypatch, handed_over
):
    table = small_disfa.table(tmp_path / "crops").select(np.arange(6))
    read, served = [], []
    monkeypatch.setattr("csnviz.data.recording.read_recording", lambda *given: read.append(given) or table)
    monkeypatch.setattr(serving, "_serve_table", lambda table, *_: served.append(table))
    labels = tmp_path / "labels.csv"
    labels.write_text(f"frame,AU12\n{small_disfa.first_index('SN010')},7\n")
    with pytest.raises(InputError, match=r"labels.csv, line 2: the label of AU12"):
        serving.serve_recording(tmp_path / "video.mp4", tmp_path, labels=labels)
    assert read == [], "before minutes of finding faces"
    labels.write_text(f"frame,AU12\n{small_disfa.first_index('SN010')},4\n")
    serving.serve_recording(tmp_path / "video.mp4", tmp_path, labels=labels)
    assert served[0].intensity[0, DISFA.column_of(12)] == 4
    assert np.isnan(served[0].intensity).sum() == served[0].intensity.size - 1


def test_a_saved_table_is_served_where_it_lies(tmp_path, handed_over):
    small_disfa.table(tmp_path / "crops").save(tmp_path / "table.npz")
    serving.serve_saved_table(tmp_path / "table.npz", tmp_path / "root")
    assert handed_over == [(str((tmp_path / "table.npz").resolve()), None)]


def test_faces_that_the_agreement_forbids_to_show_are_refused_in_one_sentence_however_they_are_named(
    tmp_path, handed_over
):
    table = small_disfa.table(tmp_path / "crops")
    table.save(tmp_path / "table.npz")
    small_disfa.keep(table, tmp_path / "root")
    shown = Manner(dashboard=True, faces="shown")
    for serve in (
        lambda: serving.serve_dataset("disfa", None, [tmp_path], tmp_path / "root", manner=shown),
        lambda: serving.serve_saved_table(tmp_path / "table.npz", tmp_path / "root", shown),
        lambda: serving._serve_table(table, tmp_path / "root", shown),
    ):
        with pytest.raises(InputError, match=r"--faces shown: the agreement of DISFA forbids .* Leave --faces away"):
            serve()
    assert handed_over == []
    serving.serve_saved_table(tmp_path / "table.npz", tmp_path / "root", replace(shown, faces="hidden"))
    assert len(handed_over) == 1


def test_a_dashboard_s_kernel_is_told_that_others_look_on_and_a_page_for_one_person_is_not():
    told = Manner(dashboard=True, faces="hidden").told
    assert told == {"CSNVIZ_DEBUG": "", "CSNVIZ_DASHBOARD": "1", "CSNVIZ_READ_ONLY": "1", "CSNVIZ_FACES": "hidden"}
    assert Manner().told == dict.fromkeys(told, "")


def test_the_greeting_tells_the_token_once_and_how_others_come(tmp_path):
    server = Server("http://127.0.0.1:8000/faces/?token=abc", subprocess.Popen(["true"]))
    door = Door(8000, names=("faces.example.org",), path="/faces/")
    words = serving._greeting(server, Manner(door=door, dashboard=True))
    assert words.count("abc") == 1
    assert "https://faces.example.org/faces/ in place of http://127.0.0.1:8000/faces/" in words
    assert "encrypted" not in words
    assert "encrypted" in serving._greeting(server, Manner(door=replace(door, ip="0.0.0.0"), dashboard=True))
    assert "this machine only" in serving._greeting(server, Manner())


def test_being_told_to_end_is_the_same_as_an_interrupt():
    with pytest.raises(KeyboardInterrupt), serving._terminated_as_interrupt():
        subprocess.run(["kill", str(os.getpid())], check=True)
        time.sleep(5)
