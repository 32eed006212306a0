import numpy as np
import pytest

from csnviz.errors import InputError
from csnviz.evaluation.intervals import bootstrap_difference, bootstrap_intervals, summarise_with_intervals
from csnviz.evaluation.summary import summarise


def interval(rows, metric, au, group_by="across"):
    return rows.query("metric == @metric and au == @au and group_by == @group_by").iloc[0]


def repeated(crowd, make, taken, method="made"):
    """The people of one draw as a table: whoever is taken twice stands in it as two people."""
    parts = [crowd.of(name) for name in taken]
    who = [
        f"{name} {place}" for place, (name, part) in enumerate(zip(taken, parts, strict=True)) for _ in range(len(part))
    ]
    estimate, label = (np.concatenate([getattr(p, what) for p in parts]) for what in ("estimate", "label"))
    return make(estimate, label, who, method=method)


def drawn_people(crowd, draws, seed):
    names = list(crowd.rows["participant"].unique())
    counts = np.random.default_rng(seed).multinomial(len(names), [1 / len(names)] * len(names), size=draws)
    return [np.repeat(names, line) for line in counts]


def test_every_interval_equals_that_of_drawing_people_and_counting_again(crowd, make):
    by_sums = bootstrap_intervals(crowd, draws=8, seed=3)
    tables = [summarise(repeated(crowd, make, taken)) for taken in drawn_people(crowd, 8, 3)]
    assert len(by_sums) == 6 * 3 * 2
    for row in by_sums.itertuples():
        values = [table.value(row.metric, row.au, row.group_by) for table in tables]
        expected = np.nanquantile(values, [0.025, 0.975])
        assert (row.low, row.high) == pytest.approx(tuple(expected), abs=1e-6), row
        assert row.draws == np.isfinite(values).sum()


def test_people_who_are_all_alike_leave_nothing_unsure(make):
    label = np.tile([[0.0], [2.0], [5.0]], (4, 1))
    rows = bootstrap_intervals(make(label * 0.8, label, np.repeat(list("ABCD"), 3), aus=(12,)), draws=50)
    icc = interval(rows, "icc31", "AU12")
    assert icc["low"] == pytest.approx(icc["high"], abs=1e-9)


def test_more_frames_of_the_same_people_do_not_make_us_surer(crowd, make):
    doubled = make(np.tile(crowd.estimate, (2, 1)), np.tile(crowd.label, (2, 1)), list(crowd.rows["participant"]) * 2)
    once, twice = bootstrap_intervals(crowd, draws=200), bootstrap_intervals(doubled, draws=200)
    for metric in ("icc31", "f1", "mae"):
        a, b = interval(once, metric, "AU01"), interval(twice, metric, "AU01")
        assert (a["low"], a["high"]) == pytest.approx((b["low"], b["high"]), abs=1e-6)


def test_one_participant_gives_numbers_without_an_interval(crowd):
    rows = summarise_with_intervals(crowd.of("P1"), draws=20).rows
    assert rows.query("metric == 'mae' and group_by == 'across'")["value"].notna().all()
    assert rows["low"].isna().all()
    assert (rows["draws"] == 0).all()


def test_an_interval_stands_beside_the_number_it_is_about(crowd):
    rows = summarise_with_intervals(crowd, draws=400).rows
    pooled = rows[rows["group_by"] != "participant"]
    assert (pooled["draws"] > 0).all()
    inside = (pooled["low"] <= pooled["value"]) & (pooled["value"] <= pooled["high"])
    assert inside.all()
    assert rows.loc[rows["group_by"] == "participant", "low"].isna().all()
    assert len(rows) == len(summarise(crowd).rows)


def test_a_unit_that_one_person_alone_shows_is_undefined_in_draws_without_that_person(make):
    label = np.zeros((30, 1))
    label[:3] = 4
    rows = bootstrap_intervals(make(label, label, np.repeat(list("ABC"), 10), aus=(12,)), draws=300)
    share = interval(rows, "f1", "AU12")["draws"] / 300
    assert share == pytest.approx(1 - (2 / 3) ** 3, abs=0.08)


def test_the_same_seed_gives_the_same_interval(crowd):
    assert bootstrap_intervals(crowd, 30, seed=5).equals(bootstrap_intervals(crowd, 30, seed=5))


def test_a_method_that_is_better_for_everybody_is_surely_better(crowd, make):
    nearer = make((crowd.estimate + 3 * crowd.label) / 4, crowd.label, list(crowd.rows["participant"]), method="nearer")
    rows = bootstrap_difference(crowd, nearer, draws=200)
    icc = interval(rows, "icc31", "mean")
    expected = summarise(nearer).value("icc31") - summarise(crowd).value("icc31")
    assert icc["difference"] == pytest.approx(expected, abs=1e-6)
    assert 0 < icc["low"] < icc["difference"] < icc["high"]


def test_a_method_beside_itself_differs_by_nothing(crowd):
    rows = bootstrap_difference(crowd, crowd, draws=50)
    assert (rows[["difference", "low", "high"]].abs() < 1e-12).all(axis=None)


def test_methods_on_different_frames_are_not_compared(crowd):
    with pytest.raises(InputError, match="not about the same frames"):
        bootstrap_difference(crowd, crowd.of("P1"))


def test_a_person_in_whom_nothing_varies_is_left_out_of_within_in_every_draw(make):
    # The still person's values have no exact binary form and lie far from the others', so rounding leaves a trace of spread.
    rng = np.random.default_rng(1)
    label = np.concatenate([np.full(50, 5.0), rng.integers(0, 4, 100)])
    estimate = np.concatenate([np.full(50, 9.1), rng.normal(label[50:], 1)])
    table = make(estimate, label, ["still"] * 50 + ["B"] * 50 + ["C"] * 50, aus=(12,))
    within = interval(bootstrap_intervals(table, draws=300), "icc31", "AU12", "within")
    values = [summarise(table).value("icc31", "AU12", "participant", name) for name in ("B", "C")]
    assert (within["low"], within["high"]) == pytest.approx((min(values), max(values)), abs=1e-6)
    assert within["draws"] < 300, "in some draws the still person comes alone"
