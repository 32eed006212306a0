"""Which reference each row of a table needs, and where it is found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int64

from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable
from csnviz.errors import InputError


@dataclass(frozen=True)
class NeededReferences:
    """One reference for each participant and camera of a table.

    whose: "SN001, left camera" for each of R pairs. frame_ids: their references. place: (N,), which of the R each row needs.
    """

    whose: tuple[str, ...]
    frame_ids: tuple[str, ...]
    place: Int64[np.ndarray, " N"]

    def rows_in(self, table: FrameTable | PredictionTable) -> list[int]:
        """The row of each reference in a table; InputError when one is not there or has no usable face."""
        return [self._row_in(table, who, frame_id) for who, frame_id in zip(self.whose, self.frame_ids, strict=True)]

    def per_row(self) -> np.ndarray:
        """The reference's frame_id for every row, as texts."""
        return np.array(self.frame_ids, dtype=object)[self.place]

    def provenance(self) -> list[Mapping[str, Any]]:
        """Who was compared with which frame, for the side-car of a table."""
        return [{"whose": who, "frame_id": frame} for who, frame in zip(self.whose, self.frame_ids, strict=True)]

    def _row_in(self, table: FrameTable | PredictionTable, who: str, frame_id: str) -> int:
        found = np.flatnonzero(table.rows["frame_id"] == frame_id)
        if not len(found):
            raise InputError(
                f"{who}: the reference frame {frame_id} is not among these frames. Read the whole recording."
            )
        row = table.rows.iloc[found[0]]
        if row["reason"]:
            raise InputError(
                f"{who}: the reference, frame {row['frame_index']} ({frame_id}), has no usable face: {row['reason']}. "
                "Choose a frame that shows the neutral face."
            )
        return int(found[0])


def needed_references(table: FrameTable | PredictionTable, references: ReferenceTable) -> NeededReferences:
    """The references that a table's rows need; InputError names the first participant and camera without one."""
    place, pairs = pd.factorize(pd.MultiIndex.from_frame(table.rows[["participant", "camera"]]))
    return NeededReferences(
        tuple(f"{participant}, {camera} camera" for participant, camera in pairs),
        tuple(references.frame_id_for(participant, camera) for participant, camera in pairs),
        place.astype(np.int64),
    )
