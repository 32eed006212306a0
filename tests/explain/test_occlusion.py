import numpy as np
import pytest
import torch

from csnviz.explain.attribution import what_moved, why_ncg
from csnviz.explain.occlusion import occluded
from csnviz.inference.features import WorkCancelled
from csnviz.models.images import images_of

PARTS = np.repeat(np.array([0, 0, 3, 3, 3, 9, 9, 9], np.int64), 2)[:, None].repeat(16, 1)


def said(trained, crop):
    with torch.no_grad():
        return float(trained.network(images_of(crop[None]).double())[0, 1])


def test_a_part_is_worth_what_the_estimate_loses_when_the_start_covers_it(tiny, face, someone_else):
    trained, image = tiny(None), face(1)
    found = why_ncg(trained, image, someone_else, 12, method=occluded(PARTS))
    for part in (0, 3, 9):
        covered = np.where((part == PARTS)[:, :, None], someone_else.crop, image)
        loss = said(trained, image) - said(trained, covered)
        assert found.values[:, part == PARTS].sum() == pytest.approx(loss, rel=1e-4)
        assert len(np.unique(found.values[:, part == PARTS])) == 1, "spread evenly"


def test_parts_that_work_together_need_not_add_up_and_that_is_no_gap_of_the_method(tiny, face, someone_else):
    found = why_ncg(tiny(None), face(1), someone_else, 12, method=occluded(PARTS))
    assert not found.adds_up
    assert found.gap == pytest.approx(float(found.values.sum(dtype=float)) - found.output_difference, abs=1e-5)
    assert found.steps_that_mend is None
    assert found.algorithm == "occlusion of 3 parts of the face"


def test_a_part_that_did_not_move_since_the_reference_loses_nothing(tiny, face):
    image, reference = face(1), face(2)
    image[:4] = reference[:4]
    values = what_moved(tiny("stage4"), image, reference, 12, method=occluded(PARTS)).values
    assert not values[:, PARTS == 0].any()
    assert values[:, PARTS == 3].any()


def test_a_straight_network_gives_parts_what_its_pixels_get_together(linear, face, someone_else):
    from csnviz.explain.starts import Start

    image, start, parts = face(1, 8), Start(face(3, 8), "a made face"), PARTS[::2, ::2]
    pixels = why_ncg(linear(None), image, start, 4).values
    found = why_ncg(linear(None), image, start, 4, method=occluded(parts))
    for part in (0, 3, 9):
        assert found.values[:, parts == part].sum() == pytest.approx(pixels[:, parts == part].sum(), abs=1e-5)
    assert found.gap == pytest.approx(0, abs=1e-5)


def test_occlusion_stops_once_it_is_cancelled(tiny, face, someone_else):
    with pytest.raises(WorkCancelled):
        why_ncg(tiny(None), face(1), someone_else, 12, cancelled=lambda: True, method=occluded(PARTS))
