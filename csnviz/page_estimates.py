"""Tables of estimates for the page: read where a run left them, else computed, and gone on with where they were interrupted."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable
from csnviz.page_memory import Files, KeptFeatures, quietly
from csnviz.views.latest_only import Watch

if TYPE_CHECKING:
    from csnviz.explain.starts import Start
    from csnviz.inference.features import Cancelled, FrameFeatures
    from csnviz.inference.networks import Networks
    from csnviz.inference.predict import Begun
    from csnviz.models.checkpoints import TrainedNetwork

DECODING = 0.15
"""What share of the work on new frames comes after the merge: 13 % of the arithmetic of IR50 before stage 4."""


@dataclass(frozen=True)
class ShownWith:
    """The two networks that a participant is shown with: their files, the face that explanations start from, what joins the
    provenance of their tables (JSON only), and the folders in which their own runs may have left tables, NCG's and the CSN's.
    """

    ncg: Path
    csn: Path
    start: "Callable[[], Start]"
    words: Mapping[str, Any] = field(default_factory=dict)
    stored: tuple[tuple[Path, ...], tuple[Path, ...]] = ((), ())

    @property
    def files(self) -> Files:
        """Both networks' files."""
        return (self.ncg, self.csn)


@dataclass
class Estimates:
    """What two networks say about one participant's frames before one camera.

    networks: the loaded pair of these files. kept: features that are there already. keep: whether the person's features are to be
    kept once they are made (they are looked at) or not (many people are read through). For one thread.
    """

    networks: "Callable[[Files], Networks]"
    kept: KeptFeatures
    keep: bool
    _last: tuple[FrameTable, PredictionTable] | None = None
    _begun: "dict[tuple[str, str, str], Begun]" = field(default_factory=dict)

    def without_reference(self, shown: ShownWith, frames: FrameTable, watch: Watch) -> PredictionTable:
        """NCG's estimates; those of the frames that were asked about last are at hand."""
        if self._last is None or self._last[0] is not frames:
            self._last = None
            self._last = (frames, _told(self._without_reference(shown, frames, watch), shown))
        return self._last[1]

    def _without_reference(self, shown: ShownWith, frames: FrameTable, watch: Watch) -> PredictionTable:
        from csnviz.inference.predict import predict_without_reference
        from csnviz.inference.stored import stored_without_reference

        found = stored_without_reference(shown.ncg, shown.stored[0], frames)
        if found is not None:
            return found
        ncg = self.networks(shown.files).ncg
        with quietly():
            features = self._features(ncg, frames, watch, 1.0)
            key, begun = self._going_on(ncg, frames, "")
            stop = asked(ncg, frames, watch)
            table = predict_without_reference(ncg, frames, features, progress=False, cancelled=stop, begun=begun)
        self._begun.pop(key, None)
        return table

    def with_reference(
        self, shown: ShownWith, frames: FrameTable, references: ReferenceTable, watch: Watch
    ) -> PredictionTable:
        """The CSN's estimates beside the reference; InputError when there is none, or it has no usable face."""
        from csnviz.inference.stored import stored_with_reference

        found = stored_with_reference(shown.csn, shown.stored[1], frames, references)
        if found is not None:
            return _told(found, shown)
        csn = self.networks(shown.files).csn
        with quietly():
            known = self.kept.already(csn, frames) is not None
            features = self._features(csn, frames, watch, 1 - DECODING)
            key, begun = self._going_on(csn, frames, reference_of(frames, references))
            first = 0.0 if known or features is None else 1 - DECODING
            stop = asked(csn, frames, watch, first, 1.0, encoded=features is not None)
            table = self._beside(csn, frames, references, features, stop, begun)
        self._begun.pop(key, None)
        return _told(table, shown)

    def _beside(
        self,
        csn: "TrainedNetwork",
        frames: FrameTable,
        references: ReferenceTable,
        features: "FrameFeatures | None",
        stop: "Cancelled",
        begun: "Begun",
    ) -> PredictionTable:
        """The CSN's estimates by the shortest way that there is memory for."""
        from csnviz.inference.affine import predict_from_affine
        from csnviz.inference.predict import predict_with_reference

        affine = self.kept.affine_of(csn, features) if self.keep and features is not None else None
        if affine is not None:
            return predict_from_affine(csn, frames, references, affine, cancelled=stop, begun=begun)
        return predict_with_reference(csn, frames, references, features, progress=False, cancelled=stop, begun=begun)

    def _features(
        self, trained: "TrainedNetwork", frames: FrameTable, watch: Watch, last: float
    ) -> "FrameFeatures | None":
        if not self.keep:
            return self.kept.already(trained, frames)
        return self.kept.of(trained, frames, asked(trained, frames, watch, 0.0, last))

    def _going_on(
        self, trained: "TrainedNetwork", frames: FrameTable, reference: str
    ) -> "tuple[tuple[str, str, str], Begun]":
        """Where these estimates were interrupted; what was begun of somebody else, or beside another reference, is forgotten."""
        from csnviz.inference.predict import nothing_yet

        key = (trained.sha256, str(frames.rows["frame_id"].iloc[0]), reference)
        begun = self._begun.get(key)
        if begun is None or len(begun) != len(frames):
            begun = nothing_yet(trained, frames)
        self._begun = {key: begun}
        return key, begun


def asked(
    trained: "TrainedNetwork",
    frames: FrameTable,
    watch: Watch,
    first: float = 0.0,
    last: float = 1.0,
    encoded: bool = False,
) -> "Cancelled":
    """What inference asks before each batch: whether to stop; the page hears how far between `first` and `last` it is.

    encoded: the frames come with their features, in larger batches.
    """
    from csnviz.inference.features import KEPT_BATCH, faces_a_pass

    batch, batches = KEPT_BATCH if encoded else faces_a_pass(trained.device), itertools.count()

    def stop() -> bool:
        watch.progress(first + (last - first) * min(next(batches) * batch / max(len(frames), 1), 1.0))
        return watch.cancelled()

    return stop


def reference_of(frames: FrameTable, references: ReferenceTable) -> str:
    """The reference that is named for the participant and camera of these frames; "" where none is."""
    participant, camera = (str(frames.rows[name].iloc[0]) for name in ("participant", "camera"))
    rows = references.rows
    named = rows.loc[(rows["participant"] == participant) & (rows["camera"] == camera), "frame_id"]
    return "" if named.empty else str(named.iloc[0])


def _told(table: PredictionTable, shown: ShownWith) -> PredictionTable:
    """The table whose provenance says whom its networks were trained on."""
    return replace(table, provenance={**table.provenance, **shown.words})
