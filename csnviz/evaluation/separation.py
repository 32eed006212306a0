"""How well estimates tell the frames in which an action unit is seen to move from neutral ones: areas under the ROC curve.

The area is the share of pairs of an event frame and a neutral frame in which the event has the higher estimate, ties half: .5 is
chance. It needs no intensities, so that it can be asked of real clips that nobody has coded. Pooled, the two frames of a pair may
come from two clips, so that one cut has to serve all people; within a clip a constant changes nothing, and baseline subtraction
equals the network without a reference.

Intervals draw clips, not frames: each draw takes as many clips as there are, with repeats, and the interval holds 95 % of the
draws' numbers. With three clips there are ten different draws and it is no more than their range, so read it as the least that is
unsure: it never leaves what these clips showed, and a clip drawn twice meets itself, which no cut finds hard. The studentised
interval of `csnviz.evaluation.intervals`, which knows that, finds no end here, or 0 to 1: in too many draws nothing varies.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from jaxtyping import Float, Float64, Int64
from sklearn.metrics import roc_auc_score

from csnviz.data.tables import PredictionTable
from csnviz.evaluation.same_frames import check_same_frames
from csnviz.evaluation.summary import MEAN_AU

FEWEST_CLIPS = 3
"""What fewer clips tell of is not measurable: one cut for all people needs several people."""

FEWEST_NEUTRAL = 10
"""A clip with fewer neutral frames than this, its reference not among them, tells of nothing."""

POOLED = "pooled"
"""The frames of all clips together."""
CLIPS_ALIKE = "pooled, clips alike"
"""The same, but every clip's frames weigh together as much as another's, so that a long clip does not speak for all."""
CLIP = "clip"
"""One clip's frames alone."""

_COLUMNS = ["au", "group_by", "group", "method", "value", "low", "high", "draws", "n_clips", "n_events", "n_neutral"]

_COVERAGE = 0.95

Weights = Int64[np.ndarray, "D K"]


@dataclass(frozen=True)
class Pairs:
    """Event frames against neutral frames over K clips, by one method's estimates of one unit.

    won: (K, K), the area between the event frames of clip i and the neutral frames of clip j. events, neutral: (K,), how many of
    each a clip has. A pooled area, also of clips taken several times, is a mean of `won` weighted by them.
    """

    won: Float64[np.ndarray, "K K"]
    events: Int64[np.ndarray, " K"]
    neutral: Int64[np.ndarray, " K"]

    @classmethod
    def of(
        cls, estimate: Float[np.ndarray, " N"], shown: Float[np.ndarray, " N"], clip: np.ndarray, clips: Sequence[str]
    ) -> "Pairs":
        """The pairs of these clips, each of which has event frames (shown 1) and neutral ones (0); clip: (N,), names."""
        events, neutral = ([estimate[(shown == what) & (clip == name)] for name in clips] for what in (1, 0))
        won = np.array([[_area(one, other) for other in neutral] for one in events])
        return cls(won, np.array([len(part) for part in events]), np.array([len(part) for part in neutral]))

    @property
    def clips_alike(self) -> "Pairs":
        """The same with every clip weighing as much as another."""
        return replace(self, events=np.ones_like(self.events), neutral=np.ones_like(self.neutral))

    def pooled(self, weights: Weights) -> Float64[np.ndarray, " D"]:
        """The pooled area for each line of how often each clip is taken; NaN where none is.

        By hand: clip 0 has one event frame, below its own neutral frame and above the three of clip 1; clip 1 has two, above all
        four. Of 3 x 4 pairs 11 are won.

        >>> pairs = Pairs(np.array([[0.0, 1.0], [1.0, 1.0]]), np.array([1, 2]), np.array([1, 3]))
        >>> [round(float(area), 4) for area in pairs.pooled(np.array([[1, 1], [2, 0]]))], round(11 / 12, 4)
        ([0.9167, 0.0], 0.9167)
        """
        events, neutral = weights * self.events, weights * self.neutral
        won = np.einsum("di,ij,dj->d", events, self.won, neutral)
        count = events.sum(axis=1) * neutral.sum(axis=1)
        return np.divide(won, count, out=np.full(len(weights), np.nan), where=count > 0)


@dataclass(frozen=True)
class ToldUnit:
    """An action unit ("AU12") that these clips tell of, and each method's pairs."""

    au: str
    clips: tuple[str, ...]
    pairs: Mapping[str, Pairs]


def clips_that_tell(shown: Float[np.ndarray, " N"], clip: np.ndarray) -> tuple[str, ...]:
    """The clips, in order of appearance, with an event of a unit and FEWEST_NEUTRAL neutral frames.

    shown: (N,), 1 = an event of the unit, 0 = neutral, NaN = nobody can say. clip: (N,), names.
    """
    counts = pd.DataFrame({"clip": clip, "events": shown == 1, "neutral": shown == 0})
    counts = counts.groupby("clip", sort=False)[["events", "neutral"]].sum()
    return tuple(counts.index[(counts["events"] > 0) & (counts["neutral"] >= FEWEST_NEUTRAL)])


def told_units(methods: Mapping[str, PredictionTable], shown: Float[np.ndarray, "N A"]) -> tuple[ToldUnit, ...]:
    """The units that at least FEWEST_CLIPS clips tell of.

    methods: by name, on the same frames, in which every clip is a participant of its own. shown: as in `clips_that_tell`, a column
    per unit of the tables. A frame without a usable face has no estimate and counts nowhere, and a clip that does not tell of a
    unit does not count for it with its neutral frames either. InputError when the tables differ in their frames.
    """
    first, *others = methods.values()
    for other in others:
        check_same_frames(first, other)
    faceless = np.any([np.isnan(table.estimate) for table in methods.values()], axis=0)
    known, clip = np.where(faceless, np.nan, shown), first.rows["participant"].to_numpy()
    found = []
    for column, au in enumerate(first.aus.columns):
        clips = clips_that_tell(known[:, column], clip)
        if len(clips) >= FEWEST_CLIPS:
            pairs = {
                name: Pairs.of(table.estimate[:, column], known[:, column], clip, clips)
                for name, table in methods.items()
            }
            found.append(ToldUnit(au, clips, pairs))
    return tuple(found)


def separation(units: Sequence[ToldUnit], differences: Sequence[tuple[str, str]] = ()) -> pd.DataFrame:
    """The areas of each unit and of their mean, pooled and clip by clip, and how much higher the first of two methods' are.

    One line per au ("AU12", or "mean": of the units' pooled areas), group_by (POOLED, CLIPS_ALIKE, CLIP), group (the clip, else
    "all") and method ("CSN", or a difference as "CSN - NCG"): value, low, high, draws, n_clips, n_events, n_neutral (frames, of a
    mean the sum over its units). An interval draws the clips on which its number stands, and every method meets the same draws; for
    one clip it is NaN, on 0 draws. In a draw without any clip of a unit the mean is that of the other units.
    """
    rows = [line for unit in units for line in (*_pooled(unit.au, [unit], differences), *_clips(unit, differences))]
    return pd.DataFrame([*rows, *(_pooled(MEAN_AU, units, differences) if units else ())], columns=_COLUMNS)


def _pooled(au: str, units: Sequence[ToldUnit], differences: Sequence[tuple[str, str]]) -> Iterator[list[object]]:
    clips = tuple(dict.fromkeys(name for unit in units for name in unit.clips))
    some = [next(iter(unit.pairs.values())) for unit in units]
    counts = [
        len(clips),
        sum(int(pairs.events.sum()) for pairs in some),
        sum(int(pairs.neutral.sum()) for pairs in some),
    ]
    weights = _drawn(len(clips))
    for group_by in (POOLED, CLIPS_ALIKE):
        areas = {name: _mean_area(units, clips, name, group_by, weights) for name in units[0].pairs}
        areas |= {f"{one} - {other}": areas[one] - areas[other] for one, other in differences}
        for name, (value, *drawn) in areas.items():
            yield [au, group_by, "all", name, float(value), *_interval(drawn), len(drawn), *counts]


def _clips(unit: ToldUnit, differences: Sequence[tuple[str, str]]) -> Iterator[list[object]]:
    for place, clip in enumerate(unit.clips):
        areas = {name: float(pairs.won[place, place]) for name, pairs in unit.pairs.items()}
        areas |= {f"{one} - {other}": areas[one] - areas[other] for one, other in differences}
        some = next(iter(unit.pairs.values()))
        counts = 1, int(some.events[place]), int(some.neutral[place])
        for name, value in areas.items():
            yield [unit.au, CLIP, clip, name, value, np.nan, np.nan, 0, *counts]


def _mean_area(
    units: Sequence[ToldUnit], clips: Sequence[str], method: str, group_by: str, weights: Weights
) -> Float64[np.ndarray, " D"]:
    """One method's pooled area, the mean over units, for each line of how often each of the clips is taken."""
    pairs = [unit.pairs[method].clips_alike if group_by == CLIPS_ALIKE else unit.pairs[method] for unit in units]
    theirs = [[clips.index(name) for name in unit.clips] for unit in units]
    areas = np.stack([each.pooled(weights[:, places]) for each, places in zip(pairs, theirs, strict=True)])
    return np.nanmean(areas, axis=0)


def _drawn(clips: int, draws: int = 2000, seed: int = 0) -> Weights:
    """How often each clip is taken: everybody once, then in each draw."""
    random = np.random.default_rng(seed).multinomial(clips, np.full(clips, 1 / clips), size=draws)
    return np.concatenate([np.ones((1, clips), np.int64), random])


def _interval(drawn: Sequence[float]) -> tuple[float, float]:
    # Draws take few values here: between two of them, the outer one.
    low = np.quantile(drawn, (1 - _COVERAGE) / 2, method="lower")
    return float(low), float(np.quantile(drawn, (1 + _COVERAGE) / 2, method="higher"))


def _area(events: Float[np.ndarray, " P"], neutral: Float[np.ndarray, " Q"]) -> float:
    happens = np.concatenate([np.ones(len(events)), np.zeros(len(neutral))])
    return float(roc_auc_score(happens, np.concatenate([events, neutral])))
