import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from csnviz import cli
from csnviz.data.manifest import read_manifest
from csnviz.data.tables import PredictionTable
from csnviz.errors import InputError
from csnviz.models.checkpoints import load_checkpoint
from csnviz.models.iresnet import IResNetSize, iresnet
from csnviz.models.public_names import to_public_names
from csnviz.recipes import command, every_row
from csnviz.recipes.command import Asked, run_recipe
from csnviz.recipes.settings import ON_THE_CAST
from csnviz.recipes.splits import Study, open_study

QUICK = ("epochs=1", "batch_size=18", "tuning_frames=2")
TINY = replace(ON_THE_CAST, size=IResNetSize((1, 1, 1, 1), (4, 4, 6, 8)), precision="float32", channels_last=False)
NET = "IR 1-1-1-1 x 4-4-6-8"


@pytest.fixture
def asked(squares, monkeypatch, tmp_path):
    """A recipe to be run on three random squares of each of the cast's 27 people, with fold 2 held out."""
    monkeypatch.setattr("csnviz.recipes.splits.FRAMES_OF_THE_CAST", 3)
    monkeypatch.setattr("csnviz.recipes.command.settings_for", lambda dataset: TINY)
    return Asked(
        "csn_stage4",
        folds=("2",),
        changes=QUICK,
        out=tmp_path / "runs",
        data_root=tmp_path,
        device="cpu",
        progress=False,
    )


def tables_of(run):
    return {path.stem: PredictionTable.load(path) for path in (run.path / "predictions").glob("*.npz")}


def test_the_command_line_offers_every_recipe():
    assert cli.RECIPES == command.RECIPES


@pytest.mark.parametrize(("recipe", "merge_before"), [("csn_stage4", "stage4"), ("csn_output", "output")])
def test_a_row_leaves_estimates_for_the_people_held_out_and_for_nobody_else(asked, recipe, merge_before):
    (run,) = run_recipe(replace(asked, recipe=recipe))
    table = tables_of(run)["csn"]
    fold = read_manifest("cast").fold("2")
    assert set(table.rows["participant"]) == set(fold.held_out)
    assert set(table.provenance["training_participants"]) == set(fold.train)
    assert (table.provenance["fold"], table.provenance["folds"], table.provenance["trained_on"]) == ("2", 3, "cast")
    assert table.method == f"CSN-{NET}-{merge_before.capitalize()}"
    assert load_checkpoint(run.checkpoint).config.merge_before == merge_before
    assert run.path.name == f"cast-intensity-{recipe}-fold2-seed42"


def test_a_changed_number_is_recorded_in_the_run_folder(asked):
    (run,) = run_recipe(replace(asked, recipe="ir50_ncg"))
    asked_for = json.loads((run.path / "run.json").read_text())["settings"]
    assert (asked_for["epochs"], asked_for["tuning_frames"], asked_for["start"]) == (1, 2, "nothing")
    assert set(asked_for["held_out_participants"]) == set(read_manifest("cast").fold("2").held_out)


def test_baseline_subtraction_uses_the_network_that_was_trained_without_a_reference(asked):
    (ncg_run,) = run_recipe(replace(asked, recipe="ir50_ncg"))
    written = ncg_run.checkpoint.stat().st_mtime_ns
    (run,) = run_recipe(replace(asked, recipe="ir50_bs"))
    assert ncg_run.checkpoint.stat().st_mtime_ns == written
    ncg, tables = tables_of(ncg_run)["ncg"], tables_of(run)
    assert [table.method for _, table in sorted(tables.items())] == [f"{NET} w/ BS", f"{NET} w/ BS, re-centred"]
    bs, recentred = tables["bs"].estimate, tables["bs_recentred"].estimate
    reference = ncg.rows["frame_id"].str.endswith("0000").to_numpy()
    assert np.allclose(bs[reference], 0)
    assert np.allclose(recentred - bs, (recentred - bs)[0], atol=1e-5), "one constant per AU is added back"
    assert not np.allclose(recentred, bs)


def test_for_occurrence_a_cut_is_tuned_on_training_people(asked):
    (run,) = run_recipe(replace(asked, recipe="ir50_bs", changes=(*QUICK, "quantity=occurrence")))
    tables = tables_of(run)
    assert list(tables["bs_tuned"].provenance["cuts"]) == list(tables["bs"].aus.columns)
    assert (tables["bs_tuned"].estimate == tables["bs"].estimate).all()
    assert tables["bs"].quantity == "occurrence"


def test_a_network_for_filmed_people_does_not_start_from_nothing_unasked(asked):
    with pytest.raises(InputError, match="Name the file with --start FILE"):
        run_recipe(replace(asked, on="disfa"))


def test_the_dataset_is_the_one_in_the_folder_that_is_named(asked, tmp_path):
    (tmp_path / "data" / "Frame_Labels").mkdir(parents=True)
    with pytest.raises(InputError, match="before they see unbc_mcmaster"):
        run_recipe(replace(asked, root=tmp_path / "data"))


@pytest.mark.parametrize(
    ("recipe", "words", "option"),
    [
        ("cast_ncg", {"folds": ("1",)}, "--fold"),
        ("cast_csn", {"start": "glint360k.pth", "folds": ()}, "--start"),
        ("disfa_to_unbc", {"folds": (), "crops": "12ab"}, "--crops"),
        ("csn_fc", {"test_root": Path("UNBC")}, "--test-root"),
    ],
)
def test_an_option_that_a_recipe_would_pass_over_is_refused(asked, recipe, words, option):
    with pytest.raises(InputError, match=f"{recipe} has no use for {option}"):
        run_recipe(replace(asked, recipe=recipe, **words))


def test_other_crops_of_the_same_people_are_another_training(asked, monkeypatch):
    (run,) = run_recipe(replace(asked, recipe="ir50_ncg"))
    written = run.checkpoint.stat().st_mtime_ns
    monkeypatch.setattr("csnviz.cast.version.cast_version", lambda *_: "drawn anew")
    run_recipe(replace(asked, recipe="ir50_ncg"))
    assert run.checkpoint.stat().st_mtime_ns != written
    assert "drawn anew" in load_checkpoint(run.checkpoint).config.preprocessing


def test_a_network_starts_from_public_parameters_of_its_shape(asked, tmp_path):
    torch.manual_seed(5)
    torch.save(to_public_names(iresnet(TINY.size, 512).state_dict()), tmp_path / "public.pth")
    changes = (*QUICK, "peak_learning_rate=1e-12")
    (run,) = run_recipe(replace(asked, start=str(tmp_path / "public.pth"), changes=changes))
    torch.manual_seed(5)
    given = iresnet(TINY.size, 512).state_dict()["stage2.0.conv1.weight"]
    torch.testing.assert_close(load_checkpoint(run.checkpoint).network.state_dict()["stage2.0.conv1.weight"], given)


def test_one_dataset_is_judged_by_networks_of_another_on_the_units_that_both_code(asked, monkeypatch):
    def instead(dataset, data_root, root=None):
        drawn = open_study("cast", asked.data_root)
        everybody = drawn.table.participants
        mine = everybody[:3] if dataset == "disfa" else everybody[3:6]
        table = drawn.table.select(drawn.table.rows["participant"].isin(mine).to_numpy())
        people = pd.DataFrame({"participant": mine, "person": mine, "frames": "", "note": ""})
        named = replace(table, rows=table.rows.assign(dataset=dataset))
        return Study(replace(read_manifest(dataset), participants=people), named, drawn.references)

    monkeypatch.setattr("csnviz.recipes.command.open_study", instead)
    changes = (*QUICK, "batch_size=9")
    (run,) = run_recipe(replace(asked, recipe="disfa_to_unbc", changes=changes, start="nothing", folds=()))
    tables = tables_of(run)
    assert sorted(table.method for table in tables.values()) == [f"CSN-{NET}-Stage4", f"{NET} (NCG)", f"{NET} w/ BS"]
    for table in tables.values():
        assert table.aus.numbers == (4, 6, 9, 12, 20, 25, 26)
        assert (table.provenance["trained_on"], table.provenance["tested_on"]) == ("disfa", "unbc_mcmaster")
        assert not set(table.rows["participant"]) & set(table.provenance["training_participants"])


def test_every_row_ends_in_the_papers_tables(asked, monkeypatch):
    monkeypatch.setattr(every_row, "_at_once", lambda jobs, workers: [p for job in jobs for p in every_row._run(job)])
    runs = every_row.train_every_row(replace(asked, recipe="", on="cast"), ("intensity",), 1)
    assert len(runs) == 8
    every_row.report(runs, asked.out)
    text = every_row.text_tables(runs)
    assert "not a like-for-like comparison with NCG" in text
    assert (asked.out / "report.html").is_file()
    for row in ("Stage1", "Stage2", "Stage3", "Stage4", "FC", "Output"):
        assert f"CSN-{NET}-{row}" in text
