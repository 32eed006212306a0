"""Explanations for the page: asked of the networks once, told by parts of the face, and remembered while there is room."""

import itertools
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from jaxtyping import UInt8

from csnviz.data.tables import FrameTable
from csnviz.errors import InputError
from csnviz.explain.results import Attribution
from csnviz.page_estimates import ShownWith
from csnviz.page_memory import LoadedNetworks, quietly
from csnviz.page_twins import Twins
from csnviz.views.latest_only import Watch
from csnviz.views.source import (
    BLURRED_START,
    CANCELLED,
    DIFFERENCE,
    GRADIENTS,
    MEAN_START,
    OCCLUSION,
    QUESTIONS,
    WHY_NCG,
    Question,
)

if TYPE_CHECKING:
    from csnviz.explain.starts import Start
    from csnviz.explain.walks import Method
    from csnviz.inference.features import Cancelled
    from csnviz.inference.networks import Networks

MOST = 128
"""Answers that are remembered, of 150 kB each."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass
class Explanations:
    """Answers questions about these frames; one that was asked before is answered at once. For one thread."""

    frames: FrameTable
    loaded: LoadedNetworks
    twins: Twins | None = None
    most: int = MOST
    _known: dict[tuple[Question, str, str], Attribution] = field(default_factory=dict)
    _parts: dict[str, tuple[UInt8[np.ndarray, "S S"], str]] = field(default_factory=dict)

    def of(self, question: Question, shown: ShownWith, watch: Watch) -> Attribution:
        """The answer, with `by_region`, by the networks that the participant is shown with.

        InputError for a question, start or method that this page does not know, and where a reference is needed and none is named.
        """
        _check(question)
        networks = self.loaded.in_front(shown.files)
        key = (question, networks.ncg.sha256, networks.csn.sha256)
        answer = self._known.pop(key, None)
        if answer is None:
            with quietly():
                answer = self._answer(question, networks, shown, _told(watch))
        _keep(self._known, key, answer, self.most)
        return answer

    def get_ready(self, frame_id: str, watch: Watch) -> None:
        """Does ahead what the first answer would wait for: loads what answers are made with, of which Captum brings Matplotlib
        along, and finds the parts of the face in this frame if it has one; somebody who was drawn is drawn again for that.

        In two steps, since neither can be interrupted: WorkCancelled between them where somebody waits for something else.
        """
        from csnviz.explain import occlusion, starts, walks  # noqa: F401
        from csnviz.inference.features import WorkCancelled

        if watch.cancelled():
            raise WorkCancelled
        if self.frames.usable[self.frames.row_of(frame_id)]:
            with quietly():
                self._parts_of(frame_id)

    def _answer(
        self, question: Question, networks: "Networks", shown: ShownWith, cancelled: "Cancelled"
    ) -> Attribution:
        from csnviz.explain.by_part import with_parts

        parts, whose = self._parts_of(_about(question))
        answer = self._asked(question, networks, shown, cancelled, _method(question, parts))
        return with_parts(replace(answer, algorithm=f"{answer.algorithm}{whose}"), parts)

    def _asked(
        self, question: Question, networks: "Networks", shown: ShownWith, cancelled: "Cancelled", method: "Method"
    ) -> Attribution:
        from csnviz.explain import attribution

        au, ncg, csn = question.au, networks.ncg, networks.csn
        image, start = crop_of(self.frames, question.frame_id), self._start(question, shown)
        if question.key == WHY_NCG.key:
            return attribution.why_ncg(ncg, image, start, au, cancelled, method)
        reference = crop_of(self.frames, question.reference_id)
        if question.key == CANCELLED.key:
            return attribution.what_the_reference_cancelled(csn, image, reference, start, au, cancelled, method)
        if question.key == DIFFERENCE.key:
            return attribution.what_csn_does_not_see(ncg, csn, image, reference, start, au, cancelled, method)
        return attribution.what_moved(csn, image, reference, au, cancelled, method)

    def _parts_of(self, frame_id: str) -> tuple[UInt8[np.ndarray, "S S"], str]:
        """As `parts_on`, with the eyeglasses of a face that was drawn."""
        from csnviz.explain.by_part import parts_on
        from csnviz.faces.parts import with_glasses

        if frame_id not in self._parts:
            parts, whose = parts_on(self.frames, frame_id)
            glasses = None if self.twins is None else self.twins.glasses(frame_id)
            found = (parts if glasses is None else with_glasses(parts, glasses)), whose
            _keep(self._parts, frame_id, found, self.most)
        return self._parts[frame_id]

    def _start(self, question: Question, shown: ShownWith) -> "Start":
        """The face that the question starts from: the mean one, or the face that it is about without detail."""
        from csnviz.explain.starts import blurred

        if question.start == BLURRED_START:
            return blurred(crop_of(self.frames, _about(question)))
        return shown.start()


def crop_of(frames: FrameTable, frame_id: str) -> UInt8[np.ndarray, "S S 3"]:
    """The crop of one frame; InputError where there is none."""
    return frames.crops([frames.row_of(frame_id)])[0]


def _keep(kept: dict[_Key, _Value], key: _Key, value: _Value, most: int) -> None:
    """Keeps a value as the newest, and no more than so many."""
    kept[key] = value
    while len(kept) > most:
        del kept[next(iter(kept))]


def _check(question: Question) -> None:
    known = [wording.key for wording in QUESTIONS]
    if question.key not in known:
        raise InputError(f"This page knows no question {question.key!r}. It knows {', '.join(known)}.")
    if question.key != WHY_NCG.key and not question.reference_id:
        raise InputError("That question needs a reference. Choose a frame with a resting face as reference first.")
    if question.start not in (MEAN_START, BLURRED_START):
        raise InputError(f"A question starts from {MEAN_START!r} or {BLURRED_START!r}; found {question.start!r}.")
    if question.algorithm not in (GRADIENTS, OCCLUSION):
        raise InputError(f"A question is answered by {GRADIENTS!r} or {OCCLUSION!r}; found {question.algorithm!r}.")


def _about(question: Question) -> str:
    """The frame whose pixels the answer is about."""
    return question.reference_id if question.key == CANCELLED.key else question.frame_id


def _method(question: Question, parts: UInt8[np.ndarray, "S S"]) -> "Method":
    from csnviz.explain.occlusion import occluded
    from csnviz.explain.walks import integrated

    return occluded(parts) if question.algorithm == OCCLUSION else integrated


def _told(watch: Watch) -> "Cancelled":
    """What a method asks before each pass: whether to stop; the page hears how far the first walk is."""
    from csnviz.explain.walks import PASS, STEPS

    passes, expected = itertools.count(), math.ceil(STEPS / PASS)

    def stop() -> bool:
        watch.progress(min(next(passes) / expected, 1.0))
        return watch.cancelled()

    return stop
