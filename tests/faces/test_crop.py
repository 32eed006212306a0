import numpy as np
import pytest

from csnviz.errors import InputError
from csnviz.faces.align import align
from csnviz.faces.crop import crop_face, face_picture
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
