"""Where the page begins with each person: the reference in use at first, and the cases that somebody found in these people."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from csnviz.data.manifest import Manifest, manifests, read_manifest
from csnviz.data.reference_fitness import fit_frames
from csnviz.data.tables import FrameTable, ReferenceTable
from csnviz.views.source import Case


def starting_references(
    frames: FrameTable, wanted: ReferenceTable | None = None, own: ReferenceTable | None = None
) -> ReferenceTable:
    """For every participant and camera the user's own reference, else the wanted one, else the first frame that is fit.

    The first two count where their frame has a usable face here. Without any there is none. What is chosen here is chosen by
    "labels" where every AU of the frame is labelled (and so 0), else by "automatic".
    """
    there = frames.rows.loc[frames.usable, "frame_id"]
    named = pd.concat([table.rows for table in (own, wanted) if table is not None] or [ReferenceTable.empty().rows])
    named = named[named["frame_id"].isin(there)]
    references = ReferenceTable(named.drop_duplicates(["participant", "camera"]))
    known = pd.MultiIndex.from_frame(references.rows[["participant", "camera"]])
    fit = fit_frames(frames)
    pairs = frames.rows.groupby(["participant", "camera"], sort=False).indices
    for (participant, camera), theirs in pairs.items():
        chosen = theirs[fit[theirs]][:1] if (participant, camera) not in known else ()
        for row in chosen:
            by = "automatic" if np.isnan(frames.intensity[row]).any() else "labels"
            frame_id = str(frames.rows["frame_id"].iloc[row])
            references = references.with_reference(participant, camera, frame_id, by, "the first fit frame")
    return references


def cases_among(frames: FrameTable) -> tuple[Case, ...]:
    """The cases in the manifest of these frames' dataset whose participant, camera and AU are here."""
    names = [name for name in frames.rows["dataset"].unique() if name in manifests()]
    return tuple(case for name in names for case in _cases(read_manifest(name), frames))


def _cases(manifest: Manifest, frames: FrameTable) -> Iterator[Case]:
    first_number = manifest.first_number("references")
    for row in manifest.cases.itertuples():
        here = frames.rows["participant"].eq(row.participant) & frames.rows["camera"].eq(row.camera)
        au = int(row.au)
        if not here.any() or au not in frames.aus.numbers:
            continue
        first, last, reference = (int(n) - first_number if n else None for n in (row.first, row.last, row.reference))
        frame_ids = frames.rows.loc[here & frames.rows["frame_index"].eq(reference) & frames.usable, "frame_id"]
        # Where a person has several videos, a number alone names no frame.
        frame_id = str(frame_ids.iloc[0]) if len(frame_ids) == 1 else ""
        yield Case(row.name, row.participant, row.camera, au, frame_id, first, last, row.note)
