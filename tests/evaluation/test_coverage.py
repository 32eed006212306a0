"""Whether an interval that says 95 % holds the truth about 95 % of the time: cohorts are drawn afresh, and the truth is known."""

import numpy as np
import pytest

from csnviz.evaluation.intervals import bootstrap_difference, bootstrap_intervals
from csnviz.evaluation.metrics import icc31, mae, occurrence_scores
from csnviz.facs import ALL

FRAMES = 40
RATES = {"common": (1.0, 3.0), "usual": (0.5, 4.0), "rare": (0.2, 4.0)}
"""How often a unit shows in a person: a beta distribution; a rare unit is carried by a few people."""


def faces(people: int, kind: str, rng: np.random.Generator):
    """Labels, and the estimates of a method that takes a person's looks for action and of one that hardly does, (people, frames).

    People differ in how often and how strongly they show the unit, in their looks, and in how well a method reads them.
    """
    shape = people, FRAMES
    on = rng.random(shape) < rng.beta(*RATES[kind], (people, 1))
    strength = rng.gamma(3, rng.uniform(1.5, 5, (people, 1)) / 4, shape)
    label = np.where(on, np.clip(np.round(strength), 1, 5), 0)
    gain = np.clip(rng.normal(0.8, 0.2, (people, 1)), 0.2, 1.4)
    seen = gain * label + rng.normal(0, 0.3, shape) * (1 + 0.3 * label)
    uncalibrated, calibrated = (spread * rng.normal(size=(people, 1)) + seen for spread in (0.4, 0.12))
    return label, uncalibrated + 0.15, calibrated


def scores(estimate: np.ndarray, label: np.ndarray) -> dict[str, float]:
    pair = estimate.ravel(), label.ravel()
    return {"icc31": icc31(*pair), "mae": mae(*pair), "f1": occurrence_scores(*pair).f1}


def share_covered(make, people: int, kind: str, rounds: int, draws: int, seed: int = 0):
    """How often the interval of each metric, and of its difference, held the truth.

    The units of one table are so many cohorts: their people are drawn apart.
    """
    rng = np.random.default_rng(seed)
    label, *both = faces(15_000, kind, rng)
    truths = [scores(estimate, label) for estimate in both]
    truth = {name: truths[0][name] for name in truths[0]}
    truth |= {f"{name} difference": truths[1][name] - truths[0][name] for name in truths[0]}
    held = {name: [] for name in truth}
    who = np.repeat([f"P{place}" for place in range(people)], FRAMES)
    for cohort in range(rounds):
        columns = [faces(people, kind, rng) for _ in ALL]
        labels, *estimates = (np.stack([part.ravel() for part in parts], 1) for parts in zip(*columns, strict=True))
        one, other = (make(estimate, labels, who, ALL.numbers) for estimate in estimates)
        found = bootstrap_intervals(one, draws, seed=cohort)
        gaps = bootstrap_difference(one, other, draws, seed=cohort).assign(
            metric=lambda rows: rows["metric"] + " difference"
        )
        for rows in (found, gaps):
            rows = rows[(rows["group_by"] == "across") & (rows["au"] != "mean") & rows["metric"].isin(list(truth))]
            for row in rows[rows["draws"] > 0].itertuples():
                held[row.metric].append(row.low <= truth[row.metric] <= row.high)
    return {name: float(np.mean(values)) for name, values in held.items()}


def test_an_interval_of_95_per_cent_holds_the_truth_in_about_that_share_of_cohorts(make):
    held = share_covered(make, people=27, kind="usual", rounds=6, draws=199)
    # 90 cohorts, each in six numbers. 1,050 cohorts of 27 people gave 0.93 to 0.96, also for common units, and 0.92 to 0.96 for
    # rare ones; the plain percentile interval held 0.87 to 0.91 of these, and 0.78 to 0.93 of the rare ones.
    assert min(held.values()) > 0.88, held
    assert np.mean(list(held.values())) == pytest.approx(0.95, abs=0.02), held
