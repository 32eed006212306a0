"""From a dataset's folder to the paper's tables and to the page, by the commands that a person types; drawn faces stand in."""

import json
from functools import cache

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from csnviz.cast.dataset import draw_frame
from csnviz.cli import main
from csnviz.data.prepared import load_prepared
from csnviz.data.tables import PredictionTable
from csnviz.dataset_source import dataset_source
from csnviz.facs import DISFA
from csnviz.models.iresnet import IResNetSize
from csnviz.recipes.settings import PaperSettings
from csnviz.recipes.splits import open_study
from tests.data.trees import disfa_tree, keep_manifest

PEOPLE = {"SN001": "C101", "SN006": "C104", "SN003": "C109"}
"""One participant of each fold, and the drawn person who stands in."""

TINY = PaperSettings(size=IResNetSize((1, 1, 1, 1), (4, 4, 6, 8)), epochs=1, batch_size=4, tuning_frames=2)


@cache
def drawn(who: str, index: int) -> np.ndarray:
    return draw_frame(PEOPLE[who], 12 * index)[0]


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    """The whole walk, done once: what each command said, and where things lie."""
    folder = tmp_path_factory.mktemp("walk")
    tree = disfa_tree(folder / "DISFA", tuple(PEOPLE), 2, draw=lambda who, camera, video, index: drawn(who, index))
    said = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CSNVIZ_MANIFEST", str(keep_manifest(tree.manifest, folder / "manifest")))
        patch.setattr("csnviz.recipes.command.settings_for", lambda dataset: TINY)
        data_root = str(folder / "root")

        def command(*words):
            return main([*words, "--data-root", data_root, "--debug"])

        said["check"] = command("prepare", "disfa", "--root", str(tree.root), "--check")
        said["prepare"] = command("prepare", "disfa", "--root", str(tree.root), "--workers", "1")
        for recipe in ("ir50_ncg", "csn_stage4", "ir50_bs"):
            for quantity in ("intensity", "occurrence"):
                how = ("--start", "nothing", "--set", f"quantity={quantity}", "--out", str(folder / "runs"))
                where = ("--root", str(tree.root)) if recipe == "ir50_bs" else ("--on", "disfa")
                said[recipe] = command("train", recipe, *where, *how)
        said["evaluate"] = command("evaluate", str(folder / "runs"), "--out", str(folder / "report"))
        study = open_study("disfa", folder / "root")
        yield folder, tree, said, study


def test_every_command_of_the_walk_ends_well(walk):
    _, _, said, _ = walk
    assert set(said.values()) == {0}


def test_the_prepared_table_has_the_labels_of_the_folder_and_a_face_in_every_frame(walk):
    folder, tree, _, _ = walk
    table = load_prepared("disfa", folder / "root")
    assert len(table) == len(tree.labels) == 3 * 2 * 2
    assert table.usable.all()
    for row, frame_id in enumerate(table.rows["frame_id"]):
        assert (table.intensity[row] == tree.labels[frame_id]).all()


def test_every_fold_leaves_a_run_whose_estimates_are_of_the_person_held_out(walk):
    folder, _, _, _ = walk
    runs = sorted((folder / "runs").glob("disfa-intensity-csn_stage4-*"))
    held_out = [json.loads((run / "run.json").read_text())["settings"]["held_out_participants"] for run in runs]
    assert held_out == [["SN001"], ["SN006"], ["SN003"]]


def test_the_report_lays_the_tables_out_as_the_paper_does(walk):
    folder, _, _, _ = walk
    page = (folder / "report" / "report.html").read_text()
    cells = pd.read_csv(folder / "report" / "tables.csv")
    assert "not a like-for-like comparison with NCG" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert {"intensity", "occurrence"} <= set(cells["task"])
    assert set(cells.loc[cells["task"] == "intensity", "au"]) >= set(DISFA.columns)
    beside_ours = cells.loc[cells["ours"].notna(), "published"]
    assert beside_ours.isna().all(), "these networks are no IR50, so the paper has no number beside theirs"


def test_the_page_shows_each_person_with_the_network_that_was_not_trained_on_them(walk):
    folder, _, _, study = walk
    source = dataset_source(study, [folder / "runs"], folder / "root")
    for who, fold in (("SN001", 1), ("SN006", 2), ("SN003", 3)):
        assert source.standing(who).sentence == f"Networks trained on 2 people of DISFA, not this one (fold {fold})."


def test_a_missing_folder_is_one_sentence(walk, capsys):
    folder, _, _, _ = walk
    assert main(["prepare", "disfa", "--root", str(folder / "report"), "--check"]) == 2
    assert "csnviz: " in capsys.readouterr().err


def test_crops_made_elsewhere_are_taken_and_trained_on_under_their_own_name(walk):
    folder, tree, _, study = walk
    table = study.table
    for row, picture in enumerate(tree.pictures.values()):
        crop = folder / "crops" / picture.relative_to(tree.root).with_suffix(".png")
        crop.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(table.crops([row])[0]).save(crop)
    root = str(folder / "root")
    words = (
        "--root",
        str(tree.root),
        "--crops",
        str(folder / "crops"),
        "--origin",
        "mirrored by hand",
        "--data-root",
        root,
    )
    assert main(["prepare", "disfa", *words]) == 0
    (kept,) = (folder / "root" / "datasets" / "disfa").glob("crops-*")
    sha256 = kept.name.removeprefix("crops-")
    how = (
        "--on",
        "disfa",
        "--start",
        "nothing",
        "--fold",
        "1",
        "--out",
        str(folder / "other runs"),
        "--data-root",
        root,
    )
    assert main(["train", "ir50_ncg", "--crops", sha256[:6], *how]) == 0
    (estimates,) = (folder / "other runs").glob("*/predictions/ncg.npz")
    assert PredictionTable.load(estimates).provenance["alignment"] == f"crops {sha256}: mirrored by hand"


def test_a_person_s_traces_are_removed_and_what_still_names_them_is_said(walk, capsys):
    folder, _, _, _ = walk
    assert main(["prepare", "disfa", "--purge", "SN006", "--data-root", str(folder / "root")]) == 0
    assert "SN006: " in capsys.readouterr().out
    assert load_prepared("disfa", folder / "root").participants == ("SN001", "SN003")
    assert not [path for path in (folder / "root").rglob("*") if "SN006" in path.name]
    assert main(["prepare", "disfa", "--purge", "SN999", "--data-root", str(folder / "root")]) == 2
    assert "disfa has no participant 'SN999'" in capsys.readouterr().err
