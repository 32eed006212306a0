import os
import subprocess
import time

import numpy as np
import pytest

from csnviz import serving
from csnviz.errors import InputError
from csnviz.facs import DISFA
from tests import small_disfa


@pytest.fixture
def handed_over(monkeypatch):
    """What would be served, without a server."""
    found = []
    monkeypatch.setattr(serving, "_serve", lambda source, *_: found.append((source, _[-1])))
    return found


def test_a_dataset_is_loaded_by_the_page_itself_with_the_runs_that_were_checked_before(tmp_path, handed_over):
    runs = small_disfa.fold_runs(tmp_path / "runs")
    small_disfa.keep(small_disfa.table(tmp_path / "crops"), tmp_path / "root")
    serving.serve_dataset("disfa", None, [runs], tmp_path / "root")
    assert handed_over == [
        ("dataset:disfa", {"CSNVIZ_RUNS": str(runs.resolve()), "CSNVIZ_IN_SAMPLE": "", "CSNVIZ_CROPS": ""})
    ]
    assert not (tmp_path / "root" / "pages").exists()


def test_a_dataset_that_cannot_be_shown_is_a_sentence_before_any_server(tmp_path, handed_over):
    small_disfa.keep(small_disfa.table(tmp_path / "crops"), tmp_path / "root")
    with pytest.raises(InputError, match="Name the runs that were trained for disfa with --run"):
        serving.serve_dataset("disfa", None, [], tmp_path / "root")
    with pytest.raises(InputError, match="no such folder"):
        serving.serve_dataset("disfa", None, [tmp_path / "missing"], tmp_path / "root")
    with pytest.raises(InputError, match="csnviz prepare disfa --root DIR"):
        serving.serve_dataset("disfa", None, [tmp_path], tmp_path / "empty")
    assert handed_over == []


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


def test_being_told_to_end_is_the_same_as_an_interrupt():
    with pytest.raises(KeyboardInterrupt), serving._terminated_as_interrupt():
        subprocess.run(["kill", str(os.getpid())], check=True)
        time.sleep(5)
