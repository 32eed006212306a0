import numpy as np
import pytest

from csnviz.recipes.bias_coverage import (
    SITUATIONS,
    Offsets,
    Situation,
    bootstrap_t,
    measured,
    of_the_bench,
    pooled,
    welch,
)

COMMON = Situation("common", -0.6, 0.7, 0.8)


def test_the_true_difference_is_that_of_very_many_people():
    random = np.random.default_rng(1)
    for situation in (COMMON, Offsets("offsets", True, 0.5, 1.5)):
        first, second = (situation.rates(200_000, 1, effect, random).mean() for effect in (situation.effect, 0.0))
        assert situation.exact() == pytest.approx(first - second, abs=0.01)


def test_the_bench_holds_what_it_promises_with_six_of_twenty_seven_where_errors_are_not_rare():
    random = np.random.default_rng(2)
    held = {
        each.name: measured(each, 6, of_the_bench, 4000, random).held for each in SITUATIONS if "rare" not in each.name
    }
    assert len(held) == 7
    # 4,000 cohorts have a standard error of .003. Too high is too careful: with normal offsets Hsu's freedom holds .97.
    assert min(held.values()) > 0.93, held
    assert max(held.values()) < 0.98, held


def test_the_bench_is_known_to_hold_too_little_where_errors_are_rare_and_the_attribute_brings_them():
    rare = next(each for each in SITUATIONS if each.name.startswith("rare errors, effect"))
    assert 0.83 < measured(rare, 6, of_the_bench, 4000, np.random.default_rng(3)).held < 0.91


def test_students_interval_holds_too_little_where_the_smaller_group_is_the_more_varied():
    skewed = next(each for each in SITUATIONS if each.name.startswith("skewed rates, effect"))
    both = {
        each: measured(skewed, 6, each, 4000, np.random.default_rng(4)).held for each in (pooled, welch, of_the_bench)
    }
    assert both[pooled] < 0.9 < both[welch] < both[of_the_bench]


def test_bootstrap_t_is_measured_on_the_same_cohorts():
    found = measured(COMMON, 13, bootstrap_t, 200, np.random.default_rng(5))
    # 200 cohorts at .95 have a standard error of .015.
    assert 0.89 < found.held <= 1.0
    assert found.none == 0.0
