import numpy as np
import pytest
import torch

from csnviz.errors import InputError
from csnviz.explain.inside import inside
from csnviz.models.images import images_of
from csnviz.models.stages import MERGE_POINTS, encode


def estimates(trained, reference, image):
    pair = [images_of(crop[None]).double() for crop in (reference, image)]
    with torch.no_grad():
        return trained.csn(*pair)[0].numpy()


@pytest.mark.parametrize("merge_before", MERGE_POINTS)
def test_the_parts_of_the_difference_add_up_to_what_the_face_has_beyond_its_neutral_one(tiny, face, merge_before):
    trained, image, reference = tiny(merge_before), face(1), face(2)
    found = inside(trained, image, reference, 12, channels=100).merged
    expected = estimates(trained, reference, image)[1] - estimates(trained, reference, reference)[1]
    assert abs(expected) > 0.05, "nothing to explain would prove nothing"
    assert found.total.sum() == pytest.approx(expected, rel=0.05)
    assert found.parts.sum() == pytest.approx(found.total.sum(), rel=1e-4)
    assert found.gap == pytest.approx(float(found.total.sum()) - expected, abs=1e-4)
    assert found.estimate == pytest.approx(estimates(trained, reference, image)[1])


@pytest.mark.parametrize("merge_before", ["stage2", "fc"])
def test_every_stage_is_looked_at_wherever_the_network_merges(tiny, face, merge_before):
    found = inside(tiny(merge_before), face(1), face(2), 12)
    assert [at.stage for at in found.stages] == list(MERGE_POINTS)
    assert [at.image.shape for at in found.stages] == [(16, 16), (8, 8), (4, 4), (2, 2), (1, 1), (2, 1)]
    assert found.merge_before == merge_before


def test_a_map_is_the_strength_of_all_channels_at_each_place(tiny, face):
    trained, crops = tiny("stage4"), (face(1), face(2))
    with torch.no_grad():
        image, reference = (encode(trained.network, images_of(c[None]).double(), "stage3")[0].numpy() for c in crops)
    at = inside(trained, *crops, 12).stages[2]
    assert np.allclose(at.image, np.abs(image).sum(0), rtol=1e-5)
    assert np.allclose(at.difference, np.abs(reference - image).sum(0), rtol=1e-5)
    halves = (np.linalg.norm(image) + np.linalg.norm(reference)) / 2
    assert at.apart == pytest.approx(np.linalg.norm(reference - image) / halves, rel=1e-5)


def test_the_last_column_is_what_the_network_says_of_each_unit(tiny, face):
    trained, image, reference = tiny("output"), face(1), face(2)
    at = inside(trained, image, reference, 4).stages[-1]
    assert np.allclose(at.difference[:, 0], estimates(trained, reference, image)[:2], atol=1e-5)


@pytest.mark.parametrize("merge_before", ["stage2", "fc"])
def test_the_channels_are_those_with_the_largest_parts(tiny, face, merge_before):
    trained = tiny(merge_before)
    every, few = (inside(trained, face(1), face(2), 4, channels=count).merged for count in (100, 2))
    assert few.channels.tolist() == every.channels[:2].tolist()
    assert (np.diff(np.abs(every.parts)) <= 0).all()
    assert np.allclose(few.maps.sum(axis=(1, 2)), few.parts, rtol=1e-4, atol=1e-6)


def test_a_face_beside_itself_differs_nowhere(tiny, face):
    found = inside(tiny("stage4"), face(1), face(1), 12)
    assert all(not at.difference.any() and at.apart == 0 for at in found.stages)
    assert not found.merged.total.any()
    assert found.merged.estimate == found.merged.neutral_offset


def test_after_a_merge_at_the_output_only_the_unit_itself_has_a_part(tiny, face):
    found = inside(tiny("output"), face(1), face(2), 12, channels=1).merged
    assert found.channels.tolist() == [1]
    assert found.parts[0] == pytest.approx(found.estimate, rel=1e-5)


def test_a_caller_in_inference_mode_gets_the_same_parts(tiny, face):
    trained = tiny("stage4")
    with torch.inference_mode():
        found = inside(trained, face(1), face(2), 12).merged
    assert np.array_equal(found.maps, inside(trained, face(1), face(2), 12).merged.maps)


def test_what_has_no_inside_to_show_is_refused(tiny, face):
    with pytest.raises(InputError, match="trained without a reference"):
        inside(tiny(None), face(1), face(2), 12)
    with pytest.raises(InputError, match="AU9 is not coded here"):
        inside(tiny("stage4"), face(1), face(2), 9)
    with pytest.raises(InputError, match="estimates occurrence"):
        inside(tiny("stage4", quantity="occurrence"), face(1), face(2), 12)
