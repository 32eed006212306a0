import time

import numpy as np
import pytest
from PIL import Image, ImageFilter

from csnviz.cast.anatomy import CAST_AUS
from csnviz.cast.coders import label
from csnviz.cast.dataset import draw_frame
from csnviz.cast.scripts import expressions
from csnviz.data.face_measures import in_crops, mouth_opening, sharpness
from csnviz.data.recording import read_recording
from csnviz.faces.crop import crop_corners, crop_face
from tests.faces.test_crop import turned_face


def mouth(gap: float, width: float) -> np.ndarray:
    """The 68 points of a face that has only a mouth."""
    points = np.full((68, 2), np.nan)
    points[48], points[54] = (0, 0), (width, 0)
    points[[61, 62, 63]] = np.array([(0.3, 0), (0.5, 0), (0.7, 0)]) * width - (0, gap / 2)
    points[[67, 66, 65]] = np.array([(0.3, 0), (0.5, 0), (0.7, 0)]) * width + (0, gap / 2)
    return points


def test_a_mouth_is_as_open_as_its_gap_is_to_its_width_whatever_the_size_of_the_face():
    faces = np.stack([mouth(0, 50), mouth(10, 50), mouth(1, 5), mouth(np.nan, 50), mouth(3, 0)])
    assert mouth_opening(faces) == pytest.approx([0, 0.2, 0.2, np.nan, np.nan], nan_ok=True)


def test_a_turned_head_in_a_wide_picture_has_the_same_mouth():
    face = turned_face(1.5, 0.7, 1, (300, 160))
    turn = np.array([[np.cos(0.7), np.sin(0.7)], [-np.sin(0.7), np.cos(0.7)]])
    points = mouth(8, 40) @ turn + (300, 220)
    shares = (np.stack([points, points]) / (640, 360)).astype(np.float32)
    corners = np.stack([crop_corners(face) / (640, 360), np.full((4, 2), np.nan)]).astype(np.float32)
    assert mouth_opening(in_crops(shares, corners)) == pytest.approx([0.2, np.nan], abs=0.002, nan_ok=True)


def test_landmarks_lie_on_the_pixels_of_the_crop():
    corners = np.array([[(0.25, 0.5), (0.25, 0.75), (0.5, 0.75), (0.5, 0.5)]], dtype=np.float32)
    points = np.zeros((1, 68, 2), np.float32)
    points[0, 0], points[0, 1] = (0.25, 0.5), (0.375, 0.75)
    assert in_crops(points, corners)[0, :2] == pytest.approx(np.array([(-0.5, -0.5), (55.5, 111.5)]), abs=1e-4)


def openings_of(who: str, least: int, most: int) -> np.ndarray:
    """How far an invented person's mouth is open in the first three frames in which AU25 lies between these intensities."""
    played = expressions(who, 400)
    chosen = [frame for frame in range(400) if least <= label(played[frame])[CAST_AUS.column_of(25)] <= most]
    return mouth_opening(np.stack([draw_frame(who, frame)[1] for frame in chosen[:3]]))


@pytest.mark.parametrize("who", ["C101", "C103"])
def test_invented_people_open_their_mouths_as_far_as_their_lips_part(who):
    assert openings_of(who, 0, 0) == pytest.approx(0, abs=0.005)
    assert openings_of(who, 1, 2).min() > 0.01
    assert openings_of(who, 3, 5).min() > 0.04


def test_a_blurred_copy_is_less_sharp_the_more_it_is_blurred():
    face = Image.fromarray(crop_face(*draw_frame("C103", 10)))
    copies = [np.array(face.filter(ImageFilter.GaussianBlur(radius))) for radius in (0, 0.5, 1, 2, 4)]
    assert (np.diff(sharpness(np.stack(copies))) < 0).all()


def test_neither_the_padding_nor_an_open_mouth_makes_a_face_sharp():
    crops = np.zeros((3, 112, 112, 3), np.uint8)
    crops[:, :, 20:92] = 120
    crops[1, 74:90, 40:72] = (255, 255, 255)
    crops[2, 40:50, 40:72] = (60, 50, 40)
    assert sharpness(crops)[:2].tolist() == [0, 0]
    assert sharpness(crops)[2] > 10


def test_a_thousand_crops_are_measured_in_well_under_a_second():
    crops = np.random.default_rng(0).integers(0, 255, (1000, 112, 112, 3), dtype=np.uint8)
    began = time.process_time()
    assert sharpness(crops).shape == (1000,)
    assert time.process_time() - began < 0.5


def test_no_crops_have_no_sharpness():
    assert sharpness(np.zeros((0, 112, 112, 3), np.uint8)).shape == (0,)
    assert in_crops(np.zeros((0, 68, 2), np.float32), np.zeros((0, 4, 2), np.float32)).shape == (0, 68, 2)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("human_emotions_a-7.jpg", 0, 0.02),  # lips closed
        ("human_emotions_a-5.jpg", 0, 0.02),
        ("facerec_obama-720p.jpg", 0.15, 0.25),  # a smile with teeth
        ("human_emotions_a-6.jpg", 0.3, 0.6),  # mouth wide open
    ],
)
def test_real_mouths_are_open_as_one_sees(realdata, tmp_path, name, least, most):
    table = read_recording(realdata / "image" / name, tmp_path / "root", progress=False)
    assert least <= mouth_opening(in_crops(table.points([0]), table.corners([0])))[0] <= most


def test_the_same_real_face_is_sharper_the_finer_it_was_filmed(realdata, tmp_path):
    sharp = []
    for lines in (240, 480, 720):
        picture = realdata / "image" / f"facerec_obama-{lines}p.jpg"
        sharp.append(sharpness(read_recording(picture, tmp_path / "root", progress=False).crops([0]))[0])
    assert sharp == sorted(sharp)
