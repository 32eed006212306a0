import numpy as np
import pytest

from csnviz.data.folds import Fold, check_no_person_twice, folds_of
from csnviz.data.manifest import read_manifest
from csnviz.data.tables import FrameTable, join_frames, make_rows
from csnviz.errors import InputError
from csnviz.facs import AUSet


def frames(dataset: str, *participants: str) -> FrameTable:
    """Two frames of each participant."""
    who = np.repeat(participants, 2)
    rows = make_rows(
        {
            "frame_id": [f"{dataset}/{name}/front/{i:04d}" for i, name in enumerate(who)],
            "dataset": dataset,
            "participant": who,
            "camera": "front",
            "video": who,
            "frame_index": np.arange(len(who)),
            "timestamp": np.nan,
            "source": "",
        }
    )
    return FrameTable(rows, np.zeros((len(who), 1), np.float32), AUSet((12,)))


def test_each_group_is_held_out_once_and_everybody_else_trains():
    folds = folds_of({"a": ["P1", "P2"], "b": ["P3"], "c": ["P4"]})
    assert [(fold.name, fold.train, fold.held_out) for fold in folds] == [
        ("a", ("P3", "P4"), ("P1", "P2")),
        ("b", ("P1", "P2", "P4"), ("P3",)),
        ("c", ("P1", "P2", "P3"), ("P4",)),
    ]


def test_a_participant_on_both_sides_is_refused_by_name():
    with pytest.raises(InputError, match=r"Fold 1: somebody is both trained on and held out: P2\. Take them out"):
        Fold("1", ("P1", "P2"), ("P2", "P3"))


def test_one_person_under_two_names_is_refused_and_both_names_are_said():
    with pytest.raises(InputError, match=r"held out: Q9 \(trains as P1\)\."):
        Fold("1", ("P1", "P2"), ("Q9",), {"P1": "Ann", "Q9": "Ann", "P2": "Bob"})


def test_one_name_for_two_people_is_allowed_where_the_dataset_is_written_before_it():
    fold = Fold("1", ("here/P1",), ("there/P1",), {"here/P1": "Ann", "there/P1": "Bob"})
    assert fold.held_out == ("there/P1",)


def test_everybody_who_is_on_both_sides_is_named():
    with pytest.raises(InputError, match=r"P1, P3\. Take them out"):
        check_no_person_twice(["P1", "P2", "P3"], ["P1", "P3"], {}, "Here")


@pytest.mark.parametrize(("train", "held_out"), [((), ("P1",)), (("P1",), ())])
def test_a_fold_with_an_empty_side_is_refused(train, held_out):
    with pytest.raises(InputError, match=r"Fold 2: .* one side is empty"):
        Fold("2", train, held_out)


def test_a_participant_who_is_held_out_twice_is_refused():
    with pytest.raises(InputError, match="P1 is held out in two folds"):
        folds_of({"1": ["P1"], "2": ["P2", "P1"]})


def test_a_person_whose_two_names_stand_in_two_groups_is_refused():
    with pytest.raises(InputError, match="both trained on and held out"):
        folds_of({"1": ["P1"], "2": ["P2"], "3": ["Q1"]}, {"P1": "Ann", "Q1": "Ann"})


def test_disfa_and_disfa_plus_pooled_need_the_same_nine_people_in_the_same_folds():
    disfa, plus = read_manifest("disfa"), read_manifest("disfa_plus")
    people = disfa.people_by_full_name | plus.people_by_full_name
    both = {fold.name: [f"disfa/{who}" for who in fold.held_out] for fold in disfa.all_folds}
    with pytest.raises(InputError, match=r"disfa_plus/SN003 \(trains as disfa/SN003\)"):
        folds_of({"1": [*both["1"], *plus.people_by_full_name], "2": both["2"], "3": both["3"]}, people)
    pooled = {
        name: [*group, *(who for who in plus.people_by_full_name if who.replace("_plus", "") in group)]
        for name, group in both.items()
    }
    folds = folds_of(pooled, people)
    assert sum(len(fold.held_out) for fold in folds) == 27 + 9
    for fold in folds:
        assert not {people[who] for who in fold.train} & {people[who] for who in fold.held_out}


def test_the_parts_of_a_table_are_the_frames_of_each_side_and_share_none():
    table = frames("made", "P1", "P2", "P3")
    fold = Fold("1", ("P3", "P1"), ("P2",))
    assert fold.train_part(table).participants == ("P1", "P3")
    assert list(fold.held_out_part(table).rows["frame_id"]) == ["made/P2/front/0002", "made/P2/front/0003"]


def test_somebody_without_frames_is_named_with_fold_and_side():
    table = frames("made", "P1")
    with pytest.raises(InputError, match=r"Fold 1, held out: there is no frame of P2, P3\."):
        Fold("1", ("P1",), ("P2", "P3")).held_out_part(table)
    with pytest.raises(InputError, match=r"Fold 1, training: there is no frame of P2\."):
        Fold("1", ("P1", "P2"), ("P3",)).train_part(table)


def test_in_a_pooled_table_a_name_with_its_dataset_finds_that_persons_frames_alone():
    table = join_frames([frames("here", "P1", "P2"), frames("there", "P1", "P3")])
    fold = Fold("1", ("here/P1", "P2"), ("there/P1", "there/P3"))
    assert list(fold.train_part(table).rows["dataset"]) == ["here"] * 4
    assert list(fold.held_out_part(table).rows["participant"]) == ["P1", "P1", "P3", "P3"]
    assert set(fold.held_out_part(table).rows["dataset"]) == {"there"}


def test_in_a_pooled_table_a_bare_name_that_two_datasets_use_is_refused():
    table = join_frames([frames("here", "P1", "P2"), frames("there", "P1", "P3")])
    with pytest.raises(InputError, match=r"P1 is in here and in there\. Write here/P1 for the one you mean"):
        Fold("1", ("P1",), ("P3",)).train_part(table)
