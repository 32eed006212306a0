"""The networks behind the page: loaded when they are first asked, faces encoded once, explanations from a face that is nobody's."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32

from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable
from csnviz.explain.inside_results import Inside
from csnviz.explain.results import Attribution, Changed
from csnviz.page_at_once import OneFrame
from csnviz.page_changes import Changes
from csnviz.page_estimates import Estimates, ShownWith, asked, reference_of
from csnviz.page_explanations import Explanations, crop_of
from csnviz.page_memory import MOST_BYTES, KeptFeatures, LoadedNetworks, quietly
from csnviz.page_twins import Twins
from csnviz.views.latest_only import Watch
from csnviz.views.source import AtOnce, Calibrated, Change, Estimated, Question, WhatIf


@dataclass
class PageNetworks:
    """Answers the page: each person's frames are encoded once, and decoded as often as the reference changes; what the networks'
    own runs left behind about these frames is read instead.

    frames: all that the page shows. shown_with: a participant's networks. twins: of frames that were drawn, the same faces without
    an attribute. For one thread, but `at_once` is for any.
    """

    frames: FrameTable
    shown_with: Callable[[str], ShownWith]
    most_bytes: int = MOST_BYTES
    loaded: LoadedNetworks = field(default_factory=LoadedNetworks)
    twins: Twins | None = None
    kept: KeptFeatures = field(init=False)

    def __post_init__(self) -> None:
        self.kept = KeptFeatures(self.most_bytes)
        self._in_front = Estimates(self.loaded.in_front, self.kept, keep=True)
        self._behind = Estimates(self.loaded.beside, self.kept, keep=False)
        self._one_frame = OneFrame(self.loaded, self.kept)
        self._explanations = Explanations(self.frames, self.loaded, self.twins)
        self._changes = Changes(self.frames, self.loaded, self.twins)

    def without_reference(self, frames: FrameTable, watch: Watch) -> PredictionTable:
        """NCG's estimates for the frames of one participant before one camera."""
        return self._in_front.without_reference(self._shown(frames), frames, watch)

    def with_reference(self, frames: FrameTable, references: ReferenceTable, watch: Watch) -> Calibrated:
        """Baseline subtraction and CSN, for the same frames beside their reference."""
        from csnviz.inference.predict import subtract_neutral_output

        ncg = self.without_reference(frames, watch)
        csn = self._in_front.with_reference(self._shown(frames), frames, references, watch)
        return Calibrated(subtract_neutral_output(ncg, references), csn)

    def at_once(self, frames: FrameTable, row: int, reference: str) -> AtOnce:
        """One frame's estimates by every method, from any thread, while the others are still being made; reference: a frame_id
        among these frames, or "". NaN without a face, and in BS and CSN without a reference."""
        return self._one_frame.estimates(self._shown(frames).files, frames, row, reference)

    def everyone(self, frames: FrameTable, references: ReferenceTable, watch: Watch) -> Estimated:
        """All estimates of one person before one camera, without keeping features of people who are not looked at.

        Asked again after it was interrupted, it goes on where it was.
        """
        from csnviz.inference.predict import subtract_neutral_output

        shown = self._shown(frames)
        ncg = self._behind.without_reference(shown, frames, watch)
        if not reference_of(frames, references):
            return Estimated(ncg, None)
        csn = self._behind.with_reference(shown, frames, references, watch)
        return Estimated(ncg, Calibrated(subtract_neutral_output(ncg, references), csn))

    def likeness(self, frames: FrameTable, watch: Watch) -> Float32[np.ndarray, " N"]:
        """How near each frame is, for the CSN, to the medoid of those that are fit; NaN without a face.

        Of a recording whose features are too many to be kept, as many evenly spaced frames are compared as can be.
        """
        from csnviz.inference.likeness import likeness

        csn = self.loaded.in_front(self._shown(frames).files).csn
        with quietly():
            chosen = np.arange(0, len(frames), self.kept.too_many_by(csn, frames))
            some = frames if len(chosen) == len(frames) else frames.select(chosen)
            features = self.kept.of(csn, some, asked(csn, some, watch))
            found = np.full(len(frames), np.nan, dtype=np.float32)
            if features is not None:
                found[chosen] = likeness(csn, some, features, watch.cancelled)
        return found

    def explain(self, question: Question, watch: Watch) -> Attribution:
        """One attribution with its sums by part of the face, by the networks of the participant whose frame is asked about."""
        return self._explanations.of(question, self._shown_to(question.frame_id), watch)

    def get_ready_to_explain(self, frame_id: str, watch: Watch) -> None:
        """Does ahead what the first answer about a face like this one would wait for."""
        self._explanations.get_ready(frame_id, watch)

    def changes(self, frame_id: str) -> tuple[Change, ...]:
        """What can be changed on this face: attributes that it was drawn with, then each part of it, in face order; quick."""
        return self._changes.offered(frame_id)

    def what_if(self, asked: WhatIf, watch: Watch) -> Changed:
        """What the methods say of a frame after one of its `changes`; InputError for a change that cannot be made there."""
        return self._changes.made(asked, self._shown_to(asked.frame_id), watch)

    def inside(self, question: Question) -> tuple[Inside, tuple[int, ...]]:
        """What the CSN holds of a question's image and reference at each stage, and the AUs of its estimates in order."""
        from csnviz.explain.inside import inside

        csn = self.loaded.in_front(self._shown_to(question.frame_id).files).csn
        image, reference = (crop_of(self.frames, name) for name in (question.frame_id, question.reference_id))
        with quietly():
            return inside(csn, image, reference, question.au), tuple(csn.config.aus)

    def _shown_to(self, frame_id: str) -> ShownWith:
        return self.shown_with(str(self.frames.rows["participant"].iloc[self.frames.row_of(frame_id)]))

    def _shown(self, frames: FrameTable) -> ShownWith:
        return self.shown_with(str(frames.rows["participant"].iloc[0]))
