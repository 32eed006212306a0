"""One frame's estimates while those of all the others are still being made: what makes a page answer at every step."""

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32

from csnviz.data.tables import FrameTable
from csnviz.page_memory import Files, KeptFeatures, LoadedNetworks
from csnviz.views.source import AtOnce

if TYPE_CHECKING:
    from torch import Tensor

    from csnviz.models.checkpoints import TrainedNetwork

FEW = 16
"""How many single frames are remembered: the reference, and those that somebody steps to and fro between."""


@dataclass
class OneFrame:
    """Asks both networks about single frames, from any thread: networks that are only read from may be read side by side."""

    loaded: LoadedNetworks
    kept: KeptFeatures
    _seen: "dict[tuple[str, str], Tensor]" = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def estimates(self, files: Files, frames: FrameTable, row: int, reference: str) -> AtOnce:
        """NCG's, BS's and CSN's estimates of one row beside a reference of the same table ("" = none); NaN where there is none."""
        from csnviz.inference.one_frame import estimate_alone, estimate_beside

        nothing = np.full(len(frames.aus), np.nan, dtype=np.float32)
        if frames.rows["reason"].iloc[row]:
            return dict.fromkeys(("ncg", "bs", "csn"), nothing)
        networks = self.loaded.in_front(files)
        ncg = estimate_alone(networks.ncg, self._features(networks.ncg, frames, row))
        values = {"ncg": _in_order(frames, networks.ncg, ncg), "bs": nothing, "csn": nothing}
        if not reference:
            return values
        place = frames.row_of(reference)
        neutral_offset = estimate_alone(networks.ncg, self._features(networks.ncg, frames, place))
        pair = (self._features(networks.csn, frames, at) for at in (place, row))
        csn = estimate_beside(networks.csn, *pair)
        return values | {
            "bs": _in_order(frames, networks.ncg, ncg - neutral_offset),
            "csn": _in_order(frames, networks.csn, csn),
        }

    def _features(self, trained: "TrainedNetwork", frames: FrameTable, row: int) -> "Tensor":
        from csnviz.inference.one_frame import features_of_crop

        frame_id = str(frames.rows["frame_id"].iloc[row])
        kept = self.kept.having(trained, frames, frame_id)
        if kept is not None:
            return kept.of([frame_id])
        key = (trained.sha256, frame_id)
        seen = self._seen.get(key)
        if seen is None:
            seen = features_of_crop(trained, frames.crops([row])[0])
        with self._lock:
            self._seen.pop(key, None)
            self._seen[key] = seen  # the newest is last
            while len(self._seen) > FEW:
                del self._seen[next(iter(self._seen))]
        return seen


def _in_order(
    frames: FrameTable, trained: "TrainedNetwork", estimate: Float32[np.ndarray, " M"]
) -> Float32[np.ndarray, " A"]:
    """The estimates in the order of the frames' AUs, NaN for those that the network does not estimate."""
    found = dict(zip(trained.config.aus, estimate, strict=True))
    return np.array([found.get(number, np.nan) for number in frames.aus.numbers], dtype=np.float32)
