import numpy as np
import pytest

from csnviz.cast.attributes import NAMES, Attributes, dosed, draw_attributes
from csnviz.cast.dataset import draw_frame
from csnviz.cast.pairs import Pair, Worn, draw_pair
from csnviz.errors import InputError

FRAMES = (0, 9)


@pytest.fixture(scope="module")
def glasses() -> Pair:
    return draw_pair("C103", FRAMES, "eyeglasses", 0.8)


def test_both_sides_are_the_frames_that_the_person_plays_with_one_attribute_changed(glasses: Pair) -> None:
    own = draw_attributes("C103")
    for side, dose in ((glasses.off, 0.0), (glasses.on, 0.8)):
        picture, points = draw_frame("C103", 9, dosed(own, "eyeglasses", dose))
        assert (
            np.abs(side.pictures[1].astype(int) - picture).max() <= 2
        )  # how many are drawn together moves the rounding
        np.testing.assert_allclose(side.points[1], points, atol=1e-4)


def test_outside_of_the_mask_the_two_pictures_are_the_same_but_for_blur_and_blocks(glasses: Pair) -> None:
    assert 0.02 < glasses.mask().mean() < 0.4
    for frame in range(len(FRAMES)):
        rows, columns = np.nonzero(glasses.mask()[frame])
        outside = np.ones(glasses.change.shape[1:], bool)
        outside[max(rows.min() - 12, 0) : rows.max() + 13, max(columns.min() - 12, 0) : columns.max() + 13] = False
        assert outside.mean() > 0.2
        assert (glasses.off.pictures[frame][outside] == glasses.on.pictures[frame][outside]).all()


def test_the_mask_on_the_crops_lies_where_the_eyes_are_and_covers_what_changed_there(glasses: Pair) -> None:
    mask = glasses.crop_mask()
    assert mask.shape == (2, 112, 112)
    rows = np.nonzero(mask[0])[0]
    assert 15 < rows.min() < rows.max() < 80
    off, on = (side.crops().astype(float) for side in (glasses.off, glasses.on))
    changed = np.abs(on - off).mean(-1)
    assert changed[mask].mean() > 5 * changed[~mask].mean()


@pytest.mark.parametrize("name", NAMES)
def test_every_attribute_changes_something_and_leaves_most_of_the_picture_alone(name: str) -> None:
    pair = draw_pair("C104", (0,), name, carried=Attributes.none(), size=96)
    assert 0.002 < pair.mask(0.002).mean() < 0.35


def test_a_reference_may_wear_what_the_image_does_not() -> None:
    assert [(worn.on_image, worn.on_reference) for worn in Worn] == [(True, False), (False, True), (True, True)]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"name": "moustache"}, "knows no attribute 'moustache'"),
        ({"name": "eyeglasses", "dose": 1.5}, "eyeglasses goes from 0 to 1; found 1.5"),
        ({"name": "eyeglasses", "dose": 0.0}, "two strengths of eyeglasses; found 0 twice"),
        ({"name": "eyeglasses", "frames": ()}, "C103: a pair of no frames"),
    ],
)
def test_a_pair_that_is_none_is_refused_in_one_sentence(asked: dict, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        draw_pair("C103", **{"frames": (0,), **asked})
