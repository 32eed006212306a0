import json
from dataclasses import replace

import numpy as np
import pytest

from csnviz.data.manifest import read_manifest
from csnviz.data.own_choices import OwnChoices
from csnviz.data.tables import PredictionTable, ReferenceTable
from csnviz.evaluation.report import report
from csnviz.models.iresnet import IResNetSize
from csnviz.recipes.command import Asked, run_recipe
from csnviz.recipes.settings import ON_THE_CAST
from csnviz.recipes.splits import Study, fold_split, open_study, with_own
from tests import small_disfa

TINY = replace(ON_THE_CAST, size=IResNetSize((1, 1, 1, 1), (4, 4, 6, 8)), precision="float32", channels_last=False)


def frame(who: str, number: int, camera: str = "left") -> str:
    return f"disfa/{who}/{camera}/{who}/{small_disfa.first_index(who) + number:04d}"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    manifest, here = read_manifest("disfa"), list(small_disfa.FOLD_OF)
    people, folds = (each[each["participant"].isin(here)] for each in (manifest.participants, manifest.folds))
    manifest = replace(manifest, participants=people, folds=folds)
    table = small_disfa.table(tmp_path_factory.mktemp("disfa") / "crops")
    return Study(manifest, table, manifest.reference_table())


def own(*rows: tuple[str, str, str, str]) -> ReferenceTable:
    references = ReferenceTable.empty()
    for row in rows:
        references = references.with_reference(*row)
    return references


def test_the_users_reference_stands_in_place_of_the_authors(study):
    chosen = with_own(study, own(("SN010", "left", frame("SN010", 1), "person")))
    assert chosen.references.frame_id_for("SN010", "left") == frame("SN010", 1)
    assert chosen.references.frame_id_for("SN010", "right") == frame("SN010", small_disfa.BEFORE, "right")
    assert len(chosen.references.rows) == len(study.references.rows)
    assert chosen.note == ""


def test_references_chosen_with_the_labels_or_without_a_face_are_left_out_by_name(study):
    chosen = with_own(
        study,
        own(
            ("SN010", "left", frame("SN010", 1), "labels"),
            ("SN010", "right", frame("SN010", 1, "right"), "labels"),
            ("SN012", "left", "disfa/SN012/left/SN012/4000", "person"),
            ("SN001", "left", frame("SN001", 1, "right"), "person"),
            ("SN031", "left", "disfa/SN031/left/SN031/0000", "labels"),
        ),
    )
    assert chosen.note == (
        "2 references chosen with the labels are left out: SN010, left camera; SN010, right camera. "
        "2 references without a usable face among these frames of that person and camera are left out: SN012, left camera; "
        "SN001, left camera."
    ), "SN031 is not among these people"
    assert chosen.references.rows.equals(study.references.rows)
    assert len(chosen.own.rows) == 4, "a page shows them all the same"


def test_a_split_says_which_references_are_the_users(study):
    chosen = with_own(
        study,
        own(
            ("SN010", "left", frame("SN010", 1), "person"),
            ("SN012", "left", frame("SN012", 1), "automatic"),
            ("SN001", "left", frame("SN001", 1), "labels"),
        ),
    )
    split = fold_split(chosen, "1", "intensity")  # SN010 and SN001 are held out
    assert split.words["own_references"] == [f"SN012, left camera: {frame('SN012', 1)}"]
    assert split.words["chosen_by"] == ["authors", "automatic"]
    assert split.judging == {
        "chosen_by": ["authors", "person"],
        "own_references_held_out": [f"SN010, left camera: {frame('SN010', 1)}"],
        "references_left_out": ["SN001, left camera"],
    }


def test_a_run_without_own_references_goes_by_the_words_that_it_had_before_there_were_any(study):
    split = fold_split(with_own(study, own(("SN010", "left", frame("SN010", 1), "person"))), "1", "intensity")
    plain = fold_split(study, "1", "intensity")
    assert split.words == plain.words, "no network has to be trained anew for a reference of the people held out"
    assert "own_references" not in plain.words
    assert plain.words["chosen_by"] == ["authors"]
    assert plain.judging == {"chosen_by": ["authors"]}


@pytest.fixture
def asked(squares, monkeypatch, tmp_path):
    monkeypatch.setattr("csnviz.recipes.splits.FRAMES_OF_THE_CAST", 3)
    monkeypatch.setattr("csnviz.recipes.command.settings_for", lambda dataset: TINY)
    changes = ("epochs=1", "batch_size=18", "tuning_frames=2")
    return Asked(
        "csn_stage4", folds=("2",), changes=changes, out=tmp_path / "runs", data_root=tmp_path, device="cpu", progress=False
    )  # fmt: skip


def csn(run) -> PredictionTable:
    return PredictionTable.load(run.path / "predictions" / "csn.npz")


def test_training_and_evaluation_say_whose_references_they_leave_out(asked, tmp_path, capsys):
    held_out = read_manifest("cast").fold("2").held_out
    keep = OwnChoices("cast", tmp_path).keep_reference
    keep(held_out[0], "front", f"cast/{held_out[0]}/front/0001", "labels", "")
    keep(held_out[1], "front", f"cast/{held_out[1]}/front/0001", "person", "")
    (run,) = run_recipe(asked)
    said = f"1 reference chosen with the labels is left out: {held_out[0]}, front camera."
    assert said in capsys.readouterr().err
    table = csn(run)
    used = table.rows.groupby("participant")["ref_frame_id"].agg(set)
    assert used[held_out[0]] == {f"cast/{held_out[0]}/front/0000"}
    assert used[held_out[1]] == {f"cast/{held_out[1]}/front/0001"}
    assert table.provenance["chosen_by"] == ["labels", "person"], "the cast's own are chosen by labels, by construction"
    page = report([run.path], tmp_path / "report", draws=5)
    assert said in capsys.readouterr().err
    assert said in page.read_text()


def test_another_reference_of_a_person_trained_on_trains_anew_and_one_of_a_person_held_out_only_judges_anew(asked):
    fold = read_manifest("cast").fold("2")
    keep = OwnChoices("cast", asked.data_root).keep_reference
    (run,) = run_recipe(asked)
    written, before = run.checkpoint.stat().st_mtime_ns, csn(run)
    keep(fold.held_out[0], "front", f"cast/{fold.held_out[0]}/front/0002", "person", "")
    run_recipe(asked)
    assert run.checkpoint.stat().st_mtime_ns == written
    theirs = (before.rows["participant"] == fold.held_out[0]).to_numpy()
    assert np.array_equal(csn(run).estimate[~theirs], before.estimate[~theirs])
    assert not np.array_equal(csn(run).estimate[theirs], before.estimate[theirs])
    keep(fold.train[0], "front", f"cast/{fold.train[0]}/front/0002", "person", "")
    run_recipe(asked)
    assert run.checkpoint.stat().st_mtime_ns != written
    settings = json.loads((run.path / "run.json").read_text())["settings"]
    assert settings["own_references"] == [f"{fold.train[0]}, front camera: cast/{fold.train[0]}/front/0002"]


def test_what_the_user_chose_is_found_where_a_study_is_opened(asked):
    who = read_manifest("cast").fold("2").held_out[0]
    OwnChoices("cast", asked.data_root).keep_reference(who, "front", f"cast/{who}/front/0002", "person", "")
    assert open_study("cast", asked.data_root).references.frame_id_for(who, "front") == f"cast/{who}/front/0002"
