"""What is learnt from the labels of a training part: intensities, or which action units occur.

The weights of the losses come from the frames that are handed in, and from nothing else; hand in the training part of a fold.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from csnviz.data.tables import FrameTable
from csnviz.facs import AUSet
from csnviz.training.losses import (
    IntensityWeights,
    intensity_loss,
    occurrence_loss,
    occurrence_weights_of,
)

LossOf = Callable[[Tensor, Tensor], Mapping[str, Tensor]]
"""(outputs, intensity labels (B, A) with NaN = not coded) -> the parts of the loss by name, whose sum is made small."""


def intensity_task(table: FrameTable, power: float = 1.0, device: torch.device | str = "cpu") -> LossOf:
    """Paper Eqs 1-5 with the class weights (Eqs 7 and 8) of this table's usable frames; 1 is the paper's power."""
    weights = IntensityWeights.of(table.intensity[table.usable], power, device)
    return partial(intensity_loss, weights=weights)


def occurrence_task(table: FrameTable, power: float = 1.0, device: torch.device | str = "cpu") -> LossOf:
    """Paper Eq. 6 with the class weights (Eq. 9) of this table's usable frames; 1 is the paper's power.

    A unit is present from its own occurrence threshold upwards: 2, for AU43 1.
    """
    weights = occurrence_weights_of(present(table.intensity[table.usable], table.aus), power).to(device)
    thresholds = torch.from_numpy(_thresholds(table.aus)).to(device)

    def loss_of(output: Tensor, labels: Tensor) -> Mapping[str, Tensor]:
        reached = torch.where(labels.isnan(), labels, (labels >= thresholds).to(labels.dtype))
        return occurrence_loss(output, reached, weights)

    return loss_of


def present(intensity: Float32[np.ndarray, "N A"], aus: AUSet) -> Float32[np.ndarray, "N A"]:
    """1 where a unit's intensity reaches its occurrence threshold (2; for AU43 1), 0 where it does not, NaN = not coded.

    >>> present(np.array([[1, 1], [2, 0], [np.nan, 1]], dtype=np.float32), AUSet((4, 43)))
    array([[ 0.,  1.],
           [ 1.,  0.],
           [nan,  1.]], dtype=float32)
    """
    return np.where(np.isnan(intensity), np.nan, intensity >= _thresholds(aus)).astype(np.float32)


def _thresholds(aus: AUSet) -> Float32[np.ndarray, " A"]:
    return np.array([unit.occurrence_threshold for unit in aus.units], dtype=np.float32)
