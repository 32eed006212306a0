import time

import pandas as pd
import pytest

from csnviz.data.manifest import manifests, read_manifest
from csnviz.data.own_choices import OwnChoices, attributes_of
from csnviz.errors import InputError
from csnviz.views.attributes_panel import LETTERS, OF_THE_PAPER, REST, AttributesPanel
from csnviz.views.source import ATTRIBUTE_COLUMNS

DISFA = read_manifest("disfa").attributes


@pytest.fixture
def kept():
    return []


class Annotated:
    """Somebody's annotations, shown as soon as they are kept."""

    def __init__(self, keep) -> None:
        self.panel, self._keep, self._who = AttributesPanel(self._annotate), keep, ""

    def show(self, who: str, table: pd.DataFrame) -> None:
        self._who, self._table = who, table
        self.panel.show(who, table)

    def _annotate(self, attribute: str, value: str) -> None:
        self._keep(self._who, attribute, value)
        row = pd.DataFrame([[self._who, attribute, value, "person"]], columns=list(ATTRIBUTE_COLUMNS))
        table = pd.concat([self._table, row])
        self.show(self._who, table.drop_duplicates(["participant", "attribute"], keep="last"))


@pytest.fixture
def annotated(kept):
    return Annotated(lambda who, attribute, value: kept.append((attribute, value)))


@pytest.fixture
def panel(annotated):
    return annotated.panel


def value_of(panel: AttributesPanel, attribute: str) -> str:
    return {each["attribute"]: each["value"] for each in panel.shown}[attribute]


def test_every_attribute_of_the_manifests_has_a_key_of_its_own_that_means_nothing_else_on_the_page():
    tables = [read_manifest(dataset).attributes for dataset in manifests()]
    known = {name for table in tables for name in table["attribute"]}
    assert known == set(LETTERS)
    letters = [*LETTERS.values(), REST]
    assert len(set(letters)) == len(letters)
    assert not set(letters) & set("npr ")
    assert tuple(dict.fromkeys(DISFA["attribute"])) == OF_THE_PAPER


def test_a_key_turns_present_absent_unsure_and_present_again(panel, annotated, kept):
    annotated.show("SN002", DISFA)
    assert panel.letters == "gbwfaocdx"
    assert value_of(panel, "eyeglasses") == "not annotated"
    for value in ("present", "absent", "unsure", "present"):
        panel.press("g")
        assert value_of(panel, "eyeglasses") == value
        assert kept[-1] == ("eyeglasses", value)
    assert value_of(panel, "facial hair") == "not annotated"


def test_a_key_that_belongs_to_no_attribute_here_does_nothing(panel, annotated, kept):
    annotated.show("SN002", DISFA)
    for letter in "npr" + LETTERS["hooded lids"]:
        panel.press(letter)
    assert kept == []


def test_a_person_is_shown_with_their_own_values_and_where_they_come_from(panel, annotated):
    cast = read_manifest("cast").attributes
    annotated.show("C001", cast)
    assert value_of(panel, "wide brow-eye distance") == "present"
    assert panel.words == "All drawn so."
    panel.press("g")
    assert panel.words.startswith("Annotated by you: eyeglasses. Drawn so: facial hair, wide brow-eye distance, ")


def test_of_people_whom_nobody_has_annotated_the_papers_attributes_are_asked_before_and_after_the_first(
    panel, annotated
):
    annotated.show("me", pd.DataFrame(columns=list(ATTRIBUTE_COLUMNS)))
    before = [each["attribute"] for each in panel.shown]
    assert set(before) == set(OF_THE_PAPER)
    panel.press("f")
    assert [each["attribute"] for each in panel.shown] == before
    assert value_of(panel, "forehead wrinkles") == "present"


def test_where_nothing_can_be_kept_nothing_can_be_pressed():
    panel = AttributesPanel(None)
    panel.show("SN002", DISFA)
    panel.press("g")
    assert panel.read_only
    assert value_of(panel, "eyeglasses") == "not annotated"


def test_what_could_not_be_kept_is_not_shown_as_if_it_were():
    def refuse(who, attribute, value):
        raise InputError("attributes.csv, line 3: broken.")

    annotated = Annotated(refuse)
    annotated.show("SN002", DISFA)
    panel = annotated.panel
    with pytest.raises(InputError, match="line 3"):
        panel.press("g")
    assert value_of(panel, "eyeglasses") == "not annotated"


def test_a_click_in_the_browser_does_the_same_as_a_key(panel, annotated, kept):
    annotated.show("SN002", DISFA)
    panel._heard(panel, {"type": "press", "letter": "b"}, [])
    assert kept == [("facial hair", "present")]


def test_one_key_makes_absent_what_nobody_has_annotated_yet(panel, annotated, kept):
    annotated.show("SN002", DISFA)
    panel.press("g")
    panel.press(REST)
    assert {each["attribute"]: each["value"] for each in panel.shown} == {
        name: "present" if name == "eyeglasses" else "absent" for name in OF_THE_PAPER
    }
    assert len(kept) == 8
    panel.press(REST)
    assert len(kept) == 8


def test_27_people_are_annotated_with_five_keys_each_and_hardly_any_waiting(tmp_path):
    """One press for each attribute that a person has, and one for the rest: 5 presses where 4 of the 8 are there.

    Five minutes for 27 people are 11 s a person, with the way to the next one; Python may take little of that.
    """
    own = OwnChoices("disfa", tmp_path)
    everybody = list(dict.fromkeys(DISFA["participant"]))
    assert len(everybody) == 27
    presses, annotated = 0, Annotated(own.keep_attribute)
    panel = annotated.panel
    began = time.monotonic()
    for number, who in enumerate(everybody):
        annotated.show(who, DISFA.assign(value="not annotated"))
        for letter in [panel.letters[(number + place) % 8] for place in range(4)] + [REST]:
            panel.press(letter)
            presses += 1
    seconds = time.monotonic() - began
    assert presses == 27 * 5
    assert seconds < 15, f"{seconds / 27:.2f} s a person"
    counts = attributes_of("disfa", tmp_path)["value"].value_counts()
    assert counts.to_dict() == {"present": 27 * 4, "absent": 27 * 4}
