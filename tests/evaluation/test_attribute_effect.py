import numpy as np
import pandas as pd
import pytest

from csnviz.errors import InputError
from csnviz.evaluation.attribute_effect import EFFECT_KEYS, effects, mean_intervals, share_covered
from csnviz.evaluation.intervals import AS_IT_IS, interval_from, values_of_draws

KEY = "change", "AU09", "across"


def changes_of(values: dict[str, float], method: str = "NCG") -> pd.DataFrame:
    key = {"attribute": "eyeglasses", "au": "AU09", "frames": "label 0", "changed": "image", "method": method}
    return pd.DataFrame([{**key, "participant": name, "change": change} for name, change in values.items()])


def test_the_interval_of_a_mean_is_the_one_that_every_other_number_gets():
    values = np.random.default_rng(2).gamma(1.5, 1.0, 17)

    def means(weights):
        return {KEY: weights @ values / weights.sum(axis=1)}

    low, high, _ = interval_from(*values_of_draws(means, 17, 500, 7)[KEY], AS_IT_IS, 0.95)
    found = mean_intervals(values[:, None], draws=500, seed=7)
    assert (found.low[0], found.high[0]) == pytest.approx((low, high), rel=1e-9)


def test_the_interval_lies_alike_on_both_sides_of_the_mean_and_is_as_wide_as_people_differ():
    values = np.array([1.0, 2.0, 3.0, 4.0, 10.0])
    found = mean_intervals(np.stack([values, 3 * values], axis=1))
    assert found.mean == pytest.approx([4.0, 12.0])
    assert found.high - found.mean == pytest.approx(found.mean - found.low)
    assert found.high[1] - found.low[1] == pytest.approx(3 * (found.high[0] - found.low[0]))
    assert found.high[0] - found.mean[0] > 2 * values.std(ddof=1) / np.sqrt(5)


@pytest.mark.parametrize("values", [[0.5, 0.5, 0.5, 0.5], [0.1, 0.7], [0.0, 0.0, 0.0, 1.0]])
def test_people_who_are_alike_or_too_few_carry_no_interval(values):
    found = mean_intervals(np.array(values)[:, None])
    assert found.mean[0] == pytest.approx(np.mean(values))
    assert np.isnan(found.low[0])
    assert np.isnan(found.high[0])


def test_an_effect_is_the_mean_over_the_people_who_have_such_frames():
    values = {"A": 0.2, "B": 0.4, "C": np.nan, "D": 0.9}
    rows = effects(pd.concat([changes_of(values), changes_of({"A": 1.0}, "CSN")]))
    ncg, csn = rows.iloc[0], rows.iloc[1]
    assert list(ncg[EFFECT_KEYS]) == ["eyeglasses", "AU09", "label 0", "image", "NCG"]
    assert (ncg["change"], ncg["people"]) == (pytest.approx(0.5), 3)
    assert ncg["low"] < 0.5 < ncg["high"]
    assert (csn["change"], csn["people"]) == (1.0, 1)
    assert np.isnan(csn["low"])


def test_a_person_who_stands_twice_in_one_group_is_named():
    with pytest.raises(InputError, match="A: two changes of AU09 by eyeglasses"):
        effects(pd.concat([changes_of({"A": 1.0}), changes_of({"A": 2.0})]))
    with pytest.raises(InputError, match="needs the column change"):
        effects(changes_of({"A": 1.0}).drop(columns="change"))


def test_intervals_of_twenty_people_hold_the_mean_of_the_pool_in_about_95_of_100_cohorts():
    rng = np.random.default_rng(5)
    # Skewed, normal, and a change that every other person shows at all.
    pool = np.stack(
        [rng.gamma(2, 1, 400), rng.normal(0.3, 0.5, 400), rng.normal(1, 0.2, 400) * (rng.random(400) < 0.5)], 1
    )
    covered = share_covered(pool, people=20, cohorts=300, draws=300)
    assert covered.exact == pytest.approx(pool.mean(axis=0))
    # 300 cohorts at .95 have a standard error of .013.
    assert (covered.share > 0.91).all(), covered.share
    assert (covered.share < 0.99).all(), covered.share
    assert (covered.width > 3 * pool.std(axis=0) / np.sqrt(20)).all()


def test_a_cohort_without_an_interval_counts_as_a_miss():
    covered = share_covered(np.full((50, 1), 0.4), cohorts=10)
    assert covered.share[0] == 0.0
    assert np.isnan(covered.width[0])
    with pytest.raises(InputError, match="Every person of a pool"):
        share_covered(np.array([[1.0], [np.nan]]))
