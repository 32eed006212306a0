import numpy as np
import pytest

from csnviz.faces.detect import MESH_ROLES, FoundFace
from csnviz.faces.landmarks import all_landmarks


def invented_face(mesh: np.ndarray) -> FoundFace:
    points = np.full((68, 2), np.nan)
    points[list(MESH_ROLES)] = mesh[list(MESH_ROLES.values()), :2]
    return FoundFace((0, 0, 9, 9), mesh, points)


def test_every_role_has_a_point_of_its_own_in_the_mesh():
    mesh = np.arange(478.0)[:, None] * (1, -1, 0)
    points = all_landmarks(invented_face(mesh))
    assert np.isfinite(points).all()
    assert len(np.unique(points[:, 0])) == 68


def test_what_alignment_reads_is_left_as_it_read_it():
    found = invented_face(np.random.default_rng(0).random((478, 3)))
    found.points68[9] = (7, 8)
    points = all_landmarks(found)
    assert np.array_equal(points[list(MESH_ROLES)], found.points68[list(MESH_ROLES)])
    assert np.isnan(found.points68[20]).all()


def test_a_real_face_has_its_parts_in_order(finder, read_picture):
    points = all_landmarks(finder.find(read_picture("human_emotions_a-7.jpg")))
    brows, eyes, mouth = points[17:27], points[36:48], points[48:68]
    assert brows[:, 1].max() < eyes[:, 1].min() < points[31:36, 1].min() < mouth[:, 1].min() < points[8, 1]
    for run in (points[4:13], points[17:27], points[31:36], points[48:55]):
        assert (np.diff(run[:, 0]) > 0).all()  # from image left to image right
    steps = np.linalg.norm(np.diff(points[:17], axis=0), axis=1)
    assert steps.max() < 2.5 * steps.min()
    assert points[0, 0] < points[36, 0] < points[39, 0] < points[27, 0] < points[42, 0] < points[16, 0]
    assert points[30] == pytest.approx(points[31:36].mean(axis=0), abs=0.2 * np.ptp(points[:17, 0]))
