"""Every AU of a whole recording in one byte a number: what the viewer's timeline draws, and where the methods err."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float64, UInt8

from csnviz.errors import InputError
from csnviz.evaluation.error_kinds import KINDS, kinds_of
from csnviz.views.methods import BS, CSN, ESTIMATORS, LABEL, NCG

LOWEST, HIGHEST = -1.0, 5.0
NOTHING = 255
"""Stands where there is no number: not coded, or no face."""

FALSE_POSITIVE, FALSE_NEGATIVE, OVER = 1, 2, 3  # in the order of error_kinds.KINDS
"""Kinds of errors; an overestimate that is also a false positive counts as a false positive."""

Present = float | Float64[np.ndarray, " A"]


@dataclass(frozen=True)
class Tracks:
    """N frames of A action units for the timeline.

    aus: FACS numbers, A of them. label, ncg, bs, csn: 0-254 stands for -1 to 5, 255 for no number. ncg_errors and csn_errors:
    0 none, 1 false positive, 2 false negative, 3 overestimate that is no false positive. usable: False without a face.
    """

    aus: tuple[int, ...]
    label: UInt8[np.ndarray, "N A"]
    ncg: UInt8[np.ndarray, "N A"]
    bs: UInt8[np.ndarray, "N A"]
    csn: UInt8[np.ndarray, "N A"]
    ncg_errors: UInt8[np.ndarray, "N A"]
    csn_errors: UInt8[np.ndarray, "N A"]
    usable: Bool[np.ndarray, " N"]

    @property
    def everything(self) -> dict[str, bytes]:
        """What the browser is sent, AU after AU; what says nothing is left out."""
        named = {LABEL.key: self.label, NCG.key: self.ncg, "ncg_errors": self.ncg_errors}
        first = {key: _laid_out(track) for key, track in named.items() if _speaks(key, track)}
        return {**first, **self.calibrated, "usable": self.usable.astype(np.uint8).tobytes()}

    @property
    def calibrated(self) -> dict[str, bytes]:
        """The part of it that another reference changes."""
        named = {BS.key: self.bs, CSN.key: self.csn, "csn_errors": self.csn_errors}
        return {key: _laid_out(track) for key, track in named.items() if _speaks(key, track)}


def make_tracks(
    aus: tuple[int, ...],
    values: Mapping[str, Float[np.ndarray, "_ _"]],
    usable: Bool[np.ndarray, " N"],
    present: Present,
) -> Tracks:
    """Tracks from exact numbers ("label", "ncg", "bs", "csn"; NaN = none, a missing key = none at all).

    present: the intensity from which an AU counts as present, one for all or one for each. Errors are told from these numbers,
    before they are rounded to a byte.
    """
    shape = (len(usable), len(aus))
    for key, track in values.items():
        if track.shape != shape:
            raise InputError(f"A timeline of {shape[0]} frames and {shape[1]} AUs needs {key} in that shape; "
                             f"found {track.shape}. Give all numbers of the same frames.")  # fmt: skip
    nothing = np.full(shape, np.nan, np.float32)
    label, ncg, bs, csn = (values.get(method.key, nothing) for method in (LABEL, *ESTIMATORS))
    return Tracks(
        tuple(aus),
        in_bytes(label),
        in_bytes(ncg),
        in_bytes(bs),
        in_bytes(csn),
        errors(label, ncg, present),
        errors(label, csn, present),
        np.asarray(usable),
    )


def in_bytes(values: Float[np.ndarray, "N A"]) -> UInt8[np.ndarray, "N A"]:
    """Numbers from -1 to 5 as 0 to 254, what lies beyond at the end, NaN as 255; a byte stands for less than 0.024.

    >>> in_bytes(np.array([[-1.0, 2.0, 5.0, 7.0, np.nan]])).tolist()
    [[0, 127, 254, 254, 255]]
    """
    share = (np.clip(values, LOWEST, HIGHEST) - LOWEST) / (HIGHEST - LOWEST)
    return np.where(np.isnan(values), NOTHING, np.round(np.nan_to_num(share) * 254)).astype(np.uint8)


def errors(
    label: Float[np.ndarray, "N A"], estimate: Float[np.ndarray, "N A"], present: Present
) -> UInt8[np.ndarray, "N A"]:
    """The kind of error in each place, 0 where there is none or where a number is missing; present: as in `kinds_of`.

    >>> label = np.array([[0.0, 3.0, 0.0, 1.0, np.nan]])
    >>> errors(label, np.array([[2.5, 1.0, 1.2, 1.9, 4.0]]), 2.0).tolist()
    [[1, 2, 3, 0, 0]]
    """
    found = kinds_of(label, estimate, present)
    return np.select([found[kind] for kind in KINDS], [FALSE_POSITIVE, FALSE_NEGATIVE, OVER], 0).astype(np.uint8)


def _laid_out(track: UInt8[np.ndarray, "N A"]) -> bytes:
    """AU after AU, as the browser reads it."""
    return np.ascontiguousarray(track.T).tobytes()


def _speaks(key: str, track: UInt8[np.ndarray, "N A"]) -> bool:
    return bool((track != (0 if key.endswith("_errors") else NOTHING)).any())
