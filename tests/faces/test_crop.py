import numpy as np
import pytest

from csnviz.errors import InputError
from csnviz.faces.align import align
from csnviz.faces.crop import crop_corners, crop_face, face_picture
from csnviz.faces.illumination import even_illumination, pad_to_square


def narrow_face():
    points = np.full((68, 2), np.nan)
    points[0], points[16], points[9] = (60, 80), (125, 80), (92, 150)
    points[36:42], points[42:48], points[48], points[54] = (78, 80), (106, 80), (80, 115), (104, 115)
    return points


def picture():
    y, x = np.mgrid[:200, :220]
    return np.stack([40 + x * 0.8, 30 + y * 0.9, 200 - x * 0.5], axis=-1).astype(np.uint8)


def test_a_crop_is_the_aligned_face_evenly_lit_and_then_padded():
    expected = pad_to_square(even_illumination(align(picture(), narrow_face())), 112)
    crop = crop_face(picture(), narrow_face())
    assert crop.shape == (112, 112, 3)
    assert np.array_equal(crop, expected)


def test_the_black_beside_a_narrow_face_stays_black():
    aligned = align(picture(), narrow_face())
    assert aligned.shape[1] < 100  # there is padding to speak of
    margin = (112 - aligned.shape[1]) // 2
    crop = crop_face(picture(), narrow_face())
    assert not crop[:, :margin].any()
    assert crop[:, margin + 1 : -margin - 2].any(axis=2).mean() > 0.99


def test_a_crop_lies_on_its_picture_to_the_pixel():
    shown = face_picture(picture(), narrow_face()).astype(float)
    assert shown.shape == (336, 336, 3)
    small = pad_to_square(align(picture(), narrow_face()), 112).astype(float)
    blocks = shown.reshape(112, 3, 112, 3, 3).mean(axis=(1, 3))
    assert np.array_equal(small.any(axis=2), blocks.any(axis=2))
    assert np.abs(blocks - small).max() < 2


def test_a_picture_keeps_the_colours_of_the_recording():
    flat = np.full((200, 220, 3), (180, 120, 90), dtype=np.uint8)
    shown = face_picture(flat, narrow_face())
    assert set(map(tuple, shown.reshape(-1, 3))) == {(180, 120, 90), (0, 0, 0)}


def test_a_picture_that_is_no_multiple_of_the_crop_is_refused():
    with pytest.raises(InputError, match="multiple of 112"):
        face_picture(picture(), narrow_face(), size=300)


def turned_face(scale: float, turn: float, width: float, at: tuple[float, float]) -> np.ndarray:
    """The landmarks that alignment reads, of a face so large, turned clockwise by so many radians, its eyes' middle there."""
    points = np.full((68, 2), np.nan)
    points[0], points[16], points[9] = (-32 * width, 0), (33 * width, 0), (0, 70)
    points[36:42], points[42:48], points[48], points[54] = (-14, 0), (14, 0), (-12, 35), (12, 35)
    cos, sin = np.cos(turn), np.sin(turn)
    return points * scale @ np.array([[cos, sin], [-sin, cos]]) + at


def spot(size: tuple[int, int], at: np.ndarray, radius: float) -> np.ndarray:
    """A grey picture (height, width) with a bright soft spot; `at` counts from the upper left corner of the first pixel."""
    y, x = np.mgrid[: size[0], : size[1]] + 0.5
    light = 100 + 120 * np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * radius**2))
    return np.repeat(np.rint(light)[..., None], 3, axis=2).astype(np.uint8)


def brightest(crop: np.ndarray, above: float) -> np.ndarray:
    """The middle (x, y) of what is brighter, counted from the upper left corner of the crop."""
    light = np.clip(crop[..., 1].astype(float) - above, 0, None)
    y, x = np.mgrid[:112, :112] + 0.5
    return np.array([(light * x).sum(), (light * y).sum()]) / light.sum()


@pytest.mark.parametrize(
    ("face", "size"),
    [
        (
            turned_face(0.4, 0, 1, (72, 50)),
            (120, 150),
        ),  # small: made larger, 111 pixels high, so an odd pixel of padding
        (turned_face(1.7, 0.4, 1, (190, 150)), (360, 400)),
        (turned_face(1.7, -0.6, 2.1, (230, 150)), (360, 480)),  # wide: padded above and below
        (turned_face(6, 0.2, 1, (600, 450)), (1000, 1200)),  # large: the picture is made smaller first
    ],
    ids=["small", "turned", "wide", "large"],
)
@pytest.mark.parametrize("place", [(56.0, 56.0), (45.0, 30.5), (67.3, 90.0)])
def test_a_pixel_of_the_crop_lies_where_the_map_of_its_corners_says(face, size, place):
    upper_left, lower_left, _, upper_right = corners = crop_corners(face)
    across, down = (upper_right - upper_left) / 112, (lower_left - upper_left) / 112
    picture = spot(size, upper_left + across * place[0] + down * place[1], 2 * np.linalg.norm(across))
    aligned = pad_to_square(align(picture, face), 112)
    assert brightest(aligned, above=103) == pytest.approx(place, abs=0.05)
    assert brightest(crop_face(picture, face), above=190) == pytest.approx(place, abs=0.5)
    assert corners[2] == pytest.approx(lower_left + upper_right - upper_left)
