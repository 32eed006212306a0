"""A prepared dataset: its table of frames, kept beside the crops and given back in a second, and what there is to say about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from csnviz import places
from csnviz.data.images import FaceImages
from csnviz.data.listing import LISTING_COLUMNS, Listing
from csnviz.data.portion import KeptPortion
from csnviz.data.seen import reading_version
from csnviz.data.storage import plain_name, replacing
from csnviz.data.tables import FrameTable, make_rows
from csnviz.errors import InputError
from csnviz.faces.quality import eye_openings

FRAMES = "frames.npz"
REPORT = "report.csv"


@dataclass(frozen=True)
class Prepared:
    """A prepared dataset.

    frames: its table. counts: one line per participant: participant, frames, faces, a column for each reason why frames have no
    face, seconds (of cropping, summed over processes) and notes. folder: where crops, table and report (report.csv) are kept.
    """

    frames: FrameTable
    counts: pd.DataFrame
    folder: Path

    @property
    def text(self) -> str:
        """The report for a person to read."""
        return prepare_report(self)


def keep_prepared(listing: Listing, folder: Path, kept: Sequence[KeptPortion], alignment: str) -> Prepared:
    """The table of a listing whose portions are all cropped, written to `folder` with its report.

    The crops stay where they are; names, times and labels are the listing's.
    """
    images = FaceImages.open(*(each.portion.folder for each in kept))
    seen = [
        each.seen.assign(image=_moved(each.seen["image"], start))
        for each, start in zip(kept, images.starts, strict=False)
    ]
    rows = pd.concat(seen).set_axis(np.concatenate([each.portion.rows for each in kept])).sort_index()
    identity = {name: listing.rows[name] for name in LISTING_COLUMNS if name != "place"}
    shown = rows.drop(columns=["one_eye", "other_eye"]).assign(eye_opening=_openings(listing.rows, rows))
    table = make_rows({**identity, "dataset": listing.dataset, **{name: shown[name].to_numpy() for name in shown}})
    frames = FrameTable(table, listing.intensity, listing.aus, images, alignment)
    prepared = Prepared(frames, _counts(frames, kept), folder)
    frames.save(folder / FRAMES)
    with replacing(folder / REPORT) as part:
        prepared.counts.to_csv(part, index=False)
    for path in (folder / FRAMES, (folder / FRAMES).with_suffix(".json"), folder / REPORT):
        path.chmod(0o600)
    return prepared


def _moved(image: pd.Series, start: int) -> pd.Series:
    """Places in a portion's own folder as places among all folders; -1 stays."""
    return image.where(image < 0, image + start)


def _openings(names: pd.DataFrame, seen: pd.DataFrame) -> Float[np.ndarray, " N"]:
    """Eye openings relative to the participant before the same camera: from the side, a lid gap is another share of the eye."""
    gaps = seen[["one_eye", "other_eye"]].to_numpy(dtype=np.float64)
    openings = np.full(len(gaps), np.nan)
    for rows in names.groupby(["participant", "camera"], sort=False).indices.values():
        openings[rows] = eye_openings(gaps[rows])
    return openings


def _counts(frames: FrameTable, kept: Sequence[KeptPortion]) -> pd.DataFrame:
    rows = frames.rows
    reasons = pd.crosstab(rows["participant"], rows["reason"]).reindex(frames.participants)
    spent = pd.DataFrame(
        [[each.portion.participant, each.seconds, " ".join(each.notes)] for each in kept],
        columns=["participant", "seconds", "notes"],
    ).groupby("participant", sort=False)
    faces = reasons.get("", 0)
    counts = pd.DataFrame({"frames": reasons.sum(axis=1), "faces": faces}).join(
        reasons.drop(columns="", errors="ignore")
    )
    notes = spent["notes"].agg(lambda texts: " ".join(filter(None, texts)))
    return counts.assign(seconds=spent["seconds"].sum().round(1), notes=notes).rename_axis("participant").reset_index()


def prepare_report(prepared: Prepared) -> str:
    """What was found, for a person to read: the counts of all and of every participant, whose alignment, and what is odd."""
    counts = prepared.counts
    rows = prepared.frames.rows
    reasons = rows["reason"][rows["reason"] != ""].value_counts()
    without = ", ".join(f"{count:,} {reason}" for reason, count in reasons.items())
    first = f"{rows['dataset'].iloc[0]}: {len(rows):,} frames of {len(counts)} participants, {counts['faces'].sum():,} with a face"
    table = counts.drop(columns="notes").to_string(index=False)
    notes = [note for note in counts["notes"] if note]
    ending = [f"Alignment: {prepared.frames.alignment}", f"Kept in {prepared.folder}"]
    return "\n".join([f"{first}{f'; without one: {without}' if without else ''}.", table, *notes, *ending])


def load_prepared(name: str, data_root: Path | None, crops: str | None = None) -> FrameTable:
    """The table of a dataset that was prepared under this data root: with csnviz's own crops, the latest where two landmark
    models made some, or with those made elsewhere whose hash begins with `crops`.

    InputError says which command prepares it.
    """
    root = places.data_root(data_root)
    folders = [file.parent for file in (root / "datasets" / plain_name(name)).glob(f"*/{FRAMES}")]
    begins = reading_version("") if crops is None else f"crops-{crops}"
    found = [folder for folder in folders if folder.name.startswith(begins)]
    if crops is not None and len(found) > 1:
        raise InputError(f"{name}: several crops begin with {crops!r}: {_hashes(found)}. Name one of them.")
    if not found:
        raise InputError(_not_prepared(name, root, crops, folders))
    return FrameTable.load(max(found, key=lambda folder: (folder / FRAMES).stat().st_mtime_ns) / FRAMES)


def _not_prepared(name: str, root: Path, crops: str | None, folders: Sequence[Path]) -> str:
    others = _hashes(folders)
    known = f" Crops made elsewhere are there: {others}." if others else ""
    if crops is None:
        return f"{name} is not prepared under {root}. Run `csnviz prepare {name} --root DIR`.{known}"
    return (
        f"{name}: there are no crops {crops!r} under {root}. Run `csnviz prepare {name} --root DIR --crops DIR`.{known}"
    )


def _hashes(folders: Sequence[Path]) -> str:
    return ", ".join(sorted(f.name.removeprefix("crops-") for f in folders if f.name.startswith("crops-")))
