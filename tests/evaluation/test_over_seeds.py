from dataclasses import replace

import numpy as np
import pytest

from csnviz.errors import InputError
from csnviz.evaluation.intervals import bootstrap_difference, summarise_with_intervals
from csnviz.evaluation.over_seeds import difference_over_seeds, mean_over_seeds

KEYS = ["metric", "au", "group_by"]


def other(table, seed):
    """Another training of the method: the same frames, somewhat other estimates."""
    noise = np.random.default_rng(seed).normal(0, 0.5, table.estimate.shape).astype(np.float32)
    return replace(table, estimate=table.estimate + noise)


def test_one_training_has_the_numbers_and_intervals_that_it_has_by_itself(crowd):
    found = mean_over_seeds([crowd], draws=200)
    alone = summarise_with_intervals(crowd, draws=200).rows.query("group == 'all'")
    both = found.merge(alone, on=KEYS)
    assert len(both) == len(found)
    for name in ("value", "low", "high"):
        assert both[f"{name}_x"].to_numpy() == pytest.approx(both[f"{name}_y"].to_numpy(), nan_ok=True)


def test_two_trainings_have_the_mean_of_their_numbers_with_the_lesser_and_the_greater_beside(crowd):
    second = other(crowd, 1)
    found = mean_over_seeds([crowd, second], draws=50).set_index(KEYS).loc[("icc31", "mean", "across")]
    values = [summarise_with_intervals(table, draws=2).value("icc31", "mean", "across") for table in (crowd, second)]
    assert found["value"] == pytest.approx(np.mean(values))
    assert (found["least"], found["most"]) == pytest.approx((min(values), max(values)))
    assert found["low"] < found["value"] < found["high"]


def test_the_difference_of_single_trainings_is_the_one_that_is_known(crowd):
    second = other(crowd, 2)
    found = difference_over_seeds([crowd], [second], draws=200)
    known = bootstrap_difference(crowd, second, draws=200)
    both = found.merge(known, on=KEYS)
    assert both["value"].to_numpy() == pytest.approx(both["difference"].to_numpy(), nan_ok=True)
    assert both["low_x"].to_numpy() == pytest.approx(both["low_y"].to_numpy(), nan_ok=True)


def test_trainings_are_compared_seed_by_seed(crowd):
    firsts, seconds = [crowd, other(crowd, 3)], [other(crowd, 4), other(crowd, 5)]
    found = difference_over_seeds(firsts, seconds, draws=20).set_index(KEYS).loc[("mae", "mean", "across")]
    each = [
        summarise_with_intervals(second, draws=2).value("mae") - summarise_with_intervals(first, draws=2).value("mae")
        for first, second in zip(firsts, seconds, strict=True)
    ]
    assert (found["value"], found["least"], found["most"]) == pytest.approx((np.mean(each), min(each), max(each)))


def test_trainings_that_saw_other_frames_are_refused(crowd):
    with pytest.raises(InputError, match="not about the same frames"):
        mean_over_seeds([crowd, crowd.select(np.arange(10))])
    with pytest.raises(InputError, match="1 trainings are compared with 2"):
        difference_over_seeds([crowd], [crowd, crowd])
    with pytest.raises(InputError, match="no training"):
        mean_over_seeds([])
