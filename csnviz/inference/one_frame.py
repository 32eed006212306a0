"""One face through a network, while all the others may still be on their way through it in another thread."""

import numpy as np
from jaxtyping import Float, Float32, UInt8
from torch import Tensor

from csnviz.inference.features import encode_faces
from csnviz.inference.predict import estimates_beside, estimates_in
from csnviz.models.checkpoints import TrainedNetwork
from csnviz.models.images import images_of


def features_of_crop(trained: TrainedNetwork, crop: UInt8[np.ndarray, "S S 3"]) -> Float[Tensor, "1 ..."]:
    """What a network that is `ready` says about a face before its merge; its outputs where it needs no reference."""
    return encode_faces(trained, images_of(crop[None], trained.device)).cpu()


def estimate_alone(ncg: TrainedNetwork, features: Float[Tensor, "1 ..."]) -> Float32[np.ndarray, " A"]:
    """The estimates that these outputs hold, in the network's order."""
    return estimates_in(ncg, features)[0]


def estimate_beside(
    csn: TrainedNetwork, reference_features: Float[Tensor, "1 ..."], features: Float[Tensor, "1 ..."]
) -> Float32[np.ndarray, " A"]:
    """What a CSN that is `ready` says about a face beside its reference, in the network's order."""
    device = csn.device
    return estimates_beside(csn, reference_features.to(device), features.to(device))[0]
