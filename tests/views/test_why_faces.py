import io

import numpy as np
from PIL import Image

from csnviz.views.why_faces import WhyFaces, difference


def grey(value: int) -> np.ndarray:
    return np.full((8, 8, 3), value, np.uint8)


def picture(file: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(file)) as opened:
        return np.asarray(opened)


def test_the_difference_is_grey_where_nothing_changed_and_lighter_where_the_image_is():
    assert set(difference(grey(90), grey(90)).flat) == {128}
    assert set(difference(grey(100), grey(90)).flat) == {138}
    assert set(difference(grey(0), grey(255)).flat) == {0}


def test_image_reference_and_difference_are_shown_under_their_frames_numbers():
    faces = WhyFaces()
    faces.show(grey(100), grey(90), (44, 3))
    assert [int(picture(file)[0, 0, 0]) for file in (faces.image, faces.reference, faces.difference)] == [100, 90, 138]
    assert (faces.titles["image"], faces.titles["reference"]) == ("Frame 44", "Reference: 3")


def test_without_a_reference_there_is_nothing_to_subtract():
    faces = WhyFaces()
    faces.show(grey(100), None, (44, -1))
    assert (faces.reference, faces.difference) == (b"", b"")


def test_another_answer_takes_the_changed_face_away():
    faces = WhyFaces()
    faces.show(grey(100), grey(90), (44, 3))
    faces.show_changed(grey(7))
    assert picture(faces.changed)[0, 0, 0] == 7
    faces.show(grey(101), grey(90), (45, 3))
    assert faces.changed == b""
