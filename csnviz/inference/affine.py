"""How what comes after the merge begins, kept for each face, so that another reference costs only the rest of it.

The first half of the first block after the merge is affine (csnviz.models.stages): it need not be asked about each difference of a
reference and a frame, once for each frame is enough. Before stage 4 that is half of a small network's decoding and a quarter of
IR50's, for two or two and a half times the memory of the features. The rest of a small network's is one bend and one product
(csnviz.models.affine_end).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool
from torch import Tensor

from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable
from csnviz.errors import InputError
from csnviz.inference.features import (
    KEPT_BATCH,
    Cancelled,
    FrameFeatures,
    batches,
    check_network,
    lines,
    predicting,
    ready,
)
from csnviz.inference.predict import WITH_REFERENCE, Begun, estimates_in, left_to_do, nothing_yet, referring, table_of
from csnviz.inference.references import needed_references
from csnviz.models.affine_end import with_affine_end
from csnviz.models.checkpoints import TrainedNetwork
from csnviz.models.csn import CSN
from csnviz.models.stages import begins_affinely


@dataclass(frozen=True)
class AffineFeatures:
    """What `CSN.begin` gives for each of K faces whose features are kept, filled in place when a face is first asked about.

    csn: the network with as short an end as it can have. parts: (K, ...) each, on the CPU. made: which of their lines are
    filled. nothing: (1, ...) each, for features that are all 0.
    """

    features: FrameFeatures
    csn: CSN
    parts: tuple[Tensor, ...]
    made: Bool[np.ndarray, " K"]
    nothing: tuple[Tensor, ...]

    @property
    def nbytes(self) -> int:
        """The memory it takes beside the features and the network once it is filled."""
        return sum(part.nbytes for part in self.parts)

    def of(self, csn: TrainedNetwork, frame_ids: Sequence[str], device: torch.device) -> tuple[Tensor, ...]:
        """The parts for these frames, on the device; InputError names the first frame that is not among the features."""
        places = self.features.places(frame_ids)
        at = places[~self.made[places]]
        if len(at):
            with predicting(csn, device):
                made = self.csn.begin(self.features.features[lines(at)].to(device))
            for part, line in zip(self.parts, made, strict=True):
                part[lines(at)] = line.cpu()
            self.made[at] = True
        return tuple(part[lines(places)].to(device) for part in self.parts)


def affine_bytes(csn: TrainedNetwork, features: FrameFeatures) -> int:
    """How much memory `affine_features` takes once filled; 0 where there is nothing to gain from it.

    That is: merged before fc or at the output, in bfloat16, or not on the CPU, whose arithmetic is slower than the way to memory.
    """
    slow = csn.device.type == "cpu" and csn.precision == "float32"
    if not slow or not begins_affinely(csn.network, csn.csn.merge_before):
        return 0
    return len(features.frame_ids) * sum(part.nbytes for part in _shortened(csn, features)[1])


def affine_features(csn: TrainedNetwork, features: FrameFeatures) -> AffineFeatures:
    """Room for what these faces give, still empty.

    InputError for another network's features, and in bfloat16: there the difference of two large numbers is too coarse.
    """
    check_network(features, csn)
    if csn.precision != "float32":
        raise InputError(
            f"{csn.name} computes in {csn.precision}, too coarse to subtract so late. Subtract at its merge."
        )
    count, (network, nothing) = len(features.frame_ids), _shortened(csn, features)
    parts = tuple(_room(count, part) for part in nothing)
    return AffineFeatures(features, network, parts, np.zeros(count, dtype=bool), nothing)


def predict_from_affine(
    csn: TrainedNetwork,
    frames: FrameTable,
    references: ReferenceTable,
    affine: AffineFeatures,
    device: str = "auto",
    cancelled: Cancelled | None = None,
    begun: Begun | None = None,
) -> PredictionTable:
    """What `predict_with_reference` says of one participant before one camera, whose faces are all among the features.

    `cancelled` is asked before each pass; `begun` is where to go on. InputError as there, and when a face is not among the features
    or these frames have several references.
    """
    check_network(affine.features, csn)
    needed = needed_references(frames, references)
    needed.rows_in(frames)
    if len(needed.whose) > 1:
        raise InputError(f"One reference at a time is asked about here; {', '.join(needed.whose)} have one each.")
    chosen = ready(csn, device)
    network, nothing = affine.csn.to(chosen), tuple(part.to(chosen) for part in affine.nothing)
    neutral = affine.of(csn, needed.frame_ids, chosen)
    estimate = nothing_yet(csn, frames) if begun is None else begun
    left, places = left_to_do(frames, begun)
    ids = left.rows["frame_id"].to_numpy()
    for rows in batches(np.flatnonzero(left.usable), KEPT_BATCH, cancelled):
        seen = affine.of(csn, list(ids[rows]), chosen)
        with predicting(csn, chosen):
            outputs = network.decode_begun(neutral, seen, nothing)
        estimate[places[rows]] = estimates_in(csn, outputs)
    return referring(table_of(csn, frames, estimate, WITH_REFERENCE, "OFC", chosen), needed)


def _shortened(csn: TrainedNetwork, features: FrameFeatures) -> tuple[CSN, tuple[Tensor, ...]]:
    """The network with as short an end as it can have, and what it gives for features that are all 0."""
    nothing, cut = torch.zeros(1, *features.features.shape[1:], device=csn.device), csn.csn.merge_before
    network = CSN(with_affine_end(csn.network, cut, nothing), cut)
    with predicting(csn, csn.device):
        return network, tuple(part.cpu() for part in network.begin(nothing))


def _room(count: int, like: Tensor) -> Tensor:
    layout = torch.channels_last if like.ndim == 4 else torch.contiguous_format
    return torch.empty(count, *like.shape[1:], dtype=like.dtype, memory_format=layout)
