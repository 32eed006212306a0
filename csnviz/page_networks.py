"""The networks behind the page: loaded when they are first asked, faces encoded once, explanations from a face that is nobody's."""

import contextlib
import io
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable
from csnviz.explain.results import Attribution
from csnviz.views.latest_only import Watch
from csnviz.views.source import CANCELLED, WHY_NCG, Calibrated, Question

if TYPE_CHECKING:
    from csnviz.explain.starts import Start
    from csnviz.inference.features import FrameFeatures
    from csnviz.inference.networks import Networks
    from csnviz.models.checkpoints import TrainedNetwork

MOST_BYTES = 1_500_000_000
"""Features kept in memory, all people together: 4845 frames of IR50 before stage 4 are 950 MB, of a small network 50."""


@dataclass(frozen=True)
class ShownWith:
    """The two networks that a participant is shown with: their files, the face that explanations start from, and what joins the
    provenance of their tables (JSON only)."""

    ncg: Path
    csn: Path
    start: Callable[[], "Start"]
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class PageNetworks:
    """Answers the page: each person's frames are encoded once, and decoded as often as the reference changes.

    frames: all that the page shows. shown_with: a participant's networks. One pair is in memory at a time. For one thread.
    """

    frames: FrameTable
    shown_with: Callable[[str], ShownWith]
    most_bytes: int = MOST_BYTES
    _loaded: "tuple[ShownWith, Networks] | None" = None
    _kept: dict[tuple[str, str], "FrameFeatures"] = field(default_factory=dict)

    def without_reference(self, frames: FrameTable, watch: Watch) -> PredictionTable:
        """NCG's estimates for the frames of one participant before one camera."""
        from csnviz.inference.predict import predict_without_reference

        shown, networks = self._networks_of(_participant(frames))
        with _quietly():
            features = self._features(networks.ncg, frames, watch)
            asked = _asked_before_each_batch(frames, watch)
            table = predict_without_reference(networks.ncg, frames, features, progress=False, cancelled=asked)
        return _told(table, shown)

    def with_reference(self, frames: FrameTable, references: ReferenceTable, watch: Watch) -> Calibrated:
        """Baseline subtraction and CSN, for the same frames beside their reference."""
        from csnviz.inference.predict import predict_with_reference, subtract_neutral_output

        ncg = self.without_reference(frames, watch)
        shown, networks = self._networks_of(_participant(frames))
        with _quietly():
            features = self._features(networks.csn, frames, watch)
            asked = _asked_before_each_batch(frames, watch)
            csn = predict_with_reference(networks.csn, frames, references, features, progress=False, cancelled=asked)
        return Calibrated(subtract_neutral_output(ncg, references), _told(csn, shown))

    def explain(self, question: Question, watch: Watch) -> Attribution:
        """One attribution, by the networks of the participant whose frame is asked about."""
        from csnviz.explain import attribution

        row = self.frames.row_of(question.frame_id)
        shown, networks = self._networks_of(str(self.frames.rows["participant"].iloc[row]))
        image, au = self._crop(question.frame_id), question.au
        with _quietly():
            if question.key == WHY_NCG.key:
                return attribution.why_ncg(networks.ncg, image, shown.start(), au, watch.cancelled)
            reference = self._crop(question.reference_id)
            if question.key == CANCELLED.key:
                return attribution.what_the_reference_cancelled(
                    networks.csn, image, reference, shown.start(), au, watch.cancelled
                )
            return attribution.what_moved(networks.csn, image, reference, au, watch.cancelled)

    def _crop(self, frame_id: str) -> np.ndarray:
        return self.frames.crops([self.frames.row_of(frame_id)])[0]

    def _networks_of(self, participant: str) -> "tuple[ShownWith, Networks]":
        from csnviz.inference.networks import Networks

        shown = self.shown_with(participant)
        if self._loaded is None or (self._loaded[0].ncg, self._loaded[0].csn) != (shown.ncg, shown.csn):
            self._loaded = None  # two networks of 175 MB go before the next two come
            self._loaded = (shown, Networks.load(shown.ncg, shown.csn))
        return shown, self._loaded[1]

    def _features(self, trained: "TrainedNetwork", frames: FrameTable, watch: Watch) -> "FrameFeatures | None":
        """What this network says about each frame before its merge; None where that is too much to keep."""
        from csnviz.inference.features import encode_frames

        key = (trained.sha256, str(frames.rows["frame_id"].iloc[0]))
        if key in self._kept:
            self._kept[key] = self._kept.pop(key)  # the newest is last
        elif self._make_room(_bytes_of(trained, frames)):
            asked = _asked_before_each_batch(frames, watch)
            self._kept[key] = encode_frames(trained, frames, progress=False, cancelled=asked)
        return self._kept.get(key)

    def _make_room(self, wanted: int) -> bool:
        """Drops the oldest features until there is room; False when there never will be."""
        if wanted > self.most_bytes:
            return False
        sizes = {key: kept.features.nbytes for key, kept in self._kept.items()}
        # Outputs stay: a few numbers a frame, which take minutes to compute again.
        for key in [key for key, kept in self._kept.items() if kept.merge_before != "output"]:
            if sum(sizes.values()) + wanted <= self.most_bytes:
                break
            del self._kept[key], sizes[key]
        return True


def _bytes_of(trained: "TrainedNetwork", frames: FrameTable) -> int:
    """How much memory the features of these frames would take, told from one of them."""
    from csnviz.inference.features import encode_frames

    usable = np.flatnonzero(frames.usable)
    return int(encode_frames(trained, frames.select(usable[:1]), progress=False).features.nbytes * len(usable))


def _asked_before_each_batch(frames: FrameTable, watch: Watch) -> Callable[[], bool]:
    """What inference asks before each batch: whether to stop; the page hears how far it is."""
    from csnviz.inference.features import BATCH

    batches = itertools.count()

    def asked() -> bool:
        watch.progress(next(batches) * BATCH / len(frames))
        return watch.cancelled()

    return asked


def _participant(frames: FrameTable) -> str:
    return str(frames.rows["participant"].iloc[0])


def _told(table: PredictionTable, shown: ShownWith) -> PredictionTable:
    """The table whose provenance says whom its networks were trained on."""
    return replace(table, provenance={**table.provenance, **shown.words})


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keeps to itself what a network says on the error stream, which in a notebook would land under the page.

    Which device it runs on is in the provenance at the page's foot.
    """
    with contextlib.redirect_stderr(io.StringIO()):
        yield
