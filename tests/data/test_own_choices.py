import multiprocessing
import stat

import pytest

from csnviz import places
from csnviz.data.manifest import read_manifest
from csnviz.data.own_choices import OwnChoices, attributes_of, own_attributes, own_references
from csnviz.data.purge import purge
from csnviz.errors import InputError
from csnviz.views.source import Keeper

FRAME = "disfa/SN001/left/SN001/0012"


@pytest.fixture
def own(tmp_path) -> OwnChoices:
    return OwnChoices("disfa", tmp_path)


def lines(own: OwnChoices, name: str) -> list[str]:
    return (own.folder / name).read_text().splitlines()


def test_a_page_can_keep_with_it(own):
    assert isinstance(own, Keeper)


def test_nobody_has_chosen_anything_yet(own, tmp_path):
    assert own.references().rows.empty
    assert own.attributes().empty
    assert not (tmp_path / "choices").exists(), "reading makes no folder"


def test_a_reference_is_kept_and_a_later_one_takes_its_place(own, tmp_path):
    said = own.keep_reference("SN001", "left", FRAME, "person", "calm, looks ahead")
    assert said == (
        f"Kept: {FRAME} is the reference of SN001, left camera (choices/disfa/references.csv under the data root)."
    )
    own.keep_reference("SN001", "right", "disfa/SN001/right/SN001/0012", "labels", "")
    own.keep_reference("SN001", "left", "disfa/SN001/left/SN001/0099", "person", "better")
    rows = own_references("disfa", tmp_path).rows
    assert rows[["camera", "frame_id", "chosen_by", "note"]].to_numpy().tolist() == [
        ["left", "disfa/SN001/left/SN001/0099", "person", "better"],
        ["right", "disfa/SN001/right/SN001/0012", "labels", ""],
    ]


def test_an_attribute_is_kept_with_who_saw_it_and_when(own, tmp_path):
    own.keep_attribute("SN001", "eyeglasses", "present")
    own.keep_attribute("SN001", "crow's feet", "absent")
    own.keep_attribute("SN001", "eyeglasses", "unsure")
    rows = own_attributes("disfa", tmp_path)
    assert rows[["attribute", "value", "by"]].to_numpy().tolist() == [
        ["eyeglasses", "unsure", "person"],
        ["crow's feet", "absent", "person"],
    ]
    assert rows["date"].str.fullmatch(r"\d{4}-\d\d-\d\d").all()


def test_the_users_attributes_stand_in_place_of_the_manifests(own, tmp_path):
    own.keep_attribute("SN001", "eyeglasses", "present")
    own.keep_attribute("SN001", "freckles", "present")
    merged, theirs = attributes_of("disfa", tmp_path), read_manifest("disfa").attributes
    assert len(merged) == len(theirs) + 1
    assert merged.iloc[:-1][["participant", "attribute"]].to_numpy().tolist() == (
        theirs[["participant", "attribute"]].to_numpy().tolist()
    )
    found = merged.set_index(["participant", "attribute"])
    assert found.loc[("SN001", "eyeglasses")].tolist() == ["present", "person"]
    assert found.loc[("SN001", "freckles")].tolist() == ["present", "person"]
    assert found.loc[("SN002", "eyeglasses"), "value"] == "not annotated"


def test_people_without_a_manifest_have_only_what_the_user_says(tmp_path):
    assert attributes_of("recording", tmp_path).empty
    OwnChoices("recording", tmp_path).keep_attribute("me", "eyeglasses", "absent")
    assert attributes_of("recording", tmp_path).to_numpy().tolist() == [["me", "eyeglasses", "absent", "person"]]


def test_only_the_owner_may_read(own, tmp_path):
    own.keep_reference("SN001", "left", FRAME, "person", "")
    mode = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "choices").rglob("*")}
    assert mode == {"disfa": 0o700, "references.csv": 0o600, ".references.csv.lock": 0o600}
    assert stat.S_IMODE((tmp_path / "choices").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("participant,camera\nSN001,left\n", "line 1", "needs the columns"),
        ("HEAD\nSN001,left,F,person,2026-01-01\n", "line 2", "5 cells, but 6 columns"),
        ("HEAD\n# mine\nSN001,left,F,person,2026-01-01,\nSN001,left,G,person,,\n", "line 4", "is in line 3 already"),
        ("HEAD\nSN001,left,,person,,\n", "line 2", "frame_id may not be empty"),
        ("HEAD\nSN001,left,F,me,,\n", "line 2", "chosen_by is one of authors, person, automatic, labels; found 'me'"),
        ('HEAD\nSN001,left,"F,person,,\n', "cannot be read", "Mend the file"),
    ],
)
def test_a_broken_file_is_named_with_its_line_and_left_as_it_is(own, text, where, words):
    own.folder.mkdir(parents=True)
    file = own.folder / "references.csv"
    file.write_text(text.replace("HEAD", "participant,camera,frame_id,chosen_by,date,note"))
    before = file.read_bytes()
    for act in (own.references, lambda: own.keep_reference("SN002", "left", "F", "person", "")):
        with pytest.raises(InputError, match=f"{where}: .*{words}") as found:
            act()
        assert str(file) in str(found.value)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("SN001", "left", FRAME, "me"), "chosen_by is one of"),
        (("SN001", "", FRAME, "person"), "camera may not be empty"),
    ],
)
def test_what_no_reader_would_understand_is_not_kept(own, row, words):
    with pytest.raises(InputError, match=words):
        own.keep_reference(*row, "")
    assert not (own.folder / "references.csv").exists()


def test_what_a_person_wrote_beside_the_rows_stays(own):
    own.keep_attribute("SN001", "eyeglasses", "present")
    file = own.folder / "attributes.csv"
    header, row = lines(own, "attributes.csv")
    file.write_text(f"{header},seen in\n# second look\n{row},frame 3\n")
    own.keep_attribute("SN002", "eyeglasses", "absent")
    after = lines(own, "attributes.csv")
    assert after[:3] == [f"{header},seen in", "# second look", f"{row},frame 3"]
    assert after[3].startswith("SN002,eyeglasses,absent,person,")


def test_a_note_with_commas_and_quotes_comes_back_as_it_was(own):
    note = 'calm, "really" calm'
    own.keep_reference("SN001", "left", FRAME, "person", note)
    assert own.references().rows["note"].tolist() == [note]


def _annotate(root, participants):
    for who in participants:
        OwnChoices("disfa", root).keep_attribute(who, "eyeglasses", "present")


def test_two_programs_that_write_at_once_lose_nothing(tmp_path):
    halves = [[f"{half}{number:02d}" for number in range(25)] for half in "AB"]
    spawn = multiprocessing.get_context("fork")
    programs = [spawn.Process(target=_annotate, args=(tmp_path, half)) for half in halves]
    for program in programs:
        program.start()
    for program in programs:
        program.join(60)
    assert set(own_attributes("disfa", tmp_path)["participant"]) == {*halves[0], *halves[1]}


def test_a_name_that_leads_elsewhere_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot name a folder"):
        OwnChoices("../disfa", tmp_path).keep_attribute("SN001", "eyeglasses", "present")


def test_purging_a_person_takes_their_rows_and_leaves_the_others(tmp_path, monkeypatch):
    root, manifest = places.data_root(tmp_path / "root"), tmp_path / "manifest"
    for dataset, people in (("made", "ZQ01,p1\nZQ02,p2\n"), ("made_plus", "YY07,p1\nZQ02,p9\n")):
        (manifest / dataset).mkdir(parents=True)
        (manifest / dataset / "participants.csv").write_text(f"participant,person\n{people}")
    monkeypatch.setattr(places, "manifest", lambda: manifest)
    for dataset, who in (("made", "ZQ01"), ("made", "ZQ02"), ("made_plus", "YY07"), ("made_plus", "ZQ02")):
        OwnChoices(dataset, root).keep_reference(who, "left", f"{dataset}/{who}/left/v/0000", "person", "")
        OwnChoices(dataset, root).keep_attribute(who, "eyeglasses", "present")
    purge("ZQ01", root)
    assert b"ZQ01" not in b"".join(file.read_bytes() for file in (root / "choices").rglob("*.csv"))
    kept = {name: own_attributes(name, root)["participant"].tolist() for name in ("made", "made_plus")}
    assert kept == {"made": ["ZQ02"], "made_plus": ["ZQ02"]}, "the same person under another name goes too"
    purge("ZQ02", root, dataset="made_plus")
    assert own_references("made", root).rows["participant"].tolist() == ["ZQ02"]
    assert own_references("made_plus", root).rows.empty
