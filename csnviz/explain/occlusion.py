"""Occlusion: one part of the face after another takes the start's pixels, and what the estimate loses by that is the part's.

Zeiler and Fergus (2014, arXiv 1311.2901) slid a grey square over a picture; here it is the parts of the face, and what covers them
is the face that the question starts from. Parts work together, so that what they lose one by one need not add up to what they
lose together: the difference left over is no error, and is told as what it is.
"""

import numpy as np
import torch
from captum.attr import FeatureAblation
from jaxtyping import Float, Integer
from torch import Tensor

from csnviz.explain.walks import Estimate, Method, Walk, both_ends, interruptible
from csnviz.inference.features import Cancelled

PARTS_A_PASS = 8


def occluded(parts: Integer[np.ndarray, "S S"]) -> Method:
    """The method that covers the parts of this face one by one.

    parts: the number of its part at each pixel (see `csnviz.faces.parts`). A part's loss is spread evenly over its pixels and
    colours, so that sums over parts are the losses: the estimate less that of the face with the part as in the start.
    """

    def walk(
        estimate: Estimate,
        begin: Float[Tensor, "1 3 S S"],
        end: Float[Tensor, "1 3 S S"],
        cancelled: Cancelled | None = None,
    ) -> Walk:
        first, last = both_ends(estimate, begin, end)
        numbers, members = np.unique(parts, return_inverse=True)
        mask = torch.from_numpy(members.reshape(1, 1, *parts.shape)).to(end.device).expand(end.shape)
        with torch.no_grad():
            losses = FeatureAblation(interruptible(estimate, cancelled)).attribute(
                end, begin, feature_mask=mask, perturbations_per_eval=PARTS_A_PASS
            )[0]
        whose = mask[0].cpu()
        values = losses.cpu().double() / torch.bincount(whose.flatten())[whose]
        gap = float(values.sum()) - (last - first)
        return Walk(values, first, last, gap, f"occlusion of {len(numbers)} parts of the face", adds_up=False)

    return walk
