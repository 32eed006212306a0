"""What the page is given: faces, references, and callables that ask the networks. Nothing here knows what a network is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd
from jaxtyping import Float32

from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable
from csnviz.explain.inside_results import Inside
from csnviz.explain.results import Attribution, Changed
from csnviz.views.latest_only import Watch

ATTRIBUTE_COLUMNS = ("participant", "attribute", "value", "by")


@dataclass(frozen=True)
class Calibrated:
    """The two methods that use a reference, on the same frames: baseline subtraction and the calibrating network."""

    bs: PredictionTable
    csn: PredictionTable


@dataclass(frozen=True)
class Estimated:
    """All that the methods say about one person's frames; calibrated is None where no reference is named."""

    ncg: PredictionTable
    calibrated: Calibrated | None


AtOnce = Mapping[str, Float32[np.ndarray, " A"]]
"""One frame's estimates by the key of a method ("ncg", "bs", "csn"), in the order of the frames' AUs; NaN where there is none."""


@runtime_checkable
class Keeper(Protocol):
    """Where accepted choices are written: under the data root, never in the manifest that came with csnviz."""

    def keep_reference(self, participant: str, camera: str, frame_id: str, chosen_by: str, note: str) -> str:
        """Keeps one reference; says in a sentence where."""
        ...

    def keep_attribute(self, participant: str, attribute: str, value: str) -> str:
        """Keeps one annotated attribute ("present", "absent" or "unsure"); says in a sentence where."""
        ...


@runtime_checkable
class View(Protocol):
    """A saved view: its name, and the link that brings it back."""

    @property
    def name(self) -> str:
        """What somebody called it."""
        ...

    @property
    def query(self) -> str:
        """What a link says behind its question mark."""
        ...


@runtime_checkable
class Views(Protocol):
    """Where views are kept."""

    def all(self) -> tuple[View, ...]:
        """The kept views, the oldest first."""
        ...

    def keep(self, name: str, query: str) -> tuple[View, ...]:
        """Keeps one more and gives back all."""
        ...


MEAN_START, BLURRED_START = "mean", "blurred"
GRADIENTS, OCCLUSION = "gradients", "occlusion"


@dataclass(frozen=True)
class Question:
    """One frame's "why": which question, for which AU, of which frame, with which reference frame ("" = none).

    start: `MEAN_START` or `BLURRED_START`, where a question has that choice. algorithm: `GRADIENTS` (integrated) or `OCCLUSION`
    (of one part of the face after another).
    """

    key: str
    au: int
    frame_id: str
    reference_id: str
    start: str = MEAN_START
    algorithm: str = GRADIENTS


@dataclass(frozen=True)
class WhatIf:
    """One frame asked about again with one part of the face filled, or one attribute taken off.

    change: the key of a `Change` that the source offers for that frame.
    """

    au: int
    frame_id: str
    reference_id: str
    change: str


@dataclass(frozen=True)
class Change:
    """A change that can be made to a face: its key, what a button says ("Remove the eyeglasses", "Fill the nose bridge").

    part: the part of the face that it fills, "" for an attribute. approximate: filled by guessing; on the cast an attribute is
    taken off exactly. question: all that the answer says, where that is less than "would the network still see it?".
    needs_reference: it takes pixels from the reference.
    """

    key: str
    words: str
    part: str = ""
    approximate: bool = True
    question: str = ""
    needs_reference: bool = False


@dataclass(frozen=True)
class Wording:
    """A question as the page asks it: `ask` is its name, `meaning` says in a sentence what the colours will show."""

    key: str
    ask: str
    meaning: str
    needs_reference: bool


WHY_NCG = Wording(
    "why_ncg",
    "Why does NCG say so?",
    "What in this face, compared with an average resting face, drives the non-calibrated estimate.",
    needs_reference=False,
)
CANCELLED = Wording(
    "cancelled",
    "What did the reference cancel?",
    "This frame is held still; what in the reference face changes the calibrated estimate.",
    needs_reference=True,
)
MOVED = Wording(
    "moved",
    "What moved since neutral?",
    "What in this face, compared with the same person at rest, drives the calibrated estimate.",
    needs_reference=True,
)
DIFFERENCE = Wording(
    "difference",
    "What does NCG see that CSN does not?",
    "What in this face, compared with an average resting face, drives the two estimates apart, NCG less CSN.",
    needs_reference=True,
)
QUESTIONS = (WHY_NCG, CANCELLED, MOVED, DIFFERENCE)


@dataclass(frozen=True)
class Standing:
    """How the networks stand to the participant who is shown: a sentence, "" where there is nothing to say.

    in_sample: they were trained on that very person, so that their numbers flatter them; everything they say is drawn hatched.
    """

    sentence: str = ""
    in_sample: bool = False


@dataclass(frozen=True)
class Case:
    """Somebody worth looking at, such as one of a paper's figures: who, before which camera, which AU, and why (note).

    reference: a frame_id, "" = the reference in use. first and last: the stretch of frames, numbered as in the table, to look in
    for NCG's worst; None = from the first, to the last.
    """

    name: str
    participant: str
    camera: str
    au: int
    reference: str = ""
    first: int | None = None
    last: int | None = None
    note: str = ""


def nothing_said(participant: str) -> Standing:
    """The standing of networks about which nothing needs to be said for each participant."""
    return Standing()


@dataclass(frozen=True)
class Source:
    """Everything behind one page.

    title and about: what is shown and what it is evidence of, in words for a stranger. frames and references: the tables;
    a person without a row in `references` starts without one. without_reference(frames, watch): NCG's estimates.
    with_reference(frames, references, watch): BS and CSN. explain(question, watch): one attribution. start_note: said
    beside where an integration starts. opening: the participant and AU shown first (None: the first of each). cautions: what
    must be read before anything is shown to anybody. standing(participant): whether the networks know that person; quick.
    cases: what the menu of cases offers. The other callables may be slow and raise InputError, and are called in one thread.
    at_once(frames, row, reference): one frame's estimates before those of all frames are there, from any thread; reference is a
    frame_id or "". everyone(frames, references, watch): all of one person's estimates, leaving nothing behind in memory.
    likeness(frames, watch): how near each frame is, for the calibrating network, to the medoid of those that are fit (1 = it is the
    medoid, NaN = no face). attributes: participant, attribute, value, by. keeper and views: where choices and saved views go;
    None = nothing can be kept (read only). hidden_faces: no picture of a face is ever shown. trained_on: whom the networks were
    trained on, for a stranger. may_show_faces: whether faces may leave the page in a file; invented: they are nobody's; licence: in
    the words of the manifest, "" = none is known. changes(frame_id): what can be changed on that face, quick. what_if(asked,
    watch): what the methods say then, in the networks' thread. None: nothing can be tried. inside(question): what the calibrated
    network holds of the question's two faces, and the AUs of its estimates in order; None: nobody can look.
    get_ready_to_explain(frame_id, watch): does ahead, in the networks' thread, what the first answer about such a face would wait
    for.
    """

    title: str
    about: str
    frames: FrameTable
    references: ReferenceTable
    without_reference: Callable[[FrameTable, Watch], PredictionTable]
    with_reference: Callable[[FrameTable, ReferenceTable, Watch], Calibrated]
    explain: Callable[[Question, Watch], Attribution]
    start_note: str = ""
    opening: tuple[str, int] | None = None
    cautions: tuple[str, ...] = ()
    standing: Callable[[str], Standing] = nothing_said
    cases: tuple[Case, ...] = ()
    at_once: Callable[[FrameTable, int, str], AtOnce] | None = None
    everyone: Callable[[FrameTable, ReferenceTable, Watch], Estimated] | None = None
    likeness: Callable[[FrameTable, Watch], Float32[np.ndarray, " N"]] | None = None
    attributes: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(ATTRIBUTE_COLUMNS)))
    keeper: Keeper | None = None
    views: Views | None = None
    hidden_faces: bool = False
    trained_on: str = ""
    may_show_faces: bool = True
    invented: bool = False
    licence: str = ""
    changes: Callable[[str], tuple[Change, ...]] | None = None
    what_if: Callable[[WhatIf, Watch], Changed] | None = None
    inside: Callable[[Question], tuple[Inside, tuple[int, ...]]] | None = None
    get_ready_to_explain: Callable[[str, Watch], None] | None = None
