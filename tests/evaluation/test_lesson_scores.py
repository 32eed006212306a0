import numpy as np
import pytest

from csnviz.evaluation.lesson_questions import (
    CONDITIONS,
    ONLY_NETWORKS,
    PEOPLE_TOO,
    Question,
    lesson_faces,
    lesson_questions,
)
from csnviz.evaluation.lesson_scores import by_condition, by_group, letter_of, score, weighted_kappa

# Four questions on hooded lids with the truths 0, 0, 2, 4.
FOUR = [Question(number, CONDITIONS["hooded"], 0.9, drawn) for number, drawn in enumerate((0.0, 0.0, 2.0, 4.0), 1)]
KEYS = [question.key for question in FOUR]


def test_agreement_is_what_one_counts_by_hand():
    found = score(FOUR, dict(zip(KEYS, (1, 0, 2, 2), strict=True)))
    assert (found.n, found.exact, found.near, found.absent, found.seen) == (4, 2, 3, 2, 1)
    # kappa: squared distances 1, 0, 0, 4, mean 5/4. By chance: answers 1 0 2 2 met with truths 0 0 2 4.
    by_chance = np.mean([(a - t) ** 2 for a in (1, 0, 2, 2) for t in (0, 0, 2, 4)])
    assert found.kappa == pytest.approx(1 - 1.25 / by_chance)
    # ICC: deviations of the answers -.25 -1.25 .75 .75, of the truth -1.5 -1.5 .5 2.5; products sum to 4.5, squares to 2.75 and 11.
    assert found.icc == pytest.approx(2 * 4.5 / (2.75 + 11))


def test_a_networks_estimate_is_judged_by_its_nearest_letter_but_its_icc_as_it_is():
    estimates = dict(zip(KEYS, (-0.6, 0.49, 1.5, 5.7), strict=True))
    found = score(FOUR, estimates)
    assert [letter_of(value) for value in estimates.values()] == [0, 0, 2, 5]
    assert (found.exact, found.near, found.seen) == (3, 4, 0)
    a, t = np.array([-0.6, 0.49, 1.5, 5.7]), np.array([0.0, 0, 2, 4])
    a, t = a - a.mean(), t - t.mean()
    assert found.icc == pytest.approx(2 * (a @ t) / (a @ a + t @ t))


def test_what_was_not_answered_is_not_judged_and_no_answer_at_all_is_undefined_not_zero():
    assert score(FOUR, {KEYS[2]: 2, KEYS[3]: float("nan")}).n == 1
    nothing = score(FOUR, {})
    assert (nothing.n, nothing.exact, nothing.absent, nothing.seen) == (0, 0, 0, 0)
    assert np.isnan([nothing.kappa, nothing.icc]).all()


def test_the_same_letter_everywhere_leaves_kappa_undefined():
    assert np.isnan(weighted_kappa(np.array([2.0, 2.0, 2.0]), np.array([0.0, 2.0, 4.0])))


def test_the_true_answers_have_full_marks_in_both_groups_and_each_condition():
    truth = {question.key: question.truth for question in lesson_questions()}
    groups = by_group(lesson_questions(), truth)
    assert {group: found.n for group, found in groups.items()} == {PEOPLE_TOO: 32, ONLY_NETWORKS: 8}
    for found in (*groups.values(), *by_condition(lesson_questions(), truth).values()):
        assert (found.exact, found.near, found.seen) == (found.n, found.n, 0)
        assert (found.kappa, found.icc) == (pytest.approx(1), pytest.approx(1))


def test_the_groups_are_judged_apart():
    wrong = {question.key: 5 for face in lesson_faces() for question in face.questions if question.au in (9, 17)}
    groups = by_group(lesson_questions(), wrong)
    assert (groups[PEOPLE_TOO].n, groups[ONLY_NETWORKS].n, groups[ONLY_NETWORKS].seen) == (0, 8, 4)
