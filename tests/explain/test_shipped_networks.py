"""What the shipped networks' explanations leave out, on a few faces of the demo; all of it is measured by a command of its own."""

import numpy as np
import pytest

from csnviz import places
from csnviz.cast.dataset import draw_frames
from csnviz.explain.attribution import what_csn_does_not_see, what_moved, what_the_reference_cancelled, why_ncg
from csnviz.explain.starts import mean_neutral
from csnviz.faces.crop import crop_face
from csnviz.inference.networks import Networks


@pytest.fixture(scope="module")
def shipped():
    return Networks.load(), mean_neutral(places.checkpoints() / "mean_neutral.png")


@pytest.fixture(scope="module")
def faces():
    return [crop_face(*drawn) for drawn in draw_frames("C105", [0, 40])]


def test_at_the_usual_steps_next_to_nothing_is_left_out(shipped, faces):
    (networks, start), (reference, image) = shipped, faces
    ncg, csn = networks.ncg, networks.csn
    found = [
        why_ncg(ncg, image, start, 9),
        what_the_reference_cancelled(csn, image, reference, start, 9),
        what_csn_does_not_see(ncg, csn, image, reference, start, 9),
    ]
    assert all(each.algorithm == "integrated gradients, 50 steps" for each in found)
    assert max(each.relative_gap for each in found) <= 0.05
    assert min(abs(each.output_difference) for each in found) > 0.5, "there is something to explain"


def test_a_face_that_is_its_own_reference_has_an_attribution_of_exactly_nothing(shipped, faces):
    (networks, _), (reference, _) = shipped, faces
    assert not np.any(what_moved(networks.csn, reference, reference.copy(), 9).values)
