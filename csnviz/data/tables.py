"""The two waists of csnviz, and the table of references between them.

Every source of faces becomes a `FrameTable`; every method of estimating becomes a `PredictionTable`. A `ReferenceTable` names
one neutral frame per participant and camera, by frame id and never by position. All three are checked when they are made,
so that nothing downstream checks again, and are saved as a .npz file (whose checksums notice damage) with a JSON side-car.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float32, UInt8

from csnviz.data.images import FaceImages
from csnviz.data.storage import read_arrays, rows_from_arrays, rows_to_arrays, write_arrays
from csnviz.errors import InputError
from csnviz.facs import AUSet

IDENTITY_COLUMNS = (
    "frame_id",
    "dataset",
    "participant",
    "camera",
    "video",
    "frame_index",
    "timestamp",
    "source",
    "reason",
)
"""What says which frame a row is: texts, but frame_index (from 0), and timestamp (seconds; NaN for stills). `reason` says why
a frame has no usable face and is "" when it has one."""

VIEW_COLUMNS = ("yaw", "pitch", "roll", "eye_opening", "covered")
"""How the face is seen, NaN where unknown: degrees (yaw > 0 towards the right edge of the picture, pitch > 0 up, roll > 0
clockwise as seen); eyes as a share of the participant's usual opening; share of the face that looks covered, 0-1."""

Rows = Sequence[int] | np.ndarray


def make_rows(columns: Mapping[str, Any]) -> pd.DataFrame:
    """A frame of rows in which every column of a FrameTable is present, unknown view columns as NaN.

    `image` is the row's place in the table's pictures, -1 where it has none.
    """
    rows = pd.DataFrame(dict(columns))
    for name, value in (("reason", ""), ("image", -1), *((name, np.nan) for name in VIEW_COLUMNS)):
        if name not in rows:
            rows[name] = value
    return rows


@dataclass(frozen=True)
class FrameTable:
    """N frames of faces with human labels where there are any.

    rows: one line per frame with IDENTITY_COLUMNS, `image` (the place of its pictures, -1 = none) and VIEW_COLUMNS.
    intensity: (N, A) float32, 0-5; NaN = not coded. aus: the A action units. images: crops and pictures, or None. alignment:
    whose alignment the crops have, "" where nobody said (`csnviz.data.alignment.alignment_of` reads it).
    Raises InputError when an id repeats, a column is missing or a label is outside 0-5.
    """

    rows: pd.DataFrame
    intensity: Float32[np.ndarray, "N A"]
    aus: AUSet
    images: FaceImages | None = None
    alignment: str = ""

    def __post_init__(self) -> None:
        rows = _checked_rows(self.rows, (*IDENTITY_COLUMNS, "image", *VIEW_COLUMNS), "FrameTable")
        object.__setattr__(self, "rows", rows)
        _check_shape(self.intensity, len(rows), self.aus, "labels")
        _check_labels(rows, self.intensity, self.aus)
        if self.images is not None and len(rows) and int(rows["image"].max()) >= len(self.images):
            raise InputError(
                f"A row names picture {int(rows['image'].max())}, but the table has {len(self.images)} pictures."
            )

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def usable(self) -> Bool[np.ndarray, " N"]:
        """True where the frame has a usable face."""
        return np.asarray(self.rows["reason"] == "")

    @property
    def participants(self) -> tuple[str, ...]:
        """The participants, in order of appearance."""
        return tuple(self.rows["participant"].unique())

    def cameras(self, participant: str) -> tuple[str, ...]:
        """The cameras that filmed a participant, in order of appearance."""
        return tuple(self.rows.loc[self.rows["participant"] == participant, "camera"].unique())

    def row_of(self, frame_id: str) -> int:
        """The row of a frame; InputError when this table does not have it."""
        return _row_of(self.rows, frame_id)

    def select(self, keep: Rows) -> "FrameTable":
        """The chosen rows (a mask or positions), with the same pictures behind them."""
        positions = _positions(keep)
        return replace(self, rows=self.rows.iloc[positions], intensity=self.intensity[positions])

    def of(self, participant: str, camera: str | None = None) -> "FrameTable":
        """The rows of one participant (and camera); InputError when there are none."""
        return self.select(_mask_of(self.rows, participant, camera))

    def coding(self, aus: AUSet) -> "FrameTable":
        """The same frames with the labels of these AUs alone, in this order; InputError when one is not coded here."""
        columns = [self.aus.column_of(number) for number in aus]
        return replace(self, intensity=self.intensity[:, columns], aus=aus)

    def crops(self, rows: Rows) -> UInt8[np.ndarray, "K S S 3"]:
        """The aligned crops of these rows (positions), each of which must have a usable face."""
        if self.images is None:
            raise InputError("This table has no face crops. Read the recording again to make them.")
        chosen = self.rows.iloc[np.asarray(rows, dtype=np.int64)]
        for frame_id, reason in zip(chosen["frame_id"], chosen["reason"], strict=True):
            if reason:
                raise InputError(f"{frame_id}: {reason}, so there is no face crop. Choose another frame.")
        return self.images.crops(chosen["image"].to_numpy())

    def picture(self, row: int) -> bytes | None:
        """The picture of one row as the bytes of a JPEG, or None where there is none."""
        place = int(self.rows["image"].iloc[row])
        return None if self.images is None or place < 0 else self.images.picture(place)

    def filmed(self, row: int) -> bytes | None:
        """The frame of one row as it was filmed, made smaller, as the bytes of a JPEG; None where it was not kept."""
        place = int(self.rows["image"].iloc[row])
        return None if self.images is None or place < 0 else self.images.filmed(place)

    def points(self, rows: Rows) -> Float32[np.ndarray, "K 68 2"]:
        """The 68 landmarks of these rows (positions) as shares of the filmed picture's width and height, (0, 0) its upper
        left corner; NaN without a face, or where they were not kept."""
        places = self.rows["image"].to_numpy()[np.asarray(rows, dtype=np.int64)]
        points = np.full((len(places), 68, 2), np.nan, dtype=np.float32)
        if self.images is not None:
            points[places >= 0] = self.images.points(places[places >= 0])
        return points

    def corners(self, rows: Rows) -> Float32[np.ndarray, "K 4 2"]:
        """The corners of the crops of these rows (upper left, lower left, lower right, upper right, as seen on the upright
        face) as shares likewise; NaN as in `points`. The crop's pixels fill the square between them."""
        places = self.rows["image"].to_numpy()[np.asarray(rows, dtype=np.int64)]
        corners = np.full((len(places), 4, 2), np.nan, dtype=np.float32)
        if self.images is not None:
            corners[places >= 0] = self.images.corners(places[places >= 0])
        return corners

    def save(self, path: Path) -> None:
        """Writes `path` (.npz) and its JSON side-car; the pictures stay where they are and are named by folder."""
        folders = [] if self.images is None else [str(folder) for folder in self.images.paths]
        arrays = {"intensity": self.intensity, **rows_to_arrays(self.rows)}
        words = {"table": "FrameTable", "aus": list(self.aus), "pictures": folders, "alignment": self.alignment}
        write_arrays(path, arrays, words)

    @classmethod
    def load(cls, path: Path) -> "FrameTable":
        """Reads what `save` wrote; InputError when it is damaged or something else."""
        arrays, words = read_arrays(path, "FrameTable")
        images = FaceImages.open(*map(Path, words["pictures"])) if words["pictures"] else None
        alignment = words.get("alignment", "")
        return cls(rows_from_arrays(arrays), arrays["intensity"], AUSet(tuple(words["aus"])), images, alignment)


def join_frames(tables: Sequence[FrameTable]) -> FrameTable:
    """One table with the rows and pictures of several, in order; all must code the same AUs and be aligned alike."""
    if not tables:
        raise InputError("There is no table to join.")
    first = tables[0]
    images = first.images
    parts = [first.rows]
    for table in tables[1:]:
        if table.aus != first.aus:
            raise InputError(
                f"Tables that code different AUs cannot be joined: {first.aus.numbers} and {table.aus.numbers}."
            )
        if table.alignment != first.alignment:
            found = " and ".join(repr(each.alignment or "not said") for each in (first, table))
            raise InputError(f"Tables whose faces were aligned differently cannot be joined: {found}.")
        rows = table.rows
        if images is not None and table.images is not None:
            rows = rows.assign(image=rows["image"].where(rows["image"] < 0, rows["image"] + len(images)))
            images = images.followed_by(table.images)
        parts.append(rows)
    intensity = np.concatenate([table.intensity for table in tables])
    return FrameTable(pd.concat(parts, ignore_index=True), intensity, first.aus, images, first.alignment)


@dataclass(frozen=True)
class ReferenceTable:
    """One neutral frame per participant and camera.

    rows: participant, camera, frame_id, chosen_by ("authors", "person", "automatic" or "labels") and note.
    """

    rows: pd.DataFrame

    COLUMNS = ("participant", "camera", "frame_id", "chosen_by", "note")
    CHOSEN_BY = ("authors", "person", "automatic", "labels")

    def __post_init__(self) -> None:
        missing = [name for name in self.COLUMNS if name not in self.rows]
        if missing:
            raise InputError(f"A reference table needs the column {missing[0]}; found {list(self.rows.columns)}.")
        rows = self.rows.loc[:, list(self.COLUMNS)].astype(str).reset_index(drop=True)
        doubled = rows[rows.duplicated(["participant", "camera"])]
        if len(doubled):
            who = doubled.iloc[0]
            raise InputError(f"{who['participant']}, {who['camera']} camera: two reference frames. Keep one row.")
        unknown = rows[~rows["chosen_by"].isin(self.CHOSEN_BY)]
        if len(unknown):
            raise InputError(
                f"A reference is chosen by one of {self.CHOSEN_BY}; found {unknown.iloc[0]['chosen_by']!r}."
            )
        object.__setattr__(self, "rows", rows)

    @classmethod
    def empty(cls) -> "ReferenceTable":
        """No references yet."""
        return cls(pd.DataFrame({name: [] for name in cls.COLUMNS}))

    def frame_id_for(self, participant: str, camera: str) -> str:
        """The reference frame of a participant before a camera; InputError when none is named."""
        found = self.rows[(self.rows["participant"] == participant) & (self.rows["camera"] == camera)]
        if found.empty:
            raise InputError(
                f"{participant}, {camera} camera: no reference frame. Name one, or predict without a reference."
            )
        return str(found["frame_id"].iloc[0])

    def with_reference(
        self, participant: str, camera: str, frame_id: str, chosen_by: str, note: str = ""
    ) -> "ReferenceTable":
        """The same table in which this frame is the participant's reference before this camera."""
        others = self.rows[(self.rows["participant"] != participant) | (self.rows["camera"] != camera)]
        row = pd.DataFrame([[participant, camera, frame_id, chosen_by, note]], columns=list(self.COLUMNS))
        return ReferenceTable(pd.concat([others, row], ignore_index=True))

    def save(self, path: Path) -> None:
        """Writes a CSV file that a person can read and edit."""
        self.rows.to_csv(path, index=False)

    @classmethod
    def load(cls, path: Path) -> "ReferenceTable":
        """Reads what `save` wrote, or a person."""
        try:
            return cls(pd.read_csv(path, dtype=str, keep_default_na=False))
        except (OSError, ValueError) as error:
            raise (
                error if isinstance(error, InputError) else InputError(f"{path}: not a reference table ({error}).")
            ) from None


@dataclass(frozen=True)
class PredictionTable:
    """One method's estimates for N frames beside the human labels.

    rows: IDENTITY_COLUMNS and `ref_frame_id` ("" without a reference). label: (N, A) float32, NaN = not coded. estimate: (N, A)
    float32, raw and unclipped, NaN where the frame has no usable face. quantity: "intensity" (0-5) or "occurrence" (logits).
    method: a row of the paper. protocol: "NCG" or "OFC". provenance: hashes and versions, JSON only.
    """

    rows: pd.DataFrame
    label: Float32[np.ndarray, "N A"]
    estimate: Float32[np.ndarray, "N A"]
    aus: AUSet
    quantity: str
    method: str
    protocol: str
    provenance: Mapping[str, Any]

    def __post_init__(self) -> None:
        rows = self.rows if "ref_frame_id" in self.rows else self.rows.assign(ref_frame_id="")
        rows = _checked_rows(rows, (*IDENTITY_COLUMNS, "ref_frame_id"), "PredictionTable")
        object.__setattr__(self, "rows", rows.loc[:, [*IDENTITY_COLUMNS, "ref_frame_id"]])
        _check_shape(self.label, len(rows), self.aus, "labels")
        _check_shape(self.estimate, len(rows), self.aus, "estimates")
        if self.quantity not in ("intensity", "occurrence") or self.protocol not in ("NCG", "OFC"):
            raise InputError(
                f"A PredictionTable holds intensity or occurrence, NCG or OFC; found {self.quantity}, {self.protocol}."
            )
        if self.quantity == "intensity":
            _check_labels(rows, self.label, self.aus)

    def __len__(self) -> int:
        return len(self.rows)

    def row_of(self, frame_id: str) -> int:
        """The row of a frame; InputError when this table does not have it."""
        return _row_of(self.rows, frame_id)

    def select(self, keep: Rows) -> "PredictionTable":
        """The chosen rows (a mask or positions)."""
        positions = _positions(keep)
        return replace(
            self, rows=self.rows.iloc[positions], label=self.label[positions], estimate=self.estimate[positions]
        )

    def of(self, participant: str, camera: str | None = None) -> "PredictionTable":
        """The rows of one participant (and camera); InputError when there are none."""
        return self.select(_mask_of(self.rows, participant, camera))

    def save(self, path: Path) -> None:
        """Writes `path` (.npz) and its JSON side-car."""
        words: dict[str, Any] = {"quantity": self.quantity, "method": self.method, "protocol": self.protocol}
        words |= {"table": "PredictionTable", "aus": list(self.aus), "provenance": dict(self.provenance)}
        write_arrays(path, {"label": self.label, "estimate": self.estimate, **rows_to_arrays(self.rows)}, words)

    @classmethod
    def load(cls, path: Path) -> "PredictionTable":
        """Reads what `save` wrote; InputError when it is damaged or something else."""
        arrays, words = read_arrays(path, "PredictionTable")
        aus = AUSet(tuple(words["aus"]))
        how = (words["quantity"], words["method"], words["protocol"], words["provenance"])
        return cls(rows_from_arrays(arrays), arrays["label"], arrays["estimate"], aus, *how)


def _checked_rows(rows: pd.DataFrame, columns: tuple[str, ...], table: str) -> pd.DataFrame:
    missing = [name for name in columns if name not in rows]
    if missing:
        raise InputError(f"A {table} needs the column {missing[0]}; found {list(rows.columns)}.")
    repeated = rows["frame_id"][rows["frame_id"].duplicated()]
    if len(repeated):
        raise InputError(f"Frame {repeated.iloc[0]} appears twice. Every row needs a frame_id of its own.")
    return rows.reset_index(drop=True)


def _check_shape(values: np.ndarray, count: int, aus: AUSet, what: str) -> None:
    if values.shape != (count, len(aus)):
        raise InputError(
            f"{count} frames of {len(aus)} AUs need {what} of shape {(count, len(aus))}; found {values.shape}."
        )


def _check_labels(rows: pd.DataFrame, labels: np.ndarray, aus: AUSet) -> None:
    bad = np.argwhere((labels < 0) | (labels > 5))
    if len(bad):
        row, column = bad[0]
        who = rows.iloc[row]
        raise InputError(
            f"{who['participant']}, {who['camera']} camera, frame {who['frame_index']}, {aus.columns[column]}: label "
            f"{labels[row, column]:g} is outside 0-5. Correct it, or leave it empty if the unit was not coded."
        )


def _row_of(rows: pd.DataFrame, frame_id: str) -> int:
    found = np.flatnonzero(rows["frame_id"] == frame_id)
    if not len(found):
        raise InputError(f"There is no frame {frame_id} among these {len(rows)} frames.")
    return int(found[0])


def _mask_of(rows: pd.DataFrame, participant: str, camera: str | None) -> np.ndarray:
    mask = np.asarray(rows["participant"] == participant)
    if camera is not None:
        mask = mask & np.asarray(rows["camera"] == camera)
    if not mask.any():
        where = participant if camera is None else f"{participant}, {camera} camera"
        raise InputError(
            f"{where}: no frames here. Known participants: {', '.join(rows['participant'].unique()[:40])}."
        )
    return mask


def _positions(keep: Rows) -> np.ndarray:
    chosen = np.asarray(keep)
    return np.flatnonzero(chosen) if chosen.dtype == bool else chosen.astype(np.int64)
