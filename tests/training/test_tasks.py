from dataclasses import replace

import numpy as np
import pytest
import torch

from csnviz.data.tables import FrameTable
from csnviz.facs import AUSet
from csnviz.training.losses import IntensityWeights, intensity_loss
from csnviz.training.tasks import intensity_task, occurrence_task, present

LABELS = np.array([[0, 0], [1, 1], [2, 0], [3, 1], [0, 0], [np.nan, 1], [4, np.nan], [1, 0]], dtype=np.float32)


@pytest.fixture
def pain(table) -> FrameTable:
    """Eight frames with AU4 (present from 2) and AU43 (present from 1), both with one gap."""
    return FrameTable(table.rows.iloc[:8], LABELS, AUSet((4, 43)), table.images)


def test_a_unit_is_present_from_its_own_threshold_upwards_and_unknown_where_nobody_coded_it():
    expected = [[0, 0], [0, 1], [1, 0], [1, 1], [0, 0], [np.nan, 1], [1, np.nan], [0, 0]]
    np.testing.assert_array_equal(present(LABELS, AUSet((4, 43))), np.array(expected, dtype=np.float32))


def test_the_occurrence_task_weighs_present_and_absent_by_how_often_each_is_in_the_training_part(pain):
    output = torch.tensor([[0.3, -1.2]])
    losses = {
        (four, eyes): occurrence_task(pain)(output, torch.tensor([[four, eyes]]))["cross_entropy"].item()
        for four in (1.0, 2.0)
        for eyes in (0.0, 1.0)
    }
    # AU4 is present in 3 of 7 coded frames, AU43 in 3 of 7 others.
    weight = {True: (1 / 3) / (1 / 3 + 1 / 4), False: (1 / 4) / (1 / 3 + 1 / 4)}
    for (four, eyes), loss in losses.items():
        known = torch.tensor([float(four >= 2), float(eyes >= 1)])
        entropy = torch.nn.functional.binary_cross_entropy_with_logits(output[0], known, reduction="none")
        weights = torch.tensor([weight[four >= 2], weight[eyes >= 1]])
        assert loss == pytest.approx(float((weights * entropy).mean()), rel=1e-5)


@pytest.mark.parametrize(("task", "outputs"), [(intensity_task, 12), (occurrence_task, 2)])
def test_a_label_that_nobody_coded_teaches_nothing(pain, task, outputs):
    seen = torch.randn(8, outputs, generator=torch.Generator().manual_seed(1)).requires_grad_()
    total = sum(task(pain)(seen, torch.from_numpy(LABELS)).values())
    total.backward()
    assert torch.isfinite(total)
    assert torch.isfinite(seen.grad).all()
    assert seen.grad[5, 0] == 0
    assert seen.grad[5, 1] != 0


def test_the_intensity_task_is_equation_1_with_the_weights_of_this_table(pain):
    output = torch.randn(8, 12, generator=torch.Generator().manual_seed(1))
    ours = intensity_task(pain, 0.5)(output, torch.from_numpy(LABELS))
    expected = intensity_loss(output, torch.from_numpy(LABELS), IntensityWeights.of(LABELS, 0.5))
    assert {name: loss.item() for name, loss in ours.items()} == {name: loss.item() for name, loss in expected.items()}


@pytest.mark.parametrize(("task", "outputs"), [(intensity_task, 12), (occurrence_task, 2)])
def test_frames_without_a_usable_face_have_no_say_in_the_weights(pain, task, outputs):
    rows = pain.rows.copy()
    rows.loc[[2, 3], "reason"] = "no face"
    fewer = np.delete(np.arange(8), [2, 3])
    output = torch.randn(8, outputs, generator=torch.Generator().manual_seed(1))
    losses = [
        sum(task(table)(output, torch.from_numpy(LABELS)).values()).item()
        for table in (replace(pain, rows=rows), pain.select(fewer), pain)
    ]
    assert losses[0] == losses[1] != losses[2]
