import os
import shutil
from dataclasses import replace

import numpy as np
import pytest

from csnviz.data.inspecting import Inspection
from csnviz.data.unbc import list_unbc, read_facs
from csnviz.errors import InputError
from csnviz.facs import UNBC_OCCURRENCE
from tests.data.faults import (
    assert_as_written,
    both,
    copied,
    emptied,
    found_in,
    in_place,
    renumbered,
    with_file,
    without,
)
from tests.data.trees import unbc_tree

SEQUENCE = "042-ll042/ll042t1aaaff"  # holds the reference of 042-ll042
OTHER = "042-ll042/ll042t2aeaff"
IMAGES, LABELS = f"Images/{SEQUENCE}", f"Frame_Labels/FACS/{SEQUENCE}"
PICTURE = f"{IMAGES}/ll042t1aaaff003.png"
FACS = f"{LABELS}/ll042t1aaaff003_facs.txt"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return unbc_tree(tmp_path_factory.mktemp("unbc"))


@pytest.fixture
def tree(whole, tmp_path):
    """A fresh copy of two participants with two sequences of five frames each."""
    return copied(whole, tmp_path / "tree")


def test_a_whole_folder_gives_every_picture_with_its_labels_and_nothing_amiss(tree):
    listing = list_unbc(tree.root, tree.manifest)
    assert listing.findings == ()
    assert set(listing.rows["frame_id"]) == set(tree.labels)
    assert listing.aus == UNBC_OCCURRENCE
    assert not np.isnan(listing.intensity).any()
    assert_as_written(listing, tree)
    assert set(listing.intensity[:, -1]) == {0, 1}


def test_picture_001_is_frame_0_of_its_sequence_and_has_no_time(tree):
    rows = list_unbc(tree.root, tree.manifest).rows
    numbers = [int(os.path.basename(source)[-7:-4]) for source in rows["source"]]
    assert numbers == (rows["frame_index"] + 1).tolist()
    assert rows["timestamp"].isna().all()


@pytest.mark.parametrize("text", ["", "\n", "   \r\n\r\n"])
def test_an_empty_label_file_is_a_neutral_face(tree, text):
    (tree.root / FACS).write_text(text)
    listing = list_unbc(tree.root, tree.manifest)
    assert listing.findings == ()
    row = listing.rows["source"].tolist().index(str(tree.root / PICTURE))
    assert listing.intensity[row].tolist() == [0] * 10


def test_a_missing_label_file_is_no_neutral_face(tree):
    (tree.root / FACS).unlink()
    listing = list_unbc(tree.root, tree.manifest)
    row = listing.rows["source"].tolist().index(str(tree.root / PICTURE))
    assert np.isnan(listing.intensity[row]).all()


def test_units_outside_the_set_are_passed_over_and_onset_and_offset_say_nothing(tmp_path):
    path = tmp_path / "x_facs.txt"
    path.write_bytes(
        b"\xef\xbb\xbf   1.2000000e+01   3.0000000e+00   1.0000000e+00   9.0000000e+00\r\n"
        b"   5.0000000e+01   1.0000000e+00   0.0000000e+00   0.0000000e+00\r\n"
        b"   4.3000000e+01   1.0000000e+00   2.0000000e+00   3.0000000e+00\r\n"
    )
    inspection = Inspection(tmp_path)
    labels = read_facs(str(path), UNBC_OCCURRENCE, inspection)
    assert dict(zip(UNBC_OCCURRENCE, labels.tolist(), strict=True)) == {
        4: 0, 6: 0, 7: 0, 9: 0, 10: 0, 12: 3, 20: 0, 25: 0, 26: 0, 43: 1,
    }  # fmt: skip
    assert inspection.findings == ()


def test_the_number_of_all_frames_is_checked_where_that_of_each_participant_is_not_known(tree):
    unknown = replace(
        tree.manifest,
        participants=tree.manifest.participants.assign(frames=""),
        words={**tree.manifest.words, "counts": {"frames": 21}},
    )
    listing = list_unbc(tree.root, unknown)
    assert found_in(listing) == [("missing", "Images", 0)]
    assert "found 20 frames of everybody, expected 21" in listing.findings[0].sentence
    counted = replace(unknown, words={**unknown.words, "counts": {"frames": 20}})
    assert list_unbc(tree.root, counted).findings == ()


def test_a_folder_one_level_further_in_is_found_and_something_else_is_refused(tree, tmp_path):
    assert len(list_unbc(tree.root.parent, tree.manifest)) == len(tree.labels)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="Name the folder that holds Frame_Labels"):
        list_unbc(tmp_path / "empty", tree.manifest)


def written(*lines):
    """Lines of AU, intensity, onset and offset in place of what the third frame's label file says."""
    return lambda root: (root / FACS).write_text("".join(line + "\n" for line in lines))


def line(au, intensity):
    return f"   {au:.7e}   {intensity:.7e}   1.0000000e+00   9.0000000e+00"


def frame(number):
    return f"{LABELS}/ll042t1aaaff{number:03d}_facs.txt"


# What is planted; the findings (kind, file, line); how many rows fewer; how many labels are NaN.
FAULTS = {
    "a label file is missing": (without(FACS), [("missing", FACS, 0)], 0, 10),
    "the last label file is missing": (without(frame(5)), [("missing", frame(5), 0)], 0, 10),
    "three label files in a row are missing": (
        without(frame(2), frame(3), frame(4)),
        [("missing", frame(2), 0)],
        0,
        30,
    ),
    "a folder of labels is empty": (emptied(LABELS), [("missing", LABELS, 0)], 0, 50),
    "a sequence has no labels": (without(LABELS), [("missing", LABELS, 0)], 0, 50),
    "a sequence has no pictures": (without(f"Images/{OTHER}"), [("missing", f"Images/{OTHER}", 0)], 5, 0),
    "a sequence is missing": (
        without(f"Images/{OTHER}", f"Frame_Labels/FACS/{OTHER}"),
        [("missing", "Images/042-ll042", 0)],
        5,
        0,
    ),
    "the sequence of the reference is missing": (
        without(IMAGES, LABELS),
        [("missing", "Images/042-ll042", 0), ("missing", f"{IMAGES}/ll042t1aaaff001.png", 0)],
        5,
        0,
    ),
    "somebody is missing": (
        without("Images/043-jh043", "Frame_Labels/FACS/043-jh043"),
        [("missing", "Images/043-jh043", 0)],
        10,
        0,
    ),
    "all labels are missing": (without("Frame_Labels"), [("missing", "Frame_Labels/FACS", 0)], 0, 200),
    "a picture is missing": (without(PICTURE), [("missing", PICTURE, 0)], 1, 0),
    "a picture and its labels are missing": (
        without(PICTURE, FACS),
        [("missing", PICTURE, 0), ("missing", "Images/042-ll042", 0)],
        1,
        0,
    ),
    "an intensity is 6": (written(line(12, 6)), [("out of range", FACS, 1)], 0, 1),
    "an intensity is -1": (written(line(12, -1)), [("out of range", FACS, 1)], 0, 1),
    "an intensity is 1.5": (written(line(12, 1.5)), [("out of range", FACS, 1)], 0, 1),
    "closed eyes have an intensity of 2": (written(line(43, 2)), [("out of range", FACS, 1)], 0, 1),
    "an intensity is a word": (
        written(line(12, 1).replace("1.0000000e+00 ", "present ", 1)),
        [("unreadable", FACS, 1)],
        0,
        1,
    ),
    "a unit is 4.5": (written(line(12, 0), line(4.5, 2)), [("unreadable", FACS, 2)], 0, 10),
    "a unit is no number": (written("   AU4   2.0   1.0   9.0"), [("unreadable", FACS, 1)], 0, 10),
    "a line has three columns": (written("   4.0   2.0   1.0"), [("unreadable", FACS, 1)], 0, 10),
    "a line has five columns": (written("   4.0   2.0   1.0   1.0   1.0"), [("unreadable", FACS, 1)], 0, 10),
    "commas stand for the blanks": (written("4.0,2.0,1.0,1.0"), [("unreadable", FACS, 1)], 0, 10),
    "a label file holds bytes that are no text": (
        lambda root: (root / FACS).write_bytes(b"\x00\xff\xfe\x80"),
        [("unreadable", FACS, 1)],
        0,
        10,
    ),
    "a unit is named twice, differently": (written(line(12, 1), line(12, 2)), [("extra", FACS, 2)], 0, 1),
    "a unit is named twice, alike": (written(line(12, 0), line(12, 0)), [("extra", FACS, 2)], 0, 0),
    "a folder is called like a label file": (
        in_place(FACS, lambda path: path.mkdir()),
        [("unreadable", FACS, 0)],
        0,
        10,
    ),
    "a label file is a link to itself": (
        in_place(FACS, lambda path: path.symlink_to(path)),
        [("unreadable", FACS, 0)],
        0,
        10,
    ),
    "label files are counted from 0": (
        renumbered(LABELS, "ll042t1aaaff{:03d}_facs.txt".format, -1, 1, 5),
        [("out of range", frame(0), 0)],
        0,
        50,
    ),
    "pictures are counted from 0": (
        renumbered(IMAGES, "ll042t1aaaff{:03d}.png".format, -1, 1, 5),
        [("out of range", f"{IMAGES}/ll042t1aaaff000.png", 0), ("missing", f"{IMAGES}/ll042t1aaaff001.png", 0)],
        5,
        0,
    ),
    "a picture is a JPEG": (
        both(with_file(PICTURE.replace("png", "jpg"), PICTURE), without(PICTURE)),
        [("extra", PICTURE.replace("png", "jpg"), 0)],
        1,
        0,
    ),
    "a picture's number has two digits": (
        both(with_file(PICTURE.replace("003", "03"), PICTURE), without(PICTURE)),
        [("extra", PICTURE.replace("003", "03"), 0)],
        1,
        0,
    ),
    "a picture of another sequence": (
        with_file(f"{IMAGES}/ll042t2aeaff001.png", PICTURE),
        [("extra", f"{IMAGES}/ll042t2aeaff001.png", 0)],
        0,
        0,
    ),
    "a file lies among the sequences": (
        with_file("Images/042-ll042/notes.txt", FACS),
        [("extra", "Images/042-ll042/notes.txt", 0)],
        0,
        0,
    ),
    "somebody unknown has labels": (
        with_file("Frame_Labels/FACS/999-xx999/xx999t1aaaff/xx999t1aaaff001_facs.txt", FACS),
        [("extra", "Frame_Labels/FACS/999-xx999", 0)],
        0,
        0,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named_with_its_file_and_line_and_everything_else_is_read(tree, fault):
    plant, findings, rows_fewer, uncoded = FAULTS[fault]
    plant(tree.root)
    listing = list_unbc(tree.root, tree.manifest)
    assert found_in(listing) == findings
    assert len(listing) == len(tree.labels) - rows_fewer
    assert np.isnan(listing.intensity).sum() == uncoded
    spoilt = listing.rows["source"] == str(tree.root / PICTURE)
    assert_as_written(replace(listing, rows=listing.rows[~spoilt], intensity=listing.intensity[~spoilt]), tree)


def test_a_reference_that_is_not_neutral_by_its_labels_is_named(tree):
    (tree.root / frame(1)).write_text(line(26, 1) + "\n")
    listing = list_unbc(tree.root, tree.manifest)
    assert found_in(listing) == [("out of range", f"{IMAGES}/ll042t1aaaff001.png", 0)]
    assert "AU26 is labelled 1" in listing.findings[0].sentence


def test_a_participant_whose_every_picture_is_gone_is_a_finding_and_no_error(tree):
    shutil.rmtree(tree.root / "Images")
    listing = list_unbc(tree.root, tree.manifest)
    assert len(listing) == 0
    assert ("missing", "Images", 0) in found_in(listing)
