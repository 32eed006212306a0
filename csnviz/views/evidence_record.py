"""What an evidence file says to programs, so that nothing has to be scraped.

For programs the element `<script type="application/json" id="csnviz-evidence">` holds, where null is "not known":
format ("csnviz evidence 1"), made, participant, camera, au (a FACS number), cut, note, frames (number, seconds, reason: one list
each), aus (column names), values (by "label", "ncg", "bs", "csn"; by column name; one number a frame), reference (number,
caution), attributes, standing, in_sample, trained_on, permission, faces_shown, attributions (frame, about, au, question,
algorithm, start, start_estimate, estimate, gap) and provenance (by method). A change of these names is another format.
"""

from typing import Any

import numpy as np

from csnviz.views.stretches import KEYS, Asked, Stretch

FORMAT = "csnviz evidence 1"


def machine_part(stretch: Stretch) -> dict[str, Any]:
    """The record of a stretch: JSON only, its names as at the top of this module."""
    papers, reference = stretch.papers, stretch.reference
    values = {
        key: {unit.column: _list(stretch.values[key][:, i]) for i, unit in enumerate(stretch.aus.units)} for key in KEYS
    }
    frames = {"number": stretch.numbers.tolist(), "seconds": _list(stretch.seconds), "reason": list(stretch.reasons)}
    return {
        "format": FORMAT, "made": papers.made, "participant": stretch.participant, "camera": stretch.camera,
        "au": stretch.unit.number, "cut": papers.cut, "note": papers.note, "frames": frames, "aus": list(stretch.aus.columns),
        "values": values,
        "reference": None if reference is None else {"number": reference.number, "caution": reference.caution},
        "attributes": dict(papers.attributes), "standing": stretch.standing.sentence, "in_sample": stretch.standing.in_sample,
        "trained_on": papers.trained_on, "permission": stretch.permission, "faces_shown": stretch.faces_shown,
        "attributions": [_asked_words(asked) for asked in stretch.asked],
        "provenance": {method: dict(facts) for method, facts in stretch.provenance.items()},
    }  # fmt: skip


def _asked_words(asked: Asked) -> dict[str, Any]:
    found = asked.attribution
    start, end, gap = _list(np.array((found.start_estimate, found.estimate, found.gap), np.float64))
    return {
        "frame": asked.frame, "about": found.about, "au": found.au, "question": found.question, "algorithm": found.algorithm,
        "start": found.start, "start_estimate": start, "estimate": end, "gap": gap,
    }  # fmt: skip


def _list(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 4) for value in values]
