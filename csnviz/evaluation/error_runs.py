"""Where methods err, run by run, and what calibration did to each of NCG's errors.

An error is told from a label and one method's estimate, never from another method: NCG's runs and CSN's are found apart, by the
same rule, and only then held side by side. "This error" below is one of the kinds, and a frame may have two of them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float32

from csnviz.data.tables import PredictionTable
from csnviz.evaluation.error_kinds import FALSE_NEGATIVE, FALSE_POSITIVE, KINDS, OVERESTIMATED, kinds_of
from csnviz.evaluation.runs import Filmed, Runs, check_intensity, joined
from csnviz.evaluation.same_frames import check_same_frames
from csnviz.facs import PAPER_CUT

PEAK = "peak"
"""Not an error: where NCG sees an action unit in frames that nobody coded."""

REMOVED, KEPT, CREATED, LOST = "removed", "kept", "created", "lost"
WHATS = (REMOVED, KEPT, CREATED, LOST)

COLUMNS = (
    "kind", "what", "participant", "camera", "video", "au", "first", "last", "n", "frame_id", "frame_index", "seconds", "label",
    "ncg", "bs", "csn", "still", "cut",
)  # fmt: skip


def errors_of(predictions: PredictionTable, cut: float = PAPER_CUT) -> dict[str, Bool[np.ndarray, "N A"]]:
    """Where a method errs, by kind; False wherever the label or the estimate is unknown.

    The kinds are those of `kinds_of`. InputError for a table of occurrence, whose logits are no intensities.
    """
    check_intensity(predictions)
    present = np.array([unit.present_from(cut) for unit in predictions.aus.units], float)
    return kinds_of(predictions.label, predictions.estimate, present)


def error_runs(
    ncg: PredictionTable, calibrated: PredictionTable | None, bs: PredictionTable | None, cut: float = PAPER_CUT
) -> pd.DataFrame:
    """One line per run of frames in which NCG errs, and per run in which calibration brought an error; the longest first.

    kind: as in `errors_of`. A run of overestimates is listed with all its frames, those that are false positives too among them;
    it is not listed where every one of them is, for then the run of false positives says it. what: removed or kept, NCG's run in
    which CSN commits this error in fewer than half or at least half of the frames; created (too high) or lost (false negatives,
    which NCG had found), CSN's run in which NCG commits it in fewer than half; "" where CSN estimates none of the frames. Errors
    of CSN that NCG shares are in NCG's runs. participant, camera, video, au (a number), first and last (frame_index), n (frames
    with the error; those in gaps of at most 5 are not counted). frame_id, frame_index, seconds and label of the worst frame, that
    is where the method that errs is furthest from the label, and ncg, bs, csn there (NaN without a table); never the reference
    unless there is nothing else. still: in how many of the n frames the other method errs too. cut: from which intensity the unit
    counted as present. InputError for occurrence, and when the tables are not about the same frames.

    By hand, with AU12 labelled 0 in six frames of one person; NCG sees it in five of them, CSN in the last alone:

    >>> from csnviz.facs import AUSet
    >>> names = {name: "made" for name in ("dataset", "camera", "video", "source", "reason")}
    >>> rows = pd.DataFrame({"frame_id": list("abcdef"), "frame_index": range(6), "participant": "P", "timestamp": 0.0, **names})
    >>> def by(method, values):
    ...     estimate = np.array(values, np.float32)[:, None]
    ...     return PredictionTable(rows, estimate * 0, estimate, AUSet((12,)), "intensity", method, "NCG", {})
    >>> ncg, csn = by("NCG", [0, 1.5, 2.5, 2.25, 1, 2]), by("CSN", [0, 0, 0, 0.5, 0, 2])
    >>> print(error_runs(ncg, csn, None)[["kind", "what", "first", "last", "n", "frame_id", "ncg", "csn", "still"]].to_string())
                 kind     what  first  last  n frame_id  ncg  csn  still
    0    overestimate  removed      1     5  5        c  2.5  0.0      1
    1  false positive  removed      2     5  3        c  2.5  0.0      1
    """
    shown = _SideBySide.of(ncg, calibrated, bs, cut)
    without = errors_of(ncg, cut)
    within = None if calibrated is None else errors_of(calibrated, cut)
    parts = [shown.lines(kind, _listed(without, kind, shown.filmed), ncg, without[kind], within) for kind in KINDS]
    if calibrated is not None and within is not None:
        for kind in KINDS:
            runs = _listed(within, kind, shown.filmed)
            new = 2 * runs.total(without[kind][runs.row, runs.column]) < runs.count
            parts.append(shown.lines(kind, runs.only(new), calibrated, within[kind], without, brought=True))
    return _longest_first(pd.concat(parts, ignore_index=True))


def peak_runs(
    ncg: PredictionTable, calibrated: PredictionTable | None, bs: PredictionTable | None, cut: float = PAPER_CUT
) -> pd.DataFrame:
    """Where to look when nobody has coded: the runs of frames without a label in which NCG's estimate reaches the cut.

    Lines as in `error_runs`, with the kind "peak" and no "what", since nobody knows whether they are errors; still: in how many of
    the frames CSN's estimate reaches the cut too.
    """
    shown = _SideBySide.of(ncg, calibrated, bs, cut)
    present = np.array([unit.present_from(cut) for unit in ncg.aus.units], float)
    here = np.isnan(ncg.label) & (ncg.estimate >= present)
    there = None if calibrated is None else {PEAK: calibrated.estimate >= present}
    found = shown.lines(PEAK, joined(here, shown.filmed), ncg, here, there)
    return _longest_first(found.assign(what=""))


def counts_by_what(errors: pd.DataFrame) -> dict[str, int]:
    """How many runs calibration removed, kept, created and lost; always all four, in this order.

    >>> counts_by_what(pd.DataFrame({"what": ["kept", "lost", "kept", ""]}))
    {'removed': 0, 'kept': 2, 'created': 0, 'lost': 1}
    """
    found = errors["what"].value_counts()
    return {what: int(found.get(what, 0)) for what in WHATS}


def no_errors() -> pd.DataFrame:
    """A table of `error_runs` without a line."""
    texts = {"kind", "what", "participant", "camera", "video", "frame_id"}
    whole = {"au", "first", "last", "n", "frame_index", "still"}
    kinds = {name: object if name in texts else np.int64 if name in whole else np.float64 for name in COLUMNS}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


def _listed(errors: dict[str, Bool[np.ndarray, "N A"]], kind: str, filmed: Filmed) -> Runs:
    """The runs of one kind that get a line of their own."""
    runs = joined(errors[kind], filmed)
    if kind != OVERESTIMATED:
        return runs
    return runs.only(runs.total(errors[FALSE_POSITIVE][runs.row, runs.column]) < runs.count)


def _longest_first(lines: pd.DataFrame) -> pd.DataFrame:
    """Of equally long runs the order of the videos counts first, then time, action unit and kind."""
    keys = [lines[name].to_numpy() for name in ("kind_place", "au_place", "first", "video_place")]
    order = np.lexsort((*keys, -lines["n"].to_numpy()))
    return lines.loc[order, list(COLUMNS)].reset_index(drop=True)


@dataclass(frozen=True)
class _SideBySide:
    """The methods' tables, which are about the same frames, and from where on each action unit counts as present."""

    tables: dict[str, PredictionTable | None]
    filmed: Filmed
    video: np.ndarray
    cuts: np.ndarray
    is_reference: np.ndarray

    @classmethod
    def of(
        cls, ncg: PredictionTable, calibrated: PredictionTable | None, bs: PredictionTable | None, cut: float
    ) -> "_SideBySide":
        for table in (ncg, bs, calibrated):
            if table is not None:
                check_intensity(table)
                check_same_frames(ncg, table)
        filmed = Filmed.of(ncg)
        video = np.empty_like(filmed.video)
        video[filmed.row] = filmed.video
        references = np.unique(calibrated.rows["ref_frame_id"]) if calibrated is not None else []
        return cls(
            {"ncg": ncg, "bs": bs, "csn": calibrated},
            filmed,
            video,
            np.array([unit.present_from(cut) for unit in ncg.aus.units], float),
            ncg.rows["frame_id"].isin(references).to_numpy(),
        )

    def lines(
        self,
        kind: str,
        runs: Runs,
        errs: PredictionTable,
        here: Bool[np.ndarray, "N A"],
        there: dict[str, Bool[np.ndarray, "N A"]] | None,
        brought: bool = False,
    ) -> pd.DataFrame:
        """Lines for runs of one method (`errs`), with what the other method says about the same frames (`there`)."""
        worst = runs.highest(self._badness(kind, runs, errs))
        row, column = runs.row[worst], runs.column[worst]
        rows, numbers = errs.rows, errs.rows["frame_index"].to_numpy()
        still = np.zeros(len(runs), np.int64) if there is None else runs.total(there[kind][runs.row, runs.column])
        lines = rows.iloc[row][["participant", "camera", "video", "frame_id", "frame_index"]].reset_index(drop=True)
        return lines.assign(
            kind=kind,
            what=self._what(kind, runs, still, brought),
            au=np.array(errs.aus.numbers, np.int64)[column],
            first=numbers[runs.row[runs.start]],
            last=numbers[runs.row[runs.end]],
            n=runs.count,
            seconds=rows["timestamp"].to_numpy(float)[row],
            label=errs.label[row, column],
            **{name: self._estimate(name, row, column) for name in ("ncg", "bs", "csn")},
            still=still,
            cut=self.cuts[column],
            kind_place=(*KINDS, PEAK).index(kind),
            au_place=column,
            video_place=self.video[row],
        )

    def _badness(self, kind: str, runs: Runs, errs: PredictionTable) -> Float32[np.ndarray, " K"]:
        estimate = errs.estimate[runs.row, runs.column]
        far = estimate if kind == PEAK else np.abs(estimate - errs.label[runs.row, runs.column])
        # The reference shows nothing when it is compared with itself, so any other frame of the run is worth more.
        return np.where(self.is_reference[runs.row], np.float32(-1), far).astype(np.float32)

    def _what(self, kind: str, runs: Runs, still: np.ndarray, brought: bool) -> np.ndarray:
        if brought:
            return np.full(len(runs), LOST if kind == FALSE_NEGATIVE else CREATED, object)
        known = runs.total(~np.isnan(self._estimate("csn", runs.row, runs.column)))
        return np.select([known == 0, 2 * still < known], ["", REMOVED], KEPT).astype(object)

    def _estimate(self, name: str, row: np.ndarray, column: np.ndarray) -> Float32[np.ndarray, " K"]:
        table = self.tables[name]
        return np.full(len(row), np.nan, np.float32) if table is None else table.estimate[row, column]
