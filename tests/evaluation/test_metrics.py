import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from csnviz.evaluation.metrics import icc31, mae, mse, occurrence_scores, pcc

SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)
"""Six targets seen by four judges (Shrout and Fleiss 1979, table 2); their ICC(3,1) over all four is .71."""


def anova_icc31(ratings: np.ndarray) -> float:
    """ICC(3,1) from mean squares, for any number of raters: the textbook's road, which the metric does not take."""
    n, k = ratings.shape
    between = k * ((ratings.mean(1) - ratings.mean()) ** 2).sum() / (n - 1)
    within = ((ratings - ratings.mean(1, keepdims=True)) ** 2).sum()
    raters = n * ((ratings.mean(0) - ratings.mean()) ** 2).sum()
    error = (within - raters) / ((n - 1) * (k - 1))
    return (between - error) / (between + (k - 1) * error)


def one_way_and_two_way_random(ratings: np.ndarray) -> tuple[float, float]:
    """ICC(1,1) and ICC(2,1) from the same mean squares, which the published table gives too."""
    n, k = ratings.shape
    between = k * ((ratings.mean(1) - ratings.mean()) ** 2).sum() / (n - 1)
    within = ((ratings - ratings.mean(1, keepdims=True)) ** 2).sum()
    raters = n * ((ratings.mean(0) - ratings.mean()) ** 2).sum()
    inside, judges, error = within / (n * (k - 1)), raters / (k - 1), (within - raters) / ((n - 1) * (k - 1))
    return (
        (between - inside) / (between + (k - 1) * inside),
        (between - error) / (between + (k - 1) * error + k * (judges - error) / n),
    )


def test_the_textbook_road_gives_the_published_values_for_four_judges():
    assert anova_icc31(SHROUT_FLEISS) == pytest.approx(0.715, abs=5e-4)
    assert one_way_and_two_way_random(SHROUT_FLEISS) == (pytest.approx(0.166, abs=5e-4), pytest.approx(0.290, abs=5e-4))


@pytest.mark.parametrize(("one", "other"), [(a, b) for a in range(4) for b in range(a)])
def test_for_every_two_of_the_published_judges_the_metric_equals_the_mean_squares(one, other):
    pair = SHROUT_FLEISS[:, [one, other]]
    assert icc31(pair[:, 0], pair[:, 1]) == pytest.approx(anova_icc31(pair), abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_the_metric_equals_the_mean_squares_on_any_estimates(seed):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 6, 40).astype(float)
    estimate = rng.normal(label * rng.normal(), 1)
    assert icc31(estimate, label) == pytest.approx(anova_icc31(np.stack([estimate, label], 1)), abs=1e-12)


def test_eight_frames_worked_out_elsewhere_give_eleven_twelfths():
    estimate, label = np.array([0, 1, 2, 3, 4, 5, 0, 1.0]), np.array([0, 0, 2, 3, 5, 4, 1, 1.0])
    assert icc31(estimate, label) == pytest.approx(11 / 12, abs=1e-12)


def test_a_constant_shift_of_all_estimates_changes_no_icc_but_a_stretch_does():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 6, 60).astype(float)
    estimate = label + rng.normal(0, 1, 60)
    assert icc31(estimate + 3.7, label) == pytest.approx(icc31(estimate, label), abs=1e-12)
    assert icc31(3 * estimate, label) < icc31(estimate, label) - 0.1


def test_a_method_that_always_says_the_same_about_a_moving_face_has_icc_0():
    assert icc31(np.full(5, 0.1), np.array([0, 1, 2, 3, 4.0])) == 0


def test_a_moving_estimate_on_a_still_face_has_icc_0():
    assert icc31(np.array([0, 1, 2, 3, 4.0]), np.full(5, 0.1)) == 0


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_when_neither_face_nor_estimate_moves_the_icc_is_undefined(kind):
    # 0.1 has no exact binary form, so a spread from rounding alone would show here.
    assert np.isnan(icc31(np.full(1000, 0.1, kind), np.full(1000, 0.3, kind)))


def test_fewer_than_two_frames_with_label_and_estimate_leave_the_icc_undefined():
    assert np.isnan(icc31(np.array([1.0, np.nan, 2.0]), np.array([1.0, 2.0, np.nan])))


@pytest.mark.parametrize("seed", range(5))
def test_correlation_and_squared_error_are_those_of_numpy(seed):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 6, 50).astype(float)
    estimate = rng.normal(0.3 * label, 1)
    assert pcc(estimate, label) == pytest.approx(np.corrcoef(estimate, label)[0, 1], abs=1e-12)
    assert mse(estimate, label) == pytest.approx(np.var(estimate - label) + np.mean(estimate - label) ** 2)
    assert abs(pcc(estimate, label)) >= abs(icc31(estimate, label))
    assert pcc(7 * estimate + 3, label) == pytest.approx(pcc(estimate, label), abs=1e-12)


def test_correlation_is_undefined_when_one_of_the_two_never_moves():
    moving, still = np.array([0, 1, 2, 3, 4.0]), np.full(5, 0.1)
    assert np.isnan([pcc(moving, still), pcc(still, moving), pcc(still, still), pcc(moving[:1], moving[:1])]).all()


@pytest.mark.parametrize("seed", range(5))
def test_f1_and_accuracy_are_those_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 6, 70).astype(float)
    estimate = label + rng.normal(0, 2, 70)
    coded, estimated = label >= 2, estimate >= 2
    scores = occurrence_scores(estimate, label)
    assert (scores.f1, scores.accuracy) == (f1_score(coded, estimated), accuracy_score(coded, estimated))
    hits = (coded & estimated).sum()
    assert scores.f1 == pytest.approx(2 * hits / (coded.sum() + estimated.sum()))


def test_frames_without_a_face_or_a_label_change_no_metric():
    estimate, label = np.array([0, 1, 2, 5, 3.0]), np.array([0, 2, 1, 4, 0.0])
    wide = np.concatenate([estimate, [np.nan, 3.0]]), np.concatenate([label, [5.0, np.nan]])
    assert icc31(*wide) == icc31(estimate, label)
    assert mae(*wide) == mae(estimate, label) == (0 + 1 + 1 + 1 + 3) / 5
    assert mse(*wide) == mse(estimate, label) == (0 + 1 + 1 + 1 + 9) / 5
    assert pcc(*wide) == pcc(estimate, label)
    assert occurrence_scores(*wide) == occurrence_scores(estimate, label)


def test_an_absent_unit_that_the_method_never_sees_has_accuracy_1_and_no_f1():
    scores = occurrence_scores(np.array([0.4, 1.9, 0.0]), np.array([0.0, 1.0, 0.0]))
    assert scores.accuracy == 1
    assert np.isnan([scores.f1, scores.precision, scores.recall]).all()


def test_an_absent_unit_that_the_method_sees_once_has_f1_0_and_no_recall():
    scores = occurrence_scores(np.array([2.0, 0.0]), np.array([1.0, 0.0]))
    assert (scores.f1, scores.precision, scores.accuracy) == (0, 0, 0.5)
    assert np.isnan(scores.recall)


def test_slight_is_present_and_trace_is_not():
    scores = occurrence_scores(np.array([2.0, 1.99]), np.array([2.0, 1.0]))
    assert scores == (1, 1, 1, 1)


def test_without_any_frame_every_metric_is_undefined():
    nothing = np.full(3, np.nan)
    scores = [metric(nothing, nothing) for metric in (icc31, pcc, mae, mse)]
    assert np.isnan([*scores, *occurrence_scores(nothing, nothing)]).all()
