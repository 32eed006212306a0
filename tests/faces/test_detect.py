import re

import numpy as np
import pytest

from csnviz.data.decode import decode_video
from csnviz.faces.crop import crop_face
from csnviz.faces.detect import MESH_ROLES, NO_FACE, WITHOUT_LANDMARKS, FaceFinder, FoundFace, NoFace
from csnviz.faces.window import window


def published(realdata, name):
    """The (x, y) of every landmark that MediaPipe publishes for a test picture."""
    text = (realdata / "reference" / name).read_text()
    if name.endswith(".swift"):
        return np.array(re.findall(r"NormalizedLandmark\(x: (-?[\d.]+), y: (-?[\d.]+),", text), dtype=float)
    x, y = (re.findall(rf"\b{axis}: (\S+)", text) for axis in "xy")
    return np.array([x, y], dtype=float).T


WOMAN_IN_SUIT = ("mediapipe_business_person.png", "mediapipe_business_person_expected.swift")
PORTRAIT = ("mediapipe_portrait.jpg", "mediapipe_portrait_expected_face_landmarks.pbtxt")


@pytest.mark.parametrize(
    ("door", "picture", "largest"),
    [
        ("task", WOMAN_IN_SUIT, 1e-3),
        ("wheel", WOMAN_IN_SUIT, 0.015),
        ("task", PORTRAIT, 0.03),
        ("wheel", PORTRAIT, 1e-4),
    ],
)
def test_landmarks_lie_where_mediapipe_publishes_them(request, realdata, read_picture, door, picture, largest):
    finder = request.getfixturevalue(f"{door}_finder")
    expected = published(realdata, picture[1])
    assert expected.shape == (478, 2)
    found = finder.landmarks(read_picture(picture[0]))
    assert np.abs(found[:, :2] - expected).max(axis=0) == pytest.approx([0, 0], abs=largest)


def test_the_face_of_a_portrait_is_found_with_the_roles_that_alignment_reads(finder, realdata, read_picture):
    picture = read_picture(PORTRAIT[0])
    found = finder.find(picture)
    assert isinstance(found, FoundFace)
    width, height = picture.shape[1], picture.shape[0]
    expected = published(realdata, PORTRAIT[1]) * [width, height]
    roles = list(MESH_ROLES)
    assert np.isfinite(found.points68[roles]).all()
    assert np.isnan(np.delete(found.points68, roles, axis=0)).all()
    # Found in the detector's margins, not in the whole picture: within 1 % of the picture, a few pixels.
    assert np.abs(found.points68[roles] - expected[list(MESH_ROLES.values())]).max() < 0.01 * height


def test_the_same_picture_gives_the_same_points_whatever_came_before(finder, read_picture):
    portrait, other = read_picture(PORTRAIT[0]), read_picture("pyfeat_single_face.jpg")
    alone = finder.find(portrait)
    finder.find(other)
    finder.find(np.zeros((200, 200, 3), np.uint8))
    again = finder.find(portrait)
    assert np.array_equal(alone.points478, again.points478)
    assert np.array_equal(crop_face(portrait, alone.points68), crop_face(portrait, again.points68))


def test_the_widest_of_two_faces_is_taken(finder, read_picture):
    portrait = read_picture(PORTRAIT[0])
    half = portrait[::2, ::2]
    two = np.zeros((1024, 820 + 410, 3), np.uint8)
    two[:, :820] = portrait
    two[:512, 820:] = half
    found = finder.find(two)
    assert isinstance(found, FoundFace)
    assert found.box[0] + found.box[2] < 820


def test_a_face_at_the_edge_of_the_picture_is_still_found(finder, read_picture):
    found = finder.find(read_picture(PORTRAIT[0])[150:, 300:])
    assert isinstance(found, FoundFace)
    assert found.points478[:, 0].min() < 0 or found.points478[:, 1].min() < 0


def test_a_landscape_has_no_face(finder, read_picture):
    assert finder.find(read_picture("human_no_face_landscape.jpg")) == NoFace(NO_FACE)


def test_noise_has_no_face(finder):
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    assert isinstance(finder.find(noise), NoFace)


def test_lettering_that_the_detector_takes_for_a_face_has_no_landmarks(finder, realdata):
    wanted = {71: None, 100: NO_FACE, 161: WITHOUT_LANDMARKS, 163: WITHOUT_LANDMARKS, 164: WITHOUT_LANDMARKS}
    for frame in decode_video(realdata / "video" / "pyfeat_face_noface.mov", first=71):
        if frame.index in wanted:
            found = finder.find(frame.image)
            assert (found.reason if isinstance(found, NoFace) else None) == wanted[frame.index], frame.index


def test_both_doors_crop_a_face_alike(wheel_finder, task_finder, read_picture):
    picture = read_picture("pyfeat_single_face.jpg")
    one, other = (finder.find(picture).points68[list(MESH_ROLES)] for finder in (wheel_finder, task_finder))
    between_eyes = np.linalg.norm(one[3:9].mean(axis=0) - one[9:15].mean(axis=0))
    assert np.abs(one - other).max() < 0.1 * between_eyes
    assert wheel_finder.version != task_finder.version


def test_a_finder_works_only_while_it_is_open(wheel_finder):
    finder = FaceFinder()
    with pytest.raises(RuntimeError, match="with FaceFinder"):
        finder.find(np.zeros((50, 50, 3), np.uint8))


def test_a_window_is_black_beyond_the_picture():
    picture = np.full((10, 12, 3), 7, np.uint8)
    seen = window(picture, -3, 8, 5, 14)
    assert seen.shape == (6, 8, 3)
    assert (seen[:2, 3:] == 7).all()
    assert not seen[2:].any()
    assert not seen[:, :3].any()


def test_a_window_beside_the_picture_is_black():
    assert not window(np.full((10, 12, 3), 7, np.uint8), 20, 20, 25, 25).any()
    assert not window(np.full((10, 12, 3), 7, np.uint8), -9, -9, -2, -2).any()
