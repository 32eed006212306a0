from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from csnviz import page_starts
from csnviz.data.manifest import read_manifest
from csnviz.data.tables import FrameTable, ReferenceTable, make_rows
from csnviz.facs import AUSet

AUS = AUSet((4, 12))


def table(labels: float = np.nan, **view: object) -> FrameTable:
    """Six frames of one person without pictures."""
    rows = make_rows(
        {
            "frame_id": [f"P/{i}" for i in range(6)], "dataset": "cast", "participant": "P", "camera": "own", "video": "v",
            "source": "", "timestamp": np.nan, "frame_index": np.arange(6), **view,
        }
    )  # fmt: skip
    return FrameTable(rows, np.full((6, 2), labels, np.float32), AUS)


def test_a_person_starts_with_the_first_fit_frame_as_reference():
    shut_at_first = [0.1, 0.2, 1.0, 1.0, 1.0, 1.0]
    references = page_starts.starting_references(table(eye_opening=shut_at_first))
    assert references.frame_id_for("P", "own") == "P/2"
    assert list(references.rows["chosen_by"]) == ["automatic"]
    assert list(page_starts.starting_references(table(labels=0.0)).rows["chosen_by"]) == ["labels"]


def test_a_person_who_never_rests_starts_without_a_reference():
    assert page_starts.starting_references(table(labels=3.0)).rows.empty


def test_a_reference_that_somebody_wants_comes_first_where_it_has_a_face():
    wanted = ReferenceTable.empty().with_reference("P", "own", "P/4", "authors", "theirs")
    assert page_starts.starting_references(table(), wanted).frame_id_for("P", "own") == "P/4"
    faceless = table(reason=["", "", "", "", "no face found", ""])
    assert page_starts.starting_references(faceless, wanted).frame_id_for("P", "own") == "P/0"
    elsewhere = ReferenceTable.empty().with_reference("P", "own", "P/99", "authors")
    assert page_starts.starting_references(table(), elsewhere).frame_id_for("P", "own") == "P/0"


@pytest.fixture
def manifest(monkeypatch):
    """The cast's manifest with one case of P, whose frames are numbered from 1 there."""
    read = read_manifest("cast")
    case = {
        "name": "A case",
        "participant": "P",
        "camera": "own",
        "au": "12",
        "reference": "3",
        "first": "2",
        "last": "5",
    }
    numbers = {**read.words, "frame_numbers": {"references": 1}}
    made = replace(read, words=numbers, cases=pd.DataFrame([{**case, "note": "why"}]))
    monkeypatch.setattr(page_starts, "read_manifest", lambda name: made)
    return made


def test_a_case_counts_its_frames_as_the_table_does(manifest):
    (case,) = page_starts.cases_among(table())
    assert (case.reference, case.first, case.last, case.note) == ("P/2", 1, 4, "why")


def test_a_case_of_somebody_or_something_that_is_not_here_is_not_offered(manifest):
    assert page_starts.cases_among(table().coding(AUSet((4,)))) == ()
    assert page_starts.cases_among(table(participant="Q")) == ()
    assert page_starts.cases_among(table(camera="front")) == ()


def test_a_reference_number_that_several_videos_have_names_no_frame(manifest):
    (case,) = page_starts.cases_among(table(frame_index=[0, 1, 2, 0, 1, 2], video=["v"] * 3 + ["w"] * 3))
    assert case.reference == ""


def test_the_users_own_reference_comes_before_the_manifests_where_it_has_a_face():
    wanted = ReferenceTable.empty().with_reference("P", "own", "P/4", "authors")
    own = ReferenceTable.empty().with_reference("P", "own", "P/3", "labels", "mine")
    references = page_starts.starting_references(table(), wanted, own)
    assert references.rows[["frame_id", "chosen_by", "note"]].to_numpy().tolist() == [["P/3", "labels", "mine"]]
    assert page_starts.starting_references(table(), None, own).frame_id_for("P", "own") == "P/3"
    faceless = table(reason=["", "", "", "no face found", "", ""])
    assert page_starts.starting_references(faceless, wanted, own).frame_id_for("P", "own") == "P/4"
