import shutil

import pytest

from csnviz import places
from csnviz.data.manifest import TABLES, cross_fold, manifests, read_manifest
from csnviz.errors import InputError

TOML = """
name = "made"
title = "MADE"
how_to_ask = "Ask."
licence = "None."
may_show_faces = false
cameras = ["left", "right"]
frames_per_second = 25
intensity = [1, 12]
occurrence = [12, 43]
fold_scheme = "2-fold"
folds_cover_everybody = true
papers = ["Made."]
quirks = ["# is no remark here."]
[counts]
participants = 2
[frame_numbers]
labels = 0
references = 1
[layout]
"""

FILES = {
    "participants": 'participant,person,frames,note\nP1,Ann,10,"first, of two"\nP2,Bob,,\n',
    "references": (
        "participant,camera,video,frame,chosen_by,note\n# Chosen twice.\nP1,left,V1,1,person,\nP1,right,V1,3,person,\n"
        "P2,left,,2,labels,\nP2,right,,2,labels,\n"
    ),
    "folds": "fold,participant\na,P1\nb,P2\n",
    "attributes": (
        "participant,attribute,value,by\nP1,eyeglasses,present,AB\nP2,eyeglasses,not annotated,\n"
        "P1,facial hair,absent,AB\nP2,facial hair,absent,AB\n"
    ),
    "cases": "name,participant,camera,au,reference,first,last,note\nOne,P1,left,43,2,3,9,\nTwo,P2,right,1,,,,look # here\n",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        (tmp_path / f"{name}.csv").write_text(text)
    (tmp_path / "dataset.toml").write_text(TOML)
    return tmp_path


def changed(folder, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


def test_a_manifest_says_what_its_files_say(folder):
    manifest = read_manifest("made", folder)
    assert (manifest.title, manifest.cameras, manifest.may_show_faces) == ("MADE", ("left", "right"), False)
    assert (manifest.intensity.numbers, manifest.occurrence.numbers) == ((1, 12), (12, 43))
    assert manifest.frames_per_second == 25.0
    assert manifest.people == {"P1": "Ann", "P2": "Bob"}
    assert manifest.participants.loc[0, "note"] == "first, of two"
    assert manifest.cases.loc[1, "note"] == "look # here"
    assert [fold.held_out for fold in manifest.all_folds] == [("P1",), ("P2",)]
    assert manifest.fold("b").train == ("P1",)


def test_expected_frames_are_a_number_or_none_and_a_stranger_is_refused(folder):
    manifest = read_manifest("made", folder)
    assert [manifest.expected_frames(who) for who in ("P1", "P2")] == [10, None]
    with pytest.raises(InputError, match=r"'P3' is no participant of MADE\. Choose one of P1, P2"):
        manifest.expected_frames("P3")


def test_the_rate_is_none_where_nobody_knows_it(folder):
    changed(folder, "dataset.toml", "frames_per_second = 25\n", "")
    assert read_manifest("made", folder).frames_per_second is None


def test_a_reference_is_a_frame_counted_from_0_with_a_video_part_only_where_a_video_is_named(folder):
    table = read_manifest("made", folder).reference_table()
    assert table.frame_id_for("P1", "left") == "made/P1/left/V1/0000"
    assert table.frame_id_for("P1", "right") == "made/P1/right/V1/0002"
    assert table.frame_id_for("P2", "left") == "made/P2/left/0001"
    assert list(table.rows["chosen_by"]) == ["person", "person", "labels", "labels"]


def test_each_kind_of_file_has_its_own_first_number(folder):
    manifest = read_manifest("made", folder)
    assert (manifest.first_number("labels"), manifest.first_number("references")) == (0, 1)
    with pytest.raises(InputError, match="MADE: frames are numbered in labels, references; found 'pictures'"):
        manifest.first_number("pictures")


def test_an_unknown_fold_is_answered_with_the_known_ones(folder):
    with pytest.raises(InputError, match="MADE has the folds a, b; found 'c'"):
        read_manifest("made", folder).fold("c")


def test_an_unknown_dataset_is_answered_with_the_known_ones():
    with pytest.raises(InputError, match=rf"no dataset 'bp4d' .* Known are {', '.join(manifests())}\."):
        read_manifest("bp4d")


def test_nobody_needs_a_reference_until_somebody_has_chosen_one(folder):
    (folder / "references.csv").write_text(FILES["references"].splitlines()[0] + "\n")
    assert len(read_manifest("made", folder).reference_table().rows) == 0


def test_participants_may_be_in_no_fold_where_dataset_toml_says_so(folder):
    changed(folder, "folds.csv", "b,P2\n", "b,P1\n")
    changed(folder, "dataset.toml", "folds_cover_everybody = true", "folds_cover_everybody = false")
    with pytest.raises(InputError, match=r"folds\.csv, line 3: P1 has an earlier row already"):
        read_manifest("made", folder)
    changed(folder, "participants.csv", "P2,Bob,,\n", "P2,Bob,,\nP3,Cy,,\n")
    changed(folder, "folds.csv", "b,P1\n", "b,P2\n")
    for file in ("references", "attributes"):
        (folder / f"{file}.csv").write_text(FILES[file].splitlines()[0] + "\n")
    assert [fold.train for fold in read_manifest("made", folder).all_folds] == [("P2",), ("P1",)]


def test_a_file_saved_by_a_spreadsheet_reads_the_same(folder):
    plain = read_manifest("made", folder)
    for name, text in FILES.items():
        (folder / f"{name}.csv").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    again = read_manifest("made", folder)
    assert all(getattr(again, name).equals(getattr(plain, name)) for name in TABLES)


FAULTS = [
    ("participants.csv", "P2,Bob", "P1,Bob", r"line 3: P1 has an earlier row already\. Keep one of the two"),
    ("participants.csv", "P2,Bob", ",Bob", "line 3: participant may not be empty"),
    ("participants.csv", "P2,Bob", "P2,", "line 3: P2 needs a person"),
    ("participants.csv", "Ann,10", "Ann,ten", "line 2: frames is a whole number from 1; found 'ten'"),
    ("participants.csv", '"first, of two"', "first, of two", "line 2: 5 cells, but 4 columns"),
    ("participants.csv", "person", "human", "the column person is missing"),
    ("participants.csv", "note", "person", "the column person is there twice"),
    ("references.csv", "P2,left", "P3,left", r"line 5: 'P3' is no participant of MADE\. Correct it, or add it"),
    ("references.csv", "P1,right", "P1,left", "line 4: P1, left has an earlier row already"),
    ("references.csv", "P1,right", "P1,top", "line 4: camera is one of left, right; found 'top'"),
    ("references.csv", "V1,3", "V1,3.5", "line 4: frame is a whole number from 1; found '3.5'"),
    ("references.csv", "V1,1", "V1,0", "line 3: frame is a whole number from 1; found '0'"),
    ("references.csv", "V1,1", "V1,", "line 3: frame is a whole number from 1; found ''"),
    ("references.csv", "V1,1,person", "V1,1,chance", "line 3: chosen_by is one of authors, person.* found 'chance'"),
    ("references.csv", "P1,right,V1,3,person,\n", "", "P1, right camera has no reference"),
    ("folds.csv", "b,P2", "b,P9", "line 3: 'P9' is no participant of MADE"),
    ("folds.csv", "b,P2", "b,P1", "line 3: P1 has an earlier row already"),
    ("folds.csv", "b,P2", ",P2", "line 3: P2 needs the name of a fold"),
    ("folds.csv", "b,P2\n", "", r"in no fold: P2\. Add rows, or say folds_cover_everybody = false"),
    ("attributes.csv", "P2,eyeglasses", "P7,eyeglasses", "line 3: 'P7' is no participant of MADE"),
    ("attributes.csv", "P1,facial hair", "P1,eyeglasses", "line 4: P1, eyeglasses has an earlier row already"),
    ("attributes.csv", "present", "yes", "line 2: value is one of present, absent, not annotated; found 'yes'"),
    ("attributes.csv", "present,AB", "present,", "line 2: P1, eyeglasses is present, but `by` does not say who saw it"),
    ("attributes.csv", "P1,facial", "P1,fascial", r"line 4: 'fascial hair' has no row for P2 \(1 of 2 participants"),
    ("cases.csv", "Two,P2", "Two,P8", "line 3: 'P8' is no participant of MADE"),
    ("cases.csv", "Two,P2", "One,P2", "line 3: One has an earlier row already"),
    ("cases.csv", "P2,right", "P2,front", "line 3: camera is one of left, right; found 'front'"),
    ("cases.csv", "left,43", "left,4", "line 2: au is one of 1, 12, 43; found '4'"),
    ("cases.csv", "43,2,3,9", "43,0,3,9", "line 2: reference is a whole number from 1; found '0'"),
    ("cases.csv", "43,2,3,9", "43,2,a,9", "line 2: first is a whole number from 1; found 'a'"),
    ("cases.csv", "43,2,3,9", "43,2,30,9", "line 2: the stretch ends at 9, before it begins at 30"),
    ("dataset.toml", 'licence = "None."\n', "", "licence must be a text; it is missing"),
    ("dataset.toml", "may_show_faces = false", "may_show_faces = 0", "may_show_faces must be true or false; found 0"),
    ("dataset.toml", "intensity = [1, 12]", "intensity = [1, 3]", "AU3 is not coded by any dataset"),
    ("dataset.toml", "intensity = [1, 12]", 'intensity = ["1"]', "each of intensity must be a whole number; found '1'"),
    ("dataset.toml", 'cameras = ["left", "right"]', "cameras = []", "cameras needs at least one name"),
    ("dataset.toml", "labels = 0", "labels = 0.5", r"frame_numbers\.labels must be a whole number; found 0\.5"),
    ("dataset.toml", "references = 1", "", "frame_numbers must say from which number references.csv counts"),
    ("dataset.toml", "= 25", '= "25"', "frames_per_second must be a number"),
    ("dataset.toml", 'name = "made"', 'name = "other"', "the folder is 'made', but the file calls the dataset 'other'"),
    ("dataset.toml", "= 25", "= ", r"Invalid value \(at line 8, column 21\)\. Correct that line"),
]


@pytest.mark.parametrize(("file", "old", "new", "sentence"), FAULTS)
def test_a_planted_fault_is_refused_with_its_file_and_what_is_wrong(folder, file, old, new, sentence):
    changed(folder, file, old, new)
    with pytest.raises(InputError, match=sentence) as refused:
        read_manifest("made", folder)
    assert str(refused.value).startswith(str(folder / file))


@pytest.mark.parametrize("table", TABLES)
def test_a_missing_file_is_named_with_the_columns_it_should_have(folder, table):
    (folder / f"{table}.csv").unlink()
    with pytest.raises(
        InputError, match=rf"{table}\.csv: cannot be read .* Its columns are {', '.join(TABLES[table])}"
    ):
        read_manifest("made", folder)


def test_an_empty_file_and_bytes_that_are_no_text_are_refused(folder):
    (folder / "cases.csv").write_text("")
    with pytest.raises(InputError, match=r"cases\.csv: the column name is missing"):
        read_manifest("made", folder)
    (folder / "cases.csv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError, match=r"cases\.csv: cannot be read"):
        read_manifest("made", folder)


@pytest.mark.parametrize("name", manifests())
def test_an_unknown_participant_is_noticed_in_a_copy_of_every_manifest(name, tmp_path):
    copy = shutil.copytree(places.manifest() / name, tmp_path / name)
    read_manifest(name, copy)
    with (copy / "folds.csv").open("a") as file:
        file.write("1,nobody\n")
    with pytest.raises(InputError, match=r"folds\.csv, line \d+: 'nobody' is no participant of"):
        read_manifest(name, copy)


def test_all_of_disfa_may_train_for_all_of_unbc_and_the_reverse():
    disfa, unbc = read_manifest("disfa"), read_manifest("unbc_mcmaster")
    for one, other, sizes in ((disfa, unbc, (27, 25)), (unbc, disfa, (25, 27))):
        fold = cross_fold(one, other)
        assert (len(fold.train), len(fold.held_out)) == sizes
        assert fold.train[0].startswith(f"{one.name}/")
        assert fold.held_out[0].startswith(f"{other.name}/")


def test_disfa_may_not_train_for_disfa_plus_and_the_people_in_both_are_named():
    with pytest.raises(InputError) as refused:
        cross_fold(read_manifest("disfa"), read_manifest("disfa_plus"))
    for number in (1, 3, 4, 7, 9, 10, 13, 25, 27):
        assert f"disfa_plus/SN{number:03d} (trains as disfa/SN{number:03d})" in str(refused.value)
    assert "SN002" not in str(refused.value)


def test_two_datasets_that_call_different_people_by_one_name_may_train_for_each_other(folder, tmp_path_factory):
    other = shutil.copytree(folder, tmp_path_factory.mktemp("other") / "again")
    changed(other, "dataset.toml", 'name = "made"', 'name = "again"')
    with pytest.raises(InputError, match="both trained on and held out"):
        cross_fold(read_manifest("made", folder), read_manifest("again", other))
    changed(other, "participants.csv", "P1,Ann", "P1,Cy")
    changed(other, "participants.csv", "P2,Bob", "P2,Di")
    fold = cross_fold(read_manifest("made", folder), read_manifest("again", other))
    assert (fold.train, fold.held_out) == (("made/P1", "made/P2"), ("again/P1", "again/P2"))
