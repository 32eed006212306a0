import numpy as np
import pytest

from csnviz.faces.illumination import even_illumination, pad_to_square


def grey(luma):
    return np.repeat(np.asarray(luma, dtype=np.uint8)[..., None], 3, axis=2)


def test_brightness_is_half_equalised_and_half_stretched_and_truncated():
    # 4 x 4 pixels: six of 50, six of 100, four of 150. Equalisation maps the darkest to 0 and each other level to the share of
    # the remaining ten pixels at or below it: 100 -> 255 * 6 / 10 = 153, 150 -> 255. Stretching: 100 -> 255 / 2, 150 -> 255.
    face = grey(np.array([50] * 6 + [100] * 6 + [150] * 4).reshape(4, 4))
    evened = even_illumination(face)[..., 0].ravel()
    assert evened.tolist() == [0] * 6 + [int((153 + 127.5) / 2)] * 6 + [255] * 4


def test_a_face_of_one_brightness_stays_as_it_is():
    face = grey(np.full((6, 5), 77))
    assert np.array_equal(even_illumination(face), face)


def test_a_face_that_spans_all_brightness_evenly_hardly_changes():
    face = grey(np.arange(256).reshape(16, 16))
    assert np.abs(even_illumination(face).astype(int) - face).max() <= 1


def test_red_counts_as_little_as_blue_should_and_blue_as_much_as_red():
    # The authors' conversion swaps the two: red (255, 0, 0) has a brightness of .114 * 255 and blue one of .299 * 255.
    # Beside black and white, blue is therefore the brighter one and moves higher.
    pixels = [(0, 0, 0)] * 4 + [(200, 0, 0)] * 4 + [(0, 0, 200)] * 4 + [(255, 255, 255)] * 4
    evened = even_illumination(np.array(pixels, dtype=np.uint8).reshape(4, 4, 3)).astype(int).reshape(-1, 3)
    swapped_luma = evened @ np.array([0.114, 0.587, 0.299])
    assert swapped_luma[4] < swapped_luma[8]


def test_black_around_the_face_takes_part():
    face = grey(np.linspace(100, 180, 64).reshape(8, 8).astype(int))
    with_black = np.concatenate([face, np.zeros((8, 8, 3), np.uint8)], axis=1)
    assert even_illumination(with_black)[0, 0, 0] > even_illumination(face)[0, 0, 0]


@pytest.mark.parametrize(("height", "width", "top", "left"), [(112, 101, 0, 5), (90, 112, 11, 0), (111, 112, 0, 0)])
def test_padding_puts_the_odd_pixel_to_the_bottom_or_right(height, width, top, left):
    square = pad_to_square(np.full((height, width, 3), 9, np.uint8), 112)
    rows, columns = np.flatnonzero(square.any(axis=(1, 2))), np.flatnonzero(square.any(axis=(0, 2)))
    assert (rows[0], rows[-1]) == (top, top + height - 1)
    assert (columns[0], columns[-1]) == (left, left + width - 1)
