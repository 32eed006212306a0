"""Small tables of estimates, made by hand."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from csnviz.data.tables import PredictionTable
from csnviz.facs import AUSet


def made(
    estimate: np.ndarray,
    label: np.ndarray,
    participants: Sequence[str],
    aus: tuple[int, ...] = (1, 12),
    method: str = "made",
    quantity: str = "intensity",
    frame_index: Sequence[int] | None = None,
) -> PredictionTable:
    """A table with these estimates and labels; frames are numbered from 0 for each participant unless numbers are given."""
    who = pd.Series(list(participants))
    numbers = who.groupby(who).cumcount().to_numpy() if frame_index is None else np.asarray(frame_index)
    rows = pd.DataFrame(
        {
            "frame_id": [f"{name}/{number}" for name, number in zip(who, numbers, strict=True)],
            "dataset": "made",
            "participant": who,
            "camera": "front",
            "video": who,
            "frame_index": numbers,
            "timestamp": numbers / 20.0,
            "source": "",
            "reason": "",
        }
    )
    values = np.asarray(estimate, np.float32), np.asarray(label, np.float32)
    estimates, labels = (v.reshape(len(rows), len(aus)) for v in values)
    return PredictionTable(rows, labels, estimates, AUSet(aus), quantity, method, "NCG", {})


@pytest.fixture
def make() -> Callable[..., PredictionTable]:
    return made


@pytest.fixture
def crowd() -> PredictionTable:
    """Six people, fifty frames each, two units; some frames without a face, some without a label, one person never smiles."""
    rng = np.random.default_rng(4)
    who = np.repeat([f"P{i}" for i in range(6)], 50)
    label = rng.integers(0, 6, (300, 2)).astype(float)
    estimate = 0.6 * label + rng.normal(0, 1, (300, 2)) + np.repeat(rng.normal(0, 1, 6), 50)[:, None]
    label[who == "P3", 1] = 0
    estimate[rng.random(300) < 0.1] = np.nan
    label[rng.random((300, 2)) < 0.1] = np.nan
    return made(estimate, label, list(who))
