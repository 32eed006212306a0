"""Selections as CSV files (RFC 4180): frames numbered from 0, times in seconds, and which network made which numbers."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from csnviz.data.tables import PredictionTable
from csnviz.errors import InputError
from csnviz.facs import au as unit_of
from csnviz.views.source import Estimated

EstimatedOf = Callable[[str, str], Estimated | None]
"""All that the methods say about a participant before a camera; None where nothing has been estimated."""

FRAME_COLUMNS = (
    "participant", "camera", "video", "frame_id", "frame_index", "seconds", "au", "label", "ncg", "bs", "csn", "reference",
    "networks",
)  # fmt: skip


def selection_csv(stretches: pd.DataFrame, estimated_of: EstimatedOf) -> bytes:
    """One line per frame and action unit of these stretches, each once: FRAME_COLUMNS, au as "AU12", unknown numbers empty.

    stretches: participant, camera, video, au (a number), first and last (frame_index, both within); the runs of `error_runs` are
    such. label is the human coder's, ncg, bs and csn are raw estimates; reference is the frame_id that the last two are relative
    to, networks says which network made which numbers. InputError where a person has not been estimated.
    """
    parts = [
        _frames_of(place, theirs, _estimated(place, estimated_of))
        for place, theirs in stretches.groupby(["participant", "camera"], sort=False)
    ]
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(FRAME_COLUMNS))
    return _written(found[list(FRAME_COLUMNS)])


def errors_csv(errors: pd.DataFrame, attributes: Mapping[str, str], in_sample: Collection[str]) -> bytes:
    """One line per run: the columns of `error_runs`, au as "AU12", then `attributes` (what is known about the person's face) and
    `in_sample` (True where the networks were trained on that very person)."""
    who = errors["participant"]
    return _written(
        errors.assign(
            au=[unit_of(int(number)).column for number in errors["au"]],
            attributes=[attributes.get(name, "") for name in who],
            in_sample=[name in in_sample for name in who],
        )
    )


def _written(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False, lineterminator="\r\n").encode("utf-8")


def _estimated(place: tuple[str, str], estimated_of: EstimatedOf) -> Estimated:
    found = estimated_of(*place)
    if found is None:
        raise InputError(
            f"{place[0]}, {place[1]} camera: nothing has been estimated. Open this person first, then save."
        )
    return found


def _frames_of(place: tuple[str, str], stretches: pd.DataFrame, estimated: Estimated) -> pd.DataFrame:
    """The frames of one participant before one camera, in the table's order, by action unit."""
    tables = {"ncg": estimated.ncg}
    if estimated.calibrated is not None:
        tables |= {"bs": estimated.calibrated.bs, "csn": estimated.calibrated.csn}
    rows, numbers = estimated.ncg.rows, estimated.ncg.rows["frame_index"].to_numpy()
    here = ((rows["participant"] == place[0]) & (rows["camera"] == place[1])).to_numpy()
    of_video = rows.groupby("video", sort=False).indices
    parts = []
    for au, theirs in stretches.groupby("au", sort=True):
        inside = np.zeros(len(rows), bool)
        for stretch in theirs.itertuples():
            frames = of_video.get(stretch.video, np.zeros(0, np.int64))
            inside[frames[(numbers[frames] >= stretch.first) & (numbers[frames] <= stretch.last)]] = True
        parts.append(_lines(np.flatnonzero(inside & here), int(au), tables))
    return pd.concat(parts, ignore_index=True)


def _lines(row: np.ndarray, au: int, tables: Mapping[str, PredictionTable]) -> pd.DataFrame:
    ncg, last = tables["ncg"], tables.get("csn", tables["ncg"])
    column = ncg.aus.column_of(au)
    values = {name: table.estimate[row, column] for name, table in tables.items()}
    unknown = np.full(len(row), np.nan, np.float32)
    lines = ncg.rows.iloc[row][["participant", "camera", "video", "frame_id", "frame_index", "timestamp"]]
    return lines.rename(columns={"timestamp": "seconds"}).assign(
        au=unit_of(au).column,
        label=ncg.label[row, column],
        **{name: values.get(name, unknown) for name in ("ncg", "bs", "csn")},
        reference=last.rows["ref_frame_id"].to_numpy()[row],
        networks="; ".join(_named(tables)),
    )


def _named(tables: Mapping[str, PredictionTable]) -> Iterator[str]:
    for name, table in tables.items():
        network: Any = table.provenance.get("network")
        network = network if isinstance(network, Mapping) else {}
        marks = (table.method, str(network.get("name", "")), str(network.get("sha256", ""))[:12])
        yield f"{name}: {' '.join(mark for mark in marks if mark)}"
