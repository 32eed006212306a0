import numpy as np
import pandas as pd
import pytest
from scipy import stats

from csnviz.errors import InputError
from csnviz.evaluation.bias_groups import attribute_differences, comparisons_in_words, group_differences, holm

WITH, WITHOUT = ["A", "B", "C"], ["D", "E", "F", "G"]
ATTRIBUTES = pd.DataFrame(
    [(who, "eyeglasses", "present", "drawn") for who in WITH]
    + [(who, "eyeglasses", "absent", "drawn") for who in WITHOUT]
    + [("H", "eyeglasses", "not annotated", ""), ("I", "eyeglasses", "unsure", "person")],
    columns=["participant", "attribute", "value", "by"],
)
RATES = {"A": 0.5, "B": 0.7, "C": 0.9, "D": 0.0, "E": 0.1, "F": 0.2, "G": 0.3, "H": 1.0, "I": 1.0}


def by_person(rates, au="AU09", method="NCG", measure="overestimate"):
    lines = [(method, measure, au, who, value) for who, value in rates.items()]
    return pd.DataFrame(lines, columns=["method", "measure", "au", "participant", "value"])


def test_a_difference_has_the_standard_error_of_welch_and_the_freedom_of_the_smaller_group():
    first, second = np.array([0.5, 0.7, 0.9]), np.array([0.0, 0.1, 0.2, 0.3])
    found = group_differences(first[:, None], second[:, None])
    error = np.sqrt(first.var(ddof=1) / 3 + second.var(ddof=1) / 4)
    reach = stats.t.ppf(0.975, 2) * error
    assert found.difference[0] == pytest.approx(0.55)
    assert (found.low[0], found.high[0]) == (pytest.approx(0.55 - reach), pytest.approx(0.55 + reach))
    assert found.p[0] == pytest.approx(2 * stats.t.sf(0.55 / error, 2))


def test_somebody_without_a_value_is_left_out_and_not_counted():
    first = np.array([[0.5, 0.5], [0.7, np.nan], [0.9, 0.7], [np.nan, 0.9]])
    second = np.array([[0.0, 0.0], [0.2, 0.2], [0.4, 0.4]])
    found = group_differences(first, second)
    assert list(found.first) == [3, 3]
    assert found.low[0] == pytest.approx(found.low[1])


@pytest.mark.parametrize(
    ("first", "second"),
    [([0.1, 0.2], [0.1, 0.2, 0.3]), ([0.0, 0.0, 0.0], [0.1, 0.2, 0.3]), ([0.1, 0.2, 0.3], [np.nan, 0.4, 0.2])],
)
def test_too_few_people_or_people_who_are_alike_carry_no_interval(first, second):
    found = group_differences(np.array(first)[:, None], np.array(second)[:, None])
    assert found.difference[0] == pytest.approx(np.nanmean(first) - np.nanmean(second))
    assert np.isnan([found.low[0], found.high[0], found.p[0]]).all()


def test_a_group_of_nobody_leaves_the_difference_undefined():
    found = group_differences(np.zeros((0, 1)), np.array([[0.1], [0.2], [0.3]]))
    assert np.isnan(found.difference[0])
    assert (found.first[0], found.second[0]) == (0, 3)


def test_an_attribute_holds_those_who_have_it_against_those_who_have_not_and_counts_the_others():
    line = attribute_differences(by_person(RATES), ATTRIBUTES).iloc[0]
    assert (line["method"], line["au"], line["attribute"], line["by"]) == ("NCG", "AU09", "eyeglasses", "drawn")
    assert line["difference"] == pytest.approx(0.7 - 0.15)
    assert (line["with_mean"], line["without_mean"]) == (pytest.approx(0.7), pytest.approx(0.15))
    assert tuple(line[["with_people", "without_people", "unknown", "undefined"]]) == (3, 4, 2, 0)


def test_people_with_no_such_frame_are_counted_as_undefined():
    line = attribute_differences(by_person({**RATES, "G": np.nan}), ATTRIBUTES).iloc[0]
    assert tuple(line[["with_people", "without_people", "undefined"]]) == (3, 3, 1)
    assert line["without_mean"] == pytest.approx(0.1)


def test_comparisons_are_corrected_within_a_method_and_a_measure():
    other = {who: value + (who in "BE") * 0.3 for who, value in RATES.items()}
    lines = pd.concat([by_person(RATES), by_person(other, "AU12"), by_person(RATES, method="CSN")])
    found = attribute_differences(lines, ATTRIBUTES).set_index(["method", "au"])
    assert list(found.loc["NCG", "tests"]) == [2, 2]
    assert found.loc[("CSN", "AU09"), "tests"] == 1
    assert found.loc[("CSN", "AU09"), "holm"] == found.loc[("CSN", "AU09"), "p"]
    ps = found.loc["NCG", "p"].to_numpy()
    np.testing.assert_allclose(np.sort(found.loc["NCG", "holm"]), np.sort([2 * ps.min(), max(2 * ps.min(), ps.max())]))


def test_holm_by_hand():
    # .01 x 3, then .03 x 2 = .06, then .04 x 1 raised to .06.
    np.testing.assert_allclose(holm(np.array([0.04, 0.01, np.nan, 0.03])), [0.06, 0.03, np.nan, 0.06])
    assert holm(np.array([0.9, 0.8])).max() == 1.0


def test_errors_that_most_people_never_meet_are_marked():
    mostly_none = {**RATES, "D": 0.0, "E": 0.0, "F": 0.0}
    assert attribute_differences(by_person(mostly_none), ATTRIBUTES)["rare"].iloc[0]
    assert not attribute_differences(by_person(RATES), ATTRIBUTES)["rare"].iloc[0]


def test_the_words_say_how_many_people_and_how_many_intervals_there_are():
    lines = pd.concat([by_person(RATES), by_person(RATES, method="CSN")])
    words = comparisons_in_words(attribute_differences(lines, ATTRIBUTES), "eyeglasses")
    assert words.startswith("3 people with, 4 without, 2 unknown. 2 intervals are shown, of which about 0.1")
    assert "After Holm's correction for all 1 comparisons" in words
    with pytest.raises(InputError, match="no comparison by beard"):
        comparisons_in_words(attribute_differences(lines, ATTRIBUTES), "beard")
    few = attribute_differences(by_person({"A": 0.1, "D": 0.2}), ATTRIBUTES)
    assert comparisons_in_words(few, "eyeglasses").startswith("1 person with, 1 without: too few")


def test_an_attribute_that_nobody_says_to_have_seen_is_refused():
    guessed = ATTRIBUTES.assign(by="")
    with pytest.raises(InputError, match="A: eyeglasses is present, but nobody says who saw it"):
        attribute_differences(by_person(RATES), guessed)
    with pytest.raises(InputError, match="A: two rows about eyeglasses"):
        attribute_differences(by_person(RATES), pd.concat([ATTRIBUTES, ATTRIBUTES]))
    with pytest.raises(InputError, match="needs the column by"):
        attribute_differences(by_person(RATES), ATTRIBUTES.drop(columns="by"))
    with pytest.raises(InputError, match="A: two lines of NCG, overestimate, AU09"):
        attribute_differences(pd.concat([by_person(RATES), by_person(RATES)]), ATTRIBUTES)


def test_without_attributes_there_is_nothing_to_compare():
    assert attribute_differences(by_person(RATES), ATTRIBUTES.iloc[:0]).empty
