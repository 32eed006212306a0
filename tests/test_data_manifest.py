"""What the manifest says of each dataset, against arXiv 2409.00240, its authors' choices and the code that draws the cast."""

import pytest

from csnviz import facs
from csnviz.cast import dataset as cast
from csnviz.cast.attributes import Attributes, draw_attributes
from csnviz.cast.coders import label
from csnviz.cast.performance import FRAMES_PER_SECOND, moment_of
from csnviz.cast.scripts import expressions
from csnviz.data.manifest import manifests, read_manifest

DISFA = read_manifest("disfa")
PLUS = read_manifest("disfa_plus")
UNBC = read_manifest("unbc_mcmaster")
CAST = read_manifest("cast")

DISFA_REFERENCES = {
    1: 440, 2: 5, 3: 5, 4: 115, 5: 10, 6: 1, 7: 370, 8: 20, 9: 7, 10: 1534, 11: 90, 12: 894, 13: 5, 16: 1080, 17: 15, 18: 5,
    21: 5, 23: 380, 24: 3479, 25: 375, 26: 5, 27: 5, 28: 5, 29: 1, 30: 30, 31: 70, 32: 2615,
}  # fmt: skip
DISFA_FOLDS = {
    "1": (1, 2, 9, 10, 16, 26, 27, 30, 32),
    "2": (6, 11, 12, 13, 18, 21, 24, 28, 31),
    "3": (3, 4, 5, 7, 8, 17, 23, 25, 29),
}
PLUS_REFERENCES = {
    1: "A3_AU1_2_TrailNo_2", 3: "A1_AU1_TrailNo_2", 4: "A5_AU1_4b_TrailNo_1", 7: "A1_AU1_TrailNo_2", 9: "A1_AU1_TrailNo_2",
    10: "A1_AU1_TrailNo_2", 13: "A1_AU1_TrailNo_2", 25: "A9_AU4_5x_TrailNo_1", 27: "A1_AU1_TrailNo_3",
}  # fmt: skip
UNBC_REFERENCES = (
    "ll042t1aaaff001", "jh043t1afaff001", "jl047t1aaaff001", "aa048t2aaunaff016", "bm049t1aaaff001",
    "dr052t1afaff001", "fn059t2afunaff013", "ak064t1aaaff001", "mg066t1aaaff001", "bn080t1aaaff001",
    "ch092t2afaff001", "tv095t2aeunaff008", "bg096t1aeunaff008", "gf097t2aiunaff001", "mg101t2aaunaff001",
    "jk103t1aaaff001", "nm106t1afaff001", "hs107t2aiunaff001", "th108t1aaaff001", "ib109t1aaaff001",
    "jy115t1aeaff001", "kz120t2afunaff001", "vw121t1aeaff001", "jh123t1afaff001", "dn124t1aeaff001",
)  # fmt: skip
UNBC_FOLDS = {
    "1": "042-ll042 052-dr052 092-ch092 103-jk103 115-jy115",
    "2": "043-jh043 059-fn059 095-tv095 106-nm106 120-kz120",
    "3": "047-jl047 064-ak064 096-bg096 107-hs107 121-vw121",
    "4": "048-aa048 066-mg066 097-gf097 108-th108 123-jh123",
    "5": "049-bm049 080-bn080 101-mg101 109-ib109 124-dn124",
}


def sn(number: int) -> str:
    return f"SN{number:03d}"


def held_out(manifest) -> dict[str, tuple[str, ...]]:
    return {fold.name: fold.held_out for fold in manifest.all_folds}


def test_the_datasets_of_the_paper_and_the_cast_are_described():
    assert {"cast", "disfa", "disfa_plus", "unbc_mcmaster"} <= set(manifests())


@pytest.mark.parametrize(
    ("manifest", "people", "intensity", "occurrence"),
    [
        (DISFA, 27, facs.DISFA, facs.DISFA_OCCURRENCE),
        (PLUS, 9, facs.DISFA_PLUS, facs.DISFA_PLUS_OCCURRENCE),
        (UNBC, 25, facs.UNBC, facs.UNBC_OCCURRENCE),
        (CAST, 48, facs.DISFA, facs.DISFA),
    ],
)
def test_participants_and_action_units_are_those_of_the_paper(manifest, people, intensity, occurrence):
    assert (
        len(manifest.people) == len(set(manifest.people.values())) == people == manifest.words["counts"]["participants"]
    )
    assert (manifest.intensity, manifest.occurrence) == (intensity, occurrence)


@pytest.mark.parametrize("manifest", [DISFA, PLUS, UNBC])
def test_faces_of_filmed_people_may_not_be_shown_and_how_to_ask_for_them_is_said(manifest):
    assert not manifest.may_show_faces
    assert "no redistribution of pictures to anybody not on the agreement" in manifest.words["licence"]
    assert "agreement" in manifest.words["how_to_ask"]
    assert manifest.words["papers"]


def test_the_folds_of_disfa_are_the_authors_three():
    assert held_out(DISFA) == {name: tuple(map(sn, group)) for name, group in DISFA_FOLDS.items()}


def test_disfa_plus_leaves_one_participant_out_at_a_time():
    assert held_out(PLUS) == {str(place): (sn(number),) for place, number in enumerate(PLUS_REFERENCES, 1)}


def test_the_folds_of_unbc_are_the_authors_five():
    assert held_out(UNBC) == {name: tuple(group.split()) for name, group in UNBC_FOLDS.items()}


@pytest.mark.parametrize("name", manifests())
def test_no_person_trains_in_the_fold_that_holds_them_out_and_each_is_held_out_at_most_once(name):
    manifest = read_manifest(name)
    everybody = [who for fold in manifest.all_folds for who in fold.held_out]
    assert len(set(everybody)) == len(everybody)
    for fold in manifest.all_folds:
        assert set(fold.train) | set(fold.held_out) == set(everybody)
        assert not {manifest.people[who] for who in fold.train} & {manifest.people[who] for who in fold.held_out}
    if manifest.words["folds_cover_everybody"]:
        assert set(everybody) == set(manifest.people)


def test_the_folds_of_the_cast_are_three_groups_of_its_training_participants_by_number():
    assert {who for fold in CAST.all_folds for who in fold.held_out} == set(cast.TRAINING_PARTICIPANTS)
    assert [len(fold.held_out) for fold in CAST.all_folds] == [9, 9, 9]
    for fold in CAST.all_folds:
        assert {int(who[1:]) % 3 for who in fold.held_out} == {int(fold.name) % 3}


def test_the_references_of_disfa_are_the_authors_for_both_cameras_counted_from_0():
    table = DISFA.reference_table()
    assert len(table.rows) == 54
    assert set(table.rows["chosen_by"]) == {"authors"}
    for number, frame in DISFA_REFERENCES.items():
        who = sn(number)
        for camera in ("left", "right"):
            assert table.frame_id_for(who, camera) == f"disfa/{who}/{camera}/{who}/{frame - 1:04d}"


def test_the_references_of_disfa_plus_are_the_first_pictures_of_the_authors_trials():
    table = PLUS.reference_table()
    assert len(table.rows) == 9
    for number, trial in PLUS_REFERENCES.items():
        assert table.frame_id_for(sn(number), "front") == f"disfa_plus/{sn(number)}/front/{trial}/0000"


def test_the_references_of_unbc_are_the_authors_counted_from_0():
    table = UNBC.reference_table()
    assert len(table.rows) == 25
    for picture in UNBC_REFERENCES:
        who = f"{picture[2:5]}-{picture[:5]}"
        index = int(picture[-3:]) - 1
        assert table.frame_id_for(who, "front") == f"unbc_mcmaster/{who}/front/{picture[:-3]}/{index:04d}"


def test_the_people_of_disfa_plus_are_people_of_disfa_and_nobody_else_is_in_two_datasets():
    assert set(PLUS.people.values()) < set(DISFA.people.values())
    assert all(DISFA.people[who] == person for who, person in PLUS.people.items())
    others = [*DISFA.people.values(), *UNBC.people.values(), *CAST.people.values()]
    assert len(set(others)) == len(others)


def test_the_frames_of_disfa_add_up_to_the_labels_there_are():
    frames = {who: DISFA.expected_frames(who) for who in DISFA.people}
    assert frames.pop("SN010") == 4844
    assert set(frames.values()) == {4845}
    assert sum(frames.values()) + 4844 == DISFA.words["counts"]["frames"] == 130_814
    assert PLUS.expected_frames("SN010") is None


def test_what_is_counted_from_0_and_what_from_1_is_said_for_every_kind_of_file():
    assert DISFA.words["frame_numbers"] == {"labels": 1, "pictures": 1, "landmarks": 0, "references": 1}
    assert PLUS.words["frame_numbers"] == {"labels": 0, "pictures": 0, "references": 0}
    assert UNBC.words["frame_numbers"] == {"labels": 1, "pictures": 1, "landmarks": 1, "references": 1}
    assert (DISFA.frames_per_second, PLUS.frames_per_second, UNBC.frames_per_second) == (20.0, None, None)
    assert (UNBC.words["counts"]["sequences"], UNBC.words["counts"]["frames"]) == (200, 48_398)


@pytest.mark.parametrize("manifest", [DISFA, PLUS, UNBC])
def test_the_patterns_of_the_layout_can_be_filled_in_and_give_relative_paths(manifest):
    filled = {"participant": "P", "video": "V", "number": 7, "au": 12, "scale": "VAS"}
    layout = manifest.words["layout"]
    assert set(layout["pictures"]) == set(manifest.cameras)
    patterns = [*layout["labels"], *layout["landmarks"], *(p for kind in layout["pictures"].values() for p in kind)]
    for pattern in patterns:
        path = pattern.format(**filled)
        assert "P" in path.split("/")
        assert not path.startswith("/")
    assert any("007" in p.format(**filled) or "/7." in p.format(**filled) for p in patterns)


def test_only_what_figure_2_states_is_annotated():
    stated = DISFA.attributes[DISFA.attributes["value"] != "not annotated"]
    assert set(zip(stated["participant"], stated["attribute"], stated["value"], strict=True)) == {
        ("SN024", "wide brow-eye distance", "present"),
        ("SN012", "nose-root wrinkle", "present"),
        ("SN010", "eyeglasses", "present"),
        ("SN013", "facial hair", "present"),
    }
    assert set(stated["by"]) == {"arXiv 2409.00240, Figure 2"}
    for manifest in (PLUS, UNBC):
        assert set(manifest.attributes["value"]) == {"not annotated"}
        assert set(manifest.attributes["attribute"]) == set(DISFA.attributes["attribute"])


def test_the_cases_of_disfa_are_figure_2_seen_by_the_left_camera():
    cases = DISFA.cases
    assert list(zip(cases["participant"], cases["au"], strict=True)) == [
        ("SN024", "1"),
        ("SN012", "4"),
        ("SN010", "9"),
        ("SN013", "17"),
    ]
    assert [name[:10] for name in cases["name"]] == ["Figure 2a:", "Figure 2b:", "Figure 2c:", "Figure 2d:"]
    assert set(cases["camera"]) == {"left"}


def test_the_manifest_says_of_the_cast_what_the_code_draws():
    assert CAST.may_show_faces
    assert CAST.words["counts"]["frames_per_participant"] == cast.DEMO_FRAMES
    assert CAST.frames_per_second == FRAMES_PER_SECOND
    for part in ("training", "validation", "demo"):
        named = tuple(CAST.participants.loc[CAST.participants["part"] == part, "participant"])
        assert named == getattr(cast, f"{part.upper()}_PARTICIPANTS")


def test_nobody_in_the_demo_was_drawn_for_training():
    parts = [set(cast.TRAINING_PARTICIPANTS), set(cast.VALIDATION_PARTICIPANTS), set(cast.DEMO_PARTICIPANTS)]
    assert sum(len(part) for part in parts) == len(set.union(*parts))


def test_the_references_of_the_cast_are_the_first_calm_frames_with_open_eyes():
    references = CAST.reference_table()
    assert len(references.rows) == len(CAST.people)
    for who in CAST.people:
        assert references.frame_id_for(who, "front") == f"cast/{who}/front/{first_calm_frame(who):04d}"


def first_calm_frame(participant: str) -> int:
    """As `cast_references` finds it, without drawing anybody."""
    for frame, expression in enumerate(expressions(participant, cast.DEMO_FRAMES)):
        if not any(label(expression)) and moment_of(participant, frame, expression).openness > 0.8:
            return frame
    raise AssertionError(f"{participant} is never calm")


def test_the_attributes_of_the_cast_are_those_that_are_drawn():
    found = {
        who: dict(zip(rows["attribute"], rows["value"], strict=True))
        for who, rows in CAST.attributes.groupby("participant")
    }
    assert found == {who: in_words(draw_attributes(who)) for who in CAST.people}
    assert set(CAST.attributes["by"]) == {"drawn"}


def in_words(drawn: Attributes) -> dict[str, str]:
    carried = {
        "wide brow-eye distance": drawn.brow_eye_distance > 0,
        "narrow brow-eye distance": drawn.brow_eye_distance < 0,
        "nose-root wrinkle": drawn.nose_root_wrinkle > 0,
        "eyeglasses": drawn.eyeglasses > 0,
        "facial hair": drawn.chin_hair > 0,
        "hooded lids": drawn.hooded_lids > 0,
        "low lip corners": drawn.resting_lip_line > 0,
        "pressed lips": drawn.resting_lip_line < 0,
    }
    return {attribute: "present" if here else "absent" for attribute, here in carried.items()}


def test_the_beard_of_c112_is_a_case_that_the_demo_can_show():
    case = CAST.cases[CAST.cases["participant"] == "C112"].iloc[0]
    assert (case["camera"], case["au"]) == ("front", "17")
    assert case["participant"] in cast.DEMO_PARTICIPANTS
    assert draw_attributes("C112").chin_hair > 0
