from dataclasses import replace

import numpy as np
import pytest

from csnviz.cast.attributes import Attributes, draw_attributes
from csnviz.cast.coders import drawn_intensities
from csnviz.cast.dataset import load_cast
from csnviz.cast.pairs import draw_pair
from csnviz.cast.play import Play
from csnviz.cast.scripts import SCRIPTS, expressions
from csnviz.errors import InputError
from csnviz.page_twins import Twins

WHO = "C105"  # wears eyeglasses
FRAMES = 8


@pytest.fixture(scope="module")
def cast(tmp_path_factory):
    return load_cast([WHO], FRAMES, tmp_path_factory.mktemp("root"), progress=False)


def test_a_person_offers_what_they_were_drawn_with_and_nothing_else(cast):
    worn = draw_attributes(WHO)
    offered = Twins(cast).attributes(f"cast/{WHO}/front/0001")
    assert worn.eyeglasses > 0
    assert offered["eyeglasses"] == "the eyeglasses"
    assert set(offered) == {name for name in offered if getattr(worn, name)}
    assert all(not getattr(worn, name) for name in vars(Attributes.none()) if name not in offered and "_" not in name)


def test_the_twin_is_the_shown_face_but_for_the_glasses(cast):
    shown = cast.crops([1])[0].astype(int)
    without = Twins(cast).without(f"cast/{WHO}/front/0001", "eyeglasses").astype(int)
    mask = draw_pair(WHO, [1], "eyeglasses", draw_attributes(WHO).eyeglasses).crop_mask()[0]
    assert np.abs(without - shown)[mask].mean() > 10
    # Evening the light spreads the dark of the rims over the whole crop, thinly.
    assert np.abs(without - shown)[mask].mean() > 3 * np.abs(without - shown)[~mask].mean()


def test_a_face_that_was_drawn_from_another_script_cannot_be_drawn_without_an_attribute(cast):
    mixed, posed = (drawn_intensities(expressions(WHO, FRAMES, SCRIPTS[name])) for name in ("mixed", "posed"))
    differing = int(np.abs(mixed - posed).sum(axis=1).argmax())
    with pytest.raises(InputError, match="fill a part of the face instead"):
        Twins(cast, Play(script="posed")).without(f"cast/{WHO}/front/{differing:04d}", "eyeglasses")


def test_the_glasses_are_known_where_the_face_is_the_one_that_is_drawn_here(cast):
    frame = f"cast/{WHO}/front/0001"
    glasses = Twins(cast).glasses(frame)
    rows, columns = np.nonzero(glasses)
    assert 200 < glasses.sum() < 2500
    assert 20 < rows.min() < rows.max() < 60, "around the eyes"
    assert columns.max() - columns.min() > 60, "from temple to temple"
    other = replace(cast, rows=cast.rows.assign(participant="C108"))
    assert Twins(other).glasses(frame) is None


def test_what_somebody_does_not_wear_cannot_come_off(cast):
    lacking = next(
        name for name in ("chin_hair", "nose_root_wrinkle", "hooded_lids") if not getattr(draw_attributes(WHO), name)
    )
    with pytest.raises(InputError, match=f"was not drawn with {lacking}"):
        Twins(cast).without(f"cast/{WHO}/front/0001", lacking)


@pytest.mark.parametrize("other", [{"dataset": "disfa"}, {"source": "Left/SN001.avi"}, {"reason": "no face found"}])
def test_a_face_that_was_filmed_or_read_from_a_picture_or_not_found_has_no_twin(cast, other):
    assert Twins(replace(cast, rows=cast.rows.assign(**other))).attributes(f"cast/{WHO}/front/0001") == {}


def test_somebody_under_whose_name_nobody_is_drawn_wears_nothing_that_is_known(cast):
    rows = cast.rows.assign(participant="A")
    assert Twins(replace(cast, rows=rows)).attributes(f"cast/{WHO}/front/0001") == {}
