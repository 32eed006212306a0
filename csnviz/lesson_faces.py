"""The invented people of the lesson, drawn when they are looked at: pictures for the page, crops for the networks.

What draws is imported by whoever draws first, so that a browser can begin with the page meanwhile.
"""

import io
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from csnviz.cast.attributes import Attributes, dosed
from csnviz.cast.camera import Camera
from csnviz.cast.identity import draw_identity, generator
from csnviz.evaluation.lesson_questions import LessonFace
from csnviz.faces.crop import crop_face

if TYPE_CHECKING:
    from csnviz.cast.anatomy import Expression

CODED_SIZE, PLAYED_SIZE = 384, 288
"""Pixels a side: of the faces that are coded, drawn ahead; of those that are drawn while somebody waits."""
GUIDE, PLAYER = "C665", "C666"
"""Who shows the units, and whose face is played with the sliders. Like all people of the lesson, in nobody's training."""
_CAMERA = Camera(blur=0.3, noise=0.8, jpeg_quality=96)
_PURPOSE = 60  # of the random numbers of a lesson's camera


@dataclass(frozen=True)
class DrawnPair:
    """A face of the lesson beside its neutral: pictures for people as JPEG, crops for networks, and nothing that says the truth."""

    neutral: bytes
    face: bytes
    neutral_crop: UInt8[np.ndarray, "112 112 3"]
    face_crop: UInt8[np.ndarray, "112 112 3"]


def draw_expressions(
    participant: str, attributes: Attributes, expressions: "Sequence[Expression]", size: int
) -> list[tuple[UInt8[np.ndarray, "S S 3"], np.ndarray]]:
    """Pictures of a participant, close and frontal, and the 68 landmarks in each; the neutral face is the expression {}."""
    from csnviz.cast.geometry import Pose
    from csnviz.cast.render import Moment, draw, take_picture

    close = Pose(y=-0.18, size=1.12)  # a face that fills its picture
    moments = [Moment(expression, close, camera=_CAMERA) for expression in expressions]
    drawn = draw(draw_identity(participant), [attributes] * len(moments), moments, size)
    photos = [
        take_picture(light, _CAMERA, generator(participant, _PURPOSE, place)) for place, light in enumerate(drawn.light)
    ]
    return list(zip(photos, drawn.points, strict=True))


def draw_pair(face: LessonFace) -> DrawnPair:
    """A face of the lesson and the same person at rest, who carries the same."""
    attributes = Attributes.none()
    for name, dose in face.worn.items():
        attributes = dosed(attributes, name, dose)
    (neutral, neutral_points), (acting, points) = draw_expressions(
        face.participant, attributes, [{}, face.expression], CODED_SIZE
    )
    return DrawnPair(jpeg(neutral), jpeg(acting), crop_face(neutral, neutral_points), crop_face(acting, points))


def jpeg(picture: UInt8[np.ndarray, "S S 3"]) -> bytes:
    """The picture as a JPEG file."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=92)
    return file.getvalue()


@dataclass
class Artist:
    """Draws one thing at a time for any thread, and keeps what it has drawn; those who wait for a face come before `ahead`."""

    faces: Sequence[LessonFace]
    _pairs: dict[int, DrawnPair] = field(default_factory=dict)
    _played: dict[tuple[str, tuple[tuple[int, float], ...]], bytes] = field(default_factory=dict)
    _free: threading.Condition = field(default_factory=threading.Condition)
    _waiting: int = 0
    _at_work: bool = False

    def pair(self, number: int) -> DrawnPair:
        """The face with this number, counted from 1; one that is drawn already waits for nobody."""
        if number in self._pairs:
            return self._pairs[number]
        with self._turn(1):
            return self._pair(number)

    def pictures(self, number: int) -> tuple[bytes, bytes]:
        """JPEGs of its neutral face, and of itself."""
        pair = self.pair(number)
        return pair.neutral, pair.face

    def ahead(self, numbers: Iterable[int]) -> None:
        """Draws these faces, each when nobody waits for another."""
        for number in numbers:
            with self._turn(0):
                self._pair(number)

    def played(self, participant: str, expression: Mapping[int, float]) -> bytes:
        """A participant who carries nothing, doing this, as JPEG; what is drawn already waits for nobody."""
        key = participant, tuple(sorted((au, intensity) for au, intensity in expression.items() if intensity > 0))
        if key in self._played:
            return self._played[key]
        with self._turn(1):
            if key not in self._played:
                [(picture, _)] = draw_expressions(participant, Attributes.none(), [dict(key[1])], PLAYED_SIZE)
                self._played[key] = jpeg(picture)
            return self._played[key]

    def _pair(self, number: int) -> DrawnPair:
        if number not in self._pairs:
            self._pairs[number] = draw_pair(self.faces[number - 1])
        return self._pairs[number]

    @contextmanager
    def _turn(self, waits: int) -> Iterator[None]:
        """While this lasts, nobody else draws. waits: 1 for somebody who waits, 0 for whoever lets them go first."""
        with self._free:
            self._waiting += waits
            self._free.wait_for(lambda: not self._at_work and (waits or not self._waiting))
            self._waiting -= waits
            self._at_work = True
        try:
            yield
        finally:
            with self._free:
                self._at_work = False
                self._free.notify_all()
