from dataclasses import replace
from itertools import combinations_with_replacement

import numpy as np
import pytest

from csnviz.errors import InputError
from csnviz.evaluation.separation import CLIP, CLIPS_ALIKE, POOLED, Pairs, clips_that_tell, separation, told_units

CLIPS = ("A", "B", "C", "D")
OFFSET = {"A": 0.0, "B": 2.0, "C": -1.0, "D": 0.5}


def share_won(events, neutral):
    """The area, pair by pair: an event above a neutral frame is won, one just as high is won by half."""
    pairs = [(one > other) + (one == other) / 2 for one in events for other in neutral]
    return sum(pairs) / len(pairs)


@pytest.fixture
def filmed():
    """Four clips, 8 event frames and 12 to 18 neutral ones of two units, each person's looks added; whole steps, so many ties."""
    rng = np.random.default_rng(3)
    who = np.concatenate([np.repeat(clip, 20 + 2 * place) for place, clip in enumerate(CLIPS)])
    shown = np.concatenate([np.repeat([1.0, 0.0], [8, 12 + 2 * place]) for place in range(len(CLIPS))])
    shown = np.stack([shown, shown], axis=1).astype(np.float32)
    looks = np.array([OFFSET[clip] for clip in who])
    return who, shown, (rng.integers(0, 3, shown.shape) + shown + looks[:, None]).astype(np.float32)


def value(rows, au, method, group_by=POOLED, group="all"):
    found = rows.query("au == @au and method == @method and group_by == @group_by and group == @group")
    assert len(found) == 1
    return found.iloc[0]


def methods_of(make, filmed, shift=0.0):
    """A method, and one that knows what each person's looks add."""
    who, _, estimate = filmed
    looks = np.array([OFFSET[clip] for clip in who])[:, None]
    return {
        "NCG": make(estimate + shift, estimate * np.nan, who),
        "CSN": make(estimate - looks, estimate * np.nan, who),
    }


def test_a_pooled_area_is_the_share_of_pairs_won_over_all_clips_ties_half(make, filmed):
    who, shown, estimate = filmed
    rows = separation(told_units(methods_of(make, filmed), shown))
    for column, au in enumerate(("AU01", "AU12")):
        events, neutral = (estimate[shown[:, column] == what, column] for what in (1, 0))
        line = value(rows, au, "NCG")
        assert line["value"] == pytest.approx(share_won(events, neutral))
        assert (line["n_clips"], line["n_events"], line["n_neutral"]) == (4, len(events), len(neutral))
        for clip in CLIPS:
            here = [estimate[(shown[:, column] == what) & (who == clip), column] for what in (1, 0)]
            assert value(rows, au, "NCG", CLIP, clip)["value"] == pytest.approx(share_won(*here))


def test_with_clips_alike_each_pair_of_clips_speaks_as_loud_as_another(make, filmed):
    who, shown, estimate = filmed
    rows = separation(told_units(methods_of(make, filmed), shown))
    of = {(clip, what): estimate[(who == clip) & (shown[:, 0] == what), 0] for clip in CLIPS for what in (1, 0)}
    expected = np.mean([share_won(of[one, 1], of[other, 0]) for one in CLIPS for other in CLIPS])
    assert value(rows, "AU01", "NCG", CLIPS_ALIKE)["value"] == pytest.approx(expected)


def test_a_constant_per_person_changes_no_clip_alone_and_the_pooled_area(make, filmed):
    rows = separation(told_units(methods_of(make, filmed), filmed[1]), [("CSN", "NCG")])
    for clip in CLIPS:
        assert value(rows, "AU01", "CSN - NCG", CLIP, clip)["value"] == 0
    gain = value(rows, "AU01", "CSN - NCG")
    assert gain["value"] == value(rows, "AU01", "CSN")["value"] - value(rows, "AU01", "NCG")["value"] > 0.05
    assert gain["low"] < gain["value"] < gain["high"]


def test_a_constant_for_everybody_changes_nothing(make, filmed):
    one, other = (separation(told_units(methods_of(make, filmed, shift), filmed[1])) for shift in (0.0, 4.0))
    assert one["value"].tolist() == other["value"].tolist()


def test_a_clip_taken_twice_counts_like_its_frames_twice_and_one_left_out_not_at_all(filmed):
    who, shown, estimate = filmed
    pairs = Pairs.of(estimate[:, 0], shown[:, 0], who, CLIPS)
    for taken in ("AABD", "BCD", "CCCD", "A"):
        drawn = np.concatenate([np.flatnonzero(who == clip) for clip in taken])
        events, neutral = (estimate[drawn, 0][shown[drawn, 0] == what] for what in (1, 0))
        weights = np.array([[taken.count(clip) for clip in CLIPS]])
        assert pairs.pooled(weights)[0] == pytest.approx(share_won(events, neutral))
    assert np.isnan(pairs.pooled(np.zeros((1, 4), np.int64))[0])


def test_a_clip_with_too_few_neutral_frames_lends_none_of_them_to_the_others(make, filmed):
    who, shown, estimate = filmed
    shown[np.flatnonzero((who == "B") & (shown[:, 1] == 0))[9:], 1] = np.nan
    first, second = told_units(methods_of(make, filmed), shown)
    assert first.clips == CLIPS
    assert second.clips == ("A", "C", "D")
    events, neutral = (estimate[(shown[:, 1] == what) & (who != "B"), 1] for what in (1, 0))
    assert value(separation([second]), "AU12", "NCG")["value"] == pytest.approx(share_won(events, neutral))


def test_a_frame_without_a_face_counts_nowhere(make, filmed):
    who, shown, _ = filmed
    methods = methods_of(make, filmed)
    lost = np.flatnonzero((who == "A") & (shown[:, 0] == 0))[:3]
    blank = {name: replace(table, estimate=table.estimate.copy()) for name, table in methods.items()}
    for table in blank.values():
        table.estimate[lost] = np.nan
    assert told_units(blank, shown)[0].clips == ("B", "C", "D"), "nine neutral frames with a face are too few"
    unknown = shown.copy()
    unknown[lost] = np.nan
    assert separation(told_units(blank, shown)).equals(separation(told_units(methods, unknown)))


def test_a_unit_that_two_clips_tell_of_does_not_count(make, filmed):
    who, shown, _ = filmed
    shown[np.isin(who, ["A", "B"]) & (shown[:, 1] == 1), 1] = np.nan
    assert clips_that_tell(shown[:, 1], who) == ("C", "D")
    rows = separation(told_units(methods_of(make, filmed), shown))
    assert set(rows["au"]) == {"AU01", "mean"}
    assert value(rows, "mean", "CSN")["value"] == value(rows, "AU01", "CSN")["value"]
    nothing = np.full_like(shown, np.nan)
    assert separation(told_units(methods_of(make, filmed), nothing)).empty


def test_the_mean_is_that_of_units_which_different_clips_tell_of(make, filmed):
    who, shown, _ = filmed
    shown[(who == "A"), 0] = np.nan
    shown[(who == "D"), 1] = np.nan
    rows = separation(told_units(methods_of(make, filmed), shown))
    mean, units = value(rows, "mean", "NCG"), [value(rows, au, "NCG") for au in ("AU01", "AU12")]
    assert mean["value"] == pytest.approx(np.mean([unit["value"] for unit in units]))
    assert [unit["n_clips"] for unit in units] == [3, 3]
    assert mean["n_clips"] == 4
    assert mean["n_events"] == sum(unit["n_events"] for unit in units)


def test_an_interval_holds_its_number_and_leaves_no_area(make, filmed):
    rows = separation(told_units(methods_of(make, filmed), filmed[1]), [("CSN", "NCG")])
    pooled = rows[(rows["group_by"] != CLIP) & (rows["draws"] > 0)]
    assert len(pooled) == 3 * 2 * 3, "two units and their mean, two groupings, two methods and a difference"
    assert ((pooled["low"] <= pooled["value"]) & (pooled["value"] <= pooled["high"])).all()
    areas = pooled[pooled["method"] != "CSN - NCG"]
    assert areas["low"].min() >= 0
    assert areas["high"].max() <= 1
    assert rows.loc[rows["group_by"] == CLIP, "low"].isna().all()


def test_the_interval_of_three_clips_is_the_range_of_their_ten_draws(make, filmed):
    who, shown, estimate = filmed
    shown[who == "D"] = np.nan
    line = value(separation(told_units(methods_of(make, filmed), shown)), "AU01", "NCG")
    areas = []
    for taken in combinations_with_replacement("ABC", 3):
        drawn = np.concatenate([np.flatnonzero(who == clip) for clip in taken])
        areas.append(share_won(*(estimate[drawn, 0][shown[drawn, 0] == what] for what in (1, 0))))
    assert len(areas) == 10
    assert (line["low"], line["high"]) == pytest.approx((min(areas), max(areas)))


def test_clips_that_all_agree_leave_no_width(make, filmed):
    who, shown, _ = filmed
    perfect = make(shown, shown * np.nan, who)
    line = value(separation(told_units({"CSN": perfect}, shown)), "AU01", "CSN")
    assert (line["value"], line["low"], line["high"]) == (1, 1, 1)


def test_methods_on_different_frames_are_not_compared(make, filmed):
    methods = methods_of(make, filmed)
    with pytest.raises(InputError, match="not about the same frames"):
        told_units(methods | {"BS": methods["NCG"].of("A")}, filmed[1])
