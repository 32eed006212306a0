"""The check of a dataset's folder: what was found beside what was expected, and everything that is amiss, in one go."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from csnviz.data.decode import still_format, video_format
from csnviz.data.inspecting import Inspection
from csnviz.data.listing import Finding, Listing
from csnviz.data.manifest import Manifest
from csnviz.errors import InputError

KINDS = ("missing", "extra", "out of range", "unreadable")
FINDING_COLUMNS = ("kind", "participant", "file", "line", "sentence")
MOST_PER_KIND = 40

_ENDS = {"JPEG": b"\xff\xd9", "PNG": b"IEND\xae\x42\x60\x82"}
"""The last bytes of a whole picture."""


def check(listing: Listing, manifest: Manifest) -> pd.DataFrame:
    """What a folder holds of each participant, beside what the manifest expects.

    One row per participant of the manifest, in its order: participant; expected (frames per camera, <NA> where that is not
    known); frames_<camera>; videos; labelled (rows on which every unit is coded); present (rows on which some unit is present, by
    its occurrence threshold); findings.
    """
    rows = listing.rows
    thresholds = np.array([unit.occurrence_threshold for unit in listing.aus.units], dtype=np.float32)
    told = rows[["participant", "camera", "video"]].assign(
        labelled=~np.isnan(listing.intensity).any(axis=1), present=(listing.intensity >= thresholds).any(axis=1)
    )
    amiss = pd.Series([finding.participant for finding in listing.findings], dtype=object).value_counts()
    return pd.DataFrame(
        [
            _counts(told[told["participant"] == who], manifest, who, expected, int(amiss.get(who, 0)))
            for who, expected in zip(manifest.participants["participant"], manifest.participants["frames"], strict=True)
        ]
    ).astype({"expected": "Int64"})


def _counts(told: pd.DataFrame, manifest: Manifest, who: str, expected: str, amiss: int) -> dict[str, object]:
    frames = {f"frames_{camera}": int((told["camera"] == camera).sum()) for camera in manifest.cameras}
    return {
        "participant": who,
        "expected": int(expected) if expected else pd.NA,
        **frames,
        "videos": len(told[["camera", "video"]].drop_duplicates()),
        "labelled": int(told["labelled"].sum()),
        "present": int(told["present"].sum()),
        "findings": amiss,
    }


def findings_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """The findings as a table of FINDING_COLUMNS, to be kept as a CSV file; line 0 stands for a file as a whole."""
    return pd.DataFrame(
        [[getattr(finding, name) for name in FINDING_COLUMNS] for finding in findings], columns=FINDING_COLUMNS
    )


def report_text(listing: Listing, manifest: Manifest, most: int = MOST_PER_KIND) -> str:
    """The check as a person reads it: the counts, then the findings by kind, at most `most` of each."""
    counts = check(listing, manifest)
    seen = int((counts["labelled"] + counts.filter(like="frames_").sum(axis=1) > 0).sum())
    lines = [
        f"{manifest.title} in {listing.root}",
        f"{len(listing):,} frames of {seen} of {len(counts)} participants",
        "",
        _with_total(counts).to_string(index=False, na_rep="?"),
        "",
        "labelled: every unit is coded. present: some unit is present by its threshold. Both count each camera.",
        "",
        *_finding_lines(listing.findings, most),
    ]
    return "\n".join(lines) + "\n"


def _with_total(counts: pd.DataFrame) -> pd.DataFrame:
    """The counts as text with a last row that adds them up."""
    numbers = counts.drop(columns="participant")
    total = numbers.sum().astype(object)
    total["expected"] = numbers["expected"].sum(skipna=False)
    table = pd.concat([counts.astype(object), pd.DataFrame([{"participant": "all", **total}], dtype=object)])
    words = table.map(
        lambda value: "?" if value is pd.NA else f"{value:,}" if isinstance(value, int | np.integer) else value
    )
    return words.rename(columns=lambda name: name.removeprefix("frames_"))


def _finding_lines(findings: Sequence[Finding], most: int) -> Iterator[str]:
    if not findings:
        yield "Nothing is amiss."
        return
    of_kind = {kind: [finding for finding in findings if finding.kind == kind] for kind in KINDS}
    yield f"{len(findings):,} findings"
    for kind, some in of_kind.items():
        if some:
            yield from ("", f"{kind} ({len(some):,})", *(f"  {finding.text}" for finding in some[:most]))
        if len(some) > most:
            yield f"  ... and {len(some) - most:,} more"


def unreadable_pictures(listing: Listing, progress: bool = True) -> tuple[Finding, ...]:
    """Every picture and video of a listing that its first and last bytes give away as empty, cut off, or none at all.

    Nothing is decoded: some 30 bytes of each file are read. What the bytes in between hold, only preparing the dataset tells.
    """
    inspection = Inspection(listing.root)
    files = listing.rows.drop_duplicates("source")
    named = zip(files["source"], files["participant"], files["place"] >= 0, strict=True)
    for source, who, is_video in tqdm(named, total=len(files), unit=" files", disable=not progress):
        why = _fault_of(source, is_video)
        if why:
            inspection.about(who).note("unreadable", source, why)
    return inspection.findings


def _fault_of(source: str, is_video: bool) -> str:
    path, what = Path(source), "a video" if is_video else "a picture"
    try:
        name = video_format(path) if is_video else still_format(path)
        size = os.path.getsize(path) if name is None else 1
        if name is None:
            return f"{'this file is empty' if not size else f'not {what} by its first bytes'}. Unpack it again."
        end = _ENDS.get(name)
        return "" if end is None or _last_bytes(path).endswith(end) else f"{what} that is cut off. Unpack it again."
    except OSError as error:
        return f"cannot be read ({error.strerror}). Change its permissions, or unpack it again."
    except InputError as error:
        why = error.__cause__ or error.__context__
        return (
            f"cannot be read ({getattr(why, 'strerror', None) or error}). Change its permissions, or unpack it again."
        )


def _last_bytes(path: Path) -> bytes:
    """The last bytes of a file, without the zeros that some writers put after a picture."""
    with open(path, "rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - 64))
        return file.read().rstrip(b"\0")
