"""What the page keeps in memory: pairs of networks, and what they said about each face before the merge."""

import contextlib
import io
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from csnviz.data.tables import FrameTable

if TYPE_CHECKING:
    from csnviz.inference.affine import AffineFeatures
    from csnviz.inference.features import Cancelled, FrameFeatures
    from csnviz.inference.networks import Networks
    from csnviz.models.checkpoints import TrainedNetwork

MOST_BYTES = 1_500_000_000
"""Features kept in memory, all people together: 4845 frames of IR50 before stage 4 are 970 MB, of a small network 240."""

Files = tuple[Path, Path]
"""The network without a reference, and the CSN."""


@dataclass
class LoadedNetworks:
    """The pair of networks that the page asks, and while people of another fold are read behind it, theirs. For any thread."""

    front: "tuple[Files, Networks] | None" = None
    behind: "tuple[Files, Networks] | None" = None
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def in_front(self, files: Files) -> "Networks":
        """The pair for the person looked at, on their device; the pair before it is forgotten first."""
        with self._lock:
            if self.front is None or self.front[0] != files:
                self.front = None  # two networks of 175 MB go before the next two come
                self.front = self._taken_from_behind(files) or (files, _load(files))
            return self.front[1]

    def beside(self, files: Files) -> "Networks":
        """The pair for somebody who is not looked at; that in front where it is the same."""
        with self._lock:
            if self.front is not None and self.front[0] == files:
                self.behind = None
                return self.front[1]
            if self.behind is None or self.behind[0] != files:
                self.behind = None
                self.behind = (files, _load(files))
            return self.behind[1]

    def _taken_from_behind(self, files: Files) -> "tuple[Files, Networks] | None":
        if self.behind is None or self.behind[0] != files:
            return None
        taken, self.behind = self.behind, None
        return taken


def _load(files: Files) -> "Networks":
    from csnviz.inference.features import ready
    from csnviz.inference.networks import Networks

    networks = Networks.load(*files)
    with quietly():
        for trained in (networks.ncg, networks.csn):
            ready(trained, "auto")
    return networks


@dataclass
class KeptFeatures:
    """What networks said about each face before their merge, the people looked at last, within a bound.

    affine: of whoever is looked at, how the work after the merge begins, as far as there is room beside all features; made again
    in less time than they, it goes first. Filled in one thread; `having` may be asked in any.
    """

    most_bytes: int = MOST_BYTES
    people: dict[tuple[str, str], "FrameFeatures"] = field(default_factory=dict)
    affine: "AffineFeatures | None" = None
    _begun: "dict[tuple[str, str], FrameFeatures]" = field(default_factory=dict)

    def of(self, trained: "TrainedNetwork", frames: FrameTable, cancelled: "Cancelled") -> "FrameFeatures | None":
        """The features of one person's frames, kept or made and kept; None where that is too much to keep.

        What was there when `cancelled` stopped it is not made again by the next call.
        """
        from csnviz.inference.features import WorkCancelled, encode_frames

        key = self._key(trained, frames)
        if key in self.people:
            self.people[key] = self.people.pop(key)  # the newest is last
        elif self._make_room(_bytes_of(trained, frames)):
            begun = self._begun.pop(key, None)
            self._begun.clear()
            try:
                self.people[key] = encode_frames(trained, frames, progress=False, cancelled=cancelled, begun=begun)
            except WorkCancelled as stopped:
                if stopped.encoded is not None:
                    self._begun[key] = stopped.encoded
                raise
        return self.people.get(key)

    def affine_of(self, csn: "TrainedNetwork", features: "FrameFeatures") -> "AffineFeatures | None":
        """The same faces past the affine beginning of what follows the merge, filled as they are asked about.

        None where it does not fit beside the features that are kept, and where there is nothing to gain.
        """
        from csnviz.inference.affine import affine_bytes, affine_features

        if self.affine is not None and self.affine.features is features:
            return self.affine
        self.affine = None
        wanted, there = affine_bytes(csn, features), sum(kept.features.nbytes for kept in self.people.values())
        if 0 < wanted <= self.most_bytes - there:
            self.affine = affine_features(csn, features)
        return self.affine

    def already(self, trained: "TrainedNetwork", frames: FrameTable) -> "FrameFeatures | None":
        """The features of one person's frames if they are kept, without making any."""
        return self.people.get(self._key(trained, frames))

    def too_many_by(self, trained: "TrainedNetwork", frames: FrameTable) -> int:
        """Every how many frames may be kept: 1 = all of them."""
        wanted = 0 if self.already(trained, frames) is not None else _bytes_of(trained, frames)
        return max(math.ceil(wanted / max(self.most_bytes, 1)), 1)

    def having(self, trained: "TrainedNetwork", frames: FrameTable, frame_id: str) -> "FrameFeatures | None":
        """Features among which this frame is, if there are any yet."""
        key = self._key(trained, frames)
        for kept in (self.people.get(key), self._begun.get(key)):
            if kept is not None and frame_id in kept:
                return kept
        return None

    def _key(self, trained: "TrainedNetwork", frames: FrameTable) -> tuple[str, str]:
        return (trained.sha256, f"{frames.rows['frame_id'].iloc[0]} and {len(frames) - 1} more")

    def _make_room(self, wanted: int) -> bool:
        """Drops the oldest features until there is room; False when there never will be."""
        if wanted > self.most_bytes:
            return False
        sizes = {key: kept.features.nbytes for key, kept in self.people.items()}
        if self.affine is not None and sum(sizes.values()) + self.affine.nbytes + wanted > self.most_bytes:
            self.affine = None
        # Outputs stay: a few numbers a frame, which take minutes to compute again.
        for key in [key for key, kept in self.people.items() if kept.merge_before != "output"]:
            if sum(sizes.values()) + wanted <= self.most_bytes:
                break
            del self.people[key], sizes[key]
        return True


def _bytes_of(trained: "TrainedNetwork", frames: FrameTable) -> int:
    """How much memory the features of these frames would take, told from one of them."""
    from csnviz.inference.features import encode_frames

    usable = np.flatnonzero(frames.usable)
    return int(encode_frames(trained, frames.select(usable[:1]), progress=False).features.nbytes * len(usable))


class _Silence:
    """The error stream put away, by however many threads at once: it belongs to the whole process."""

    lock = threading.Lock()
    wanted = 0
    redirection: contextlib.redirect_stderr[io.StringIO] | None = None


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Keeps to itself what a network says on the error stream, which in a notebook would land under the page.

    Which device it runs on is in the provenance at the page's foot. Several threads may be quiet at once.
    """
    with _Silence.lock:
        _Silence.wanted += 1
        if _Silence.redirection is None:
            _Silence.redirection = contextlib.redirect_stderr(io.StringIO())
            _Silence.redirection.__enter__()
    try:
        yield
    finally:
        with _Silence.lock:
            _Silence.wanted -= 1
            if not _Silence.wanted and _Silence.redirection is not None:
                _Silence.redirection.__exit__(None, None, None)
                _Silence.redirection = None
