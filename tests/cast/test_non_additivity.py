"""The dial: at 0 what a face carries adds to what it does, at 1 it hides and saturates it."""

import numpy as np
import pytest

from csnviz.cast.anatomy import FURROWS, column, furrow_depth
from csnviz.cast.attributes import Attributes, dosed
from csnviz.cast.identity import draw_identity
from csnviz.cast.render import NON_ADDITIVITY, Moment, draw
from csnviz.errors import InputError

PERSON = draw_identity("C104")
CREASE = next(furrow for furrow in FURROWS if furrow.from_root_wrinkle > 0 and 9 in furrow.from_aus)


def deepening(resting: float, dial: float) -> float:
    """How much AU9 at 4 adds to a crease that stands so deep."""
    calm, played = furrow_depth(CREASE, [{}, {9: 4.0}], column([resting, resting]), dial).flatten().tolist()
    return played - calm


def test_at_0_a_unit_folds_a_standing_wrinkle_by_as_much_as_smooth_skin() -> None:
    assert deepening(0.6, 0.0) == pytest.approx(deepening(0.0, 0.0))


def test_at_1_it_adds_only_what_room_the_standing_wrinkle_leaves_and_between_the_two_it_is_between() -> None:
    assert deepening(0.6, 1.0) == pytest.approx(0.4 * deepening(0.0, 1.0))
    assert deepening(0.6, 1.0) < deepening(0.6, 0.5) < deepening(0.6, 0.0)


def test_smooth_skin_does_not_know_the_dial() -> None:
    assert deepening(0.0, 0.0) == pytest.approx(deepening(0.0, 1.0))


def shown(au: int, name: str, dose: float, dial: float) -> np.ndarray:
    """How much light the unit at 4 changes at each pixel of a face that carries the attribute."""
    carried = dosed(Attributes.none(), name, dose)
    drawn = draw(PERSON, [carried] * 2, [Moment({}), Moment({au: 4.0})], 192, non_additivity=dial)
    return (drawn.light[1] - drawn.light[0]).abs().mean(0).numpy()


# A chin that rises carries its beard along, which shows at either end of the dial; only the skin beneath is hidden.
@pytest.mark.parametrize(("au", "name", "share"), [(9, "eyeglasses", 0.75), (17, "chin_hair", 0.98)])
def test_rims_and_beards_hide_what_happens_beneath_them_at_1_and_let_most_of_it_through_at_0(
    au: int, name: str, share: float
) -> None:
    worn = draw(PERSON, [dosed(Attributes.none(), name, 1.0), Attributes.none()], [Moment({})] * 2, 192).light
    beneath = ((worn[0] - worn[1]).abs().amax(0) > 0.10).numpy()
    bare, hidden, through = (
        shown(au, name, dose, dial)[beneath].sum() for dose, dial in ((0.0, 1.0), (1.0, 1.0), (1.0, 0.0))
    )
    assert hidden < share * through
    assert through > 0.4 * bare


def test_a_face_that_carries_nothing_is_drawn_alike_whatever_the_dial() -> None:
    low, high = (draw(PERSON, [Attributes.none()], [Moment({9: 3.0})], 96, non_additivity=dial) for dial in (0.0, 1.0))
    # Age leaves wrinkles too, which saturate.
    assert float((low.light - high.light).abs().mean()) < 0.002


def test_the_default_is_faces_as_they_are() -> None:
    assert NON_ADDITIVITY == 1.0


@pytest.mark.parametrize("dial", [-0.1, 1.5])
def test_a_dial_beyond_its_ends_is_refused(dial: float) -> None:
    with pytest.raises(InputError, match=f"from 0 .* to 1 .*; found {dial:g}"):
        draw(PERSON, [Attributes.none()], [Moment({})], non_additivity=dial)
