"""Do the intervals of the bias bench hold what they promise? Cohorts of 27 people are made up whose true difference is known.

Each person has a rate of their own, drawn around the group's; of a person's frames as many err as that rate and chance have it. A
cohort's interval for the difference between people who carry an attribute and people who do not holds the true difference or it
does not. The interval that the bench uses stands beside three that it might have used: Welch's, the pooled t, and bootstrap-t.

Command  python -m csnviz.recipes.bias_coverage > coverage.md
Time     24 s of processor time
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64
from scipy.special import ndtr, stdtrit

from csnviz.evaluation.attribute_effect import mean_intervals
from csnviz.evaluation.bias_groups import group_differences

PEOPLE = 27
GROUPS = (3, 6, 13)
"""How many of them carry the attribute."""

A_HANDFUL = 6
COHORTS, FEWER_COHORTS, DRAWS = 20_000, 2_000, 399
Values = Float64[np.ndarray, "P K"]
Others = Float64[np.ndarray, "Q K"]


@dataclass(frozen=True)
class Situation:
    """How people err. middle, spread: of the people's rates, in standard normal units (their probits are normal, so that low rates
    are skewed: most people hardly err, a few often); effect: by how much those who carry the attribute are higher there.
    frames: as many count for each person; those of a video resemble each other, so they are fewer than were filmed.
    """

    name: str
    middle: float
    spread: float
    effect: float
    frames: int = 40

    def rates(self, people: int, cohorts: int, effect: float, random: np.random.Generator) -> Values:
        """Each person's observed rate, 0-1, in each cohort."""
        truth = ndtr(self.middle + effect + self.spread * random.standard_normal((people, cohorts)))
        return random.binomial(self.frames, truth) / self.frames

    def exact(self) -> float:
        """The true difference: normal probits have the mean rate in closed form."""
        width = np.sqrt(1 + self.spread**2)
        return float(ndtr((self.middle + self.effect) / width) - ndtr(self.middle / width))


@dataclass(frozen=True)
class Offsets:
    """Neutral offsets in intensity steps: normal, or as skewed as a gamma distribution of shape 2; those of the attribute's
    carriers are higher by `effect`, and `varied` times as varied."""

    name: str
    skewed: bool
    effect: float
    varied: float

    def rates(self, people: int, cohorts: int, effect: float, random: np.random.Generator) -> Values:
        """Each person's offset in each cohort."""
        shape = (people, cohorts)
        values = (random.gamma(2.0, size=shape) - 2) / np.sqrt(2) if self.skewed else random.standard_normal(shape)
        return effect + 0.5 * values * (self.varied if effect else 1.0)

    def exact(self) -> float:
        """The true difference."""
        return self.effect


SITUATIONS: tuple[Situation | Offsets, ...] = (
    Offsets("offsets, normal, no effect", False, 0.0, 1.0),
    Offsets("offsets, normal, effect .5", False, 0.5, 1.0),
    Offsets("offsets, skewed, effect .5, 1.5 times as varied", True, 0.5, 1.5),
    Situation("common errors (mean rate 31 %), no effect", -0.6, 0.7, 0.0),
    Situation("common errors, effect 25 points", -0.6, 0.7, 0.8),
    Situation("skewed rates (mean 12 %, median 5 %), no effect", -1.6, 0.9, 0.0),
    Situation("skewed rates, effect 16 points", -1.6, 0.9, 0.8),
    Situation("rare errors (mean 2 %, most people none), no effect", -2.6, 0.8, 0.0),
    Situation("rare errors, effect 6 points", -2.6, 0.8, 0.8),
)


class Held(NamedTuple):
    """The share of intervals that held the truth, the share of cohorts without an interval, and the intervals' median width."""

    held: float
    none: float
    width: float


Reach = Callable[[Values, Others, np.random.Generator], Float64[np.ndarray, " K"]]


def measured(
    situation: Situation | Offsets, carriers: int, reach: Reach, cohorts: int, random: np.random.Generator
) -> Held:
    """How often an interval of difference -+ reach holds the truth, in cohorts of PEOPLE of whom so many are carriers."""
    first = situation.rates(carriers, cohorts, situation.effect, random)
    second = situation.rates(PEOPLE - carriers, cohorts, 0.0, random)
    far = reach(first, second, random)
    given = np.isfinite(far)
    miss = np.abs(first.mean(axis=0) - second.mean(axis=0) - situation.exact())
    return Held(float((miss <= far)[given].mean()), float(1 - given.mean()), float(np.median(2 * far[given])))


def of_the_bench(first: Values, second: Others, random: np.random.Generator) -> Float64[np.ndarray, " K"]:
    """The bench's own: Welch's standard error, as many degrees of freedom as the smaller group has people less one."""
    found = group_differences(first, second)
    return found.high - found.difference


def welch(first: Values, second: Others, random: np.random.Generator) -> Float64[np.ndarray, " K"]:
    """Welch's t interval with Satterthwaite's degrees of freedom."""
    one, other = _squares(first), _squares(second)
    with np.errstate(invalid="ignore"):
        freedom = (one + other) ** 2 / (one**2 / (len(first) - 1) + other**2 / (len(second) - 1))
    return _given(stdtrit(freedom, 0.975) * np.sqrt(one + other), one, other)


def pooled(first: Values, second: Others, random: np.random.Generator) -> Float64[np.ndarray, " K"]:
    """Student's t interval: both groups taken to be equally varied."""
    n, m = len(first), len(second)
    one, other = _squares(first), _squares(second)
    variance = (n * (n - 1) * one + m * (m - 1) * other) / (n + m - 2)
    return _given(stdtrit(n + m - 2, 0.975) * np.sqrt(variance * (1 / n + 1 / m)), one, other)


def bootstrap_t(first: Values, second: Others, random: np.random.Generator) -> Float64[np.ndarray, " K"]:
    """The symmetric studentised interval of `csnviz.evaluation.intervals`, people drawn within each group."""
    one, other = _squares(first), _squares(second)
    middle = first.mean(axis=0) - second.mean(axis=0)
    distances = np.empty((DRAWS, first.shape[1]))
    for draw in range(DRAWS):
        some, others = (_drawn(group, random) for group in (first, second))
        error = np.sqrt(_squares(some) + _squares(others))
        apart = np.abs(some.mean(axis=0) - others.mean(axis=0) - middle)
        with np.errstate(invalid="ignore", divide="ignore"):
            distances[draw] = np.where(error > 1e-9, apart / error, np.inf)
    return _given(np.quantile(distances, 0.95, axis=0, method="higher") * np.sqrt(one + other), one, other)


def _drawn(group: Values, random: np.random.Generator) -> Values:
    return np.take_along_axis(group, random.integers(len(group), size=group.shape), axis=0)


def _squares(group: Values) -> Float64[np.ndarray, " K"]:
    return group.var(axis=0, ddof=1) / len(group)


def _given(
    reach: Float64[np.ndarray, " K"], one: Float64[np.ndarray, " K"], other: Float64[np.ndarray, " K"]
) -> Float64[np.ndarray, " K"]:
    """No interval where the bench gives none, so that all are judged by the same cohorts."""
    return np.where((one > 1e-12) & (other > 1e-12), reach, np.nan)


INTERVALS: tuple[tuple[Reach, int], ...] = (
    (of_the_bench, COHORTS),
    (welch, COHORTS),
    (pooled, COHORTS),
    (bootstrap_t, FEWER_COHORTS),
)


def lines(seed: int = 1) -> Iterator[str]:
    """The table as Markdown, line by line."""
    yield "| how people err | with : without | the bench | no interval | median width | Welch | pooled t | bootstrap-t |"
    yield "|---|---|---|---|---|---|---|---|"
    for situation in SITUATIONS:
        for carriers in GROUPS:
            random = np.random.default_rng((seed, carriers))
            ours, *others = (measured(situation, carriers, reach, cohorts, random) for reach, cohorts in INTERVALS)
            beside = " | ".join(f"{each.held:.1%}" for each in others)
            groups = f"{carriers} : {PEOPLE - carriers}"
            mark = "" if 0.93 <= ours.held <= 0.97 else " *"
            yield f"| {situation.name} | {groups} | {ours.held:.1%}{mark} | {ours.none:.1%} | {ours.width:.3f} | {beside} |"


def lines_of_changes(seed: int = 1) -> Iterator[str]:
    """The same of mean changes over six people, whose true mean is 0.3: the stress lab's bootstrap-t, and Student's t."""
    yield "| changes of six people | the stress lab | median width | Student's t | median width |"
    yield "|---|---|---|---|---|"
    for offsets in (Offsets("normal", False, 0.3, 1.0), Offsets("skewed", True, 0.3, 1.0)):
        changes = offsets.rates(A_HANDFUL, COHORTS, offsets.effect, np.random.default_rng(seed))
        cells = []
        found = mean_intervals(changes, draws=1000, seed=seed)
        for reach in (found.high - found.mean, stdtrit(A_HANDFUL - 1, 0.975) * np.sqrt(_squares(changes))):
            given = np.isfinite(reach)
            held = (np.abs(found.mean - offsets.exact()) <= reach)[given].mean()
            cells += [f"{held:.1%}", f"{np.median(2 * reach[given]):.2f}"]
        yield f"| {offsets.name} | {' | '.join(cells)} |"


def main() -> None:
    """The command: prints two tables; a star marks what is not within 95 % +- 2."""
    for line in (*lines(), "", *lines_of_changes()):
        print(line, flush=True)


if __name__ == "__main__":
    main()
