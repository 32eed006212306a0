"""What training makes small: Eqs 1-6 of arXiv 2409.00240.

Labels that nobody coded are NaN and have no influence: they leave the sums of Eqs 2, 4 and 6, and in Eq. 3 both label and
estimate become 0. Losses are computed in float32 whatever precision the network ran in.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor
from torch.nn import functional

from csnviz.models.heads import THRESHOLDS, exceedance_logits, intensity, occurrence_logits
from csnviz.training.class_weights import exceedance_weights, label_counts, mse_weights, occurrence_weights


@dataclass(frozen=True)
class IntensityWeights:
    """How much each label counts: `mse` (A, 6) per label 0-5, `exceedance` (A, 5, 2) per question (below, at or above)."""

    mse: Float[Tensor, "A 6"]
    exceedance: Float[Tensor, "A 5 2"]

    @classmethod
    def of(
        cls, labels: Float32[np.ndarray, "N A"], power: float = 1.0, device: torch.device | str = "cpu"
    ) -> "IntensityWeights":
        """From the labels of the training part alone; see csnviz.training.class_weights for `power`."""
        counts = label_counts(labels)
        tables = (mse_weights(counts, power), exceedance_weights(counts, power))
        return cls(*(torch.from_numpy(table).to(device, torch.float32) for table in tables))


def intensity_loss(
    output: Float[Tensor, "B M"], labels: Float[Tensor, "B A"], weights: IntensityWeights
) -> dict[str, Float[Tensor, ""]]:
    """How wrong the outputs (B, 6 A) of an intensity network are about whole labels 0-5 (B, A), NaN = not coded.

    Three parts by name, each the mean over the batch. Paper Eq. 1 is their plain sum.
    """
    n_aus = labels.shape[1]
    estimate, logits = intensity(output.float(), n_aus), exceedance_logits(output.float(), n_aus)
    return {
        "mse": weighted_mse(estimate, labels, weights.mse),
        "cosine": cosine_loss(estimate, labels),
        "exceedance": exceedance_loss(logits, labels, weights.exceedance),
    }


def weighted_mse(
    estimate: Float[Tensor, "B A"], labels: Float[Tensor, "B A"], weights: Float[Tensor, "A 6"]
) -> Float[Tensor, ""]:
    """Paper Eq. 2: squared errors, weighted by label, summed over AUs; the mean over the batch."""
    coded, known = _coded(labels)
    per_label = weights[torch.arange(len(weights), device=weights.device), known.round().long()]
    return (per_label * (known - estimate).square() * coded).sum(dim=1).mean()


def cosine_loss(estimate: Float[Tensor, "B A"], labels: Float[Tensor, "B A"]) -> Float[Tensor, ""]:
    """Paper Eq. 3: 1 - the cosine between estimated and labelled AUs of a frame; the mean over the batch.

    As printed the equation lacks the square roots and would not be a cosine. A frame labelled 0 throughout has no direction: it
    counts as 1 and teaches nothing here.
    """
    coded, known = _coded(labels)
    return (1 - functional.cosine_similarity(estimate * coded, known, dim=1, eps=1e-8)).mean()


def exceedance_loss(
    logits: Float[Tensor, "B A 5"], labels: Float[Tensor, "B A"], weights: Float[Tensor, "A 5 2"]
) -> Float[Tensor, ""]:
    """Paper Eqs 4 and 5: cross entropy of the five questions, weighted, summed over AUs and questions; the mean over the batch."""
    coded, known = _coded(labels)
    thresholds = torch.arange(1, THRESHOLDS + 1, device=labels.device)
    reached = (known[..., None] >= thresholds).to(logits.dtype)
    weight = torch.where(reached > 0, weights[..., 1], weights[..., 0]) * coded[..., None]
    return functional.binary_cross_entropy_with_logits(logits, reached, weight, reduction="none").sum(dim=(1, 2)).mean()


def occurrence_loss(
    output: Float[Tensor, "B A"], present: Float[Tensor, "B A"], weights: Float[Tensor, "A 2"]
) -> dict[str, Float[Tensor, ""]]:
    """Paper Eq. 6: weighted cross entropy of present (1) and absent (0), NaN = not coded.

    Differs from the paper: the mean over all coded labels, as in the authors' code, where the equation sums over AUs. Under Adam
    the factor matters only through weight decay. 0 when nothing is coded.
    """
    coded, known = _coded(present)
    weight = torch.where(known > 0, weights[:, 1], weights[:, 0]) * coded
    logits = occurrence_logits(output.float(), present.shape[1])
    total = functional.binary_cross_entropy_with_logits(logits, known, weight, reduction="sum")
    return {"cross_entropy": total / coded.sum().clamp(min=1)}


def occurrence_weights_of(present: Float32[np.ndarray, "N A"], power: float = 1.0) -> Float[Tensor, "A 2"]:
    """Paper Eq. 9 as a tensor, from the labels of the training part alone."""
    return torch.from_numpy(occurrence_weights(present, power)).to(torch.float32)


def _coded(labels: Tensor) -> tuple[Tensor, Tensor]:
    """1 where a label was coded and 0 elsewhere, and the labels with 0 in the gaps."""
    coded = ~torch.isnan(labels)
    return coded.to(labels.dtype), torch.nan_to_num(labels, nan=0.0)
