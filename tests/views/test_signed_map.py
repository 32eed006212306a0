import io

import numpy as np
from PIL import Image

from csnviz.views.signed_map import colours_png, lowering, raising


def test_what_raises_and_what_lowers_are_the_two_halves_of_the_map():
    values = np.array([[127, -60], [0, 5]], np.int8)
    np.testing.assert_array_equal(raising(values), [[127, 0], [0, 5]])
    np.testing.assert_array_equal(lowering(values), [[0, -60], [0, 0]])


def test_colours_are_vermillion_and_blue_and_faint_values_fainter_than_their_share():
    values = np.array([[127, -110], [0, 55]], np.int8)
    with Image.open(io.BytesIO(colours_png(values))) as picture:
        colours = np.asarray(picture)
    assert colours.shape == (2, 2, 4)
    assert tuple(colours[0, 0]) == (213, 94, 0, 255)
    assert tuple(colours[0, 1]) == (0, 114, 178, 255)
    assert colours[1, 0, 3] == 0
    assert colours[1, 1, 3] == round(255 * 0.5**1.4)
