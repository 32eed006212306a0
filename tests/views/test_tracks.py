from dataclasses import replace

import numpy as np
import pytest

from csnviz.data.tables import PredictionTable
from csnviz.errors import InputError
from csnviz.evaluation.error_runs import error_runs
from csnviz.facs import AUSet
from csnviz.views.people import Person
from csnviz.views.source import Standing
from csnviz.views.tracks import FALSE_NEGATIVE, FALSE_POSITIVE, NOTHING, OVER, errors, in_bytes, make_tracks

NAN = np.nan


def numbers(*rows):
    return np.array(rows, np.float32)


def test_every_number_comes_back_within_half_a_byte_and_none_stays_none():
    values = np.linspace(-1, 5, 601, dtype=np.float32)[:, None]
    back = in_bytes(values) / 254 * 6 - 1
    assert np.abs(back - values).max() <= 6 / 254 / 2 + 1e-6
    assert in_bytes(numbers([NAN, -3, 9])).tolist() == [[NOTHING, 0, 254]]


def test_each_kind_of_error_is_told_by_label_estimate_and_cut():
    label = numbers([0, 1, 2, 3, 0, 0, NAN, 0])
    estimate = numbers([2, 2.5, 1.9, 3, 1, 0.9, 5, NAN])
    expected = [FALSE_POSITIVE, FALSE_POSITIVE, FALSE_NEGATIVE, 0, OVER, 0, 0, 0]
    assert errors(label, estimate, 2.0).tolist() == [expected]


def test_another_cut_makes_other_errors_but_the_same_overestimates():
    label, estimate = numbers([0, 0, 3]), numbers([1.5, 3.5, 2.5])
    assert errors(label, estimate, 3.0).tolist() == [[OVER, FALSE_POSITIVE, FALSE_NEGATIVE]]
    assert errors(label, estimate, 1.0).tolist() == [[FALSE_POSITIVE, FALSE_POSITIVE, 0]]


def test_an_estimate_just_below_the_cut_is_no_false_positive_although_its_byte_is_the_cut_s():
    label, estimate = numbers([1]), numbers([1.9999])
    assert in_bytes(estimate) == in_bytes(numbers([2]))
    assert errors(label, estimate, 2.0).tolist() == [[0]]


def test_a_recording_is_sent_unit_after_unit_without_what_says_nothing():
    label, usable = numbers([0, 5], [5, 0], [0, 0]), np.array([True, True, False])
    ncg = numbers([0, 5], [5, 0], [NAN, NAN])
    tracks = make_tracks((4, 12), {"label": label, "ncg": ncg}, usable, 2.0)
    sent = tracks.everything
    assert list(sent) == ["label", "ncg", "usable"]
    assert list(sent["ncg"]) == [42, 254, NOTHING, 254, 42, NOTHING]
    assert list(sent["usable"]) == [1, 1, 0]
    assert tracks.calibrated == {}


def test_another_reference_changes_only_the_methods_that_use_it():
    shape = (5, 2)
    values = {key: np.full(shape, 2.5, np.float32) for key in ("ncg", "bs", "csn")} | {
        "label": np.zeros(shape, np.float32)
    }
    tracks = make_tracks((4, 12), values, np.ones(5, bool), 2.0)
    assert list(tracks.calibrated) == ["bs", "csn", "csn_errors"]
    assert set(tracks.everything) == {"label", "ncg", "ncg_errors", "bs", "csn", "csn_errors", "usable"}
    assert set(tracks.calibrated["csn_errors"]) == {FALSE_POSITIVE}


def test_numbers_of_other_frames_are_refused():
    with pytest.raises(InputError, match=r"3 frames and 2 AUs needs ncg in that shape; found \(4, 2\)"):
        make_tracks((4, 12), {"ncg": np.zeros((4, 2), np.float32)}, np.ones(3, bool), 2.0)


def test_a_unit_with_a_threshold_of_its_own_errs_on_the_timeline_as_in_the_docket(source):
    first = source.frames.of("P1", "front")
    label = np.where(np.arange(len(first)) < 6, 0.0, 1.0).astype(np.float32)[:, None]
    frames = replace(first, intensity=label, aus=AUSet((43,)))
    estimate = np.where(label == 0, 1.4, 0.4).astype(np.float32)
    table = PredictionTable(frames.rows, label, estimate, frames.aus, "intensity", "NCG", "NCG", {})
    tracks = replace(Person.of(frames, "", Standing()), ncg=table).tracks(2.0)
    assert tracks.ncg_errors[:, 0].tolist() == [FALSE_POSITIVE] * 6 + [FALSE_NEGATIVE] * 6
    docket = error_runs(table, None, None)
    assert {(run.kind, run.first, run.last) for run in docket.itertuples() if run.kind != "overestimate"} == {
        ("false positive", 0, 5), ("false negative", 6, 11)
    }  # fmt: skip
