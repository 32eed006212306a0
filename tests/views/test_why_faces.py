import io

import numpy as np
from PIL import Image

from csnviz.explain.results import FaceParts
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
    assert [int(picture(file)[0, 0, 0]) for file in map(faces.file, ("image", "reference", "difference"))] == [
        100,
        90,
        138,
    ]
    assert (faces.titles["image"], faces.titles["reference"]) == ("Frame 44", "Reference: 3")


def test_without_a_reference_there_is_nothing_to_subtract():
    faces = WhyFaces()
    faces.show(grey(100), None, (44, -1))
    assert (faces.file("reference"), faces.file("difference")) == (b"", b"")


def test_another_answer_takes_the_changed_face_away():
    faces = WhyFaces()
    faces.show(grey(100), grey(90), (44, 3))
    faces.show_changed(grey(7))
    assert picture(faces.file("changed"))[0, 0, 0] == 7
    faces.show(grey(101), grey(90), (45, 3))
    assert faces.file("changed") == b""


def test_no_picture_is_part_of_the_state_that_a_notebook_may_keep():
    faces = WhyFaces()
    faces.show(grey(100), grey(90), (44, 3))
    state = [value for value in faces.get_state().values() if isinstance(value, bytes | memoryview)]
    assert state == []
    assert faces.file("image") not in str(faces.get_state()).encode()


def test_the_parts_of_the_coloured_face_are_there_to_be_outlined_and_go_with_it():
    faces, parts = WhyFaces(), np.arange(4, dtype=np.uint8).reshape(2, 2)
    faces.colour("reference", b"png", "", FaceParts(parts, ("the brows", "the lips", "the chin boss", "elsewhere")))
    assert list(faces.file("parts")) == [0, 1, 2, 3]
    assert faces.part_titles[1] == "the lips"
    faces.colour("image", b"png", "")
    assert (faces.file("parts"), faces.part_titles) == (b"", [])
