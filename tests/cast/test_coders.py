import numpy as np
import pytest

from csnviz.cast.coders import Coder, drawn_intensities, label, to_letters
from csnviz.cast.dataset import TRAINING_PARTICIPANTS
from csnviz.cast.scripts import expressions
from csnviz.errors import InputError
from csnviz.evaluation.metrics import icc31


def test_the_label_is_the_drawn_intensity_to_the_nearest_letter() -> None:
    assert label({1: 0.49, 2: 0.5, 12: 3.4, 26: 4.6}) == (0, 1, 0, 0, 0, 0, 3, 0, 0, 0, 0, 5)


def played(participant: str, n_frames: int = 80) -> np.ndarray:
    return drawn_intensities(expressions(participant, n_frames))


def test_a_coder_without_noise_marks_the_truth() -> None:
    drawn = played("C101")
    np.testing.assert_array_equal(Coder(1, noise=0.0).mark("C101", drawn), to_letters(drawn))


def test_marks_are_whole_numbers_of_the_scale_and_the_same_whenever_asked() -> None:
    marked = Coder(1).mark("C101", played("C101"))
    assert set(np.unique(marked)) <= {0, 1, 2, 3, 4, 5}
    np.testing.assert_array_equal(Coder(1).mark("C101", played("C101")), marked)
    np.testing.assert_array_equal(Coder(1).mark("C101", played("C101", 23)), marked[:23])
    assert (Coder(2).mark("C101", played("C101")) != marked).any()


def test_a_coder_marks_hardly_anything_on_a_face_that_does_nothing() -> None:
    marked = Coder(1).mark("C101", np.zeros((4000, 12)))
    assert (marked > 0).mean() < 0.01


def test_the_error_of_a_coder_has_the_stated_size_where_a_unit_is_seen() -> None:
    marked = Coder(3, noise=0.4).mark("C101", np.full((20000, 1), 2.5))
    # Letters add the rounding of a uniform half step, 1/12.
    assert (marked - 2.5).std() == pytest.approx(np.sqrt(0.4**2 + 1 / 12), abs=0.04)


def test_two_coders_agree_as_well_as_their_docstring_says() -> None:
    drawn = {name: played(name) for name in TRAINING_PARTICIPANTS}
    one, other = (np.concatenate([Coder(seed).mark(who, drawn[who]) for who in drawn]) for seed in (1, 2))
    agreement = [icc31(one[:, au], other[:, au]) for au in range(12)]
    assert np.mean(agreement) == pytest.approx(0.92, abs=0.015)
    assert min(agreement) > 0.82
    assert max(agreement) < 0.96


@pytest.mark.parametrize("noise", [-0.1, 3.0])
def test_noise_beyond_the_scale_is_refused(noise: float) -> None:
    with pytest.raises(InputError, match=r"from 0 to 2\.5 steps"):
        Coder(1, noise)
