import numpy as np
import pytest

from csnviz.cast.anatomy import CAST_AUS, FURROWS, MOVEMENTS, PARTS, column, furrow_depth, movement
from csnviz.cast.attributes import Attributes
from csnviz.cast.geometry import Pose, shape_face, view_of
from csnviz.cast.identity import draw_identity
from csnviz.cast.landmarks import landmarks
from csnviz.facs import DISFA

PERSON = draw_identity("C103")
FRONTAL = view_of([Pose()], 288)
INTER_OCULAR = float(FRONTAL.scale)


def points_of(expression: dict[int, float], openness: float = 1.0) -> np.ndarray:
    shape = shape_face(PERSON, [Attributes.none()], [expression], [openness], [(0.0, 0.0)])
    return landmarks(shape, FRONTAL)[0] / INTER_OCULAR


def test_the_cast_plays_the_twelve_action_units_of_disfa() -> None:
    assert CAST_AUS == DISFA
    assert set(MOVEMENTS) == set(DISFA.numbers)


def test_a_face_that_does_nothing_is_at_rest() -> None:
    moved = movement([{}, dict.fromkeys(CAST_AUS, 0.0)])
    assert all((getattr(moved, part) == 0).all() for part in PARTS)


def test_two_action_units_together_move_a_face_by_the_sum_of_both() -> None:
    both, one, other = movement([{1: 3.0, 4: 5.0}, {1: 3.0}, {4: 5.0}]).brow_inner_y.flatten().tolist()
    assert both == pytest.approx(one + other)


# Landmark, direction (0 x, 1 y) and how far at intensity 5 it goes in inter-ocular distances; y grows downwards.
@pytest.mark.parametrize(
    ("au", "role", "axis", "least"),
    [
        (1, 21, 1, -0.14),  # inner brow up
        (2, 17, 1, -0.15),  # outer brow up
        (4, 21, 1, 0.09),  # inner brow down
        (4, 21, 0, 0.05),  # and together
        (5, 37, 1, -0.04),  # upper lid up
        (6, 41, 1, -0.02),  # lower lid up
        (9, 31, 1, -0.04),  # nose wing up
        (12, 54, 0, 0.10),  # lip corner out
        (12, 54, 1, -0.14),  # and up
        (15, 54, 1, 0.12),  # lip corner down
        (17, 51, 1, -0.06),  # lips pushed up
        (20, 54, 0, 0.13),  # lip corner out
        (25, 66, 1, 0.04),  # lower lip down
        (26, 8, 1, 0.20),  # chin down
    ],
)
def test_an_action_unit_moves_the_landmark_that_facs_names(au: int, role: int, axis: int, least: float) -> None:
    rest, low, full = (points_of({au: intensity})[role][axis] for intensity in (0.0, 2.0, 5.0))
    assert abs(full - rest) >= abs(least)
    assert (full - rest) * least > 0
    assert abs(low - rest) < abs(full - rest)


def test_upper_face_units_leave_the_mouth_alone_and_lower_face_units_the_brows() -> None:
    rest = points_of({})
    for au in (1, 2, 4, 5):
        assert abs(points_of({au: 5.0})[48:] - rest[48:]).max() == 0
    for au in (12, 15, 17, 20, 25, 26):
        assert abs(points_of({au: 5.0})[17:27] - rest[17:27]).max() < 1e-9


def test_a_blink_shuts_the_lids() -> None:
    opened, shut = points_of({}), points_of({}, openness=0.0)
    assert opened[41][1] - opened[37][1] > 0.1
    assert abs(shut[41][1] - shut[37][1]) < 0.03


def test_au9_adds_less_to_a_root_wrinkle_that_already_stands() -> None:
    crease = next(furrow for furrow in FURROWS if furrow.name == "root crease, lower")
    depths = furrow_depth(crease, [{9: 3.0}, {}, {9: 3.0}, {}], column([0.0, 0.0, 0.5, 0.5])).flatten().tolist()
    on_smooth, on_wrinkled = depths[0] - depths[1], depths[2] - depths[3]
    assert 0 < on_wrinkled < on_smooth


def test_every_furrow_has_a_cause_and_no_cause_folds_deeper_than_the_skin_allows() -> None:
    for furrow in FURROWS:
        assert furrow.from_aus
        assert 0.0 < float(furrow_depth(furrow, [dict.fromkeys(CAST_AUS, 5.0)], column([1.0]))) <= 1.0
