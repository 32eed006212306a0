"""The door to mediapipe 0.10.21, the last whose wheel carries its models: nothing to download, works offline."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

from csnviz.faces.doors import Box


def landmark_model() -> Path:
    """The file of the face mesh in the wheel."""
    name = "mediapipe/modules/face_landmark/face_landmark_with_attention.tflite"
    return Path(str(metadata.distribution("mediapipe").locate_file(name)))


class _WheelDoor:
    def __init__(self, detector: Any, face_mesh: Any) -> None:
        self._detector, self._face_mesh = detector, face_mesh

    def boxes(self, image: UInt8[np.ndarray, "H W 3"]) -> list[Box]:
        """The faces that the short-range detector sees."""
        height, width = image.shape[:2]
        found = self._detector.process(image).detections or ()
        shares = [detection.location_data.relative_bounding_box for detection in found]
        return [
            (int(s.xmin * width), int(s.ymin * height), int(s.width * width), int(s.height * height)) for s in shares
        ]

    def mesh(self, image: UInt8[np.ndarray, "H W 3"]) -> Float[np.ndarray, "M 3"] | None:
        """The 478 landmarks of the clearest face as shares of the picture's width and height, or None."""
        faces = self._face_mesh.process(image).multi_face_landmarks
        return np.array([(point.x, point.y, point.z) for point in faces[0].landmark]) if faces else None


@contextmanager
def wheel_door() -> Iterator[_WheelDoor]:
    """The short-range detector and the static face mesh, at MediaPipe's own thresholds (0.5)."""
    import mediapipe

    # Said by protobuf at every picture, of a call inside MediaPipe.
    warnings.filterwarnings("ignore", "SymbolDatabase.GetPrototype", UserWarning)
    solutions = mediapipe.solutions
    # The mesh "with attention" is the one that MediaPipe's published test values were made with; the plain one is off by
    # 0.006 of the picture.
    mesh = {"static_image_mode": True, "max_num_faces": 1, "refine_landmarks": True}
    with (
        solutions.face_detection.FaceDetection(model_selection=0) as detector,
        solutions.face_mesh.FaceMesh(**mesh) as face_mesh,
    ):
        yield _WheelDoor(detector, face_mesh)
