from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from csnviz.cast import dataset, tree
from csnviz.cast.attributes import draw_attributes
from csnviz.cast.coders import Coder, drawn_intensities, label
from csnviz.cast.dataset import DEMO_PARTICIPANTS, TRAINING_PARTICIPANTS, VALIDATION_PARTICIPANTS, draw_frame, load_cast
from csnviz.cast.performance import moment_of
from csnviz.cast.play import Play
from csnviz.cast.scripts import SPONTANEOUS, expressions
from csnviz.cast.tree import MANIFESTS, cast_names, draw_tree, load_tree, tree_manifest
from csnviz.cli import main
from csnviz.data.datasets import dataset_in, list_dataset
from csnviz.data.labels import read_labels
from csnviz.data.manifest import Manifest, read_manifest
from csnviz.data.preparing import check_dataset
from csnviz.data.tables import PredictionTable
from csnviz.errors import InputError
from csnviz.facs import DISFA
from csnviz.models.iresnet import IResNetSize
from csnviz.recipes.settings import ON_THE_CAST
from csnviz.recipes.splits import open_study

PEOPLE, FRAMES = ("C001", "C002", "C003"), 6


@pytest.fixture(scope="module")
def data_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data-root")


@pytest.fixture(scope="module")
def draw(data_root: Path) -> Callable[..., str]:
    """Draws the three people, who are drawn once for all tests, into a folder."""

    def into(root: Path, **asked: object) -> str:
        return draw_tree(
            root, **{"people": 3, "frames": FRAMES, "data_root": data_root, "workers": 1, "progress": False, **asked}
        )

    return into


@pytest.fixture(scope="module")
def plain(draw: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("plain") / "drawn"
    draw(root)
    return root


@pytest.fixture(scope="module")
def manifest(plain: Path) -> Manifest:
    return tree_manifest(plain)


@pytest.fixture
def as_disfa(draw: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same people in the folders of DISFA, with CSNVIZ_MANIFEST as the command says."""
    draw(tmp_path / "drawn", shape="disfa")
    monkeypatch.setenv("CSNVIZ_MANIFEST", str(tmp_path / "drawn" / MANIFESTS))
    return tmp_path / "drawn"


def drawn_labels(who: str) -> list[tuple[float, ...]]:
    return [label(expression) for expression in expressions(who, FRAMES)]


def must_not_draw(*_: object) -> None:
    raise AssertionError("somebody was drawn again")


def files_in(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_every_frame_has_its_picture(plain: Path) -> None:
    pictures = files_in(plain / "Pictures")
    assert pictures == [f"{who}/{number:04d}.jpg" for who in PEOPLE for number in range(FRAMES)]
    for who, frame in (("C001", 0), ("C003", 5)):
        shown = np.array(Image.open(plain / "Pictures" / who / f"{frame:04d}.jpg")).astype(float)
        assert np.abs(shown - draw_frame(who, frame)[0]).mean() < 4


def test_labels_are_those_that_were_drawn_and_are_read_as_labels_of_a_recording(plain: Path) -> None:
    for who in PEOPLE:
        path = plain / "Drawn_Labels" / f"{who}.csv"
        table = pd.read_csv(path)
        assert list(table["frame"]) == list(range(FRAMES))
        np.testing.assert_array_equal(table[list(DISFA.columns)], drawn_labels(who))
        read = [each.intensity for each in read_labels(path).labels]
        assert read == [value for labels in drawn_labels(who) for value in labels]


def test_the_reference_of_each_person_is_the_first_frame_at_rest_with_open_eyes(manifest: Manifest) -> None:
    rows = manifest.references
    assert list(rows["participant"]) == list(PEOPLE)
    assert set(rows["chosen_by"]) == {"labels"}
    for who, number in zip(PEOPLE, rows["frame"], strict=True):
        played = expressions(who, FRAMES)
        calm = [not any(label(e)) and moment_of(who, i, e).openness > 0.8 for i, e in enumerate(played)]
        assert int(number) == calm.index(True)


def test_everybody_is_held_out_once_and_never_trains_in_that_fold(manifest: Manifest) -> None:
    assert [fold.held_out for fold in manifest.all_folds] == [("C001",), ("C002",), ("C003",)]
    for fold in manifest.all_folds:
        assert set(fold.train) == {*PEOPLE} - {*fold.held_out}


def test_attributes_are_those_that_were_drawn(manifest: Manifest) -> None:
    values = {(row.participant, row.attribute): row.value for row in manifest.attributes.itertuples()}
    assert set(manifest.attributes["by"]) == {"drawn"}
    for who in PEOPLE:
        drawn = draw_attributes(who)
        for attribute, present in (
            ("wide brow-eye distance", drawn.brow_eye_distance > 0),
            ("narrow brow-eye distance", drawn.brow_eye_distance < 0),
            ("nose-root wrinkle", drawn.nose_root_wrinkle > 0),
            ("eyeglasses", drawn.eyeglasses > 0),
            ("facial hair", drawn.chin_hair > 0),
            ("hooded lids", drawn.hooded_lids > 0),
            ("low lip corners", drawn.resting_lip_line > 0),
            ("pressed lips", drawn.resting_lip_line < 0),
        ):
            assert values[who, attribute] == ("present" if present else "absent")


def test_the_words_are_true_and_the_manifests_of_other_datasets_lie_beside(plain: Path, manifest: Manifest) -> None:
    assert manifest.may_show_faces
    assert manifest.invented
    assert manifest.words["counts"] == {"participants": 3, "frames_per_participant": FRAMES}
    assert [manifest.expected_frames(who) for who in PEOPLE] == [FRAMES] * 3
    assert manifest.cases.empty
    assert not read_manifest("disfa", plain / MANIFESTS / "disfa").may_show_faces
    shipped = read_manifest("cast")
    assert set(shipped.attributes["attribute"]) == set(manifest.attributes["attribute"])
    same = shipped.attributes["participant"].isin(PEOPLE)
    pd.testing.assert_frame_equal(shipped.attributes[same].reset_index(drop=True), manifest.attributes)


def test_nobody_of_the_demo_is_ever_drawn_into_a_folder() -> None:
    assert cast_names(36) == (*TRAINING_PARTICIPANTS, *VALIDATION_PARTICIPANTS)
    everybody = cast_names(899)
    assert len(set(everybody)) == 899
    assert not set(everybody) & set(DEMO_PARTICIPANTS)
    assert everybody[98:100] == ("C099", "C200")


def test_the_reader_of_disfa_finds_nothing_amiss_in_the_shape_of_disfa(as_disfa: Path) -> None:
    checked = check_dataset("cast_as_disfa", as_disfa, progress=False)
    assert checked.findings == ()
    assert "Nothing is amiss." in checked.text
    found, listing = list_dataset("cast_as_disfa", as_disfa)
    assert list(listing.rows["frame_id"]) == [
        f"cast_as_disfa/{w}/left/{w}/{i:04d}" for w in PEOPLE for i in range(FRAMES)
    ]
    np.testing.assert_array_equal(listing.intensity, np.concatenate([drawn_labels(who) for who in PEOPLE]))
    assert set(found.reference_table().rows["frame_id"]) <= set(listing.rows["frame_id"])
    assert found.invented
    assert (as_disfa / "ActionUnit_Labels" / "C002" / "C002_au12.txt").read_text().startswith("1,0\n2,0\n")


def test_both_shapes_hold_the_same_pictures(plain: Path, as_disfa: Path) -> None:
    for who in PEOPLE:
        for index in range(FRAMES):
            one = plain / "Pictures" / who / f"{index:04d}.jpg"
            assert one.read_bytes() == (as_disfa / "Images_LeftCamera" / who / f"{index + 1}.jpg").read_bytes()


def test_a_drawing_that_was_interrupted_leaves_no_folder_and_goes_on_with_the_people_that_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, crop_face = [], dataset.crop_face

    def interrupted(*given: np.ndarray) -> np.ndarray:
        drawn.append(1)
        if len(drawn) == 3:
            raise KeyboardInterrupt
        return crop_face(*given)

    monkeypatch.setattr(dataset, "crop_face", interrupted)
    asked = {"people": 2, "frames": 2, "data_root": tmp_path / "data-root", "workers": 1, "progress": False}
    with pytest.raises(KeyboardInterrupt):
        draw_tree(tmp_path / "drawn", **asked)
    assert not (tmp_path / "drawn").exists()
    drawn[:] = [1] * 3
    draw_tree(tmp_path / "drawn", **asked)
    assert len(drawn) - 3 == 2, "the first person was kept"
    assert tuple(tree_manifest(tmp_path / "drawn").people) == PEOPLE[:2]


@pytest.mark.parametrize("killed", [False, True])
def test_a_folder_is_usable_only_when_it_is_whole(
    draw: Callable[..., str], plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    root = tmp_path / "drawn"
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(tree, "write_manifest", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        draw(root)
    if killed:  # between two folders that come out
        (root / tree._UNFINISHED / MANIFESTS).mkdir(parents=True)
        (root / "Images_LeftCamera" / "C004").mkdir(parents=True)
        (root / "Pictures" / "C001").mkdir(parents=True)
    else:
        assert list(root.iterdir()) == []
    with pytest.raises(InputError, match="holds no drawn people"):
        tree_manifest(root)
    monkeypatch.setattr(dataset, "crop_face", must_not_draw)
    draw(root)
    assert files_in(root) == files_in(plain)
    assert {path.name for path in root.iterdir()} == {"Pictures", "Drawn_Labels", "Drawn_Intensities", MANIFESTS}


def test_what_lies_there_already_is_left_as_it_is(
    draw: Callable[..., str], plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csnviz.cast.play.load_cast", must_not_draw)
    assert draw(plain).startswith(f"18 frames of 3 drawn people lie in {plain}.")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"people": 0}, "0 drawn people were asked for; ask for 1 to 899"),
        ({"people": 900}, "ask for 1 to 899"),
        ({"frames": 0}, "0 frames of each person were asked for; ask for 1 or more"),
        (
            {"people": 2},
            "holds 3 people with 6 frames each, .* drawn by this version of csnviz: not what was asked for",
        ),
        ({"frames": 9}, "not what was asked for"),
        ({"shape": "disfa"}, "not what was asked for"),
        ({"play": Play("posed")}, "with script mixed, coder noise 0 and non_additivity 1, drawn by this version"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused_before_anybody_is_drawn(
    draw: Callable[..., str], plain: Path, monkeypatch: pytest.MonkeyPatch, asked: dict[str, object], found: str
) -> None:
    monkeypatch.setattr("csnviz.cast.play.load_cast", must_not_draw)
    before = files_in(plain)
    with pytest.raises(InputError, match=found):
        draw(plain, **asked)
    assert files_in(plain) == before


def test_a_folder_of_somebody_else_is_left_alone(draw: Callable[..., str], tmp_path: Path) -> None:
    theirs = tmp_path / "thesis.txt"
    theirs.write_text("years of work")
    with pytest.raises(InputError, match="is not empty, and csnviz did not draw"):
        draw(tmp_path)
    with pytest.raises(InputError, match="is a file"):
        draw(theirs)
    assert list(tmp_path.iterdir()) == [theirs]


def test_people_drawn_by_another_version_are_neither_trained_on_nor_completed(
    draw: Callable[..., str], plain: Path, manifest: Manifest, data_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "cast_version", lambda *_: "another")
    with pytest.raises(InputError, match=r"drawn by another version of csnviz .* here another"):
        load_tree(manifest, data_root)
    with pytest.raises(InputError, match="drawn by another version"):
        draw(plain)


def test_a_folder_keeps_what_its_people_play_and_who_marked_it(data_root: Path, tmp_path: Path) -> None:
    asked = ("prepare", "cast", "--root", tmp_path / "other", "--people", 1, "--frames", 12, "--script", "spontaneous")
    noisy = (*asked, "--coder-noise", 0.9, "--non-additivity", 0.25, "--data-root", data_root, "--workers", 1)
    assert main([str(each) for each in noisy]) == 0
    played = expressions("C001", 12, SPONTANEOUS)
    table, _ = load_tree(tree_manifest(tmp_path / "other"), data_root, progress=False)
    np.testing.assert_array_equal(table.intensity, Coder(1, 0.9).mark("C001", drawn_intensities(played)))
    truth = pd.read_csv(tmp_path / "other" / "Drawn_Intensities" / "C001.csv")
    np.testing.assert_allclose(truth[list(DISFA.columns)], drawn_intensities(played), atol=5e-4)
    labels = pd.read_csv(tmp_path / "other" / "Drawn_Labels" / "C001.csv")
    np.testing.assert_array_equal(labels[list(DISFA.columns)], table.intensity)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"script": "opera"}, "knows no script 'opera'. It knows mixed, posed, spontaneous"),
        ({"coder_noise": -1.0}, "noise goes from 0 to 2.5 steps of the scale 0 to 5; found -1"),
        ({"non_additivity": 2.0}, "found 2"),
    ],
)
def test_what_nobody_plays_and_no_coder_marks_is_refused(asked: dict, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Play(**asked)


def test_a_study_of_the_folder_has_its_people_its_folds_and_the_crops_of_the_drawing(
    plain: Path, data_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = load_cast(PEOPLE, FRAMES, data_root, progress=False)
    assert dataset_in(plain) == "cast"
    study = open_study("cast", data_root, plain)
    monkeypatch.setenv("CSNVIZ_MANIFEST", str(plain / MANIFESTS))
    of_the_page = open_study("cast", data_root)
    for each in (study, of_the_page):
        assert each.table.participants == PEOPLE
        np.testing.assert_array_equal(each.table.crops([3, 11]), drawn.crops([3, 11]))
        np.testing.assert_array_equal(each.table.intensity, drawn.intensity)
        assert each.references.rows.equals(dataset.cast_references(drawn).rows)
        assert [fold.held_out for fold in each.manifest.all_folds] == [("C001",), ("C002",), ("C003",)]


def test_by_the_commands_that_a_person_types_people_are_drawn_and_trained_on(
    plain: Path, data_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny = replace(
        ON_THE_CAST, size=IResNetSize((1, 1, 1, 1), (4, 4, 6, 8)), epochs=1, batch_size=6, precision="float32"
    )
    monkeypatch.setattr("csnviz.recipes.command.settings_for", lambda _: tiny)
    root, here = str(tmp_path / "drawn"), ("--data-root", str(data_root), "--debug")
    assert main(["prepare", "cast", "--people", "3", "--frames", str(FRAMES), "--root", root, *here]) == 0
    said = capsys.readouterr().out
    assert f"csnviz train csn_stage4 --root {root}" in said
    assert files_in(Path(root)) == files_in(plain)
    assert main(["train", "csn_stage4", "--root", root, "--fold", "2", "--out", str(tmp_path / "runs"), *here]) == 0
    (run,) = (tmp_path / "runs").iterdir()
    judged = PredictionTable.load(run / "predictions" / "csn.npz")
    assert set(judged.rows["participant"]) == {"C002"}
    assert set(judged.rows["ref_frame_id"]) == {"cast/C002/front/0000"}
    np.testing.assert_array_equal(judged.label, drawn_labels("C002"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("prepare cast", "--root DIR"),
        (
            "prepare cast --root DIR --check",
            "--check is for a dataset that is read from a folder, and the cast is drawn",
        ),
        ("prepare cast --root DIR --crops OTHER", "--crops is for a dataset that is read from a folder"),
        ("prepare disfa --root DIR --people 3", "--people is for a dataset that is drawn: the cast"),
        ("prepare cast --root DIR --people -1", "-1 drawn people were asked for"),
        (
            "train csn_stage4 --on cast --root DIR",
            "DIR holds no drawn people in the plain shape, or not all of them yet",
        ),
        ("prepare cast_as_disfa --root DIR --check", "no dataset that csnviz reads"),
    ],
)
def test_what_the_command_cannot_do_is_one_sentence(
    words: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words.split()) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert not (tmp_path / "DIR").exists()
