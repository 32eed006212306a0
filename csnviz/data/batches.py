"""Training batches: which frames are seen together, each with its reference.

NumPy only; the order depends on the seed alone, so two methods that are handed the same seed see the same frames in the same order,
and an interrupted epoch can go on at any batch.

# Differs from the paper: the authors seed once before all folds and shuffle on from there; here each epoch has a seed of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from csnviz.data.tables import FrameTable, ReferenceTable
from csnviz.errors import InputError


@dataclass(frozen=True)
class Batch:
    """B training frames and their G references: reference g belongs to frames g * K to (g + 1) * K - 1, where K = B / G.

    image: (B, 112, 112, 3) RGB crops. reference: (G, 112, 112, 3). intensity: (B, A) labels 0-5, NaN = not coded. row: (B,) rows of
    the table that the frames come from.
    """

    image: UInt8[np.ndarray, "B S S 3"]
    reference: UInt8[np.ndarray, "G S S 3"]
    intensity: Float32[np.ndarray, "B A"]
    row: Int64[np.ndarray, " B"]


def epoch_batches(
    table: FrameTable,
    references: ReferenceTable,
    size: int,
    seed: int | Sequence[int],
    frames_per_reference: int = 1,
    first: int = 0,
) -> Iterator[Batch]:
    """Every labelled frame with a usable face once, shuffled by `seed`, `size` frames at a time; the last batch may be smaller.

    frames_per_reference = K > 1 puts K frames of one participant and camera side by side behind one copy of their reference; what
    is left of a participant (fewer than K frames) waits for another epoch. first: begin with this batch, counted from 0, without
    reading the ones before it. InputError when a participant has no reference, a reference is not in the table or has no usable
    face, or `size` is no multiple of K.
    """
    reference = reference_rows(table, references)
    groups = _groups(table, np.random.default_rng(seed), frames_per_reference)
    per_batch = _groups_per_batch(size, frames_per_reference)
    for start in range(first * per_batch, len(groups), per_batch):
        chosen = groups[start : start + per_batch]
        rows = chosen.reshape(-1)
        yield Batch(table.crops(rows), table.crops(reference[chosen[:, 0]]), table.intensity[rows], rows)


def updates_in_epoch(table: FrameTable, size: int, frames_per_reference: int = 1) -> int:
    """How many batches `epoch_batches` gives; InputError when there is nothing to train on."""
    groups = _groups(table, np.random.default_rng(0), frames_per_reference)
    return -(-len(groups) // _groups_per_batch(size, frames_per_reference))


def reference_rows(table: FrameTable, references: ReferenceTable) -> Int64[np.ndarray, " N"]:
    """For each frame the row of its participant's reference before the same camera, found by frame id."""
    rows = np.empty(len(table), dtype=np.int64)
    for (participant, camera), members in table.rows.groupby(["participant", "camera"], sort=False).indices.items():
        rows[members] = table.row_of(references.frame_id_for(participant, camera))
    return rows


def trainable_rows(table: FrameTable) -> Int64[np.ndarray, " T"]:
    """The rows with a usable face and at least one coded AU."""
    return np.flatnonzero(table.usable & ~np.isnan(table.intensity).all(axis=1))


def _groups(table: FrameTable, rng: np.random.Generator, frames_per_reference: int) -> Int64[np.ndarray, "Q K"]:
    """Rows in groups that share a reference, in random order."""
    rows = trainable_rows(table)
    if not len(rows):
        raise InputError(
            f"None of these {len(table)} frames has both a usable face and labels. Choose other participants."
        )
    if frames_per_reference == 1:
        return rng.permutation(rows)[:, None]
    owner = table.rows.iloc[rows].groupby(["participant", "camera"], sort=False).ngroup().to_numpy()
    groups = [_split(rng.permutation(rows[owner == who]), frames_per_reference) for who in np.unique(owner)]
    return rng.permutation(np.concatenate(groups))


def _split(rows: np.ndarray, length: int) -> np.ndarray:
    return rows[: len(rows) // length * length].reshape(-1, length)


def _groups_per_batch(size: int, frames_per_reference: int) -> int:
    if frames_per_reference < 1 or size < 1 or size % frames_per_reference:
        raise InputError(
            f"A batch of {size} frames cannot be made of groups of {frames_per_reference}. Choose a multiple."
        )
    return size // frames_per_reference
