"""How well somebody coded the faces of the lesson: agreement with the truth, by what could mislead; answers in, numbers out.

A rater is whoever gave an answer to each question: a student without and with the neutral face, a network without and with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from csnviz.evaluation.lesson_questions import ONLY_NETWORKS, PEOPLE_TOO, Question
from csnviz.evaluation.metrics import icc31

LETTERS = range(6)
BLIND, BESIDE, NCG, CSN = "blind", "beside", "ncg", "csn"
"""The four raters: without the neutral face and beside it, as a student and as networks."""
GROUPS = (PEOPLE_TOO, ONLY_NETWORKS)

Answers = Mapping[str, int | float]
"""A rater's answers by the key of a question; whole numbers from people, estimates from networks. What is missing is not judged."""


@dataclass(frozen=True)
class LessonScore:
    """One rater on one set of questions.

    n: how many were answered. exact, near: the same letter, and at most one letter off. absent: how many of them show no activity;
    seen: at how many of those the rater saw some (1 or more). kappa: Cohen's with quadratic weights, over the letters; icc:
    ICC(3,1), over the answers as they are. NaN where nothing varied, or fewer than two were answered.
    """

    n: int
    exact: int
    near: int
    absent: int
    seen: int
    kappa: float
    icc: float


def letter_of(answer: float) -> int:
    """The nearest of 0 (absent) and 1 to 5 (A to E), halves upwards.

    >>> [letter_of(answer) for answer in (-0.7, 0.49, 2.5, 6.1)]
    [0, 0, 3, 5]
    """
    return int(np.floor(np.clip(answer, 0.0, 5.0) + 0.5))


def score(questions: Iterable[Question], answers: Answers) -> LessonScore:
    """How well these answers agree with the truth, over those of the questions that were answered."""
    asked = [question for question in questions if not np.isnan(answers.get(question.key, np.nan))]
    truth = np.array([question.truth for question in asked], dtype=np.float64)
    given = np.array([answers[question.key] for question in asked], dtype=np.float64)
    letters = np.array([letter_of(answer) for answer in given], dtype=np.float64)
    off, absent = np.abs(letters - truth), truth == 0
    return LessonScore(
        n=len(asked),
        exact=int((off == 0).sum()),
        near=int((off <= 1).sum()),
        absent=int(absent.sum()),
        seen=int((letters[absent] >= 1).sum()),
        kappa=weighted_kappa(letters, truth),
        icc=icc31(given, truth),
    )


def weighted_kappa(letters: Float[np.ndarray, " N"], truth: Float[np.ndarray, " N"]) -> float:
    """Cohen's kappa with quadratic weights: 1 for the same letters everywhere, 0 for what chance would give.

    letters, truth: (N,), whole numbers 0 to 5. NaN with fewer than two, or where either does not vary: chance explains all then.

    By hand: off by 1 in one of four, so that the mean squared distance is 1 / 4; if every letter met every truth it would be
    (0 + 0 + 4 + 4 + 0 + 0 + 4 + 4 + 1 + 1 + 1 + 1 + 4 + 4 + 0 + 0) / 16 = 28 / 16.

    >>> round(weighted_kappa(np.array([0.0, 0.0, 1.0, 2.0]), np.array([0.0, 0.0, 2.0, 2.0])), 4)
    0.8571
    """
    from sklearn.metrics import cohen_kappa_score  # takes seconds, and the lesson's first face must not wait for it

    if len(truth) < 2 or np.ptp(truth) == 0 or np.ptp(letters) == 0:
        return np.nan
    return float(cohen_kappa_score(letters.astype(int), truth.astype(int), labels=list(LETTERS), weights="quadratic"))


def by_group(questions: Sequence[Question], answers: Answers) -> dict[str, LessonScore]:
    """The score in each of the paper's two groups."""
    return {group: score((each for each in questions if each.condition.group == group), answers) for group in GROUPS}


def by_condition(questions: Sequence[Question], answers: Answers) -> dict[str, LessonScore]:
    """The score in each condition by its key, in the order in which they are first asked."""
    keys = dict.fromkeys(question.condition.key for question in questions)
    return {key: score((each for each in questions if each.condition.key == key), answers) for key in keys}
