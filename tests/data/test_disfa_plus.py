import os
import shutil

import numpy as np
import pytest

from csnviz.data.disfa_plus import list_disfa_plus
from csnviz.errors import InputError
from tests.data.faults import (
    assert_as_written,
    both,
    copied,
    emptied,
    found_in,
    in_place,
    renumbered,
    rewritten,
    with_file,
    with_line,
    without,
)
from tests.data.trees import disfa_plus_tree

TRIAL = "SN001/A3_AU1_2_TrailNo_2"  # the trial that holds the reference of SN001
OTHER = "SN001/A2_AU12_TrailNo_1"
LABELS, IMAGES = f"Labels/{TRIAL}", f"Images/{TRIAL}"
AU4 = f"{LABELS}/AU4.txt"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return disfa_plus_tree(tmp_path_factory.mktemp("disfa_plus"))


@pytest.fixture
def tree(whole, tmp_path):
    """A fresh copy of two participants with two trials of five frames each."""
    return copied(whole, tmp_path / "tree")


def test_a_whole_folder_gives_every_picture_with_its_labels_and_nothing_amiss(tree):
    listing = list_disfa_plus(tree.root, tree.manifest)
    assert listing.findings == ()
    assert set(listing.rows["frame_id"]) == set(tree.labels)
    assert not np.isnan(listing.intensity).any()
    assert_as_written(listing, tree)


def test_a_picture_000_is_frame_0_of_its_trial_and_has_no_time(tree):
    rows = list_disfa_plus(tree.root, tree.manifest).rows
    assert set(rows["video"]) == {TRIAL.split("/")[1], OTHER.split("/")[1], "A1_AU1_TrailNo_2"}
    assert [int(os.path.basename(source)[:3]) for source in rows["source"]] == rows["frame_index"].tolist()
    assert rows["timestamp"].isna().all()
    assert set(rows["place"]) == {-1}


def test_doubled_folders_litter_and_letter_case_make_no_difference(tree):
    for part in ("Images", "Labels"):
        (tree.root / part / "SN001").rename(tree.root / part / "x")
        (tree.root / part / "SN001").mkdir()
        (tree.root / part / "x").rename(tree.root / part / "SN001/SN001")
        for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
            (tree.root / part / "SN001" / name).write_bytes(b"x")
    (tree.root / "Labels/SN003/A1_AU1_TrailNo_2/AU4.txt").rename(tree.root / "Labels/SN003/A1_AU1_TrailNo_2/au4.TXT")
    listing = list_disfa_plus(tree.root, tree.manifest)
    assert listing.findings == ()
    assert set(listing.rows["frame_id"]) == set(tree.labels)
    assert_as_written(listing, tree)


def test_a_folder_of_something_else_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds none of the folders Labels, Images"):
        list_disfa_plus(tmp_path, disfa_plus_tree(tmp_path / "a/b/c", participants=["SN001"], frames=1).manifest)


def without_last_frame(root):
    (root / IMAGES / "004.jpg").unlink()
    for path in (root / LABELS).iterdir():
        path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def counted_from_1(text):
    header, lines = text.splitlines()[:2], text.splitlines()[2:]
    return "\n".join([*header, *(f"{number:03d}{line[3:]}" for number, line in enumerate(lines, 1))])


def headless(text):
    return "".join(text.splitlines(keepends=True)[2:])


# What is planted; the findings (kind, file, line); how many rows fewer; how many labels are NaN.
FAULTS = {
    "a picture is missing": (without(f"{IMAGES}/002.jpg"), [("missing", f"{IMAGES}/002.jpg", 0)], 1, 0),
    "the first picture, which is the reference, is missing": (
        without(f"{IMAGES}/000.jpg"),
        [("missing", f"{IMAGES}/000.jpg", 0)] * 2,
        1,
        0,
    ),
    "a frame is missing in pictures and labels": (without_last_frame, [("missing", "Images/SN001", 0)], 1, 0),
    "a whole trial is missing": (
        without(f"Labels/{OTHER}", f"Images/{OTHER}"),
        [("missing", "Images/SN001", 0)],
        5,
        0,
    ),
    "a trial has no labels": (without(f"Labels/{OTHER}"), [("missing", f"Labels/{OTHER}", 0)], 0, 60),
    "a trial has no pictures": (without(f"Images/{OTHER}"), [("missing", f"Images/{OTHER}", 0)], 5, 0),
    "a trial has an empty folder of labels": (
        emptied(f"Labels/{OTHER}"),
        [("missing", f"Labels/{OTHER}", 0)],
        0,
        60,
    ),
    "somebody has no labels": (without("Labels/SN003"), [("missing", "Labels/SN003", 0)], 0, 120),
    "somebody is missing": (without("Labels/SN003", "Images/SN003"), [("missing", "Images/SN003", 0)], 10, 0),
    "all labels are missing": (without("Labels"), [("missing", "Labels", 0)], 0, 240),
    "a label file is missing": (without(AU4), [("missing", AU4, 0)], 0, 5),
    "a label file holds its header only": (
        rewritten(AU4, lambda text: "".join(text.splitlines(keepends=True)[:2])),
        [("missing", AU4, 0)],
        0,
        5,
    ),
    "the header is missing": (rewritten(AU4, headless), [("missing", AU4, 1)], 0, 0),
    "a label is 9": (with_line(AU4, 4, "001.jpg     9"), [("out of range", AU4, 4)], 0, 1),
    "a label is 1.5": (with_line(AU4, 4, "001.jpg     1.5"), [("out of range", AU4, 4)], 0, 1),
    "a label is a letter": (with_line(AU4, 4, "001.jpg     B"), [("unreadable", AU4, 4)], 0, 1),
    "a comma stands for the blanks": (with_line(AU4, 4, "001.jpg,2"), [("unreadable", AU4, 4)], 0, 1),
    "a line has no label": (with_line(AU4, 4, "001.jpg"), [("unreadable", AU4, 4)], 0, 1),
    "a line names a video": (with_line(AU4, 4, "001.avi     2"), [("unreadable", AU4, 4)], 0, 1),
    "a line holds bytes that are no text": (with_line(AU4, 4, b"001.jpg     \xff"), [("unreadable", AU4, 4)], 0, 1),
    "a third line of header": (
        rewritten(AU4, lambda text: "DISFA\n" + text),
        [("unreadable", AU4, 3)],
        0,
        0,
    ),
    "a frame is labelled twice, differently": (
        rewritten(AU4, lambda text: text + "000.jpg     3\n"),
        [("extra", AU4, 8)],
        0,
        1,
    ),
    "a label file is longer than the others": (
        rewritten(AU4, lambda text: text + "005.jpg     0\n"),
        [("extra", AU4, 8)],
        0,
        0,
    ),
    "a label file is shorter than the others": (
        rewritten(AU4, lambda text: "".join(text.splitlines(keepends=True)[:-2])),
        [("missing", AU4, 0)],
        0,
        2,
    ),
    "a label file is counted from 1": (
        rewritten(AU4, counted_from_1),
        [("out of range", AU4, 3)],
        0,
        5,
    ),
    "a unit is not coded by the dataset": (
        with_file(f"{LABELS}/AU14.txt", AU4),
        [("extra", f"{LABELS}/AU14.txt", 0)],
        0,
        0,
    ),
    "a label file is called AU04": (
        both(with_file(f"{LABELS}/AU04.txt", AU4), without(AU4)),
        [("extra", f"{LABELS}/AU04.txt", 0)],
        0,
        5,
    ),
    "pictures are counted from 1": (
        renumbered(IMAGES, "{:03d}.jpg".format, 1, 0, 4),
        [("out of range", f"{IMAGES}/001.jpg", 0), ("missing", f"{IMAGES}/000.jpg", 0)],
        5,
        0,
    ),
    "a picture has no label": (
        with_file(f"{IMAGES}/005.jpg", f"{IMAGES}/004.jpg"),
        [("extra", f"{IMAGES}/005.jpg", 0), ("extra", "Images/SN001", 0)],
        -1,
        12,
    ),
    "a picture is a PNG": (
        both(with_file(f"{IMAGES}/002.png", f"{IMAGES}/002.jpg"), without(f"{IMAGES}/002.jpg")),
        [("extra", f"{IMAGES}/002.png", 0)],
        1,
        0,
    ),
    "a picture's number has two digits": (
        in_place(f"{IMAGES}/002.jpg", lambda path: shutil.copy(path.with_name("001.jpg"), path.with_name("02.jpg"))),
        [("extra", f"{IMAGES}/02.jpg", 0)],
        1,
        0,
    ),
    "a folder is called like a picture": (
        in_place(f"{IMAGES}/002.jpg", lambda path: path.mkdir()),
        [("unreadable", f"{IMAGES}/002.jpg", 0)],
        1,
        0,
    ),
    "a file lies among the trials": (
        with_file("Labels/SN001/AU4.txt", AU4),
        [("extra", "Labels/SN001/AU4.txt", 0)],
        0,
        0,
    ),
    "somebody unknown has pictures": (
        with_file("Images/SN002/A1_AU1_TrailNo_1/000.jpg", f"{IMAGES}/000.jpg"),
        [("extra", "Images/SN002", 0)],
        0,
        0,
    ),
    "the reference is not neutral": (
        with_line(AU4, 3, "000.jpg     2"),
        [("out of range", f"{IMAGES}/000.jpg", 0)],
        0,
        0,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named_with_its_file_and_line_and_everything_else_is_read(tree, fault):
    plant, findings, rows_fewer, uncoded = FAULTS[fault]
    plant(tree.root)
    listing = list_disfa_plus(tree.root, tree.manifest)
    assert found_in(listing) == findings
    assert len(listing) == len(tree.labels) - rows_fewer
    assert np.isnan(listing.intensity).sum() == uncoded
    if fault != "the reference is not neutral":
        assert_as_written(listing, tree)
