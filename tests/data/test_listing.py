import io
import os
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from csnviz.data.check import FINDING_COLUMNS, KINDS, check, findings_table, report_text, unreadable_pictures
from csnviz.data.datasets import READERS, dataset_in, list_dataset
from csnviz.data.disfa import list_disfa
from csnviz.data.listing import Finding, Listing, frame_rows, join_listing
from csnviz.data.manifest import read_manifest
from csnviz.data.unbc import list_unbc
from csnviz.errors import InputError
from csnviz.facs import AUSet
from tests.data.faults import found_in
from tests.data.trees import disfa_plus_tree, disfa_tree, small_manifest, unbc_tree

TREES = {"disfa": disfa_tree, "disfa_plus": disfa_plus_tree, "unbc_mcmaster": unbc_tree}


@pytest.fixture
def tree(tmp_path):
    return disfa_tree(tmp_path / "tree", frames=4)


def some_findings(count, kind="missing"):
    return tuple(Finding(kind, "SN001", f"{number}.jpg", 0, "is not here. Unpack it.") for number in range(count))


def test_a_finding_says_where_then_what_and_no_line_where_it_concerns_a_whole_file():
    assert Finding("missing", "", "a/1.jpg", 0, "is not here.").text == "a/1.jpg: is not here."
    assert Finding("unreadable", "", "a.txt", 3, "found 'x'.").text == "a.txt, line 3: found 'x'."


def test_a_listing_without_a_column_or_with_labels_of_another_shape_is_refused(tmp_path):
    rows = frame_rows(("disfa", "P", "left", "P"), [0, 1], ["0.jpg", "1.jpg"], False, 20.0)
    with pytest.raises(InputError, match="is not whole"):
        Listing("disfa", tmp_path, rows.drop(columns="place"), np.zeros((2, 1), np.float32), AUSet((4,)))
    with pytest.raises(InputError, match="is not whole"):
        Listing("disfa", tmp_path, rows, np.zeros((3, 1), np.float32), AUSet((4,)))


def test_a_listing_of_nothing_has_every_column_and_no_rows(tmp_path):
    listing = join_listing("disfa", tmp_path, AUSet((4, 12)), [])
    assert len(listing) == 0
    assert listing.intensity.shape == (0, 2)
    assert listing.rows["frame_index"].dtype == np.int64


def test_frames_of_a_video_have_their_place_in_it_and_stills_have_none():
    named = ("disfa", "P", "left", "P")
    assert frame_rows(named, [3, 5], "a.avi", True, 20.0)["place"].tolist() == [3, 5]
    assert frame_rows(named, [3, 5], ["3.jpg", "5.jpg"], False, 20.0)["place"].tolist() == [-1, -1]
    assert frame_rows(named, [3, 5], "a.avi", True, 20.0)["timestamp"].tolist() == [0.15, 0.25]


def test_the_check_counts_frames_labels_and_present_units_of_each_participant_by_hand(tmp_path):
    frown = {0: 0, 1: 1, 2: 2, 3: 5}  # present from 2 on
    tree = disfa_tree(
        tmp_path, frames=4, labels=lambda who, video, index: np.array([0, 0, frown[index], *[0] * 9], np.float32)
    )
    (tree.root / "Images_RightCamera/SN001/4.jpg").unlink()
    (tree.root / "ActionUnit_Labels/SN002/SN002_au9.txt").unlink()
    counts = check(list_disfa(tree.root, tree.manifest), tree.manifest).set_index("participant")
    columns = ["expected", "frames_left", "frames_right", "videos", "labelled", "present", "findings"]
    assert counts.loc["SN001", columns].tolist() == [4, 4, 3, 2, 7, 3, 1]
    assert counts.loc["SN002", columns].tolist() == [4, 4, 4, 2, 0, 4, 1]


def test_closed_eyes_are_present_from_1_on_and_a_count_that_nobody_knows_is_not_0(tmp_path):
    tree = unbc_tree(
        tmp_path, participants=["042-ll042"], labels=lambda who, video, index: np.eye(10, dtype=np.float32)[9]
    )
    manifest = replace(tree.manifest, participants=tree.manifest.participants.assign(frames=""))
    listing = list_unbc(tree.root, manifest)
    counts = check(listing, manifest)
    assert counts["present"].tolist() == [10]
    assert counts["expected"].isna().all()
    assert "?" in report_text(listing, manifest)


def test_the_report_has_a_row_for_everybody_a_sum_and_the_findings_by_kind(tree):
    (tree.root / "Images_LeftCamera/SN001/2.jpg").unlink()
    (tree.root / "ActionUnit_Labels/SN002/SN002_au9.txt").write_text("1,0\n2,7\n3,0\n4,0\n")
    text = report_text(list_disfa(tree.root, tree.manifest), tree.manifest)
    lines = text.splitlines()
    assert lines[:2] == [f"DISFA in {tree.root}", "15 frames of 2 of 2 participants"]
    table = {line.split()[0]: line.split()[1:] for line in lines[3:7]}
    assert table["participant"] == ["expected", "left", "right", "videos", "labelled", "present", "findings"]
    assert table["SN001"][:3] == ["4", "3", "4"]
    assert table["all"][:5] == ["8", "7", "8", "4", "13"]
    assert "2 findings" in lines
    place = lines.index("missing (1)")
    assert lines[place + 1].startswith("  Images_LeftCamera/SN001/2.jpg: ")
    place = lines.index("out of range (1)")
    assert lines[place + 1].startswith("  ActionUnit_Labels/SN002/SN002_au9.txt, line 2: the label is 7")


def test_the_report_of_a_whole_folder_says_that_nothing_is_amiss(tree):
    assert report_text(list_disfa(tree.root, tree.manifest), tree.manifest).endswith("Nothing is amiss.\n")


def test_a_report_stops_after_so_many_findings_of_a_kind_and_says_how_many_more_there_are(tree):
    listing = list_disfa(tree.root, tree.manifest)
    listing = replace(listing, findings=some_findings(1203) + some_findings(2, "extra"))
    lines = report_text(listing, tree.manifest, most=3).splitlines()
    place = lines.index("missing (1,203)")
    assert lines[place + 1 : place + 5] == [f"  {f.text}" for f in some_findings(3)] + ["  ... and 1,200 more"]
    assert "  ... and" not in lines[lines.index("extra (2)") + 3 :]


def test_findings_survive_a_csv_file():
    findings = (Finding("unreadable", "", 'a "b", c.txt', 12, "found 'x,y'. Correct it."), *some_findings(1))
    file = io.StringIO(findings_table(findings).to_csv(index=False))
    again = pd.read_csv(file, keep_default_na=False)
    assert tuple(again.columns) == FINDING_COLUMNS
    assert [Finding(*row) for row in again.itertuples(index=False)] == list(findings)
    assert list(findings_table(()).columns) == list(FINDING_COLUMNS)


@pytest.mark.parametrize("name", READERS)
def test_no_picture_of_a_whole_folder_is_called_unreadable(name, tmp_path):
    tree = TREES[name](tmp_path, frames=2)
    listing = list_of(tree)
    assert unreadable_pictures(listing, progress=False) == ()


def list_of(tree):
    return READERS[tree.manifest.name](tree.root, tree.manifest)


BYTES = {
    "an empty picture": (lambda file: b"", "this file is empty"),
    "a text": (lambda file: b"not found", "not a picture by its first bytes"),
    "a picture that is cut off": (lambda file: file[: len(file) // 2], "a picture that is cut off"),
    "a picture without its last byte": (lambda file: file[:-1], "a picture that is cut off"),
    "a picture of nothing but its start": (lambda file: file[:3], "a picture that is cut off"),
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("fault", BYTES)
def test_a_picture_whose_bytes_give_it_away_is_named(name, fault, tmp_path):
    tree = TREES[name](tmp_path, frames=2)
    listing = list_of(tree)
    spoilt = tree.pictures[listing.rows["frame_id"].iloc[1]]
    change, words = BYTES[fault]
    # Three bytes are enough to tell a JPEG; a PNG tells itself by eight.
    short = name == "unbc_mcmaster" and fault.endswith("its start")
    spoilt.write_bytes(spoilt.read_bytes()[:8] if short else change(spoilt.read_bytes()))
    findings = unreadable_pictures(listing, progress=False)
    assert [(f.kind, f.participant, f.file) for f in findings] == [
        ("unreadable", listing.rows["participant"].iloc[1], os.path.relpath(spoilt, tree.root))
    ]
    assert words in findings[0].sentence


def test_zeros_after_the_end_of_a_picture_do_not_make_it_cut_off(tree):
    picture = tree.root / "Images_LeftCamera/SN001/1.jpg"
    picture.write_bytes(picture.read_bytes() + bytes(20))
    assert unreadable_pictures(list_disfa(tree.root, tree.manifest), progress=False) == ()


def test_a_video_that_is_none_is_named_once(tmp_path):
    tree = disfa_tree(tmp_path, frames=3, extracted=False)
    video = tree.root / "Videos_LeftCamera/LeftVideoSN001_comp.avi"
    video.write_bytes(b"<html>please sign in</html>")
    listing = list_disfa(tree.root, tree.manifest)
    assert listing.findings == ()
    (finding,) = unreadable_pictures(listing, progress=False)
    assert (finding.file, finding.kind) == ("Videos_LeftCamera/LeftVideoSN001_comp.avi", "unreadable")
    assert "not a video by its first bytes" in finding.sentence


def test_a_picture_that_has_gone_since_it_was_listed_is_named(tree):
    listing = list_disfa(tree.root, tree.manifest)
    (tree.root / "Images_LeftCamera/SN001/1.jpg").unlink()
    (finding,) = unreadable_pictures(listing, progress=False)
    assert "No such file" in finding.sentence
    assert finding.file == "Images_LeftCamera/SN001/1.jpg"


def test_findings_are_of_four_kinds(tree):
    (tree.root / "Images_LeftCamera/SN001/2.jpg").rename(tree.root / "Images_LeftCamera/SN001/2.png")
    (tree.root / "ActionUnit_Labels/SN002/SN002_au9.txt").write_text("1,0\n2,7\nx\n")
    assert {kind for kind, _, _ in found_in(list_disfa(tree.root, tree.manifest))} <= set(KINDS)


def test_a_file_with_a_name_that_is_no_text_is_a_finding_that_can_be_printed(tree):
    with open(os.fsencode(tree.root / "Images_LeftCamera/SN001") + b"/\xff.jpg", "wb"):
        pass
    text = report_text(list_disfa(tree.root, tree.manifest), tree.manifest)
    assert "Images_LeftCamera/SN001/�.jpg: " in text
    text.encode("utf-8")


@pytest.mark.parametrize("name", READERS)
def test_a_dataset_is_read_by_its_own_reader_and_manifest(name, tmp_path):
    tree = TREES[name](tmp_path, frames=2)
    manifest, listing = list_dataset(name, tree.root)
    assert (manifest.name, listing.dataset) == (name, name)
    assert set(listing.rows["frame_id"]) == set(tree.labels)
    absent = set(manifest.participants["participant"]) - set(tree.manifest.participants["participant"])
    assert absent == {f.participant for f in listing.findings if "there is nothing of" in f.sentence}


def test_the_cast_needs_no_folder_and_an_unknown_dataset_is_refused(tmp_path):
    with pytest.raises(InputError, match="'cast' needs no folder"):
        list_dataset("cast", tmp_path)
    with pytest.raises(InputError, match="'bp4d' is no dataset that csnviz reads"):
        list_dataset("bp4d", tmp_path)


@pytest.mark.parametrize("name", READERS)
def test_a_manifest_cut_down_to_two_people_still_has_folds_and_a_reference_of_each(name):
    two = list(read_manifest(name).participants["participant"][:2])
    manifest = small_manifest(name, two, 5)
    assert sorted(who for fold in manifest.all_folds for who in fold.held_out) == two
    assert set(manifest.reference_table().rows["participant"]) == set(two)
    assert all(int(frame_id.rsplit("/", 1)[1]) < 5 for frame_id in manifest.reference_table().rows["frame_id"])


def test_a_folder_says_by_its_labels_which_dataset_it_holds(tmp_path):
    for name, tree in TREES.items():
        tree(tmp_path / name / "inner")
        assert dataset_in(tmp_path / name / "inner") == dataset_in(tmp_path / name) == name
    (tmp_path / "nothing").mkdir()
    for folder in ("nothing", "not there"):
        with pytest.raises(InputError, match="none of the folders ActionUnit_Labels, Frame_Labels, Labels"):
            dataset_in(tmp_path / folder)
    disfa_tree(tmp_path / "nothing" / "one")
    unbc_tree(tmp_path / "nothing" / "other")
    with pytest.raises(InputError, match=r"several datasets \(disfa, unbc_mcmaster\)"):
        dataset_in(tmp_path / "nothing")
