"""Run folders as recipes leave them, with invented people: small for the tests, larger to look at the page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csnviz.data.tables import PredictionTable
from csnviz.facs import AUSet

BIAS = {"ncg": 0.6, "bs": 0.3, "csn": 0.15}
"""How far a method's estimates are off for a person, as a standard deviation in steps."""


def people_of(folds: Mapping[str, int], start: str = "P") -> dict[str, list[str]]:
    """So many invented participants in each fold, each with a name of their own."""
    names = iter(range(1, sum(folds.values()) + 1))
    return {fold: [f"{start}{next(names):02d}" for _ in range(count)] for fold, count in folds.items()}


def estimates_of(
    people: Sequence[str],
    aus: AUSet,
    method: str,
    dataset: str = "disfa",
    quantity: str = "intensity",
    frames: int = 12,
    loses_on: int = 0,
    **words: Any,
) -> PredictionTable:
    """What a method of this name says about these people; on the unit `loses_on` a CSN hardly follows the coder."""
    kind = "csn" if method.startswith("CSN") else "bs" if "w/ BS" in method else "ncg"
    rows = pd.DataFrame(
        [
            (f"{dataset}/{who}/{number}", dataset, who, "front", who, number)
            for who in people
            for number in range(frames)
        ],
        columns=["frame_id", "dataset", "participant", "camera", "video", "frame_index"],
    ).assign(timestamp=0.0, source="", reason="")
    shape = (len(people), frames, len(aus))
    # The coder's labels and what a face looks like by itself do not depend on the method.
    faces = np.random.default_rng([len(people), len(aus), sum(map(ord, people[0]))])
    label = faces.integers(0, 6, shape) * (faces.random(shape) < 0.3)
    look = faces.normal(0, 1, (len(people), 1, len(aus)))
    noise = np.random.default_rng([len(method), *map(ord, people[0])]).normal(0, 0.5, shape)
    follows = np.where(np.array(aus.numbers) == loses_on, 0.2 if kind == "csn" else 0.8, 0.8)
    estimate = follows * label + BIAS[kind] * look + noise
    if quantity == "occurrence":
        threshold = np.array([unit.occurrence_threshold for unit in aus.units])
        label, estimate = label >= threshold, estimate - (0.0 if method.endswith("w/ BS") else threshold)
    protocol = "NCG" if kind == "ncg" else "OFC"
    flat = [values.reshape(len(rows), len(aus)).astype(np.float32) for values in (label, estimate)]
    return PredictionTable(rows, *flat, aus, quantity, method, protocol, words)


def keep_run(folder: Path, tables: Mapping[str, PredictionTable]) -> Path:
    """A finished run folder with these tables by file name."""
    (folder / "predictions").mkdir(parents=True)
    words = {"settings": {"seed": 42}, "versions": {"python": "3.11.9", "torch": "2.10.0"}}
    (folder / "run.json").write_text(json.dumps(words), encoding="utf-8")
    for name, table in tables.items():
        table.save(folder / "predictions" / f"{name}.npz")
    return folder


def keep_folds(
    root: Path,
    people: Mapping[str, Sequence[str]],
    aus: AUSet,
    methods: Sequence[str],
    dataset: str = "disfa",
    quantity: str = "intensity",
    trained_on: str = "",
    **how: Any,
) -> list[Path]:
    """One run folder per fold, all methods in it; everybody else of the dataset trained, or some others where it is another."""
    runs = []
    for fold, held_out in people.items():
        others = [who for name, members in people.items() if name != fold for who in members] or ["T01", "T02"]
        words = {
            "fold": fold,
            "folds": len(people),
            "trained_on": trained_on or dataset,
            "training_participants": others,
            "alignment": "the authors' (MobileFaceNet)",
            "chosen_by": ["authors"],
        }
        tables = {}
        for place, method in enumerate(methods):
            table = estimates_of(held_out, aus, method, dataset, quantity, **how)
            tables[f"m{place}"] = replace(table, provenance=words)
        runs.append(keep_run(root / f"{trained_on}{dataset}-{quantity}-fold{fold}", tables))
    return runs
