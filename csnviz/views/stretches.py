"""A stretch of one person's frames, cut out with all that is known about it, so that it can leave the page."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float, Float32, Int

from csnviz.errors import InputError
from csnviz.explain.results import Attribution
from csnviz.facs import AU, PAPER_CUT, AUSet
from csnviz.facs import au as unit_of
from csnviz.views.methods import ESTIMATORS, LABEL
from csnviz.views.people import Person
from csnviz.views.schematic import hidden_faces, reference_schematic
from csnviz.views.source import Standing
from csnviz.views.viewer import Faces
from csnviz.views.words import number

MOST_FRAMES = 1000
"""More would be a file that nobody can mail and a browser takes long to open; a thousand faces are about 27 MB."""

KEYS = (LABEL.key, *(method.key for method in ESTIMATORS))

FACES_HIDDEN = "No face is in this file: the drawing is nobody's. The numbers are a person's all the same."
KEEP_TO_YOURSELF = "Do not pass this file on to anybody who may not see these faces."


@dataclass(frozen=True)
class Asked:
    """One answered "why": the number of the frame that was asked about, and what came back."""

    frame: int
    attribution: Attribution


@dataclass(frozen=True)
class ReferenceShown:
    """The reference: its frame's number, its picture (a JPEG), what is written beneath, and why it is not fit ("" = it is)."""

    number: int
    picture: bytes | None
    caption: str
    caution: str = ""


@dataclass(frozen=True)
class Papers:
    """What goes with any stretch of a source.

    may_show_faces: whether its licence lets faces leave the page. invented: the faces are nobody's. licence: in the words of the
    manifest, "" = none is known.
    trained_on: whom the networks were trained on. attributes: what is known about the person's face, by name. cut: from which
    intensity a unit counts as present. made: the day, as 2026-03-31. note: what somebody wants to say about it.
    """

    may_show_faces: bool
    invented: bool = False
    licence: str = ""
    trained_on: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    cut: float = PAPER_CUT
    made: str = field(default_factory=lambda: datetime.date.today().isoformat())
    note: str = ""


@dataclass(frozen=True)
class Stretch:
    """N frames of one video of one participant, and everything that an evidence file shows of them.

    unit: the AU in question. numbers: of the frames, rising. seconds: NaN unknown. values: (N, A) by "label", "ncg", "bs" and
    "csn", NaN where there are none. reasons: why a frame has no usable face, "" where it has. pictures: JPEGs, None = none.
    faces_shown: they are faces, and not schematics. at: the place (from 0) that is opened first. provenance: by method.
    InputError when its parts do not fit together.
    """

    participant: str
    camera: str
    unit: AU
    aus: AUSet
    numbers: Int[np.ndarray, " N"]
    seconds: Float[np.ndarray, " N"]
    values: Mapping[str, Float32[np.ndarray, "N A"]]
    reasons: tuple[str, ...]
    pictures: tuple[bytes | None, ...]
    faces_shown: bool
    papers: Papers
    at: int = 0
    reference: ReferenceShown | None = None
    standing: Standing = field(default_factory=Standing)
    asked: tuple[Asked, ...] = ()
    provenance: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.numbers)
        if not count or (np.diff(self.numbers) <= 0).any():
            raise InputError(
                "A stretch is at least one frame, and frames of one video in their order. Choose other frames."
            )
        if count > MOST_FRAMES:
            raise InputError(f"A stretch is at most {MOST_FRAMES} frames; found {count}. Choose a shorter one.")
        if len(self.reasons) != count or len(self.pictures) != count or not 0 <= self.at < count:
            raise InputError(
                f"A stretch of {count} frames needs as many reasons and pictures, and opens on one of them."
            )
        if self.faces_shown and not self.papers.may_show_faces:
            raise InputError("The licence of these faces does not let them leave the page. Export a schematic instead.")
        self.aus.column_of(self.unit.number)

    def __len__(self) -> int:
        return len(self.numbers)

    def column(self, key: str) -> Float32[np.ndarray, " N"]:
        """A method's numbers for the unit in question."""
        return self.values[key][:, self.aus.column_of(self.unit.number)]

    @property
    def span(self) -> str:
        """The frames in words, such as "frames 12–80"."""
        return f"frames {self.numbers[0]}–{self.numbers[-1]}" if len(self) > 1 else f"frame {self.numbers[0]}"

    @property
    def permission(self) -> str:
        """What may be done with the file."""
        first = "" if self.faces_shown else FACES_HIDDEN
        last = KEEP_TO_YOURSELF if self.careful else ""
        return " ".join(part for part in (first, self.papers.licence, last) if part)

    @property
    def careful(self) -> bool:
        """True where the file shows the face of somebody who lives."""
        return self.faces_shown and not self.papers.invented


def stretch_of(
    person: Person, faces: Faces, au: int, rows: tuple[int, int], at: int, papers: Papers, asked: tuple[Asked, ...] = ()
) -> Stretch:
    """The frames from one row of a person to another (both included) that are of the same video as row `at`.

    faces: the person's, as the page shows them. Where their licence does not let faces leave the page (or the page hides them:
    then `papers.may_show_faces` is False) nothing is asked of them; schematics take their place, tinted by CSN's estimates, or
    NCG's without a reference.
    """
    videos = person.frames.rows["video"].to_numpy()
    chosen = np.array([row for row in range(rows[0], rows[1] + 1) if videos[row] == videos[at]], dtype=np.int64)
    if at not in chosen:
        raise InputError("The frame that is looked at lies outside the stretch. Choose frames around it.")
    aus = person.frames.aus
    values = {key: np.column_stack([person.column(key, each)[chosen] for each in aus]) for key in KEYS}
    if not papers.may_show_faces:
        tinting = "ncg" if person.calibrated is None else "csn"
        tints = np.column_stack([person.column(tinting, each) for each in aus])
        faces = hidden_faces(faces, aus, tints, au)
    tables = [person.ncg, *(() if person.calibrated is None else (person.calibrated.bs, person.calibrated.csn))]
    who, camera = person.place
    return Stretch(
        who, camera, unit_of(au), aus, faces.numbers[chosen], faces.seconds[chosen].astype(np.float64), values,
        tuple(faces.reasons.get(int(row), "") for row in chosen), tuple(_picture(faces, int(row)) for row in chosen),
        papers.may_show_faces, papers, int(np.flatnonzero(chosen == at)[0]), _reference(person, faces, papers), person.standing,
        asked, {table.method: table.provenance for table in tables if table is not None},
    )  # fmt: skip


def _picture(faces: Faces, row: int) -> bytes | None:
    return None if row in faces.blank else faces.picture(row)


def _reference(person: Person, faces: Faces, papers: Papers) -> ReferenceShown | None:
    fitness = person.reference_fitness
    if fitness is None:
        return None
    row = person.frames.row_of(person.reference)
    frame = person.number(row)
    picture = _picture(faces, row) if papers.may_show_faces else reference_schematic(f"reference\nframe {frame}")
    caution = "" if fitness.fit else "; ".join(fitness.faults)
    return ReferenceShown(frame, picture, f"Reference: frame {frame}", caution)


def shown_number(value: float) -> str:
    """A number for a table that is copied: three decimals, nothing where there is none.

    >>> shown_number(1.8), shown_number(float("nan"))
    ('1.8', '')
    """
    return "" if np.isnan(value) else f"{value:.3f}".rstrip("0").rstrip(".")


def tile_texts(stretch: Stretch, place: int) -> tuple[str, ...]:
    """The four large numbers of one frame: the label as coded, the estimates with one decimal."""
    label = float(stretch.column(LABEL.key)[place])
    estimates = (float(stretch.column(method.key)[place]) for method in ESTIMATORS)
    return ("–" if np.isnan(label) else f"{label:g}", *map(number, estimates))
