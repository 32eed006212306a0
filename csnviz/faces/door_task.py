"""The door to the face_landmarker.task that a user names: the only one of mediapipe 0.10.30 to 0.10.33, open in 0.10.21 too."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

from csnviz.faces.doors import Box


class _TaskDoor:
    def __init__(self, detector: Any, landmarker: Any) -> None:
        self._detector, self._landmarker = detector, landmarker

    def boxes(self, image: UInt8[np.ndarray, "H W 3"]) -> list[Box]:
        """The faces that the short-range detector sees."""
        found = self._detector.detect(_as_mediapipe(image)).detections
        boxes = [detection.bounding_box for detection in found]
        return [(box.origin_x, box.origin_y, box.width, box.height) for box in boxes]

    def mesh(self, image: UInt8[np.ndarray, "H W 3"]) -> Float[np.ndarray, "M 3"] | None:
        """The 478 landmarks of the clearest face as shares of the picture's width and height, or None."""
        faces = self._landmarker.detect(_as_mediapipe(image)).face_landmarks
        return np.array([(point.x, point.y, point.z) for point in faces[0]]) if faces else None


def _as_mediapipe(image: UInt8[np.ndarray, "H W 3"]) -> Any:
    import mediapipe

    return mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(image))


@contextmanager
def task_door(face_model: bytes) -> Iterator[_TaskDoor]:
    """The detector inside the .task and the landmarker that it is, at MediaPipe's own thresholds (0.5)."""
    from mediapipe.tasks.python import BaseOptions, vision

    with zipfile.ZipFile(io.BytesIO(face_model)) as parts:
        detector_model = parts.read("face_detector.tflite")
    detector_options = vision.FaceDetectorOptions(BaseOptions(model_asset_buffer=detector_model))
    landmarker_options = vision.FaceLandmarkerOptions(BaseOptions(model_asset_buffer=face_model), num_faces=1)
    # Left open at the end of a process, a task prints tracebacks.
    with (
        vision.FaceDetector.create_from_options(detector_options) as detector,
        vision.FaceLandmarker.create_from_options(landmarker_options) as landmarker,
    ):
        yield _TaskDoor(detector, landmarker)
