"""From stored crops to what a network reads."""

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor


def images_of(crops: UInt8[np.ndarray, "B S S 3"], device: torch.device | str = "cpu") -> Float[Tensor, "B 3 S S"]:
    """RGB crops as float32 images in [0, 1], channels first.

    No mean or spread is taken out: the authors feed [0, 1] although their face-recognition parameters were trained on [-1, 1].
    """
    stored = torch.from_numpy(np.ascontiguousarray(crops)).to(device)
    return stored.permute(0, 3, 1, 2).to(torch.float32) / 255
