import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from csnviz.cast.anatomy import CAST_AUS
from csnviz.cast.attributes import Attributes
from csnviz.cast.camera import Camera
from csnviz.cast.dataset import draw_frame, draw_frames
from csnviz.cast.geometry import Pose
from csnviz.cast.identity import draw_identity, generator
from csnviz.cast.render import Drawings, Moment, draw, take_picture
from csnviz.errors import InputError
from csnviz.facs import au as unit

PERSON = draw_identity("C103")
BARE = Attributes.none()


def drawn(carried: Attributes = BARE, moment: Moment = Moment({})) -> Drawings:  # noqa: B008
    return draw(PERSON, [carried], [moment])


@pytest.fixture(scope="module")
def neutral() -> Drawings:
    return drawn()


def changed(one: Drawings, other: Drawings) -> np.ndarray:
    return (one.light - other.light).abs().amax(1)[0].numpy()


def test_the_same_participant_and_frame_give_the_same_pixels_whatever_was_drawn_before() -> None:
    first, points = draw_frame("C101", 7)
    draw_frame("C103", 3)
    draw_frame("C101", 2)
    again, points_again = draw_frame("C101", 7)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(points, points_again)


def test_frames_that_are_drawn_together_are_those_that_are_drawn_alone() -> None:
    frames = [0, 9, 17, 30, 41]
    for (picture, points), frame in zip(draw_frames("C105", frames), frames, strict=True):
        alone, points_alone = draw_frame("C105", frame)
        difference = np.abs(picture.astype(int) - alone)
        assert (difference > 0).mean() < 1e-3
        assert difference.max() <= 2
        np.testing.assert_allclose(points, points_alone, atol=1e-4)


def test_how_many_threads_draw_changes_no_pixel() -> None:
    before, pictures = torch.get_num_threads(), []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            pictures.append(draw_frame("C105", 9)[0])
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(*pictures)


def test_one_attribute_may_be_another_in_each_frame_of_one_drawing(neutral: Drawings) -> None:
    both = draw(PERSON, [BARE, replace(BARE, eyeglasses=0.8, chin_hair=0.7)], [Moment({}), Moment({})])
    torch.testing.assert_close(both.light[0], neutral.light[0], rtol=0, atol=1e-5)
    wearing = drawn(replace(BARE, eyeglasses=0.8, chin_hair=0.7))
    torch.testing.assert_close(both.light[1], wearing.light[0], rtol=0, atol=1e-5)
    assert float(both.glasses[0].max()) == 0


def test_a_person_with_and_without_glasses_differs_in_the_glasses_alone(neutral: Drawings) -> None:
    wearing = drawn(replace(BARE, eyeglasses=0.8))
    elsewhere = (wearing.glasses[0] == 0).numpy()
    assert 0.6 < elsewhere.mean() < 0.97
    assert torch.equal(wearing.light[0, :, elsewhere], neutral.light[0, :, elsewhere])
    np.testing.assert_array_equal(wearing.points, neutral.points)
    assert (changed(wearing, neutral) > 0.1).mean() > 0.003  # dark rims on bright skin


def test_a_camera_with_the_same_noise_keeps_that_difference_near_the_glasses(neutral: Drawings) -> None:
    wearing = drawn(replace(BARE, eyeglasses=0.8))
    with_noise = [take_picture(drawing.light[0], Camera(), generator("C103", 30, 0)) for drawing in (neutral, wearing)]
    rows, columns = np.nonzero(wearing.glasses[0].numpy())
    # Blur reaches 4 pixels and a JPEG block another 7.
    top, bottom, left, right = rows.min() - 11, rows.max() + 12, columns.min() - 11, columns.max() + 12
    outside = np.ones(wearing.glasses[0].shape, bool)
    outside[top:bottom, max(left, 0) : right] = False
    assert outside.mean() > 0.3
    np.testing.assert_array_equal(with_noise[0][outside], with_noise[1][outside])


@pytest.mark.parametrize(
    ("carried", "top", "bottom"),
    [  # where it shows, in inter-ocular distances below the eyes
        (replace(BARE, brow_eye_distance=1.0), -0.9, 0.0),
        (replace(BARE, nose_root_wrinkle=1.0), -0.4, 0.2),
        (replace(BARE, chin_hair=1.0), 0.7, 2.0),
        (replace(BARE, hooded_lids=1.0), -0.5, 0.3),
        (replace(BARE, resting_lip_line=1.0), 0.5, 1.7),
        (replace(BARE, resting_lip_line=-1.0), 0.7, 1.7),
    ],
)
def test_an_attribute_changes_the_face_where_it_belongs_and_nowhere_else(
    neutral: Drawings, carried: Attributes, top: float, bottom: float
) -> None:
    difference = changed(drawn(carried), neutral)
    eyes, scale = neutral.points[0, 36:48, 1].mean(), (neutral.points[0, 45, 0] - neutral.points[0, 36, 0]) / 1.5
    inside = slice(int(eyes + top * scale), int(eyes + bottom * scale))
    assert difference[inside].max() > 0.05
    outside = np.delete(difference, np.r_[inside], axis=0)
    assert outside.max() < 0.01


# Rows of the face in which a unit of each region of facs.py shows, in inter-ocular distances below the eyes.
ROWS = {
    "brow": (-1.1, 0.15),
    "eye": (-0.4, 0.3),
    "cheek": (-0.5, 0.9),
    "nose": (-0.6, 1.4),
    "mouth": (0.1, 2.3),
    "chin": (0.8, 2.1),
}


@pytest.mark.parametrize("au", tuple(CAST_AUS))
def test_each_action_unit_shows_in_its_region_more_the_stronger_it_is(neutral: Drawings, au: int) -> None:
    slight, full = (changed(drawn(moment=Moment({au: level})), neutral) for level in (2.0, 5.0))
    eyes, scale = neutral.points[0, 36:48, 1].mean(), (neutral.points[0, 45, 0] - neutral.points[0, 36, 0]) / 1.5
    top, bottom = ROWS[unit(au).region]
    rows = slice(int(eyes + top * scale), int(eyes + bottom * scale))
    assert full[rows].sum() > 0.6 * full.sum()
    assert 0 < slight.sum() < full.sum()


def test_yaw_turns_the_nose_to_the_right_pitch_lifts_it_and_roll_tips_the_eyes_clockwise(neutral: Drawings) -> None:
    tip = neutral.points[0, 30] - neutral.points[0, 36:48].mean(0)

    def turned(pose: Pose) -> np.ndarray:
        points = drawn(moment=Moment({}, pose)).points[0]
        return np.array((*(points[30] - points[36:48].mean(0)), points[45, 1] - points[36, 1]))

    assert turned(Pose(yaw=10.0))[0] > tip[0] + 2
    assert turned(Pose(pitch=10.0))[1] < tip[1] - 2
    assert turned(Pose(roll=10.0))[2] > 10


def test_more_exposure_is_a_brighter_picture_of_the_same_face(neutral: Drawings) -> None:
    dark, bright = (
        take_picture(neutral.light[0], Camera(exposure=level), generator("C103", 30, 0)).mean() for level in (0.8, 1.2)
    )
    assert dark + 10 < bright


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda: Moment({3: 1.0}), "does not play AU3. It plays 1, 2, 4,"),
        (lambda: Moment({12: 5.5}), "AU12 was asked for at intensity 5.5; intensities go from 0 to 5"),
        (lambda: Moment({12: float("nan")}), "AU12 was asked for at intensity nan"),
        (lambda: Attributes(chin_hair=-0.1), "chin_hair goes from 0 to 1; found -0.1"),
        (lambda: Attributes(resting_lip_line=-1.5), "resting_lip_line goes from -1 to 1; found -1.5"),
        (lambda: draw(PERSON, [BARE], [Moment({})], size=63), "63 x 63 pixels are too small for a face; ask for 64"),
        (lambda: draw(PERSON, [BARE], [Moment({}), Moment({})]), "2 moments with 1 attributes"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_sentence(asked: Callable[[], object], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        asked()
