"""Finds the face in a picture and its landmarks.

The order is that of the authors' code for arXiv 2409.00240: MediaPipe's short-range detector, the widest face, margins around
its box, landmarks inside them.

# Differs from the paper: the authors' landmark network (a MobileFaceNet for 68 points) is not ours to ship. MediaPipe's face
mesh takes its place: of the 68-point scheme we fill the roles that alignment reads.
# Differs from the paper: the authors keep whatever their network says about a detector's box. A face mesh can say that there is
no face, and then the frame has none: "detector without landmarks".
# Differs from the paper: the authors drop frames without a face. Here they stay, with the reason.
# Differs from the paper: the authors cut the aligned face out of the box with its margins, black outside; we cut it out of
the whole picture, so that a face that reaches beyond the detector's box is not trimmed by it.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
from jaxtyping import Float, UInt8

from csnviz.errors import InputError
from csnviz.faces.align import face_quad
from csnviz.faces.doors import Box, Door, landmark_model_sha256, named_face_model, open_door
from csnviz.faces.quiet import without_chatter
from csnviz.faces.window import window

NO_FACE = "no face"
WITHOUT_LANDMARKS = "detector without landmarks"
NOT_A_FACE = "landmarks do not span a face"

MESH_ROLES = {
    **{0: 127, 16: 356, 9: 400},
    **dict(zip(range(36, 42), (33, 160, 158, 133, 153, 144), strict=True)),
    **dict(zip(range(42, 48), (362, 385, 387, 263, 373, 380), strict=True)),
    **{48: 61, 54: 291},
}
"""For each role in the 68-point scheme that alignment reads, the point of the face mesh that takes it."""

LEAST_OVERLAP = 1 / 3
"""The mesh looks for a face by itself inside the detector's margins; it counts as the same face when both overlap. On 180
frames of four real videos the overlap was .67 and more, on lettering taken for a face .07."""


@dataclass(frozen=True)
class FoundFace:
    """One face in a picture.

    box: the detector's, as left, top, width, height in pixels. points478: the face mesh, x and y in pixels, z in the same
    unit (towards the camera is negative). points68: the roles of MESH_ROLES, in pixels; NaN for all others.
    """

    box: Box
    points478: Float[np.ndarray, "M 3"]
    points68: Float[np.ndarray, "68 2"]


@dataclass(frozen=True)
class NoFace:
    """No usable face, and why."""

    reason: str


def _overlap(box: Box, mesh: Float[np.ndarray, "M 3"]) -> float:
    """What the detector's box and the rectangle around the mesh share, as a part of what they cover together."""
    low, high = mesh[:, :2].min(axis=0), mesh[:, :2].max(axis=0)
    corner, size = np.array(box[:2]), np.array(box[2:])
    shared = np.prod(np.clip(np.minimum(high, corner + size) - np.maximum(low, corner), 0, None))
    return float(shared / max(np.prod(size) + np.prod(high - low) - shared, 1e-9))


class FaceFinder:
    """Finds one face at a time, in each picture alone: the same picture gives the same points, whatever came before.

        with FaceFinder() as finder:
            found = finder.find(image)

    face_model: MediaPipe's face_landmarker.task; None takes the file that CSNVIZ_FACE_LANDMARKER names, else the models in
    MediaPipe's wheel (0.10.21). InputError when there is no model, the file is another one, or this MediaPipe cannot be used.
    """

    def __init__(self, face_model: Path | None = None) -> None:
        self._face_model = named_face_model(face_model)
        self.model_sha256 = landmark_model_sha256(self._face_model)
        self._door: Door | None = None
        self._open = ExitStack()
        self._has_seen_a_face = False

    @property
    def version(self) -> str:
        """Names the landmark model by the hash of its file; crops of another version are not comparable."""
        return f"mesh-{self.model_sha256[:16]}"

    def __enter__(self) -> "FaceFinder":
        blank = np.zeros((64, 64, 3), dtype=np.uint8)
        with ExitStack() as opening, without_chatter():
            door = opening.enter_context(open_door(self._face_model))
            door.boxes(blank)  # parts of the models load in the background; this waits for them
            door.mesh(blank)
            self._open = opening.pop_all()
        self._door = door
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._door = None
        self._open.close()

    def find(self, image: UInt8[np.ndarray, "H W 3"]) -> FoundFace | NoFace:
        """The widest face of an RGB picture with its landmarks in pixels, or why there is none."""
        boxes = self._entered().boxes(np.ascontiguousarray(image))
        if not boxes:
            return NoFace(NO_FACE)
        box = max(boxes, key=lambda candidate: candidate[2])
        surroundings, corner = _with_margins(image, box)
        shares = self.landmarks(surroundings)
        if shares is None:
            return NoFace(WITHOUT_LANDMARKS)
        height, width = surroundings.shape[:2]
        mesh = shares * np.array([width, height, width]) + np.array([*corner, 0.0])
        return _found(box, mesh)

    def landmarks(self, image: UInt8[np.ndarray, "H W 3"]) -> Float[np.ndarray, "M 3"] | None:
        """The face mesh found in a whole picture, x and y as shares of its width and height; None without a face."""
        door = self._entered()
        image = np.ascontiguousarray(image)
        if self._has_seen_a_face:
            return door.mesh(image)
        with without_chatter():  # the landmark model loads at the first face
            mesh = door.mesh(image)
        self._has_seen_a_face = mesh is not None
        return mesh

    def _entered(self) -> Door:
        if self._door is None:
            raise RuntimeError("A FaceFinder works inside `with FaceFinder() as finder:`.")
        return self._door


def _with_margins(image: UInt8[np.ndarray, "H W 3"], box: Box) -> tuple[UInt8[np.ndarray, "h w 3"], tuple[int, int]]:
    """The box with a fifth more above, a twentieth below, an eighth at each side; black beyond the picture. And its corner.

    The margins are the authors', truncated to whole pixels as theirs.
    """
    left, top, width, height = box
    x0, x1 = left - int(0.125 * width), left + width + int(0.125 * width)
    y0, y1 = top - int(0.20 * height), top + height + int(0.05 * height)
    return window(image, x0, y0, x1, y1), (x0, y0)


def _found(box: Box, mesh: Float[np.ndarray, "M 3"]) -> FoundFace | NoFace:
    if _overlap(box, mesh) < LEAST_OVERLAP:
        return NoFace(WITHOUT_LANDMARKS)
    points = np.full((68, 2), np.nan)
    points[list(MESH_ROLES)] = mesh[list(MESH_ROLES.values()), :2]
    try:
        face_quad(points)
    except InputError:
        return NoFace(NOT_A_FACE)
    return FoundFace(box, mesh, points)
