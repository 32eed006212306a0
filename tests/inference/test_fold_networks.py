import json
from pathlib import Path

import pytest

from csnviz.errors import InputError
from csnviz.inference.fold_networks import assigned, paired, read_runs, runs_for

FOLDS = {"1": ("SN001", "SN002"), "2": ("SN006", "SN011"), "3": ("SN003", "SN004")}
EVERYBODY = tuple(who for members in FOLDS.values() for who in members)
NOBODY_ELSE: dict[str, str] = {}


def run(folder: Path, name: str, fold: str = "1", merge_before: str | None = None, **changed: object) -> Path:
    """A finished run folder without a network in its checkpoint."""
    path = folder / name
    path.mkdir(parents=True)
    settings = {
        "trained_on": "disfa", "tested_on": "disfa", "fold": fold, "folds": 3, "aus": [4, 12], "quantity": "intensity",
        "merge_before": merge_before, "held_out_participants": list(FOLDS.get(fold, ())),
        "training_participants": [who for who in EVERYBODY if who not in FOLDS.get(fold, ())], **changed,
    }  # fmt: skip
    (path / "run.json").write_text(json.dumps({"settings": settings}))
    (path / "checkpoint.safetensors").write_bytes(b"")
    (path / "finished.json").write_text("{}")
    return path


@pytest.fixture
def three_folds(tmp_path):
    for fold in FOLDS:
        run(tmp_path, f"ncg{fold}", fold)
        run(tmp_path, f"csn{fold}", fold, "stage4")
    return tmp_path


def full(*participants: str) -> list[str]:
    return [f"disfa/{who}" for who in participants]


def test_everybody_is_shown_with_the_networks_of_the_fold_that_held_them_out(three_folds):
    pairs, lacking = paired(read_runs([three_folds]))
    shown = assigned(full(*EVERYBODY), pairs, NOBODY_ELSE, in_sample=False)
    assert lacking == ()
    assert {who: chosen.pair.csn.fold for who, chosen in shown.items()} == {
        f"disfa/{who}": fold for fold, members in FOLDS.items() for who in members
    }
    assert not any(chosen.in_sample for chosen in shown.values())
    assert all(who not in chosen.pair.ncg.training for who, chosen in shown.items())


def test_a_single_run_folder_and_a_folder_of_runs_are_read_alike(three_folds):
    one_by_one = read_runs([three_folds / name for name in ("csn1", "ncg1")])
    assert {found.path.name for found in one_by_one} == {"csn1", "ncg1"}
    assert len(read_runs([three_folds, three_folds / "ncg1"])) == 6


def test_whom_every_network_was_trained_on_is_left_out_unless_asked_for_and_then_marked(three_folds):
    pairs, _ = paired(read_runs([three_folds / name for name in ("ncg1", "csn1", "ncg2", "csn2")]))
    people = full("SN001", "SN003")
    assert list(assigned(people, pairs, NOBODY_ELSE, in_sample=False)) == ["disfa/SN001"]
    shown = assigned(people, pairs, NOBODY_ELSE, in_sample=True)
    assert [shown[who].in_sample for who in people] == [False, True]


def test_a_fold_without_its_csn_shows_nobody_and_is_named(three_folds):
    (three_folds / "csn3" / "finished.json").unlink()
    pairs, lacking = paired(read_runs([three_folds]))
    assert [pair.ncg.fold for pair in pairs] == ["1", "2"]
    assert lacking == ("fold 3 has no finished CSN",)


def test_of_several_csn_the_one_that_merges_before_stage_4_is_taken(three_folds):
    run(three_folds, "csn1-stage2", "1", "stage2")
    pairs, _ = paired(read_runs([three_folds]))
    assert pairs[0].csn.merge_before == "stage4"


def test_two_csn_of_which_neither_is_the_papers_are_refused_by_name(tmp_path):
    run(tmp_path, "ncg")
    for merge_before in ("stage2", "fc"):
        run(tmp_path, merge_before, "1", merge_before)
    with pytest.raises(InputError, match=r"Fold 1 has two networks of one kind: .*fc and .*stage2"):
        paired(read_runs([tmp_path]))


def test_two_seeds_of_one_fold_are_refused_by_name(three_folds):
    run(three_folds, "again", "2", seed=43)
    with pytest.raises(InputError, match=r"Fold 2 has two networks .*again and .*ncg2"):
        paired(read_runs([three_folds]))


def test_runs_of_occurrence_of_the_demo_and_unfinished_ones_are_passed_over(three_folds):
    run(three_folds, "occurrence", quantity="occurrence")
    (run(three_folds, "unfinished", "2") / "finished.json").unlink()
    (three_folds / "demo").mkdir()
    (three_folds / "demo" / "run.json").write_text('{"settings": {"seed": 1}}')
    assert len(read_runs([three_folds])) == 6


def test_networks_of_another_dataset_may_show_people_they_never_saw(three_folds):
    pairs, _ = paired(runs_for("unbc_mcmaster", read_runs([three_folds / "ncg1", three_folds / "csn1"])))
    shown = assigned(["unbc_mcmaster/042-ll042"], pairs, NOBODY_ELSE, in_sample=False)
    assert not shown["unbc_mcmaster/042-ll042"].in_sample


def test_a_person_who_was_filmed_for_another_dataset_too_is_known_to_its_networks(three_folds):
    people = {"disfa/SN003": "Ada", "disfa_plus/SN003": "Ada", "disfa_plus/SN001": "Ben", "disfa/SN001": "Ben"}
    pairs, _ = paired(read_runs([three_folds / "ncg1", three_folds / "csn1"]))
    shown = assigned(["disfa_plus/SN003", "disfa_plus/SN001"], pairs, people, in_sample=True)
    assert [chosen.in_sample for chosen in shown.values()] == [True, False]


def test_several_networks_that_could_show_somebody_are_refused_by_name(three_folds):
    pairs, _ = paired(read_runs([three_folds]))
    with pytest.raises(InputError, match=r"unbc_mcmaster/042-ll042 was trained on neither in .*csn1 nor in .*csn2"):
        assigned(["unbc_mcmaster/042-ll042"], pairs, NOBODY_ELSE, in_sample=False)


def test_runs_trained_on_the_dataset_itself_go_before_those_of_another(three_folds):
    run(three_folds, "cross", "all", folds=1, trained_on="unbc_mcmaster", training_participants=["042-ll042"])
    runs = read_runs([three_folds])
    assert {found.trained_on for found in runs_for("disfa", runs)} == {"disfa"}
    assert [found.path.name for found in runs_for("unbc_mcmaster", runs)] == ["cross"]


@pytest.mark.parametrize(("make", "sentence"), [
    (lambda folder: None, "there is no such folder"),
    (lambda folder: folder.mkdir(), "no finished run of a network that estimates intensity"),
    (lambda folder: (run(folder, "broken") / "run.json").write_text("{"), r"run\.json: cannot be read"),
])  # fmt: skip
def test_a_folder_that_holds_no_run_is_one_sentence(tmp_path, make, sentence):
    make(tmp_path / "runs")
    with pytest.raises(InputError, match=sentence):
        read_runs([tmp_path / "runs"])
