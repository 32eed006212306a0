import io

import numpy as np
from PIL import Image

from csnviz.faces.align import face_quad
from csnviz.views.line_face import LANDMARKS, SIZE, lines, mirrored, plain_face, write_below


def test_the_landmarks_lie_where_a_crop_of_them_would_put_them():
    corners = face_quad(LANDMARKS).corners
    # The upright face fills the picture from its upper to its lower edge; half a pixel for the rounding of 68 points.
    np.testing.assert_allclose(corners[:, 1], [0, SIZE, SIZE, 0], atol=4)
    np.testing.assert_allclose(corners[:, 0].mean(), SIZE / 2, atol=1)


def test_the_drawing_is_the_same_in_a_mirror_but_for_the_words():
    ink = np.asarray(lines(), dtype=int)[:, :, 3]
    assert np.abs(ink - ink[:, ::-1]).mean() < 3
    np.testing.assert_allclose(mirrored(mirrored(LANDMARKS)), LANDMARKS)


def test_words_stand_in_the_corners_beside_the_chin():
    picture = Image.fromarray(plain_face())
    write_below(picture, "reference\nframe 0", "face not\nshown")
    changed = np.abs(np.asarray(picture, int) - plain_face()).sum(axis=2) > 0
    rows, columns = np.nonzero(changed)
    assert rows.min() > 295
    assert not ((columns > 110) & (columns < SIZE - 110)).any()
    assert picture.save(io.BytesIO(), "PNG") is None
