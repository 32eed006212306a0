import os
import shutil
from dataclasses import replace

import numpy as np
import pytest

from csnviz.data.disfa import list_disfa
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
from tests.data.trees import disfa_tree, small_manifest

LABELS = "ActionUnit_Labels/SN001"
AU4 = f"{LABELS}/SN001_au4.txt"
LEFT = "Images_LeftCamera/SN001"
CELLS = 6 * 12  # frames and units of one participant before one camera


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return disfa_tree(tmp_path_factory.mktemp("disfa"))


@pytest.fixture(scope="module")
def whole_videos(tmp_path_factory):
    return disfa_tree(tmp_path_factory.mktemp("videos"), extracted=False)


@pytest.fixture
def tree(whole, tmp_path):
    """A fresh copy of two participants with six extracted frames before each camera."""
    return copied(whole, tmp_path / "tree")


@pytest.fixture
def videos(whole_videos, tmp_path):
    """The same as distributed: two videos per participant."""
    return copied(whole_videos, tmp_path / "videos")


@pytest.mark.parametrize("name", ["tree", "videos"])
def test_a_whole_folder_gives_every_frame_with_its_labels_and_nothing_amiss(name, request):
    tree = request.getfixturevalue(name)
    listing = list_disfa(tree.root, tree.manifest)
    assert listing.findings == ()
    assert set(listing.rows["frame_id"]) == set(tree.labels)
    assert not np.isnan(listing.intensity).any()
    assert_as_written(listing, tree)
    assert listing.rows["timestamp"].tolist() == (listing.rows["frame_index"] / 20).tolist()
    assert all(os.path.isfile(source) for source in listing.rows["source"])


def test_an_extracted_frame_is_a_still_and_its_index_is_one_less_than_its_number(tree):
    rows = list_disfa(tree.root, tree.manifest).rows
    assert set(rows["place"]) == {-1}
    assert [os.path.basename(source) for source in rows["source"][:6]] == [f"{n}.jpg" for n in range(1, 7)]
    assert rows["frame_index"][:6].tolist() == [0, 1, 2, 3, 4, 5]


def test_the_first_label_belongs_to_the_first_frame_of_both_videos(videos):
    rows = list_disfa(videos.root, videos.manifest).rows
    assert rows["place"].tolist() == rows["frame_index"].tolist() == [0, 1, 2, 3, 4, 5] * 4
    names = [os.path.basename(source) for source in rows["source"].unique()]
    assert names == [f"{side}VideoSN00{n}_{c}omp.avi" for n in (1, 2) for side, c in (("Left", "c"), ("Right", "C"))]


def test_frames_come_in_the_order_of_their_numbers_not_of_their_names(tmp_path):
    tree = disfa_tree(tmp_path, participants=["SN001"], frames=11)
    rows = list_disfa(tree.root, tree.manifest).rows
    assert rows["frame_index"].tolist() == [*range(11), *range(11)]


def test_of_somebody_with_frames_and_a_video_the_frames_are_read(tree, videos):
    shutil.copytree(videos.root / "Videos_LeftCamera", tree.root / "Videos_LeftCamera")
    listing = list_disfa(tree.root, tree.manifest)
    assert listing.findings == ()
    assert set(listing.rows["place"]) == {-1}


@pytest.mark.parametrize("stated", ["6", ""])
def test_the_frame_of_sn010_that_nobody_labelled_is_no_fault(tmp_path, stated):
    tree = disfa_tree(tmp_path, participants=["SN010"], frames=6)
    manifest = replace(tree.manifest, participants=tree.manifest.participants.assign(frames=stated))
    for camera in ("Left", "Right"):
        folder = tree.root / f"Images_{camera}Camera/SN010"
        shutil.copy(folder / "6.jpg", folder / "7.jpg")
    listing = list_disfa(tree.root, manifest)
    assert listing.findings == ()
    unlabelled = np.isnan(listing.intensity).all(axis=1)
    assert listing.rows["frame_index"][unlabelled].tolist() == [6, 6]
    assert unlabelled.sum() == np.isnan(listing.intensity).any(axis=1).sum()


def test_windows_line_ends_a_byte_order_mark_and_blank_lines_are_no_faults(tree):
    file = tree.root / AU4
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n") + b"\r\n\r\n")
    listing = list_disfa(tree.root, tree.manifest)
    assert listing.findings == ()
    assert_as_written(listing, tree)


def test_litter_of_operating_systems_and_other_folders_of_the_dataset_are_passed_over(tree):
    for folder in (LABELS, LEFT, "ActionUnit_Labels", "Images_LeftCamera"):
        for name in (".DS_Store", "Thumbs.db", "desktop.ini", "._1.jpg"):
            (tree.root / folder / name).write_bytes(b"x")
    (tree.root / "Landmark_Points").mkdir()
    assert list_disfa(tree.root, tree.manifest).findings == ()


def test_letter_case_and_doubled_or_wrapped_folders_make_no_difference(tree, tmp_path):
    (tree.root / "Images_LeftCamera").rename(tree.root / "images_leftcamera")
    (tree.root / "ActionUnit_Labels").rename(tree.root / "x")
    (tree.root / "ActionUnit_Labels").mkdir()
    (tree.root / "x").rename(tree.root / "ActionUnit_Labels/ActionUnit_Labels")
    (tree.root / "images_leftcamera/SN001").rename(tree.root / "images_leftcamera/sn001")
    outer = tmp_path / "outer"
    outer.mkdir()
    shutil.move(tree.root, outer / "DISFA")
    listing = list_disfa(outer, tree.manifest)
    assert listing.findings == ()
    assert set(listing.rows["frame_id"]) == set(tree.labels)
    assert listing.root == outer / "DISFA"


def test_a_folder_that_holds_nothing_of_disfa_is_refused_with_what_was_expected(tmp_path):
    with pytest.raises(
        InputError, match=r"holds none of the folders ActionUnit_Labels, .*Name the folder that holds Act"
    ):
        list_disfa(tmp_path, small_manifest("disfa", ["SN001"], 6))
    with pytest.raises(InputError, match="there is no such folder"):
        list_disfa(tmp_path / "nowhere", small_manifest("disfa", ["SN001"], 6))


def test_of_two_folders_that_both_fit_one_must_be_named(tmp_path):
    for name in ("one", "two"):
        disfa_tree(tmp_path / name, participants=["SN001"], frames=2)
    with pytest.raises(InputError, match=r"holds several folders with ActionUnit_Labels: one, two\. Name one of them"):
        list_disfa(tmp_path, small_manifest("disfa", ["SN001"], 2))


def au4(change):
    """Changes the whole text of the labels of AU4."""
    return rewritten(AU4, change)


def line(number, text):
    """Replaces one line of the labels of AU4."""
    return with_line(AU4, number, text)


def counted_from(first):
    def change(text):
        return "".join(f"{number},{line.split(',')[1]}\n" for number, line in enumerate(text.splitlines(), first))

    return au4(change)


def reference_that_frowns(root):
    first, *rest = (root / AU4).read_text().splitlines()
    assert first == "1,0"
    (root / AU4).write_text("\n".join(["1,2", *rest]))


def short_labels(root):
    for path in (root / LABELS).iterdir():
        path.write_text("".join(path.read_text().splitlines(keepends=True)[:4]))


# What is planted; the findings (kind, file, line); how many rows fewer; how many labels are NaN.
FAULTS = {
    "a picture is missing": (without(f"{LEFT}/3.jpg"), [("missing", f"{LEFT}/3.jpg", 0)], 1, 0),
    "three pictures in a row are missing": (
        without(*[f"{LEFT}/{n}.jpg" for n in (3, 4, 5)]),
        [("missing", f"{LEFT}/3.jpg", 0)],
        3,
        0,
    ),
    "the last picture is missing": (without(f"{LEFT}/6.jpg"), [("missing", f"{LEFT}/6.jpg", 0)], 1, 0),
    "a camera is missing": (without("Images_RightCamera"), [("missing", "Images_RightCamera", 0)], 12, 0),
    "a camera has an empty folder": (emptied("Images_RightCamera"), [("missing", "Images_RightCamera", 0)], 12, 0),
    "a participant is missing before one camera": (without(LEFT), [("missing", LEFT, 0)], 6, 0),
    "a participant has an empty folder": (emptied(LEFT), [("missing", LEFT, 0)], 6, 0),
    "a participant is missing": (
        without("ActionUnit_Labels/SN002", "Images_LeftCamera/SN002", "Images_RightCamera/SN002"),
        [("missing", "ActionUnit_Labels/SN002", 0)],
        12,
        0,
    ),
    "all labels are missing": (
        without("ActionUnit_Labels"),
        [("missing", "ActionUnit_Labels", 0)],
        0,
        4 * CELLS,
    ),
    "the labels of a participant are missing": (without(LABELS), [("missing", LABELS, 0)], 0, 2 * CELLS),
    "a folder of labels is empty": (emptied(LABELS), [("missing", LABELS, 0)], 0, 2 * CELLS),
    "a label file is missing": (without(AU4), [("missing", AU4, 0)], 0, 12),
    "a label file is empty": (au4(lambda text: ""), [("missing", AU4, 0)], 0, 12),
    "a label file ends early": (
        au4(lambda text: "".join(text.splitlines(keepends=True)[:4])),
        [("missing", AU4, 0)],
        0,
        4,
    ),
    "all label files end early": (short_labels, [("missing", LABELS, 0)], 0, 2 * 2 * 12),
    "a label is 7": (line(3, "3,7"), [("out of range", AU4, 3)], 0, 2),
    "a label is -1": (line(3, "3,-1"), [("out of range", AU4, 3)], 0, 2),
    "a label is 2.5": (line(3, "3,2.5"), [("out of range", AU4, 3)], 0, 2),
    "a label is larger than any number": (line(3, "3,1e999"), [("out of range", AU4, 3)], 0, 2),
    "a label is a word": (line(3, "3,nan"), [("unreadable", AU4, 3)], 0, 2),
    "a label is empty": (line(3, "3,"), [("unreadable", AU4, 3)], 0, 2),
    "a blank stands for the comma": (line(3, "3 2"), [("unreadable", AU4, 3)], 0, 2),
    "a line has three columns": (line(3, "3,2,1"), [("unreadable", AU4, 3)], 0, 2),
    "a frame number is longer than any": (line(3, "9" * 5000 + ",1"), [("unreadable", AU4, 3)], 0, 2),
    "a frame number is 0 in the middle": (line(3, "0,1"), [("out of range", AU4, 3)], 0, 2),
    "a line holds bytes that are no text": (line(3, b"3,\xff\xfe"), [("unreadable", AU4, 3)], 0, 2),
    "two lines cannot be read": (
        both(line(2, "x"), line(5, "y")),
        [("unreadable", AU4, 2), ("unreadable", AU4, 5)],
        0,
        4,
    ),
    "no line can be read": (au4(lambda text: text.replace(",", ";")), [("unreadable", AU4, 1)], 0, 12),
    "a frame is labelled twice, differently": (
        au4(lambda text: text + "1,1\n"),
        [("extra", AU4, 7)],
        0,
        2,
    ),
    "a frame is labelled twice, alike": (au4(lambda text: text + "1,0\n"), [("extra", AU4, 7)], 0, 0),
    "a label has no frame": (au4(lambda text: text + "7,0\n"), [("extra", AU4, 7)], 0, 0),
    "labels are counted from 0": (counted_from(0), [("out of range", AU4, 1)], 0, 12),
    "labels are counted from 2": (counted_from(2), [("out of range", AU4, 1)], 0, 12),
    "a unit is not coded by the dataset": (
        with_file(f"{LABELS}/SN001_au14.txt", AU4),
        [("extra", f"{LABELS}/SN001_au14.txt", 0)],
        0,
        0,
    ),
    "a label file is somebody else's": (
        with_file(f"{LABELS}/SN002_au4.txt", AU4),
        [("extra", f"{LABELS}/SN002_au4.txt", 0)],
        0,
        0,
    ),
    "a folder is called like a label file": (
        in_place(AU4, lambda path: path.mkdir()),
        [("unreadable", AU4, 0)],
        0,
        12,
    ),
    "a picture has no label": (with_file(f"{LEFT}/7.jpg", f"{LEFT}/3.jpg"), [("extra", f"{LEFT}/7.jpg", 0)], -1, 12),
    "pictures are counted from 0": (
        renumbered(LEFT, "{}.jpg".format, -1, 1, 6),
        [("out of range", f"{LEFT}/0.jpg", 0)],
        6,
        0,
    ),
    "pictures are counted from 2": (
        renumbered(LEFT, "{}.jpg".format, 1, 1, 6),
        [("out of range", f"{LEFT}/2.jpg", 0)],
        6,
        0,
    ),
    "a picture 0 stands before the others": (
        with_file(f"{LEFT}/0.jpg", f"{LEFT}/3.jpg"),
        [("out of range", f"{LEFT}/0.jpg", 0)],
        6,
        0,
    ),
    "a picture has another ending": (
        both(with_file(f"{LEFT}/3.png", f"{LEFT}/3.jpg"), without(f"{LEFT}/3.jpg")),
        [("extra", f"{LEFT}/3.png", 0)],
        1,
        0,
    ),
    "a frame has two pictures, 3.jpg and 3.png": (
        with_file(f"{LEFT}/3.png", f"{LEFT}/3.jpg"),
        [("extra", f"{LEFT}/3.png", 0)],
        0,
        0,
    ),
    "a frame has two pictures, 3.jpg and 003.jpg": (
        with_file(f"{LEFT}/003.jpg", f"{LEFT}/3.jpg"),
        [("extra", f"{LEFT}/003.jpg", 0)],
        0,
        0,
    ),
    "a frame has two pictures, 3.jpg and 3.JPG": (
        with_file(f"{LEFT}/3.JPG", f"{LEFT}/3.jpg"),
        [("extra", f"{LEFT}/3.jpg", 0)],
        1,
        0,
    ),
    "a file among the pictures has no number": (
        with_file(f"{LEFT}/copy of 3.jpg", f"{LEFT}/3.jpg"),
        [("extra", f"{LEFT}/copy of 3.jpg", 0)],
        0,
        0,
    ),
    "a folder is called like a picture": (
        in_place(f"{LEFT}/3.jpg", lambda path: path.mkdir()),
        [("unreadable", f"{LEFT}/3.jpg", 0)],
        1,
        0,
    ),
    "a picture is a link to itself": (
        in_place(f"{LEFT}/3.jpg", lambda path: path.symlink_to(path)),
        [("unreadable", f"{LEFT}/3.jpg", 0)],
        1,
        0,
    ),
    "a picture is a link to nothing": (
        in_place(f"{LEFT}/3.jpg", lambda path: path.symlink_to("nothing.jpg")),
        [("unreadable", f"{LEFT}/3.jpg", 0)],
        1,
        0,
    ),
    "a folder of pictures holds a link to its parent": (
        lambda root: (root / LEFT / "up").symlink_to(root / "Images_LeftCamera"),
        [("extra", f"{LEFT}/up", 0)],
        0,
        0,
    ),
    "somebody unknown has labels": (
        with_file("ActionUnit_Labels/SN099/SN099_au4.txt", AU4),
        [("extra", "ActionUnit_Labels/SN099", 0)],
        0,
        0,
    ),
    "a file lies among the folders": (
        with_file("ActionUnit_Labels/ReadMe.txt", AU4),
        [("extra", "ActionUnit_Labels/ReadMe.txt", 0)],
        0,
        0,
    ),
    "the reference is missing": (
        without(f"{LEFT}/1.jpg"),
        [("missing", f"{LEFT}/1.jpg", 0), ("missing", f"{LEFT}/1.jpg", 0)],
        1,
        0,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named_with_its_file_and_line_and_everything_else_is_read(tree, fault):
    plant, findings, rows_fewer, uncoded = FAULTS[fault]
    plant(tree.root)
    listing = list_disfa(tree.root, tree.manifest)
    assert found_in(listing) == findings
    assert len(listing) == len(tree.labels) - rows_fewer
    assert np.isnan(listing.intensity).sum() == uncoded
    assert_as_written(listing, tree)


def test_a_reference_that_is_not_neutral_by_its_labels_is_named_for_both_cameras(tree):
    reference_that_frowns(tree.root)
    findings = list_disfa(tree.root, tree.manifest).findings
    assert [(f.kind, f.file) for f in findings] == [
        ("out of range", f"Images_{side}Camera/SN001/1.jpg") for side in ("Left", "Right")
    ]
    assert "frame 0 is the reference of SN001, left camera, but AU4 is labelled 2" in findings[0].sentence


VIDEO_FAULTS = {
    "a video is missing": (
        without("Videos_LeftCamera/LeftVideoSN001_comp.avi"),
        [("missing", "Videos_LeftCamera/LeftVideoSN001_comp.avi", 0)],
        6,
    ),
    "a camera is missing": (without("Video_RightCamera"), [("missing", "Videos_RightCamera", 0)], 12),
    "somebody unknown was filmed": (
        with_file("Videos_LeftCamera/LeftVideoSN099_comp.avi", AU4),
        [("extra", "Videos_LeftCamera/LeftVideoSN099_comp.avi", 0)],
        0,
    ),
    "a video lies in the other camera's folder": (
        with_file("Videos_LeftCamera/RightVideoSN001_comp.avi", AU4),
        [("extra", "Videos_LeftCamera/RightVideoSN001_comp.avi", 0)],
        0,
    ),
    "somebody has two videos": (
        with_file("Video_LeftCamera/LeftVideoSN001_comp.avi", AU4),
        [("extra", "Video_LeftCamera/LeftVideoSN001_comp.avi", 0)],
        0,
    ),
    "a folder is called like a video": (
        in_place("Videos_LeftCamera/LeftVideoSN001_comp.avi", lambda path: path.mkdir()),
        [("unreadable", "Videos_LeftCamera/LeftVideoSN001_comp.avi", 0)],
        6,
    ),
    "all label files end early": (short_labels, [("missing", LABELS, 0)], 4),
    "the labels of a participant are missing": (without(LABELS), [("missing", LABELS, 0)], 12),
}


@pytest.mark.parametrize("fault", VIDEO_FAULTS)
def test_a_fault_planted_among_videos_is_named_and_every_other_labelled_frame_is_read(videos, fault):
    plant, findings, rows_fewer = VIDEO_FAULTS[fault]
    plant(videos.root)
    listing = list_disfa(videos.root, videos.manifest)
    assert found_in(listing) == findings
    assert len(listing) == len(videos.labels) - rows_fewer
    assert_as_written(listing, videos)


def test_a_file_that_may_not_be_opened_is_named(tree, monkeypatch):
    def refusing(path, *arguments, **named):
        if str(path).endswith("SN001_au4.txt"):
            raise PermissionError(13, "Permission denied")
        return open(path, *arguments, **named)

    monkeypatch.setattr("csnviz.data.label_files.open", refusing, raising=False)
    listing = list_disfa(tree.root, tree.manifest)
    assert [(f.kind, f.file) for f in listing.findings] == [("unreadable", AU4)]
    assert "Permission denied" in listing.findings[0].sentence
    assert np.isnan(listing.intensity).sum() == 12
