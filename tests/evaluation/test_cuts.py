from dataclasses import replace

import numpy as np
import pytest

from csnviz.errors import InputError
from csnviz.evaluation.cuts import cuts, tuned_cuts
from csnviz.evaluation.intervals import bootstrap_difference
from csnviz.evaluation.metrics import occurrence_scores
from csnviz.evaluation.summary import summarise


def test_the_tuned_cut_is_as_good_as_the_best_of_all_that_can_be_tried(make):
    rng = np.random.default_rng(3)
    label = rng.integers(0, 2, (60, 1)).astype(float)
    table = make(label + rng.normal(0, 0.8, (60, 1)), label, ["A"] * 60, aus=(12,), quantity="occurrence")
    cut = tuned_cuts(table)["AU12"]
    estimate = table.estimate[:, 0].astype(float)
    tried = [occurrence_scores(estimate, label[:, 0], float(at), 1.0).f1 for at in np.unique(estimate)]
    assert occurrence_scores(estimate, label[:, 0], cut, 1.0).f1 == pytest.approx(max(tried))


def test_the_cut_lies_midway_and_of_equally_good_ones_is_the_highest(make):
    logits, label = np.array([[-1], [0.2], [0.8], [3.0]]), np.array([[0], [0], [1], [1]])
    assert tuned_cuts(make(logits, label, ["A"] * 4, (12,), quantity="occurrence"))["AU12"] == pytest.approx(0.5)
    # Below 3 one of one is right and one is missed, below 0 two of four: F1 2/3 both times.
    logits, label = np.array([[0], [1], [2], [3.0]]), np.array([[1], [0], [0], [1]])
    assert tuned_cuts(make(logits, label, ["A"] * 4, (12,), quantity="occurrence"))["AU12"] == pytest.approx(2.5)


def test_equal_estimates_are_never_cut_apart(make):
    table = make(np.full((4, 1), 0.3), np.array([[1], [0], [0], [1]]), ["A"] * 4, (12,), quantity="occurrence")
    assert tuned_cuts(table)["AU12"] < 0.3


def test_a_unit_that_no_training_person_shows_keeps_its_usual_cut(make):
    table = make([[0.1, 5.0], [4.0, 0.2]], [[0, 5], [0, 0]], ["A"] * 2)
    assert list(tuned_cuts(table)) == ["AU12"]
    tuned = replace(table, provenance={"cuts": tuned_cuts(table)})
    assert cuts(tuned)[0].tolist() == [[2.0, pytest.approx(2.6)]] * 2


def test_a_table_without_frames_has_no_best_cut(make):
    with pytest.raises(InputError, match="no frame to tune"):
        tuned_cuts(make(np.zeros((2, 1)), np.zeros((2, 1)), ["A"] * 2, (12,)).select([]))


def test_scores_and_intervals_use_the_cut_that_the_table_carries(make):
    rng = np.random.default_rng(1)
    label = rng.integers(0, 2, (80, 1)).astype(float)
    who = np.repeat(list("ABCD"), 20)
    shifted = make(label + rng.normal(3, 0.4, (80, 1)), label, who, aus=(12,), quantity="occurrence")
    tuned = replace(shifted, provenance={"cuts": {"AU12": 3.5}})
    assert summarise(shifted).value("recall") == 1
    assert summarise(tuned).value("f1") == occurrence_scores(tuned.estimate[:, 0], label[:, 0], 3.5, 1.0).f1
    gap = bootstrap_difference(shifted, tuned, draws=20).query(
        "metric == 'f1' and au == 'AU12' and group_by == 'across'"
    )
    assert gap["difference"].iloc[0] == pytest.approx(summarise(tuned).value("f1") - summarise(shifted).value("f1"))


def test_pooled_folds_keep_each_participants_own_cut(make):
    table = make(np.zeros((4, 1)), np.zeros((4, 1)), ["A", "A", "B", "C"], aus=(12,), quantity="occurrence")
    both = replace(table, provenance={"cuts": {"A": {"AU12": 0.5}, "B": {"AU12": -0.5}}})
    assert cuts(both)[0].ravel().tolist() == [0.5, 0.5, -0.5, 0.0]


def test_a_tuned_cut_changes_neither_error_nor_agreement(crowd):
    tuned = replace(crowd, provenance={"cuts": {"AU01": 0.7}})
    for metric in ("icc31", "pcc", "mae", "mse"):
        assert summarise(tuned).value(metric) == summarise(crowd).value(metric)
    assert summarise(tuned).value("recall", "AU01") > summarise(crowd).value("recall", "AU01")
