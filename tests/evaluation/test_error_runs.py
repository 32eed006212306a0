import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from csnviz.errors import InputError
from csnviz.evaluation.error_runs import (
    COLUMNS,
    WHATS,
    counts_by_what,
    error_runs,
    errors_of,
    no_errors,
    peak_runs,
)
from csnviz.facs import PAPER_CUT
from csnviz.views.words import error_of


def lines(errors, *columns):
    return errors[list(columns)].to_numpy().tolist()


@pytest.fixture
def smile(make):
    """One person, AU12, by frames: labels and the estimates of two methods."""

    def of(label, ncg, csn, **changes):
        who = ["A"] * len(label)
        return tuple(make(values, label, who, (12,), name, **changes) for values, name in ((ncg, "NCG"), (csn, "CSN")))

    return of


def test_each_kind_of_error_is_found_where_it_is_made(smile):
    ncg, csn = smile([0, 0, 1, 1, 3, 3], [1.2, 0, 2.1, 0, 1.9, 3], [1.2, 0, 2.1, 0, 1.9, 3])
    apart = [replace(table, rows=table.rows.assign(frame_index=np.arange(6) * 10)) for table in (ncg, csn)]
    assert sorted(lines(error_runs(*apart, None), "kind", "what", "frame_index", "n")) == [
        ["false negative", "kept", 40, 1],
        ["false positive", "kept", 20, 1],
        ["overestimate", "kept", 0, 1],
    ]


def test_what_calibration_removes_keeps_creates_and_loses_is_told_apart(smile):
    # Five runs: removed, kept, created, lost, and a false negative removed, that is found.
    label = np.repeat([0, 0, 0, 4, 4], [4, 4, 4, 3, 3])
    ncg = [3, 3, 3, 3, *(3, 3, 3, 3), *(0, 0, 0, 3), *(4, 4, 4), *(0, 0, 0)]
    csn = [0, 0, 0, 3, *(0, 0, 3, 3), *(3, 3, 3, 3), *(0, 0, 0), *(4, 4, 4)]
    numbers = np.repeat([0, 20, 40, 60, 80], [4, 4, 4, 3, 3]) + np.array([0, 1, 2, 3] * 3 + [0, 1, 2] * 2)
    errors = error_runs(*smile(label, ncg, csn, frame_index=numbers), None)
    assert sorted(lines(errors, "first", "kind", "what", "n", "still")) == [
        [0, "false positive", "removed", 4, 1],
        [20, "false positive", "kept", 4, 2],
        [40, "false positive", "created", 4, 1],
        # NCG errs once among the frames in which CSN errs four times: that run of NCG's own is kept.
        [43, "false positive", "kept", 1, 1],
        [60, "false negative", "lost", 3, 0],
        [80, "false negative", "removed", 3, 0],
    ]
    assert counts_by_what(errors) == {"removed": 2, "kept": 2, "created": 1, "lost": 1}


def test_an_overestimate_that_is_nothing_but_a_false_positive_is_listed_once(smile):
    ncg, csn = smile([0] * 3, [2, 2.5, 2], [0] * 3)
    assert lines(error_runs(ncg, csn, None), "kind", "n") == [["false positive", 3]]


def test_an_overestimate_around_a_false_positive_is_listed_with_all_its_frames(smile):
    ncg, csn = smile([0] * 4, [1, 2.5, 1, 0], [0] * 4)
    assert lines(error_runs(ncg, csn, None), "kind", "first", "last", "n") == [
        ["overestimate", 0, 2, 3],
        ["false positive", 1, 1, 1],
    ]


def test_the_worst_frame_is_where_the_method_that_errs_is_furthest_from_the_label(smile):
    ncg, csn = smile([5, 3, 4, 0], [1, 0, 0.5, 0], [5, 3, 4, 2.5])
    bs = replace(ncg, estimate=ncg.estimate + 1, method="BS")
    found = error_runs(ncg, csn, bs).set_index("what").loc[["removed", "created"]].reset_index()
    assert lines(found, "frame_id", "label", "ncg", "bs", "csn") == [["A/0", 5, 1, 2, 5], ["A/3", 0, 0, 1, 2.5]]
    assert found["seconds"].tolist() == [0, 3 / 20]


def test_the_reference_is_not_where_one_is_led_unless_there_is_nothing_else(smile):
    ncg, csn = smile([0, 0, 0], [3, 2.5, 2.2], [0, 0, 0])
    csn = replace(csn, rows=csn.rows.assign(ref_frame_id="A/0"))
    assert lines(error_runs(ncg, csn, None), "frame_id", "n") == [["A/1", 3]]
    alone, calibrated = (table.select([0]) for table in (ncg, csn))
    assert lines(error_runs(alone, calibrated, None), "frame_id", "n") == [["A/0", 1]]


def test_without_a_calibrated_estimate_nobody_says_what_calibration_did(smile):
    ncg, csn = smile([0] * 4, [3] * 4, [np.nan] * 4)
    for calibrated in (None, csn):
        errors = error_runs(ncg, calibrated, None)
        assert lines(errors, "what", "still") == [["", 0]]
        assert np.isnan(errors["csn"]).all()
        assert counts_by_what(errors) == dict.fromkeys(WHATS, 0)


def test_frames_that_the_calibrated_method_does_not_know_do_not_count_as_removed(smile):
    ncg, csn = smile([0] * 4, [3] * 4, [np.nan, np.nan, np.nan, 3])
    assert lines(error_runs(ncg, csn, None), "what", "n", "still") == [["kept", 4, 1]]


@pytest.mark.parametrize("unknown", ["label", "estimate"])
def test_what_is_unknown_is_no_error(make, unknown):
    table = make(np.full((4, 2), 3.0), np.zeros((4, 2)), ["A"] * 4)
    blank = replace(table, **{unknown: np.full((4, 2), np.nan, np.float32)})
    assert error_runs(blank, blank, None).empty


def test_a_run_ends_with_its_video_and_bridges_five_frames(make):
    numbers = [0, 6, 13, 13, 14, 15]
    table = make(np.full((6, 1), 3.0), np.zeros((6, 1)), ["A"] * 3 + ["B"] * 3, (12,), frame_index=numbers)
    assert lines(error_runs(table, None, None), "participant", "first", "last", "n") == [
        ["B", 13, 15, 3],
        ["A", 0, 6, 2],
        ["A", 13, 13, 1],
    ]


def test_errors_are_those_that_the_page_names_in_words(crowd):
    for cut in (1.0, 1.5, PAPER_CUT, 3.0):
        found = errors_of(crowd, cut)
        for row in range(0, len(crowd), 7):
            for column, unit in enumerate(crowd.aus.units):
                word = error_of(unit, float(crowd.label[row, column]), float(crowd.estimate[row, column]), cut)
                kinds = [kind for kind, mask in found.items() if mask[row, column]]
                # A false positive may be an overestimate too; the page then names the first.
                assert kinds[:1] == ([word] if word else [])


def brute_force(ncg, csn, cut):
    """Runs found frame by frame: {(kind, what, participant, au, first, last, n, still)}."""
    masks = [errors_of(table, cut) for table in (ncg, csn)]
    found = set()
    for by, (mine, others) in enumerate((masks, masks[::-1])):
        for kind in mine:
            for (participant, _), part in ncg.rows.groupby(["participant", "video"]):
                part = part.sort_values("frame_index")
                for column, au in enumerate(ncg.aus.numbers):
                    run = []
                    for row, number in [*zip(part.index, part["frame_index"], strict=True), (None, 10**9)]:
                        if row is not None and not mine[kind][row, column]:
                            continue
                        if run and number - run[-1][1] > 6:
                            found |= told(kind, by, run, column, au, participant, mine, others, csn)
                            run = []
                        run.append((row, number))
    return found


def told(kind, by, run, column, au, participant, mine, others, csn):
    rows = [row for row, _ in run]
    if kind == "overestimate" and all(mine["false positive"][row, column] for row in rows):
        return set()
    still = sum(bool(others[kind][row, column]) for row in rows)
    known = len(rows) if by else sum(not np.isnan(csn.estimate[row, column]) for row in rows)
    if by:
        what = "" if 2 * still >= len(rows) else "lost" if kind == "false negative" else "created"
        if not what:
            return set()
    else:
        what = "" if not known else "removed" if 2 * still < known else "kept"
    return {(kind, what, participant, au, run[0][1], run[-1][1], len(rows), still)}


@pytest.mark.parametrize("seed", range(6))
def test_runs_are_those_that_counting_frame_by_frame_gives(crowd, seed):
    random = np.random.default_rng(seed)
    estimate = crowd.estimate + random.normal(0, 1.5, crowd.estimate.shape).astype(np.float32)
    estimate[random.random(estimate.shape) < 0.2] = np.nan
    label = np.where(random.random(crowd.label.shape) < 0.5, 0, crowd.label).astype(np.float32)
    # Rows in any order, numbers with holes, two videos for some.
    shuffled = random.permutation(len(crowd))
    rows = crowd.rows.assign(
        frame_index=crowd.rows["frame_index"] * random.integers(1, 4), video=crowd.rows["frame_index"] // 30
    )
    ncg = replace(crowd, rows=rows, label=label).select(shuffled)
    csn = replace(crowd, rows=rows, label=label, estimate=estimate).select(shuffled)
    cut = float(random.choice([1.5, 2.0, 3.0]))
    errors = error_runs(ncg, csn, None, cut)
    wanted = brute_force(ncg, csn, cut)
    columns = ["kind", "what", "participant", "au", "first", "last", "n", "still"]
    assert {tuple(line) for line in lines(errors, *columns)} == wanted
    assert len(errors) == len(wanted)
    assert (np.diff(errors["n"]) <= 0).all()


def test_runs_do_not_depend_on_the_order_of_the_rows(crowd):
    mixed = np.random.default_rng(1).permutation(len(crowd))
    columns = ["kind", "participant", "au", "first", "last", "n", "frame_id"]
    found = [
        {tuple(line) for line in lines(error_runs(table, None, None), *columns)}
        for table in (crowd, crowd.select(mixed))
    ]
    assert found[0] == found[1]


def test_every_column_has_its_kind_and_a_table_without_errors_has_them_all(crowd):
    errors = error_runs(crowd, crowd, crowd)
    assert tuple(errors.columns) == COLUMNS == tuple(no_errors().columns)
    assert errors["au"].dtype.kind == errors["first"].dtype.kind == errors["still"].dtype.kind == "i"
    assert tuple(error_runs(crowd.select([]), None, None).columns) == COLUMNS
    assert pd.concat([no_errors(), errors])["au"].dtype.kind == "i"


def test_without_labels_the_frames_in_which_a_unit_seems_present_are_offered(smile):
    label = [np.nan] * 5 + [0]
    ncg, csn = smile(label, [2, 3, np.nan, 1.9, 2.5, 3], [0, 2, 0, 0, 0, 0])
    assert lines(peak_runs(ncg, csn, None), "kind", "what", "first", "last", "n", "frame_id", "still") == [
        ["peak", "", 0, 4, 3, "A/1", 1]
    ]
    assert error_runs(ncg, csn, None)["first"].tolist() == [5]


def test_logits_and_other_peoples_frames_are_refused(make, crowd):
    logits = make([[3.0]], [[0.0]], ["A"], aus=(12,), quantity="occurrence")
    with pytest.raises(InputError, match="found occurrence"):
        error_runs(logits, None, None)
    with pytest.raises(InputError, match="not about the same frames"):
        error_runs(crowd, crowd.select(np.arange(len(crowd))[::-1]), None)


def test_a_person_of_the_largest_dataset_is_quick(make):
    random = np.random.default_rng(3)
    shape = (4845, 12)
    aus = (1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26)
    label = random.integers(0, 6, shape) * (random.random(shape) < 0.2)
    tables = [make(label + random.normal(0, 1, shape), label, ["A"] * 4845, aus) for _ in range(3)]
    begun = time.perf_counter()
    error_runs(*tables)
    # 60 ms on a quiet core; the rest is for a busy one.
    assert time.perf_counter() - begun < 1.0
