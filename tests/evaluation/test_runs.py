import numpy as np
import pytest

from csnviz.errors import InputError
from csnviz.evaluation.runs import overestimated_only_by, overestimates


def test_a_pause_of_five_frames_stays_one_run_and_of_six_makes_two(make):
    frames = [0, 6, 13, 14]
    table = make([[1.0], [2.0], [1.5], [1.2]], np.zeros((4, 1)), ["A"] * 4, aus=(12,), frame_index=frames)
    runs = overestimates(table)
    assert runs[["first", "last", "n"]].to_numpy().tolist() == [[0, 6, 2], [13, 14, 2]]
    assert runs["peak"].tolist() == [6, 13]
    assert runs["highest"].tolist() == [2.0, 1.5]


def test_a_run_is_found_in_the_unit_and_the_person_that_it_is_about(make):
    estimate = np.zeros((6, 2))
    estimate[4:, 1] = 3
    runs = overestimates(make(estimate, np.zeros((6, 2)), ["A", "A", "A", "B", "B", "B"]))
    assert runs[["participant", "camera", "au", "first", "last", "n"]].to_numpy().tolist() == [
        ["B", "front", "AU12", 1, 2, 2]
    ]


@pytest.mark.parametrize(("estimate", "label"), [(0.99, 0), (3, 1), (np.nan, 0), (3, np.nan)])
def test_less_than_a_trace_a_labelled_face_and_an_unknown_one_are_no_overestimates(make, estimate, label):
    assert overestimates(make([[estimate]], [[label]], ["A"], aus=(12,))).empty


def test_runs_do_not_depend_on_the_order_of_the_rows(make):
    numbers = np.array([5, 2, 9, 30, 1, 3])
    values = np.full((6, 1), 1.0)
    runs = overestimates(make(values, np.zeros((6, 1)), ["A"] * 6, aus=(12,), frame_index=numbers))
    assert runs[["first", "last", "n"]].to_numpy().tolist() == [[1, 9, 5], [30, 30, 1]]


def test_every_overestimate_is_in_exactly_one_run(crowd):
    runs = overestimates(crowd)
    assert runs["n"].sum() == ((crowd.label == 0) & (crowd.estimate >= 1)).sum()
    assert (np.diff(runs["n"]) <= 0).all()


def test_two_cameras_of_one_smile_are_two_runs(make):
    table = make(np.full((4, 1), 2.0), np.zeros((4, 1)), ["A"] * 4, aus=(12,))
    rows = table.rows.assign(camera=["left", "left", "right", "right"], frame_index=[0, 1, 0, 1])
    runs = overestimates(type(table)(**{**vars(table), "rows": rows}))
    assert runs["camera"].tolist() == ["left", "right"]


def test_what_the_reference_removed_is_named_with_person_unit_and_count(make):
    who = ["A"] * 12 + ["B"] * 12
    ncg, csn = np.full((24, 1), 1.5), np.full((24, 1), 0.2)
    csn[:5] = 0.5
    found = overestimated_only_by(make(ncg, np.zeros((24, 1)), who, (12,)), make(csn, np.zeros((24, 1)), who, (12,)))
    assert found[["participant", "au", "n"]].to_numpy().tolist() == [["B", "AU12", 12]]
    assert found.loc[0, ["one", "other"]].tolist() == pytest.approx([1.5, 0.2])


def test_swapping_the_methods_finds_what_the_reference_added(make):
    low, high = (make(np.full((10, 1), v), np.zeros((10, 1)), ["A"] * 10, aus=(12,)) for v in (0.1, 2.0))
    assert overestimated_only_by(low, high).empty
    assert overestimated_only_by(high, low)["n"].tolist() == [10]


def test_logits_are_not_read_as_intensities(make):
    with pytest.raises(InputError, match="found occurrence"):
        overestimates(make([[3.0]], [[0.0]], ["A"], aus=(12,), quantity="occurrence"))
