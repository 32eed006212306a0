"""How near each frame is to the person's usual face, in the eyes of the calibrated network.

A calibrating network passes on the difference of two faces' features, so the frame whose features are nearest to all others is
the reference that changes least when another frame is chosen: the medoid. Everything is compared before the merge, without labels.

Feature maps are averaged down to 4 x 4 places: IR50 keeps 50,176 numbers a face before stage 4, of which 4,096 remain; brows, eyes,
nose and mouth stay apart. The medoid is the fit frame with the smallest mean distance to at most 1,000 fit frames, taken
evenly in order of frame_id, so that the table's own order plays no part.
"""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor

from csnviz.data.reference_fitness import fit_as_seen
from csnviz.data.tables import FrameTable
from csnviz.errors import InputError
from csnviz.inference.features import Cancelled, FrameFeatures, WorkCancelled, merge_point
from csnviz.models.checkpoints import TrainedNetwork

PLACES = 4
"""Feature maps are averaged down to this many places down and across."""

COMPARED = 1000
"""The medoid is the nearest to at most so many frames."""

_AT_ONCE = 256
"""Frames whose whole features are in memory a second time."""


def likeness(
    trained: TrainedNetwork, frames: FrameTable, features: FrameFeatures, cancelled: Cancelled | None = None
) -> Float32[np.ndarray, " N"]:
    """For each frame of one participant before one camera how near it is to the medoid of the fit frames, in (0, 1].

    2 ** -(d / m), where d is the Euclidean distance to the medoid and m the median of that distance over the fit frames: 1 = the
    medoid, a half = as far as the middle one of them, NaN = no usable face. Where no frame is fit, all usable ones count. Fit is
    what is seen of the face (`fit_as_seen`); labels are not asked. InputError when a frame has not been through this network.
    """
    if (features.sha256, features.merge_before) != (trained.sha256, merge_point(trained)):
        raise InputError(f"These features were made by another network than {trained.name}. Encode the frames again.")
    found = np.full(len(frames), np.nan, dtype=np.float32)
    usable = np.flatnonzero(frames.usable)
    if not len(usable):
        return found
    ids = frames.rows["frame_id"].to_numpy(dtype=str)[usable]
    fit = np.flatnonzero(fit_as_seen(frames)[usable])
    among = fit if len(fit) else np.arange(len(usable))
    among = among[np.argsort(ids[among], kind="stable")]
    with torch.inference_mode():
        small = torch.cat(list(_averaged(features, ids, cancelled)))
        distance = torch.linalg.vector_norm(small - small[among[_medoid(small[among])]], dim=1)
        middle = distance[among].median()
        # Faces that are all the same have no scale: whatever differs from them at all is as far as can be.
        near = torch.exp2(-distance / middle) if middle > 0 else (distance == 0).float()
    found[usable] = near.numpy()
    return found


def _averaged(features: FrameFeatures, ids: np.ndarray, cancelled: Cancelled | None) -> Iterator[Float[Tensor, "K D"]]:
    """The features of some frames at a time, small: maps averaged over their places, other features as they are."""
    for start in range(0, len(ids), _AT_ONCE):
        if cancelled is not None and cancelled():
            raise WorkCancelled
        part = features.of(list(ids[start : start + _AT_ONCE])).float()
        if part.ndim == 4 and part.shape[-1] > PLACES:
            part = torch.nn.functional.adaptive_avg_pool2d(part, PLACES)
        yield part.flatten(1)


def _medoid(faces: Float[Tensor, "M D"]) -> int:
    """Which face is nearest to an even selection of them on average; the first of several."""
    compared = np.linspace(0, len(faces) - 1, min(len(faces), COMPARED)).round().astype(int)
    # The mean is nobody's face, but without it the squares in a distance are large and their difference small.
    centred = faces - faces.mean(dim=0)
    return int(torch.cdist(centred, centred[compared]).mean(dim=1).argmin())
