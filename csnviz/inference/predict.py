"""From faces to estimates: without a reference, with the neutral output taken off, and with a reference inside the network."""

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor

import csnviz
from csnviz.data.alignment import alignment_of
from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable
from csnviz.errors import InputError
from csnviz.faces.crop import PREPROCESSING_VERSION
from csnviz.facs import AUSet
from csnviz.inference.features import Cancelled, FrameFeatures, feature_batches, gathered, predicting, ready
from csnviz.inference.references import NeededReferences, needed_references
from csnviz.models.checkpoints import TrainedNetwork
from csnviz.models.heads import intensity, occurrence_logits

WITHOUT_REFERENCE = "IR (NCG)"
NEUTRAL_SUBTRACTED = "IR w/ BS"
NEUTRAL_RECENTRED = "IR w/ BS, re-centred"
WITH_REFERENCE = "CSN"
"""The methods by the names of the paper's rows; a table's provenance says which network of which size it was."""

Begun = Float32[np.ndarray, "N A"]
"""Estimates filled in place, NaN where there is none yet: handed to a call, and to the next one if that was cancelled, they are
found as if nothing had come between."""


def predict_without_reference(
    ncg: TrainedNetwork,
    frames: FrameTable,
    features: FrameFeatures | None = None,
    device: str = "auto",
    progress: bool = True,
    cancelled: Cancelled | None = None,
    begun: Begun | None = None,
) -> PredictionTable:
    """What a network says about every face by itself (the paper's NCG protocol).

    Estimates are intensities, unclipped, or an occurrence network's logits; NaN in rows without a usable face. The action units
    are the network's. Labels are the table's, NaN for units that it does not code, and 0 or 1 for occurrence. `features` are
    what `encode_frames` made with this network; `begun` is where to go on (`nothing_yet` to begin with). InputError when the
    network compares faces with a reference.
    """
    if ncg.config.merge_before is not None:
        raise InputError(f"{ncg.name} compares a face with its reference. Give references, or choose another network.")
    chosen = ready(ncg, device)
    estimate = nothing_yet(ncg, frames) if begun is None else begun
    left, places = left_to_do(frames, begun)
    for rows, outputs in feature_batches(ncg, left, features, chosen, progress=progress, cancelled=cancelled):
        estimate[places[rows]] = estimates_in(ncg, outputs)
    return table_of(ncg, frames, estimate, WITHOUT_REFERENCE, "NCG", chosen)


def predict_with_reference(
    csn: TrainedNetwork,
    frames: FrameTable,
    references: ReferenceTable,
    features: FrameFeatures | None = None,
    reference_frames: FrameTable | None = None,
    device: str = "auto",
    progress: bool = True,
    cancelled: Cancelled | None = None,
    begun: Begun | None = None,
) -> PredictionTable:
    """What a CSN says about every face beside its participant's reference before the same camera (protocol OFC).

    As `predict_without_reference`, and: `reference_frames` is the table that holds the references when `frames` is only a part of
    it. Frames among `features` are not encoded again, so that another reference costs their decoding only. InputError when
    a participant has no reference, when it is not in the table or has no usable face, or when the network is no CSN.
    """
    needed = needed_references(frames, references)
    chosen = ready(csn, device)
    faces = frames if reference_frames is None else reference_frames
    neutral = gathered(csn, faces.select(sorted(set(needed.rows_in(faces)))), features, chosen, progress=False)
    reference_features = neutral.of(needed.frame_ids).to(chosen)
    estimate = nothing_yet(csn, frames) if begun is None else begun
    kept = neutral if features is None else features
    left, places = left_to_do(frames, begun)
    for rows, seen in feature_batches(csn, left, kept, chosen, progress=progress, cancelled=cancelled):
        which = needed.place[places[rows]]
        # One reference serves a whole batch without being copied for each of its frames.
        theirs = reference_features[which] if len(reference_features) > 1 else reference_features
        estimate[places[rows]] = estimates_beside(csn, theirs, seen)
    return referring(table_of(csn, frames, estimate, WITH_REFERENCE, "OFC", chosen), needed)


def subtract_neutral_output(
    predictions: PredictionTable, references: ReferenceTable, reference_predictions: PredictionTable | None = None
) -> PredictionTable:
    """Each estimate less the same method's estimate on the participant's reference: the paper's baseline subtraction (BS).

    It works on any method's table. `reference_predictions` is the table that holds the references when `predictions` is only
    a part of it. Logits of occurrence are subtracted too and still cut at 0, as in the paper; that is a straw man, for every
    reference then sits on the cut, and `subtract_and_recentre` is its fair twin. InputError when a participant has no
    reference, or the reference no estimate.
    """
    nothing = np.zeros(len(predictions.aus), np.float32)
    return _less_neutral(predictions, references, reference_predictions, nothing, "w/ BS")


def subtract_and_recentre(
    predictions: PredictionTable,
    references: ReferenceTable,
    mean_neutral_output: Float32[np.ndarray, " A"],
    reference_predictions: PredictionTable | None = None,
) -> PredictionTable:
    """As `subtract_neutral_output`, but neutral faces end at what the method says about them on average, not at 0.

    mean_neutral_output: (A,), the method's mean estimate on the neutral faces of its training people.
    # Differs from the paper: the constant is added back, so that a threshold meant for the method still fits.
    """
    return _less_neutral(predictions, references, reference_predictions, mean_neutral_output, "w/ BS, re-centred")


def _less_neutral(
    predictions: PredictionTable,
    references: ReferenceTable,
    reference_predictions: PredictionTable | None,
    added_back: Float32[np.ndarray, " A"],
    name: str,
) -> PredictionTable:
    needed = needed_references(predictions, references)
    faces = predictions if reference_predictions is None else reference_predictions
    # A method's estimate on the reference is that participant's neutral offset.
    neutral_offset = faces.estimate[needed.rows_in(faces)]
    for who, frame_id, offset in zip(needed.whose, needed.frame_ids, neutral_offset, strict=True):
        if np.isnan(offset).all():
            raise InputError(
                f"{who}: {faces.method} has no estimate for the reference {frame_id}. Choose another reference."
            )
    shifted = predictions.estimate - (neutral_offset - added_back)[needed.place]
    method = f"{predictions.method.removesuffix(' (NCG)')} {name}"
    return referring(replace(predictions, estimate=shifted, method=method, protocol="OFC"), needed)


def estimates_beside(
    csn: TrainedNetwork, reference_features: Float[Tensor, "R ..."], features: Float[Tensor, "B ..."]
) -> Float32[np.ndarray, "B A"]:
    """What a CSN says about faces beside their references, of which one (R = 1) may serve all; both from `encode_faces`."""
    with predicting(csn, features.device):
        outputs = csn.csn.decode(csn.csn.difference(reference_features, features))
    return estimates_in(csn, outputs)


def nothing_yet(trained: TrainedNetwork, frames: FrameTable) -> Begun:
    """No estimate of any of these frames, (N, A) of NaN."""
    return np.full((len(frames), len(trained.config.aus)), np.nan, dtype=np.float32)


def left_to_do(frames: FrameTable, begun: Begun | None) -> tuple[FrameTable, np.ndarray]:
    """The frames that have no estimate yet, and their rows in the whole table."""
    if begun is None:
        return frames, np.arange(len(frames))
    places = np.flatnonzero(np.isnan(begun).all(axis=1))
    return frames.select(places), places


def estimates_in(trained: TrainedNetwork, outputs: Float[Tensor, "B M"]) -> Float32[np.ndarray, "B A"]:
    """What a network's outputs say of each AU: intensities, unclipped, or the logits of occurrence."""
    read = intensity if trained.config.quantity == "intensity" else occurrence_logits
    return read(outputs, len(trained.config.aus)).float().cpu().numpy()


def labels_for(aus: AUSet, quantity: str, frames: FrameTable) -> Float32[np.ndarray, "N A"]:
    """The labels in the order of these units, NaN for those that the table does not code; 0 or 1 for occurrence."""
    labels = np.full((len(frames), len(aus)), np.nan, dtype=np.float32)
    for column, unit in enumerate(aus.units):
        if unit.number in frames.aus.numbers:
            coded = frames.intensity[:, frames.aus.column_of(unit.number)]
            present = np.where(np.isnan(coded), np.nan, coded >= unit.occurrence_threshold)
            labels[:, column] = coded if quantity == "intensity" else present
    return labels


def table_of(
    trained: TrainedNetwork,
    frames: FrameTable,
    estimate: Float32[np.ndarray, "N A"],
    method: str,
    protocol: str,
    device: torch.device,
) -> PredictionTable:
    """The table of such estimates, with what is known about how they were made."""
    config = trained.config
    provenance: dict[str, Any] = {
        "network": {"name": trained.name, "sha256": trained.sha256, **asdict(config)},
        "preprocessing": PREPROCESSING_VERSION,
        "alignment": alignment_of(frames),
        "versions": {"csnviz": csnviz.__version__, "torch": str(torch.__version__), "numpy": np.__version__},
        "device": device.type,
        "precision": trained.precision,
    }
    aus = AUSet(config.aus)
    labels = labels_for(aus, config.quantity, frames)
    return PredictionTable(frames.rows, labels, estimate, aus, config.quantity, method, protocol, provenance)


def referring(table: PredictionTable, needed: NeededReferences) -> PredictionTable:
    """The table with its references named, row by row and in its provenance."""
    provenance = {**table.provenance, "references": needed.provenance()}
    return replace(table, rows=table.rows.assign(ref_frame_id=needed.per_row()), provenance=provenance)
