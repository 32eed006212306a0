"""The two doors to MediaPipe, and which of them is open here.

A door finds the boxes of faces in a picture and the landmarks of the face in a picture. Both work on every picture alone:
MediaPipe's tracking makes landmarks depend on the frames before, by up to 7 pixels in a picture of 1024 x 768.
"""

import hashlib
import os
from contextlib import AbstractContextManager
from importlib import metadata
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, UInt8

from csnviz.errors import InputError

FACE_MODEL_VARIABLE = "CSNVIZ_FACE_LANDMARKER"

FACE_LANDMARKER_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
"""The face_landmarker.task (float16, version 1) that MediaPipe publishes. One put together from the models of a wheel runs,
returns 478 points and is wrong by a face's width, so that nothing but this file is accepted."""

MODELS_IN_WHEEL = (0, 10, 21)
TASKS_ONLY = ((0, 10, 30), (0, 10, 33))

Box = tuple[int, int, int, int]
"""Left, top, width, height in pixels."""


@runtime_checkable
class Door(Protocol):
    """What both doors can do with one RGB picture."""

    def boxes(self, image: UInt8[np.ndarray, "H W 3"]) -> list[Box]:
        """The faces that the short-range detector sees."""
        ...

    def mesh(self, image: UInt8[np.ndarray, "H W 3"]) -> Float[np.ndarray, "M 3"] | None:
        """The 478 landmarks of the clearest face as shares of the picture's width and height, or None."""
        ...


def named_face_model(chosen: Path | None) -> Path | None:
    """The face_landmarker.task that the user chose, by argument or by CSNVIZ_FACE_LANDMARKER, or None."""
    named = os.environ.get(FACE_MODEL_VARIABLE, "")
    return Path(chosen).expanduser() if chosen else Path(named).expanduser() if named else None


def landmark_model_sha256(face_model: Path | None) -> str:
    """The hash of the file that the landmarks come from; InputError when this MediaPipe or this file cannot be used."""
    if face_model is not None:
        mediapipe_version()
        return hashlib.sha256(read_face_model(face_model)).hexdigest()
    if mediapipe_version() != MODELS_IN_WHEEL:
        raise InputError(
            f"mediapipe {metadata.version('mediapipe')} comes without its models. Name the file face_landmarker.task with "
            f"--face-model FILE or {FACE_MODEL_VARIABLE}, or install mediapipe 0.10.21 (Python 3.12 and earlier)."
        )
    from csnviz.faces.door_wheel import landmark_model

    return hashlib.sha256(landmark_model().read_bytes()).hexdigest()


def open_door(face_model: Path | None) -> AbstractContextManager[Door]:
    """The door to the named model, else to the models in MediaPipe's wheel; to be entered with `with`."""
    landmark_model_sha256(face_model)
    if face_model is not None:
        from csnviz.faces.door_task import task_door

        return task_door(read_face_model(face_model))
    from csnviz.faces.door_wheel import wheel_door

    return wheel_door()


def read_face_model(path: Path) -> bytes:
    """The bytes of a face_landmarker.task whose hash is the expected one; InputError otherwise."""
    try:
        model = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: the face model cannot be read ({error.strerror}). Name another file.") from None
    found = hashlib.sha256(model).hexdigest()
    if found != FACE_LANDMARKER_SHA256:
        raise InputError(
            f"{path}: not the face_landmarker.task that csnviz knows (sha256 {found[:12]}..., expected "
            f"{FACE_LANDMARKER_SHA256[:12]}...). Name MediaPipe's own file, float16, version 1."
        )
    return model


def mediapipe_version() -> tuple[int, ...]:
    """The installed version; InputError when it is missing, unknown to csnviz, or one that opens connections."""
    try:
        text = metadata.version("mediapipe")
    except metadata.PackageNotFoundError:
        raise InputError("mediapipe is not installed, so no face can be found. Install mediapipe 0.10.21.") from None
    version = tuple(int(part) for part in text.split(".")[:3] if part.isdigit())
    if version > TASKS_ONLY[1]:
        raise InputError(
            f"mediapipe {text} opens a network connection whenever a task closes. Install 0.10.21, or 0.10.30 to 0.10.33."
        )
    if version != MODELS_IN_WHEEL and version < TASKS_ONLY[0]:
        raise InputError(f"mediapipe {text} has not been tried with csnviz. Install 0.10.21, or 0.10.30 to 0.10.33.")
    return version
