"""What a calibrated network holds of a face and its reference, stage by stage, whatever looked inside."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64


@dataclass(frozen=True)
class AtStage:
    """What a network holds of two faces before the stage of this name (before no stage at "output": there it has spoken).

    image, reference, difference: (H, W), how strongly all channels together answer at each place of the map, absolute values
    added up; "output" has a line for each AU instead, (A, 1), with its sign. apart: the size of the difference as a share of
    the two faces' own, 0 where the network can no longer tell them apart (Euclidean norms over everything held). Behind its merge
    a network sees the difference alone; what each face alone would give there is no part of an estimate.
    """

    stage: str
    image: Float32[np.ndarray, "H W"]
    reference: Float32[np.ndarray, "H W"]
    difference: Float32[np.ndarray, "H W"]
    apart: float


@dataclass(frozen=True)
class Merged:
    """Which channels of the difference move one action unit, at the stage before which the network merges.

    channels: (K,) their numbers, the largest part first. parts: (K,) what each adds to the estimate, in intensity steps.
    differences, maps: (K, H, W) each channel's difference with its sign, and where its part comes from. total: (H, W) the parts
    of all channels, which add up to `estimate` less `neutral_offset` but for `gap`. neutral_offset: the estimate of a face
    that does not differ from its reference.
    """

    channels: Int64[np.ndarray, " K"]
    parts: Float32[np.ndarray, " K"]
    differences: Float32[np.ndarray, "K H W"]
    maps: Float32[np.ndarray, "K H W"]
    total: Float32[np.ndarray, "H W"]
    estimate: float
    neutral_offset: float
    gap: float


@dataclass(frozen=True)
class Inside:
    """One image beside its reference, inside a network. au: the FACS number; merge_before: where this network merges.

    stages: from the first place where a merge is possible to the last. merged: what happens at this network's own.
    """

    au: int
    merge_before: str
    stages: tuple[AtStage, ...]
    merged: Merged
