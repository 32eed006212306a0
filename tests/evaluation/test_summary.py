import numpy as np
import pytest

from csnviz.errors import InputError
from csnviz.evaluation.metrics import icc31, occurrence_scores
from csnviz.evaluation.summary import MetricTable, summarise


def test_across_pools_everybodys_frames(crowd):
    numbers = summarise(crowd)
    assert numbers.value("icc31", "AU12") == icc31(crowd.estimate[:, 1], crowd.label[:, 1])
    assert numbers.value("f1", "AU01") == occurrence_scores(crowd.estimate[:, 0], crowd.label[:, 0]).f1


def test_within_is_the_mean_of_the_people_in_whom_the_unit_can_be_judged(crowd):
    people = [crowd.of(name) for name in ("P0", "P1", "P2", "P4", "P5")]
    f1 = [occurrence_scores(one.estimate[:, 1], one.label[:, 1]).recall for one in people]
    numbers = summarise(crowd)
    assert numbers.value("recall", "AU12", "within") == pytest.approx(np.mean(f1))
    row = numbers.rows.query("metric == 'recall' and au == 'AU12' and group_by == 'within'").iloc[0]
    assert row["n_undefined"] == 1, "P3 never smiles, so nobody can say how many of P3's smiles were found"
    assert row["n_frames"] == sum((~np.isnan(one.estimate[:, 1] + one.label[:, 1])).sum() for one in people)


def test_the_mean_over_units_is_plain_and_counts_those_it_leaves_out(make):
    table = make([[0, 0], [3, 0], [4, 0]], [[0, 0], [2, 0], [5, 0]], ["A"] * 3)
    numbers = summarise(table)
    assert numbers.value("f1") == numbers.value("f1", "AU01") == 1
    assert numbers.value("mae") == pytest.approx((2 / 3 + 0) / 2)
    counts = numbers.rows.query("au == 'mean' and group_by == 'across'").set_index("metric")["n_undefined"]
    assert counts["f1"] == 1
    assert counts["mae"] == 0


def test_a_constant_shift_per_person_changes_that_persons_icc_nowhere_and_the_pooled_one_somewhere(crowd, make):
    shift = dict(zip(("P0", "P1", "P2", "P3", "P4", "P5"), (0, 3, -2, 5, 1, -4), strict=True))
    who = crowd.rows["participant"]
    moved = make(crowd.estimate + who.map(shift).to_numpy()[:, None], crowd.label, list(who))
    before, after = summarise(crowd), summarise(moved)
    for name in shift:
        for au in ("AU01", "AU12"):
            was = before.value("icc31", au, "participant", name)
            assert after.value("icc31", au, "participant", name) == pytest.approx(was, abs=1e-6)
    assert after.value("icc31", "AU01") < before.value("icc31", "AU01") - 0.1


def test_frames_and_positives_are_counted_where_label_and_estimate_meet(make):
    table = make([[0], [np.nan], [3], [1]], [[2], [4], [np.nan], [0]], ["A", "A", "B", "B"], aus=(12,))
    rows = summarise(table).rows.query("metric == 'mae' and au == 'AU12'").set_index(["group_by", "group"])
    assert rows.loc[("across", "all"), ["n_frames", "n_positive"]].tolist() == [2, 1]
    assert rows.loc[("participant", "B"), ["n_frames", "n_positive"]].tolist() == [1, 0]


def test_closed_eyes_count_from_the_first_step_and_other_units_from_the_second(make):
    table = make([[1, 1], [0, 0]], [[1, 1], [0, 0]], ["A", "A"], aus=(43, 12))
    numbers = summarise(table)
    assert numbers.value("recall", "AU43") == 1
    assert np.isnan(numbers.value("recall", "AU12"))


def test_occurrence_logits_are_cut_at_0_and_have_no_icc(make):
    table = make([[0.1], [-0.1], [0.4], [-2]], [[1], [0], [0], [0]], ["A"] * 4, aus=(12,), quantity="occurrence")
    numbers = summarise(table)
    assert numbers.value("precision", "AU12") == 0.5
    assert numbers.value("accuracy", "AU12") == 0.75
    assert set(numbers.rows["metric"]) == {"f1", "precision", "recall", "accuracy"}


def test_a_number_that_is_not_in_the_table_is_not_made_up(crowd):
    with pytest.raises(InputError, match="0 rows for icc31, AU02"):
        summarise(crowd).value("icc31", "AU02")


def test_two_methods_stand_in_one_table_under_their_names(crowd, make):
    other = make(crowd.estimate, crowd.label, list(crowd.rows["participant"]), method="other")
    both = summarise(crowd).beside(summarise(other))
    assert isinstance(both, MetricTable)
    assert set(both.rows["method"]) == {"made", "other"}
