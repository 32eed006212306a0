from collections import Counter

import pytest

from csnviz.cast.attributes import Attributes, dosed
from csnviz.cast.dataset import DEMO_PARTICIPANTS, TRAINING_PARTICIPANTS, VALIDATION_PARTICIPANTS
from csnviz.cast.identity import draw_identity
from csnviz.errors import InputError
from csnviz.evaluation.lesson_questions import (
    CONDITIONS,
    ONLY_NETWORKS,
    PEOPLE_TOO,
    lesson_faces,
    lesson_questions,
    question_named,
)
from csnviz.facs import au


def people(condition: str) -> set[str]:
    return {face.participant for face in lesson_faces() for each in face.questions if each.condition.key == condition}


def test_twenty_faces_ask_about_one_unit_of_their_upper_and_one_of_their_lower_half():
    assert [face.number for face in lesson_faces()] == list(range(1, 21))
    assert {au(face.questions[0].au).region for face in lesson_faces()} == {"brow", "eye"}
    assert {au(face.questions[1].au).region for face in lesson_faces()} == {"nose", "mouth", "chin"}


def test_each_condition_comes_at_least_four_times_and_the_unit_is_absent_in_half_of_them():
    asked = Counter(question.condition.key for question in lesson_questions())
    absent = Counter(question.condition.key for question in lesson_questions() if question.truth == 0)
    assert asked == {
        "hooded": 4, "open": 4, "lips_up": 4, "lips_straight": 4, "lips_down": 4, "brows": 6, "root": 6, "glasses": 4, "beard": 4,
    }  # fmt: skip
    assert {key: 2 * count for key, count in absent.items()} == asked


def test_what_is_drawn_has_every_letter_and_each_upper_unit_more_than_one():
    assert {question.truth for question in lesson_questions()} == {0, 1, 2, 3, 4, 5}
    for condition in CONDITIONS:
        assert len({q.truth for q in lesson_questions() if q.condition.key == condition}) >= 3, condition


def test_the_papers_four_examples_fall_into_its_two_groups():
    groups = {each.au: each.group for each in CONDITIONS.values()}
    assert groups == {5: PEOPLE_TOO, 15: PEOPLE_TOO, 1: PEOPLE_TOO, 4: PEOPLE_TOO, 9: ONLY_NETWORKS, 17: ONLY_NETWORKS}


def test_nobody_in_the_lesson_was_trained_on_or_is_in_the_demo_and_nobody_comes_twice():
    met = [face.participant for face in lesson_faces()]
    assert len(set(met)) == 20
    assert not set(met) & {*TRAINING_PARTICIPANTS, *VALIDATION_PARTICIPANTS, *DEMO_PARTICIPANTS}


def test_traits_that_are_not_worn_are_the_persons_own():
    assert min(draw_identity(who).eye_upper for who in people("open")) > 0.130
    assert max(draw_identity(who).corner_rest for who in people("lips_up")) < -0.018
    assert max(abs(draw_identity(who).corner_rest) for who in people("lips_straight")) < 0.005


def test_every_face_can_carry_what_it_is_said_to_carry():
    for face in lesson_faces():
        for name, dose in face.worn.items():
            assert abs(getattr(dosed(Attributes.none(), name, dose), name)) >= 0.8


def test_a_questions_key_leads_back_to_it_and_another_is_refused_in_a_sentence():
    question = question_named("F03-AU05")
    assert (question.face, question.au, question.truth, question.condition.title) == (3, 5, 3, "AU5, hooded lids")
    with pytest.raises(InputError, match="no question 'F03-AU06'"):
        question_named("F03-AU06")
