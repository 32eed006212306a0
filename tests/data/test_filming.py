import io

import numpy as np
import pytest
from PIL import Image

from csnviz.data.filming import as_filmed
from csnviz.errors import InputError
from csnviz.faces.crop import crop_corners, face_picture
from tests.faces.test_crop import spot, turned_face


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg))


@pytest.mark.parametrize(
    ("size", "kept"),
    [((768, 1024), (480, 360)), ((720, 400), (267, 480)), ((300, 400), (400, 300)), ((1, 3000), (480, 1))],
)
def test_a_picture_is_kept_whole_and_at_most_480_pixels_wide_or_high(size, kept):
    picture = opened(as_filmed(np.full((*size, 3), 90, np.uint8), None).jpeg)
    assert picture.format == "JPEG"
    assert picture.size == kept


def test_a_frame_without_a_face_is_kept_with_unknown_landmarks_and_corners():
    filmed = as_filmed(np.full((30, 40, 3), (200, 90, 30), np.uint8), None)
    assert np.array(opened(filmed.jpeg)).mean(axis=(0, 1)) == pytest.approx([200, 90, 30], abs=3)
    assert np.isnan(filmed.points).all()
    assert np.isnan(filmed.corners).all()


def test_landmarks_and_corners_are_shares_of_width_and_height():
    face = turned_face(2, 0.1, 1, (250, 180))
    filmed = as_filmed(np.zeros((400, 800, 3), np.uint8), face)
    assert filmed.points[9] == pytest.approx((face[9] + 0.5) / (800, 400))
    assert np.isnan(filmed.points[20]).all()  # a landmark that nobody found
    assert filmed.corners == pytest.approx(crop_corners(face) / (800, 400))


def test_the_crops_square_cut_out_of_the_kept_picture_shows_the_face_in_the_same_place():
    face, place = turned_face(3, 0.3, 1, (400, 300)), np.array([60, 85])
    upper_left, lower_left, _, upper_right = crop_corners(face)
    at = upper_left + (upper_right - upper_left) * place[0] / 112 + (lower_left - upper_left) * place[1] / 112
    image = spot((800, 1000), at, 12)
    filmed = as_filmed(image, face)
    picture = opened(filmed.jpeg)
    corners = (filmed.corners * picture.size).ravel().tolist()
    again = picture.transform((336, 336), Image.Transform.QUAD, corners, Image.Resampling.BILINEAR)
    brightest = [
        np.array(np.unravel_index(np.argmax(one[..., 1]), (336, 336)))
        for one in map(np.array, (again, face_picture(image, face)))
    ]
    assert np.abs(brightest[0] - brightest[1]).max() <= 6  # two pixels of the crop


def test_landmarks_that_span_no_face_are_refused():
    with pytest.raises(InputError, match="do not span a face"):
        as_filmed(np.zeros((40, 40, 3), np.uint8), np.zeros((68, 2)))
