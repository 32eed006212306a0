"""What a calibrated network holds of two faces on the way through its stages, and what of their difference moves an action unit.

Before the merge a network knows the image and the reference apart, after it only their difference. So each place where a merge
is possible is looked at in the same way, whether this network merges there or not: how strongly it answers to the image,
to the reference, and how far the two answers lie apart. At the place where it does merge, the rest of the network is a
function of the difference alone, and there each channel's part in the estimate can be told.
"""

import numpy as np
import torch
from captum.attr import IntegratedGradients
from jaxtyping import Float32
from torch import Tensor

from csnviz.explain.attribution import Crop, column_of, pixels_for
from csnviz.explain.held_still import held_still
from csnviz.explain.inside_results import AtStage, Inside, Merged
from csnviz.explain.walks import PASS, RULE, STEPS
from csnviz.models.checkpoints import TrainedNetwork
from csnviz.models.heads import intensity
from csnviz.models.stages import MERGE_POINTS, encode


def inside(csn: TrainedNetwork, image: Crop, reference: Crop, au_number: int, channels: int = 4) -> Inside:
    """What a CSN holds of two crops at each stage, and the `channels` channels of the difference that move this AU the most.

    A channel's part is had by integrated gradients of what follows the merge (Sundararajan, Taly and Yan 2017, arXiv 1703.01365):
    the difference grows from nothing, which is a face beside itself, to what it is, and the gradients met on the way are
    added up. InputError for a network without a reference, one that estimates occurrence, or an AU that it does not know.
    """
    column, network = column_of(csn, au_number), csn.csn
    names = [name for name in MERGE_POINTS if name == "output" or name in csn.network.names]
    with held_still(csn.network):
        with torch.no_grad():
            pair = torch.cat(pixels_for(csn, image, reference))
            held = {name: _as_maps(csn, encode(csn.network, pair, name), name) for name in names}
            features = network.encode(pair)
            difference = network.difference(features[1:], features[:1])
        merged = _merged(csn, difference, column, channels)
    stages = tuple(_at_stage(name, held[name], len(csn.config.aus)) for name in names)
    return Inside(au_number, network.merge_before, stages, merged)


def _as_maps(csn: TrainedNetwork, features: Tensor, merge_before: str) -> Float32[np.ndarray, "B C H W"]:
    """Features as maps of channels. What was flattened before `fc` gets its places back; outputs have one place each."""
    if features.ndim == 2:
        side = _side_before_the_tail(csn) if merge_before == "fc" else 1
        places = side if features.shape[1] % side**2 == 0 else 1
        features = features.reshape(len(features), -1, places, places)
    return features.float().cpu().numpy()


def _side_before_the_tail(csn: TrainedNetwork) -> int:
    """How wide the last map is, from how many numbers per channel the last layer reads."""
    tail, fc = csn.network.get_submodule("tail"), csn.network.get_submodule("fc")
    channels = next((len(tensor) for tensor in tail.parameters()), None)
    read = fc.weight.shape[1]  # type: ignore[index]
    return round((int(read) / channels) ** 0.5) if channels else 1


def _at_stage(name: str, held: Float32[np.ndarray, "2 C H W"], n_aus: int) -> AtStage:
    image, reference = held
    apart, own = np.linalg.norm(reference - image), np.linalg.norm(reference) + np.linalg.norm(image)
    share = float(2 * apart / own) if own else 0.0
    if name == "output":
        spoken = held[:, :n_aus, :, 0]
        return AtStage(name, spoken[0], spoken[1], spoken[0] - spoken[1], share)
    return AtStage(name, _strength(image), _strength(reference), _strength(reference - image), share)


def _strength(maps: Float32[np.ndarray, "C H W"]) -> Float32[np.ndarray, "H W"]:
    return np.abs(maps).sum(axis=0, dtype=np.float32)


def _merged(csn: TrainedNetwork, difference: Tensor, column: int, channels: int) -> Merged:
    network, n_aus = csn.csn, len(csn.config.aus)

    def estimate(grown: Tensor) -> Tensor:
        return intensity(network.decode(grown), n_aus)[:, column]

    nothing = torch.zeros_like(difference)
    walk = IntegratedGradients(estimate)
    values = walk.attribute(difference, nothing, n_steps=STEPS, method=RULE, internal_batch_size=PASS).detach()
    with torch.no_grad():
        neutral_offset, found = (float(value) for value in estimate(torch.cat([nothing, difference])))
    maps = _as_maps(csn, values, network.merge_before)[0]
    parts = maps.sum(axis=(1, 2), dtype=np.float64)
    chosen = np.argsort(-np.abs(parts), kind="stable")[:channels]
    return Merged(
        chosen,
        parts[chosen].astype(np.float32),
        _as_maps(csn, difference, network.merge_before)[0][chosen],
        maps[chosen],
        maps.sum(axis=0, dtype=np.float32),
        found,
        neutral_offset,
        float(parts.sum()) - (found - neutral_offset),
    )
