"""The numbers of the study on the cast, fixed before it was run: who takes part, who judges whom, which trainings there are.

docs/results/cast_study.md argues for them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from csnviz.models.stages import MERGE_POINTS
from csnviz.recipes.cast_settings import CastSettings

MAIN = "stage4"
"""The merge point of the paper's main network."""

EFFECTS: tuple[tuple[str, int], ...] = (
    ("brow_eye_distance", 1),
    ("nose_root_wrinkle", 9),
    ("nose_root_wrinkle", 4),
    ("eyeglasses", 9),
    ("chin_hair", 17),
    ("hooded_lids", 5),
    ("resting_lip_line", 15),
)
"""Each attribute with the unit for which a reader could take it; on is a dose of 1, off is 0."""


def _numbered(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"C{number:03d}" for number in range(first, last + 1))


@dataclass(frozen=True)
class StudySettings:
    """Everything that decides what the study computes.

    people: in order; each fold tests an equal share of them. frames: of each. validation: how many of the people who are not
    tested choose the learning rate; the others train. dials: how far attributes mask and saturate, the default first.
    seeds: of NCG and the main CSN; merge_seeds: of the other merge points, at the default dial alone. effect_frames: at most so
    many frames of a person with label 0, and so many with label 2 or more, are drawn with and without each attribute. pool: the
    people of the planted-bias check, cohort and cohorts: how many people a cohort has, and how many cohorts there are.
    """

    people: tuple[str, ...] = _numbered(301, 354)
    frames: int = 80
    folds: int = 3
    validation: int = 6
    dials: tuple[float, ...] = (1.0, 0.0)
    seeds: tuple[int, ...] = (1, 2, 3)
    merge_seeds: tuple[int, ...] = (1,)
    learning_rates: tuple[float, ...] = (1.5e-3, 3e-3, 6e-3)
    effect_frames: int = 3
    draws: int = 1000
    pool: tuple[str, ...] = _numbered(401, 700)
    cohort: int = 20
    cohorts: int = 1000
    training: CastSettings = field(default_factory=lambda: replace(CastSettings(), epochs=10, bfloat16=False))

    def tested(self, fold: int) -> tuple[str, ...]:
        """Whom this fold (from 1) tests: an equal share, by number."""
        share = len(self.people) // self.folds
        return self.people[(fold - 1) * share : fold * share]

    def validating(self, fold: int) -> tuple[str, ...]:
        """Who chooses the learning rate: evenly spaced among those whom the fold does not test."""
        others = self._others(fold)
        return others[:: len(others) // self.validation][: self.validation]

    def training_people(self, fold: int) -> tuple[str, ...]:
        """Whom the fold's networks learn from: all the others."""
        judges = {*self.tested(fold), *self.validating(fold)}
        return tuple(name for name in self.people if name not in judges)

    def _others(self, fold: int) -> tuple[str, ...]:
        tested = set(self.tested(fold))
        return tuple(name for name in self.people if name not in tested)


def full() -> StudySettings:
    """The plan with every seed for every merge point."""
    settings = StudySettings()
    return replace(settings, merge_seeds=settings.seeds)


def small() -> StudySettings:
    """What two cores without a GPU have time for: the same people and dials, one seed, one rate, fewer updates, one merge point."""
    training = replace(StudySettings().training, epochs=6)
    return replace(StudySettings(), seeds=(1,), merge_seeds=(), learning_rates=(3e-3,), training=training)


def merge_points() -> StudySettings:
    """The six merge points for two cores without a GPU: one seed, one rate, the default dial, 4 epochs (400 updates)."""
    training = replace(small().training, epochs=4)
    return replace(small(), dials=StudySettings().dials[:1], merge_seeds=(1,), training=training)


@dataclass(frozen=True)
class Run:
    """One training. merge_before: None trains without a reference (NCG)."""

    merge_before: str | None
    dial: float
    fold: int
    seed: int
    learning_rate: float

    @property
    def name(self) -> str:
        """The name of its folder."""
        what = "ncg" if self.merge_before is None else f"csn_{self.merge_before}"
        return f"{what}-dial{self.dial:g}-fold{self.fold}-seed{self.seed}-lr{self.learning_rate:g}"

    @property
    def method(self) -> str:
        """Its name in tables."""
        return method_of(self.merge_before)


def method_of(merge_before: str | None) -> str:
    """The name in tables of a network that merges there, such as "CSN-Stage4"; "NCG" without a merge.

    >>> method_of("fc"), method_of("output"), method_of(None)
    ('CSN-FC', 'CSN-Output', 'NCG')
    """
    if merge_before is None:
        return "NCG"
    return "CSN-" + ("FC" if merge_before == "fc" else merge_before.capitalize())


def tuning_runs(settings: StudySettings) -> list[Run]:
    """The trainings among which each method's learning rate is chosen: the first fold, seed and dial."""
    dial, seed = settings.dials[0], settings.seeds[0]
    return [Run(merge, dial, 1, seed, rate) for merge in (MAIN, None) for rate in settings.learning_rates]


def main_runs(settings: StudySettings, rates: dict[str, float]) -> list[Run]:
    """NCG and the main CSN: every dial, fold and seed, with the rates that were chosen (by method)."""
    return [
        Run(merge, dial, fold, seed, rates[method_of(merge)])
        for merge in (MAIN, None)
        for dial in settings.dials
        for seed in settings.seeds
        for fold in _folds(settings)
    ]


def merge_runs(settings: StudySettings, rates: dict[str, float]) -> list[Run]:
    """The other merge points at the default dial, with the main CSN's rate."""
    return [
        Run(merge, settings.dials[0], fold, seed, rates[method_of(MAIN)])
        for merge in MERGE_POINTS
        if merge != MAIN
        for seed in settings.merge_seeds
        for fold in _folds(settings)
    ]


def _folds(settings: StudySettings) -> Iterator[int]:
    return iter(range(1, settings.folds + 1))
