import numpy as np
import pytest

from csnviz.cast.dataset import draw_frame
from csnviz.faces.align import face_quad


def test_mediapipe_sees_a_face_in_the_drawings_about_where_it_was_drawn() -> None:
    # The face model is no part of the cast: this asks only whether a stranger takes the drawings for faces.
    solutions = pytest.importorskip("mediapipe").solutions
    found, apart = [], []
    with solutions.face_mesh.FaceMesh(static_image_mode=True, max_num_faces=1, min_detection_confidence=0.5) as mesh:
        for participant in ("C101", "C103", "C110"):
            for frame in range(0, 80, 30):
                image, points = draw_frame(participant, frame)
                faces = mesh.process(image).multi_face_landmarks
                found.append(bool(faces))
                if faces:
                    corners = np.array([(faces[0].landmark[i].x, faces[0].landmark[i].y) for i in (33, 263, 61, 291)])
                    apart.append(np.abs(corners * image.shape[0] - points[[36, 45, 48, 54]]).mean())
                assert face_quad(points, 112).longer_side > 112
    assert np.mean(found) >= 0.98
    assert np.mean(apart) < 6.0  # pixels; the eyes are about 70 apart
