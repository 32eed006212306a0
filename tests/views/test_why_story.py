from dataclasses import replace

import numpy as np
import pytest

from csnviz.errors import InputError
from csnviz.explain.inside_results import AtStage, Inside, Merged
from csnviz.explain.results import Attribution, Changed
from csnviz.views.latest_only import Watch
from csnviz.views.source import Case, Change, Question, Source, WhatIf
from csnviz.views.why_story import NO_REFERENCE, WhyStory

CASES = (
    Case("The bridge", "P2", "front", 9, "P2/3", note="It rests on the nose."),
    Case("The brows", "P1", "front", 4),
)


def inside(question: Question) -> tuple[Inside, tuple[int, ...]]:
    """Two stages of a network of three AUs."""
    maps, spoken = np.ones((4, 4), np.float32), np.array([[0.1], [2.0], [0.3]], np.float32)
    stages = (AtStage("stage4", maps, maps, maps, 0.5), AtStage("output", spoken, spoken, 0 * spoken, 0.25))
    few = np.ones((2, 4, 4), np.float32)
    merged = Merged(np.array([7, 2]), np.array([0.5, 0.2], np.float32), few, few, maps, 0.2, 0.0, 0.0)
    return Inside(question.au, "stage4", stages, merged), (4, 9, 12)


def explain(question: Question, watch: Watch) -> Attribution:
    about = "reference" if question.key == "cancelled" else "image"
    parts = {"the nose bridge": 1.2, "the cheeks": 0.4, "the lips": -0.1}
    values = np.full((3, 112, 112), 1e-5, np.float32)
    return Attribution(values, question.au, about, "why?", "by hand", "a mean face", 0.1, 1.8, 0.0, parts)


def what_if(asked: WhatIf, watch: Watch) -> Changed:
    picture = np.full((112, 112, 3), 77, np.uint8)
    return Changed(
        "Remove it", picture, {"ncg": 1.8, "bs": 0.3, "csn": 0.2}, {"ncg": 0.4, "bs": 0.3, "csn": 0.2}, False
    )


@pytest.fixture
def story(source: Source) -> WhyStory:
    changes = (Change("without:it", "Remove it", approximate=False), Change("around:lips", "Fill the lips", "the lips"))
    told = replace(source, cases=CASES, explain=explain, changes=lambda _: changes, what_if=what_if, inside=inside)
    return settled(WhyStory(told, inside))


def settled(story: WhyStory) -> WhyStory:
    """Once everything that was asked is there."""
    assert story.network.wait()
    return story


def test_the_first_case_is_told_whole_without_a_click(story):
    assert story._sentence.value == (
        "AU9, frame 0: 1.8 without calibration, 75 % of it on the nose bridge; 0.2 with calibration; coder 0"
    )
    assert story._note.value == "It rests on the nose."
    assert [bool(column._bars.value) for column in story._columns] == [True] * 3
    assert "Remove it" in story._what_if._answer.value
    assert "1.8 → 0.4" in story._what_if._answer.value
    assert len(story._figure.children) == 1
    assert "50 % apart before the first stage and 25 % in the output" in story._meaning.value


def test_another_case_takes_the_place_of_the_former(story):
    story.case.value = CASES[1]
    settled(story)
    assert story._sentence.value.startswith("AU4, frame")
    assert story._note.value == ""


def test_where_nobody_has_found_cases_each_person_is_one(source):
    story = WhyStory(replace(source, explain=explain, opening=("P2", 12)), inside)
    assert [label for label, _ in story.case.options] == [
        "P1, front camera: AU12 lip corner puller",
        "P2, front camera: AU12 lip corner puller",
    ]


def test_without_a_reference_only_the_first_question_is_asked(source):
    none = replace(source.references, rows=source.references.rows.iloc[:0])
    story = settled(WhyStory(replace(source, explain=explain, references=none), inside))
    assert story._columns[0]._bars.value
    assert [column._words.value for column in story._columns[1:]] == [NO_REFERENCE, ""]
    assert story._meaning.value == NO_REFERENCE


def test_what_goes_wrong_is_a_sentence_in_the_first_part(source):
    def broken(question: Question, watch: Watch) -> Attribution:
        raise InputError("No network.")

    story = WhyStory(replace(source, explain=broken), inside)
    settled(story)
    assert "No network." in story._note.value
