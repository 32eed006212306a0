"""Whether two methods can be held side by side. In a file of its own: the page asks this and should not wait for scikit-learn."""

import numpy as np

from csnviz.data.tables import PredictionTable
from csnviz.errors import InputError


def check_same_frames(first: PredictionTable, second: PredictionTable) -> None:
    """InputError unless both tables hold the same frames in the same order, and the same action units."""
    if first.aus != second.aus:
        raise InputError(
            f"{first.method} and {second.method} estimate different AUs. Compare tables with the same AUs."
        )
    ids, others = (table.rows["frame_id"].to_numpy(object) for table in (first, second))
    if not np.array_equal(ids, others):
        raise InputError(
            f"{first.method} and {second.method} are not about the same frames. Select the same rows of both."
        )
