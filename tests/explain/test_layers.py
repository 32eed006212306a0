import numpy as np
import pytest
import torch

from csnviz.errors import InputError
from csnviz.explain.layers import after_the_merge, what_a_stage_adds
from csnviz.models.images import images_of
from csnviz.models.stages import stages_before


def test_what_a_stage_after_the_merge_adds_is_the_estimate_less_that_of_the_reference_beside_itself(tiny, face):
    trained, image, reference = tiny("stage4"), face(1), face(2)
    found = what_a_stage_adds(trained, image, reference, "stage4", 12)
    first, second = (images_of(crop[None]).double() for crop in (reference, image))
    with torch.no_grad():
        moved, still = (float(trained.csn(first, other)[0, 1]) for other in (second, first))
        shape = trained.network.get_submodule("stage4")(trained.csn.encode(first)).shape[1:]
    assert found.values.shape == tuple(shape)
    assert (found.estimate, found.start_estimate) == pytest.approx((moved, still))
    assert found.values.sum() - found.gap == pytest.approx(moved - still, abs=1e-5)
    assert abs(found.gap) < 0.02 * abs(moved - still)
    assert abs(moved - still) > 0.1, "nothing to explain would prove nothing"


@pytest.mark.parametrize("merge_before", ["stage2", "stage4", "fc"])
def test_stages_before_the_merge_are_refused_and_those_after_it_are_not(tiny, merge_before):
    trained = tiny(merge_before)
    place = stages_before(trained.network, merge_before)
    for stage in trained.network.names[:place]:
        with pytest.raises(InputError, match=f"compares the faces before {merge_before}, so {stage} sees"):
            after_the_merge(trained, stage)
    for stage in trained.network.names[place:]:
        after_the_merge(trained, stage)


def test_a_network_that_compares_outputs_has_no_stage_to_ask_about(tiny, face):
    with pytest.raises(InputError, match="ask about pixels"):
        what_a_stage_adds(tiny("output"), face(1), face(2), "stage4", 12)


def test_a_stage_that_no_network_has_is_named(tiny, face):
    with pytest.raises(InputError, match="has no stage 'stage9'; choose stage4"):
        what_a_stage_adds(tiny("stage4"), face(1), face(2), "stage9", 12)


def test_an_unmoved_face_has_nothing_in_any_stage(tiny, face):
    assert not np.any(what_a_stage_adds(tiny("stage4"), face(1), face(1), "stage4", 12).values)
