"""A recording in, a table of estimates out: what `csnviz predict` does."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from csnviz import places
from csnviz.data.recording import read_recording
from csnviz.data.storage import replacing
from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable
from csnviz.errors import InputError
from csnviz.inference.networks import Networks
from csnviz.inference.predict import predict_with_reference, predict_without_reference, subtract_neutral_output

Estimates = Mapping[str, PredictionTable]
"""One table per column suffix: "ncg" without calibration, "bs" baseline-subtracted, "ofc" calibrated (CSN)."""


def estimate_recording(
    recording: Path,
    networks: Networks,
    reference: int | None = None,
    data_root: Path | None = None,
    frames: slice | None = None,
    face_model: Path | None = None,
    device: str = "auto",
) -> Estimates:
    """AU intensities of every decoded frame of a recording: without a reference NCG alone, with one also BS and OFC.

    `reference` is a frame number of the recording, counted from 0, and may lie outside `frames`. Raises InputError when the
    recording cannot be read, no frame has a face, or the reference frame does not exist or has no face.
    """
    root = places.data_root(data_root)
    table = read_recording(recording, root, face_model, frames)
    if not table.usable.any():
        raise InputError(
            f"{recording}: no face was found in any of {len(table)} frames, so there is nothing to estimate."
        )
    neutral = None if reference is None else _reference_frame(recording, root, reference, table, frames, face_model)
    ncg = predict_without_reference(networks.ncg, table, device=device)
    if neutral is None:
        return {"ncg": ncg}
    row = neutral.rows.iloc[0]
    references = ReferenceTable.empty().with_reference(row["participant"], row["camera"], row["frame_id"], "person")
    inside = bool((ncg.rows["frame_id"] == row["frame_id"]).any())
    neutral_ncg = ncg if inside else predict_without_reference(networks.ncg, neutral, device=device)
    return {
        "ncg": ncg,
        "bs": subtract_neutral_output(ncg, references, neutral_ncg),
        "ofc": predict_with_reference(networks.csn, table, references, reference_frames=neutral, device=device),
    }


def _reference_frame(
    recording: Path, root: Path, reference: int, table: FrameTable, frames: slice | None, face_model: Path | None
) -> FrameTable:
    """The table of the one reference frame, read from outside the chosen frames where need be."""
    where = f"{recording}: reference frame {reference}"
    if reference < 0:
        raise InputError(f"{where} is out of range. Frames are counted from 0.")
    neutral = table.select(np.asarray(table.rows["frame_index"] == reference))
    if not len(neutral) and frames is not None:
        neutral = read_recording(recording, root, face_model, slice(reference, reference + 1))
    if not len(neutral):
        raise InputError(
            f"{where} is out of range: the last frame is {table.rows['frame_index'].iloc[-1]}. Choose another."
        )
    if not neutral.usable[0]:
        raise InputError(
            f"{where} cannot be used: {neutral.rows['reason'].iloc[0]}. Choose a frame that shows the face."
        )
    return neutral


def wide_estimates(tables: Estimates) -> pd.DataFrame:
    """One line per frame: input, frame (from 0), timestamp (s), success (0/1), reason, ref_frame, AU01_ncg, AU01_bs, ...

    Estimates are raw and unclipped; they are empty (NaN) where the frame has no usable face.
    """
    last = list(tables.values())[-1]
    rows = last.rows
    reference = rows["ref_frame_id"].str.rpartition("/")[2].where(rows["ref_frame_id"] != "", "")
    wide = pd.DataFrame(
        {
            "input": rows["source"].map(lambda path: Path(path).name),
            "frame": rows["frame_index"],
            "timestamp": rows["timestamp"].round(6),
            "success": (rows["reason"] == "").astype(int),
            "reason": rows["reason"],
            "ref_frame": reference,
        }
    )
    columns = {
        f"{unit}_{suffix}": table.estimate[:, place]
        for place, unit in enumerate(last.aus.columns)
        for suffix, table in tables.items()
    }
    return pd.concat([wide, pd.DataFrame(columns)], axis=1)


def write_estimates(out: Path, tables: Estimates) -> str:
    """Writes the CSV and, beside it, a JSON side-car of provenance; says in a sentence what was written."""
    if out.suffix.lower() != ".csv":
        raise InputError(f"{out}: estimates are written as CSV. Give a name that ends in .csv.")
    wide = wide_estimates(tables)
    words = {
        "rows": len(wide),
        "columns": "AUnn_ncg non-calibrated, AUnn_bs baseline-subtracted, AUnn_ofc calibrated; intensity 0-5, unclipped",
        "frame": "counted from 0 over decoded frames; timestamp is the container's presentation time in seconds",
        "methods": {suffix: {"method": table.method, **table.provenance} for suffix, table in tables.items()},
    }
    with replacing(out) as part, replacing(out.with_suffix(".json")) as words_part:
        wide.to_csv(part, index=False, float_format="%.6f")
        words_part.write_text(json.dumps(words, indent=1) + "\n", encoding="utf-8")
    found = int(wide["success"].sum())
    return f"{out}: {len(wide)} frames, {found} with a face, {len(tables)} methods; provenance in {out.with_suffix('.json')}."
