"""Every face through the network once, up to the merge, and kept.

What a network says about a face before the merge does not depend on the reference, so another reference costs only what
comes after it: 13 % of the arithmetic of IR50 before stage 4.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor
from tqdm import tqdm

from csnviz.data.images import CROP_SIZE
from csnviz.data.tables import FrameTable
from csnviz.errors import InputError
from csnviz.inference.device import choose_device
from csnviz.models.checkpoints import TrainedNetwork
from csnviz.models.images import images_of
from csnviz.models.stages import encode

BATCH_ON_CPU, BATCH_ELSEWHERE = 8, 16
"""Faces per pass through what comes before the merge. On a CPU larger batches are slower, not faster: they leave the cache."""

KEPT_BATCH = 64
"""Frames per pass through what comes after it: their maps are smaller, and the quickest batch larger."""

Cancelled = Callable[[], bool]
"""Asked between two passes; once it answers True, the work stops with `WorkCancelled`."""


class WorkCancelled(Exception):  # noqa: N818 (nothing went wrong)
    """Somebody asked for something newer, so this was left unfinished.

    encoded: the features that were there by then, for whoever goes on later; None where no faces were being encoded.
    """

    def __init__(self, encoded: "FrameFeatures | None" = None) -> None:
        super().__init__()
        self.encoded = encoded


@dataclass(frozen=True)
class FrameFeatures:
    """What one network says about K faces before its merge, for whatever references come later.

    features: (K, ...) on the CPU, one line per frame of frame_ids; the outputs themselves where merge_before is "output" (also for
    a network that needs no reference). sha256 names the network's parameters, precision what it computed in.
    """

    frame_ids: tuple[str, ...]
    features: Float[Tensor, "K ..."]
    sha256: str
    merge_before: str
    precision: str = "float32"
    _place: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.frame_ids) != len(self.features):
            raise InputError(f"{len(self.frame_ids)} frames need as many features; found {len(self.features)}.")
        object.__setattr__(self, "_place", {frame_id: place for place, frame_id in enumerate(self.frame_ids)})

    def __contains__(self, frame_id: str) -> bool:
        return frame_id in self._place

    def of(self, frame_ids: Sequence[str]) -> Float[Tensor, "B ..."]:
        """The features of these frames, in this order; InputError names the first that is not here."""
        return self.features[lines(self.places(frame_ids))]

    def places(self, frame_ids: Sequence[str]) -> Int64[np.ndarray, " B"]:
        """Where these frames are among the K; InputError names the first that is not here."""
        for frame_id in frame_ids:
            if frame_id not in self._place:
                raise InputError(f"Frame {frame_id} has not been through this network. Encode it first.")
        return np.array([self._place[frame_id] for frame_id in frame_ids], dtype=np.int64)


def lines(places: Int64[np.ndarray, " B"]) -> slice | Int64[np.ndarray, " B"]:
    """What to ask a tensor for: a run of lines needs no copy."""
    if len(places) and (np.diff(places) == 1).all():
        return slice(int(places[0]), int(places[-1]) + 1)
    return places


def encode_frames(
    trained: TrainedNetwork,
    frames: FrameTable,
    device: str = "auto",
    batch: int | None = None,
    progress: bool = True,
    cancelled: Cancelled | None = None,
    begun: FrameFeatures | None = None,
) -> FrameFeatures:
    """The features of every frame with a usable face; frames without one are left out.

    In the table's order, but those that are `begun` first: what an earlier call had made when it was cancelled (WorkCancelled
    brings it), and is not made again. Shows a progress bar once it takes more than two seconds. `cancelled` is asked before each
    batch. InputError when the table has no face crops.
    """
    chosen = ready(trained, device)
    if begun is None:
        return gathered(trained, frames, None, chosen, batch, progress, cancelled)
    check_network(begun, trained)
    left = frames.select(np.array([frame_id not in begun for frame_id in frames.rows["frame_id"]], dtype=bool))
    try:
        return _followed(begun, gathered(trained, left, None, chosen, batch, progress, cancelled))
    except WorkCancelled as stopped:
        raise WorkCancelled(_followed(begun, stopped.encoded)) from None


def gathered(
    trained: TrainedNetwork,
    frames: FrameTable,
    features: FrameFeatures | None,
    device: torch.device,
    batch: int | None = None,
    progress: bool = True,
    cancelled: Cancelled | None = None,
) -> FrameFeatures:
    """The features of the usable frames of a table, those that are kept looked up and the others made now.

    WorkCancelled brings those that were there when `cancelled` said so.
    """
    ids: list[str] = []
    parts: list[Tensor] = []
    try:
        for rows, seen in feature_batches(trained, frames, features, device, batch, progress, cancelled):
            ids += list(frames.rows["frame_id"].iloc[rows])
            parts.append(seen.cpu())
    except WorkCancelled:
        raise WorkCancelled(_joined(trained, ids, parts) if parts else None) from None
    if not parts:  # nobody's features still have a shape
        parts = [encode_faces(trained, torch.zeros(1, 3, CROP_SIZE, CROP_SIZE, device=device))[:0].cpu()]
    return _joined(trained, ids, parts)


def _followed(begun: FrameFeatures, more: FrameFeatures | None) -> FrameFeatures:
    if more is None:
        return begun
    ids, features = begun.frame_ids + more.frame_ids, torch.cat([begun.features, more.features])
    return replace(begun, frame_ids=ids, features=features)


def _joined(trained: TrainedNetwork, ids: Sequence[str], parts: Sequence[Tensor]) -> FrameFeatures:
    return FrameFeatures(tuple(ids), torch.cat(list(parts)), trained.sha256, merge_point(trained), trained.precision)


def feature_batches(
    trained: TrainedNetwork,
    frames: FrameTable,
    features: FrameFeatures | None,
    device: torch.device,
    batch: int | None = None,
    progress: bool = True,
    cancelled: Cancelled | None = None,
) -> Iterator[tuple[np.ndarray, Float[Tensor, "B ..."]]]:
    """Some usable rows at a time with their features on the device: looked up where they are kept, else made now, `batch` a pass
    (None: as many as `faces_a_pass` says).

    Nothing is kept here, so a long recording needs no more memory than a short one. Kept frames come first, KEPT_BATCH at a time.
    """
    if features is not None:
        check_network(features, trained)
    ids = frames.rows["frame_id"].to_numpy()
    usable = frames.usable
    kept = np.array([features is not None and frame_id in features for frame_id in ids], dtype=bool)
    with tqdm(
        total=usable.sum(), desc="reading faces", unit=" frames", delay=2, leave=False, disable=not progress
    ) as bar:
        if features is not None:
            for rows in batches(np.flatnonzero(usable & kept), KEPT_BATCH, cancelled):
                yield rows, features.of(list(ids[rows])).to(device)
                bar.update(len(rows))
        for rows in batches(np.flatnonzero(usable & ~kept), batch or faces_a_pass(device), cancelled):
            yield rows, encode_faces(trained, images_of(frames.crops(rows), device))
            bar.update(len(rows))


def check_network(features: FrameFeatures, trained: TrainedNetwork) -> None:
    """InputError unless this network made these features, in the precision that it computes in."""
    made_by = (features.sha256, features.merge_before, features.precision)
    if made_by != (trained.sha256, merge_point(trained), trained.precision):
        raise InputError(
            f"These features were made by another network than {trained.name}, or in another precision. Encode the frames again."
        )


def merge_point(trained: TrainedNetwork) -> str:
    """Where this network is cut: before its merge, or behind everything when it needs no reference."""
    return trained.config.merge_before or "output"


def ready(trained: TrainedNetwork, device: str) -> torch.device:
    """Puts the network onto the device, channels last, with its stored statistics in force; says which device that is."""
    chosen = choose_device(device)
    trained.network.to(device=chosen, memory_format=torch.channels_last)  # type: ignore[call-overload]
    trained.network.eval()
    return chosen


def faces_a_pass(device: torch.device) -> int:
    """How many faces go through what comes before the merge together."""
    return BATCH_ON_CPU if device.type == "cpu" else BATCH_ELSEWHERE


def batches(rows: np.ndarray, batch: int, cancelled: Cancelled | None) -> Iterator[np.ndarray]:
    """So many rows at a time; asks before each time whether to stop, and then raises WorkCancelled."""
    for start in range(0, len(rows), batch):
        if cancelled is not None and cancelled():
            raise WorkCancelled
        yield rows[start : start + batch]


@contextmanager
def predicting(trained: TrainedNetwork, device: torch.device) -> Iterator[None]:
    """No gradients, and the network's precision, while this lasts."""
    # Inference mode belongs to a thread, so it is entered here and not once for the program.
    lower = trained.precision == "bfloat16"
    with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=lower):
        yield


def encode_faces(trained: TrainedNetwork, images: Float[Tensor, "B 3 S S"]) -> Float[Tensor, "B ..."]:
    """The features of these images, on the network's device; safe in several threads at once."""
    with predicting(trained, images.device):
        return encode(trained.network, images, merge_point(trained))
