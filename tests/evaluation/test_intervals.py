from dataclasses import replace

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


def stretched(metric, value):
    """The scale on which a metric's interval is symmetric."""
    if metric in ("icc31", "pcc"):
        return np.arcsin(value)
    return np.sqrt(value) if metric in ("mae", "mse") else np.arcsin(np.sqrt(value))


def place_and_error(table, make):
    """Every number about everybody with its jackknife standard error, each person left out by building the table anew."""
    names = list(table.rows["participant"].unique())
    less_one = [summarise(table.select((table.rows["participant"] != name).to_numpy())) for name in names]
    found = {}
    for row in summarise(table).rows.query("group == 'all'").itertuples():
        left = [stretched(row.metric, part.value(row.metric, row.au, row.group_by)) for part in less_one]
        error = np.sqrt((len(names) - 1) * np.var(left))
        found[row.metric, row.au, row.group_by] = stretched(row.metric, row.value), error
    return found


def test_every_interval_equals_that_of_drawing_people_and_leaving_each_out_by_hand(crowd, make):
    four = crowd.select(crowd.rows["participant"].isin(["P0", "P1", "P2", "P3"]).to_numpy())
    whole = place_and_error(four, make)
    draws = [place_and_error(repeated(four, make, taken), make) for taken in drawn_people(four, 4, 3)]
    by_sums = bootstrap_intervals(four, draws=4, seed=3)
    assert len(by_sums) == len(whole) == 8 * 3 * 2
    found = 0
    for row in by_sums.itertuples():
        key = row.metric, row.au, row.group_by
        place, error = whole[key]
        defined = [draw[key] for draw in draws if np.isfinite(draw[key][0])]
        distances = [abs(there - place) / spread if spread > 1e-9 else np.inf for there, spread in defined]
        reach = max(distances, default=np.inf) * max(error, 1e-9)
        if not np.isfinite(reach) or error < 1e-9:
            assert np.isnan([row.low, row.high]).all(), row
            assert row.draws == 0
            continue
        found += 1
        assert row.draws == len(defined), row
        for end, there in ((row.low, place - reach), (row.high, place + reach)):
            lowest = -np.pi / 2 if row.metric in ("icc31", "pcc") else 0
            highest = np.inf if row.metric in ("mae", "mse") else np.pi / 2
            assert stretched(row.metric, end) == pytest.approx(np.clip(there, lowest, highest), abs=1e-3), row
    assert found > 20


def test_people_who_are_all_alike_give_no_sign_of_how_others_would_differ(make):
    label = np.tile([[0.0], [2.0], [5.0]], (4, 1))
    icc = interval(
        bootstrap_intervals(make(label * 0.8, label, np.repeat(list("ABCD"), 3), aus=(12,)), 50), "icc31", "AU12"
    )
    assert np.isnan([icc["low"], icc["high"]]).all()
    assert icc["draws"] == 0


def test_more_frames_of_the_same_people_do_not_make_us_surer(crowd, make):
    doubled = make(np.tile(crowd.estimate, (2, 1)), np.tile(crowd.label, (2, 1)), list(crowd.rows["participant"]) * 2)
    once, twice = bootstrap_intervals(crowd, draws=200), bootstrap_intervals(doubled, draws=200)
    for metric in ("icc31", "f1", "mae"):
        a, b = interval(once, metric, "AU01"), interval(twice, metric, "AU01")
        assert (a["low"], a["high"]) == pytest.approx((b["low"], b["high"]), abs=1e-6)


@pytest.mark.parametrize("names", [["P1"], ["P1", "P2"]])
def test_one_or_two_participants_give_numbers_without_an_interval(crowd, names):
    few = crowd.select(crowd.rows["participant"].isin(names).to_numpy())
    rows = summarise_with_intervals(few, draws=20).rows
    assert rows.query("metric == 'mae' and group_by == 'across'")["value"].notna().all()
    assert rows["low"].isna().all()
    assert (rows["draws"] == 0).all()
    assert bootstrap_difference(few, few, draws=20)["low"].isna().all()


def test_an_interval_stands_beside_the_number_it_is_about(crowd):
    rows = summarise_with_intervals(crowd, draws=400).rows
    pooled = rows[(rows["group_by"] != "participant") & (rows["draws"] > 0)]
    assert {"icc31", "mae", "f1", "recall", "accuracy"} <= set(pooled["metric"])
    inside = (pooled["low"] <= pooled["value"]) & (pooled["value"] <= pooled["high"])
    assert inside.all()
    assert rows.loc[rows["group_by"] == "participant", "low"].isna().all()
    assert len(rows) == len(summarise(crowd).rows)


@pytest.mark.parametrize(("carriers", "sure"), [(1, False), (2, False), (8, True)])
def test_a_number_that_too_few_people_carry_has_no_interval(make, carriers, sure):
    label, estimate = np.zeros((10, 10)), np.tile(np.arange(10) / 10, (10, 1)).T
    for person in range(carriers):
        label[person, :5] = 4
        estimate[person, : 1 + person % 4] = 4
    table = make(estimate, label, np.repeat(list("ABCDEFGHIJ"), 10), aus=(12,))
    rows = bootstrap_intervals(table, draws=200)
    recall, mae = interval(rows, "recall", "AU12"), interval(rows, "mae", "AU12")
    assert (recall["low"] < recall["high"]) == (recall["draws"] > 0) == sure
    assert mae["draws"] == 200, "errors are told from everybody"


def test_draws_in_which_a_number_is_undefined_are_counted_out(make):
    rng = np.random.default_rng(5)
    who = np.repeat(list("ABCDEF"), 20)
    label = rng.integers(0, 2, (120, 1)) * 4.0
    label[np.isin(who, list("DEF"))] = np.nan
    table = make(np.nan_to_num(label) + rng.normal(0, 2, label.shape), label, who, aus=(12,))
    # A third of the draws hold fewer than two of the coded people, too many for an interval of 95 %.
    mae = interval(bootstrap_intervals(table, draws=500, coverage=0.6), "mae", "AU12")
    draws = [set(taken) for taken in drawn_people(table, 500, 0)]
    assert mae["draws"] == sum(bool(taken & set("ABC")) and len(taken) > 1 for taken in draws) < 500
    assert mae["low"] < mae["high"]


def test_intervals_stay_within_the_range_of_their_metric(make):
    rng = np.random.default_rng(2)
    label = rng.integers(0, 6, (40, 1))
    table = make(label + rng.normal(0, 3, label.shape), label, np.repeat(list("ABCD"), 10), aus=(12,))
    rows = bootstrap_intervals(table, draws=200)
    shares = rows[rows["metric"].isin(["f1", "precision", "recall", "accuracy"])]
    assert shares["low"].min() >= 0
    assert shares["high"].max() <= 1
    assert rows["high"].max() > 1, "errors may be larger"
    assert rows.query("metric in ('icc31', 'pcc')")["low"].min() >= -1


def test_the_same_seed_gives_the_same_interval(crowd):
    assert bootstrap_intervals(crowd, 30, seed=5).equals(bootstrap_intervals(crowd, 30, seed=5))


def test_a_method_that_is_better_for_everybody_is_surely_better(crowd, make):
    nearer = make((crowd.estimate + 3 * crowd.label) / 4, crowd.label, list(crowd.rows["participant"]), method="nearer")
    rows = bootstrap_difference(crowd, nearer, draws=200)
    icc = interval(rows, "icc31", "AU01")
    expected = summarise(nearer).value("icc31", "AU01") - summarise(crowd).value("icc31", "AU01")
    assert icc["difference"] == pytest.approx(expected, abs=1e-6)
    assert 0 < icc["low"] < icc["difference"] < icc["high"]


def test_a_method_beside_itself_differs_by_nothing(crowd):
    rows = bootstrap_difference(crowd, crowd, draws=50)
    assert (rows["difference"].abs() < 1e-12).all()
    assert rows["low"].isna().all(), "no sign of what other people would do"


def test_methods_on_different_frames_are_not_compared(crowd):
    with pytest.raises(InputError, match="not about the same frames"):
        bootstrap_difference(crowd, crowd.of("P1"))


def test_a_person_in_whom_nothing_varies_is_left_out_of_within_in_every_draw(make):
    # The still person's values have no exact binary form and lie far from the others', so rounding leaves a trace of spread.
    rng = np.random.default_rng(1)
    label = np.concatenate([np.full(50, 5.0), rng.integers(0, 4, 350)])
    estimate = np.concatenate([np.full(50, 9.1), rng.normal(label[50:], 1)])
    who = np.repeat(["still", *"ABCDEFG"], 50)
    table, perfect = (make(values, label, who, aus=(12,)) for values in (estimate, label))
    within = interval(bootstrap_difference(perfect, table, draws=100), "icc31", "AU12", "within")
    values = [summarise(table).value("icc31", "AU12", "participant", name) for name in "ABCDEFG"]
    assert within["difference"] == pytest.approx(np.mean(values) - 1, abs=1e-6)
    assert within["low"] < within["difference"] < within["high"]


def test_a_mean_of_two_people_has_no_interval_whoever_else_was_there(crowd):
    label = crowd.label.copy()
    label[~crowd.rows["participant"].isin(["P0", "P1"]).to_numpy(), 0] = 0
    rows = bootstrap_intervals(replace(crowd, label=label), draws=100)
    assert np.isnan(interval(rows, "recall", "AU01", "within")["low"])
    assert np.isfinite(interval(rows, "mae", "AU01", "within")["low"])
