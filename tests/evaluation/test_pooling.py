import json
from dataclasses import replace

import numpy as np
import pytest

from csnviz.data.tables import PredictionTable
from csnviz.errors import InputError
from csnviz.evaluation.cuts import cuts
from csnviz.evaluation.pooling import Group, read_runs, run_folders
from csnviz.facs import AUSet
from tests.evaluation.made_runs import estimates_of, keep_folds, keep_run, people_of

AUS = AUSet((4, 12))
NCG, CSN = "IR50 (NCG)", "CSN-IR50-Stage4"
FOLDS = people_of({"1": 2, "2": 1, "3": 2})


def changed(run, name="m0", table=None, **words):
    """The table of a run, rewritten with other words in its provenance, or another table."""
    path = run / "predictions" / f"{name}.npz"
    table = table or PredictionTable.load(path)
    replace(table, provenance={**table.provenance, **words}).save(path)
    return run


def test_the_folds_of_a_method_become_one_table_with_everybody_once(tmp_path):
    runs = keep_folds(tmp_path, FOLDS, AUS, [NCG, CSN])
    read = read_runs(runs)
    group = Group("disfa", "disfa", "intensity")
    assert set(read.methods) == {(group, NCG), (group, CSN)}
    pooled = read.methods[group, NCG]
    assert sorted(pooled.table.rows["participant"].unique()) == ["P01", "P02", "P03", "P04", "P05"]
    assert len(pooled.table) == 5 * 12
    assert (pooled.folds, pooled.n_folds, pooled.training_counts) == (("1", "2", "3"), 3, (3, 4, 3))
    alone = estimates_of(FOLDS["2"], AUS, NCG)
    assert np.array_equal(pooled.table.of("P03").estimate[0], alone.estimate[alone.row_of("disfa/P03/0")])
    assert list(pooled.table.rows["frame_id"]) == list(read.methods[group, CSN].table.rows["frame_id"])


def test_the_order_in_which_runs_are_named_changes_nothing(tmp_path):
    runs = keep_folds(tmp_path, FOLDS, AUS, [NCG])
    one, other = (next(iter(read_runs(order).methods.values())) for order in (runs, runs[::-1]))
    assert one.folds == other.folds
    assert np.array_equal(one.table.estimate, other.table.estimate)


def test_fold_10_comes_after_fold_9(tmp_path):
    runs = keep_folds(tmp_path, people_of({str(fold): 1 for fold in (10, 2, 9)}), AUS, [NCG])
    assert next(iter(read_runs(runs).methods.values())).folds == ("2", "9", "10")


def test_two_runs_of_the_same_fold_and_method_are_both_named(tmp_path):
    runs = keep_folds(tmp_path / "a", FOLDS, AUS, [NCG]) + keep_folds(tmp_path / "b", {"1": ["P01"]}, AUS, [NCG])
    with pytest.raises(InputError, match=r"a/disfa-intensity-fold1.* and .*b/disfa-intensity-fold1.* both hold fold 1"):
        read_runs(runs)


def test_a_participant_who_is_held_out_in_two_folds_is_refused(tmp_path):
    runs = keep_folds(tmp_path, {"1": ["P01", "P02"], "2": ["P03", "P02"]}, AUS, [NCG])
    for run in runs:
        changed(run, training_participants=["P09"])
    with pytest.raises(InputError, match=r"P02 is held out in two folds of IR50 \(NCG\)"):
        read_runs(runs)


def test_a_participant_who_was_in_training_is_refused(tmp_path):
    runs = keep_folds(tmp_path, FOLDS, AUS, [NCG])
    changed(runs[1], training_participants=["P01", "P03"])
    with pytest.raises(InputError, match="P03 is estimated by a network that was trained on P03"):
        read_runs(runs)


def test_in_sample_estimates_and_references_chosen_by_labels_are_left_out_and_named(tmp_path):
    runs = keep_folds(tmp_path, FOLDS, AUS, [NCG, CSN])
    changed(runs[0], "m0", in_sample=True, training_participants=["P01"])
    changed(runs[0], "m1", chosen_by=["person", "labels"])
    read = read_runs(runs)
    reasons = {path.name: reason for path, reason in read.left_out}
    assert "in_sample" in reasons["m0.npz"]
    assert "chosen by the labels" in reasons["m1.npz"]
    assert {method.folds for method in read.methods.values()} == {("2", "3")}


def test_without_a_reference_nobody_chose_one(tmp_path):
    runs = keep_folds(tmp_path, FOLDS, AUS, [NCG])
    for run in runs:
        changed(run, chosen_by=["labels"])
    read = read_runs(runs)
    assert read.left_out == ()
    assert next(iter(read.methods.values())).chosen_by == ()


def test_among_drawn_people_labels_may_choose_the_reference(tmp_path):
    runs = keep_folds(tmp_path, FOLDS, AUS, [CSN], dataset="cast")
    for run in runs:
        changed(run, chosen_by=["labels"])
    (method,) = read_runs(runs).methods.values()
    assert method.chosen_by == ("labels",)


def test_from_one_dataset_to_another_only_common_units_are_kept(tmp_path):
    (run,) = keep_folds(
        tmp_path, {"all": ["U01", "U02"]}, AUSet((2, 4, 12)), [NCG], "unbc_mcmaster", trained_on="disfa"
    )
    path = run / "predictions" / "m0.npz"
    table = PredictionTable.load(path)
    table.label[:, 0] = np.nan
    table.save(path)
    ((group, _),) = read_runs([run]).methods
    (method,) = read_runs([run]).methods.values()
    assert group == Group("unbc_mcmaster", "disfa", "intensity")
    assert method.table.aus == AUS
    by_frame = np.argsort(table.rows["frame_id"].to_numpy(dtype=str))
    assert np.array_equal(method.table.estimate, table.estimate[by_frame, 1:])


def test_each_fold_keeps_its_own_tuned_cut(tmp_path):
    runs = keep_folds(
        tmp_path, {"1": ["P01"], "2": ["P02"]}, AUSet((12,)), ["IR50 w/ BS, tuned cut"], quantity="occurrence"
    )
    for run, cut in zip(runs, (0.4, -0.3), strict=True):
        changed(run, cuts={"AU12": cut})
    (method,) = read_runs(runs).methods.values()
    people = method.table.rows["participant"].to_numpy()
    assert set(cuts(method.table)[0][people == "P01", 0]) == {0.4}
    assert set(cuts(method.table)[0][people == "P02", 0]) == {-0.3}


@pytest.mark.parametrize(
    ("words", "aus", "message"),
    [({}, AUSet((4, 25)), "differ in their AUs"), ({"folds": 5}, AUS, "differ in their number of folds: 2 and 5")],
)
def test_folds_of_two_kinds_are_not_pooled(tmp_path, words, aus, message):
    runs = keep_folds(tmp_path, {"1": ["P01"], "2": ["P02"]}, AUS, [NCG])
    table = PredictionTable.load(runs[1] / "predictions" / "m0.npz")
    changed(runs[1], table=replace(estimates_of(["P02"], aus, NCG), provenance=table.provenance), **words)
    with pytest.raises(InputError, match=message):
        read_runs(runs)


def test_a_folder_that_is_no_run_or_has_no_table_is_named(tmp_path):
    (tmp_path / "nothing").mkdir()
    with pytest.raises(InputError, match=r"nothing: not a run folder, its run\.json"):
        read_runs([tmp_path / "nothing"])
    with pytest.raises(InputError, match="half: there is no table in its folder predictions"):
        read_runs([keep_run(tmp_path / "half", {})])


def test_a_damaged_table_is_named(tmp_path):
    (run,) = keep_folds(tmp_path, {"1": ["P01"]}, AUS, [NCG])
    path = run / "predictions" / "m0.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match=r"m0\.npz: not a readable PredictionTable"):
        read_runs([run])


@pytest.mark.parametrize("word", ["fold", "folds", "trained_on", "training_participants"])
def test_a_table_that_says_too_little_of_itself_is_refused(tmp_path, word):
    (run,) = keep_folds(tmp_path, {"1": ["P01"]}, AUS, [NCG])
    side_car = run / "predictions" / "m0.json"
    words = json.loads(side_car.read_text())
    del words["provenance"][word]
    side_car.write_text(json.dumps(words))
    with pytest.raises(InputError, match=f"does not say '{word}'"):
        read_runs([run])


def test_when_everything_is_left_out_the_reasons_are_given(tmp_path):
    (run,) = keep_folds(tmp_path, {"1": ["P01"]}, AUS, [NCG])
    changed(run, in_sample=True)
    with pytest.raises(InputError, match=r"nothing to evaluate .*in training, and it says so"):
        read_runs([run])
    with pytest.raises(InputError, match="no run folder was named"):
        read_runs([])


def test_a_folder_of_runs_stands_for_the_runs_inside_it(tmp_path):
    runs = keep_folds(tmp_path / "runs", FOLDS, AUS, [NCG])
    assert run_folders([tmp_path]) == tuple(sorted(runs))
    assert run_folders([runs[1], tmp_path]) == (runs[1], runs[0], runs[2])
    assert set(read_runs([tmp_path]).methods) == set(read_runs(runs).methods)
