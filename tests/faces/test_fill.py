import numpy as np
import pytest

from csnviz.errors import InputError
from csnviz.faces.fill import GROWN, filled_from_around, filled_with_other, filled_with_own, grown


@pytest.fixture
def spotted():
    """A plain face of a soft shade with a dark square, and where the square is."""
    across = np.linspace(120, 160, 112)[None, :, None]
    face = np.repeat(np.repeat(across, 112, 0), 3, 2).astype(np.uint8)
    plain = face.copy()
    part = np.zeros((112, 112), bool)
    part[50:60, 40:60] = True
    face[part] = 10
    return face, plain, part


def test_a_dark_spot_that_is_filled_from_around_is_gone_to_its_edge(spotted):
    face, plain, part = spotted
    filled = filled_from_around(face, part)
    assert np.abs(filled.astype(int) - plain).max() <= 6
    assert np.array_equal(filled[~grown(part)], face[~grown(part)])


def test_another_face_fills_a_spot_in_the_shade_of_this_one(spotted):
    face, plain, part = spotted
    filled = filled_with_other(face, part, (plain // 2 + 20))
    assert np.abs(filled[part].astype(int) - plain[part]).max() <= 8, "darker by half, but lit as this face is"


def test_ones_own_pixels_come_as_they_are(spotted):
    face, plain, part = spotted
    own = plain - 40
    filled = filled_with_own(face, part, own)
    assert np.array_equal(filled[grown(part)], own[grown(part)])


@pytest.mark.parametrize("fill", [filled_with_other, filled_with_own])
def test_nothing_changes_far_from_the_part_and_the_seam_is_soft(spotted, fill):
    face, _, part = spotted
    filled = fill(face, part, np.full_like(face, 250))
    far = ~grown(grown(grown(grown(part))))
    assert np.array_equal(filled[far], face[far])


def test_a_part_grows_by_so_many_pixels(spotted):
    _, _, part = spotted
    there = grown(part)
    assert there[50 - GROWN, 50]
    assert not there[50 - GROWN - 1, 50]
    assert not there[50 - GROWN, 40 - GROWN], "round at its corners"


def test_an_empty_part_and_a_whole_face_are_refused(spotted):
    face, _, part = spotted
    with pytest.raises(InputError, match="not to be seen"):
        filled_from_around(face, np.zeros_like(part))
    with pytest.raises(InputError, match="covers the whole face"):
        filled_from_around(face, np.ones_like(part))
