"""What the checks of the explanations look at: the demo's people and the networks that ship; and processes that share the work."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
from jaxtyping import Float32, UInt8

from csnviz import places
from csnviz.data.tables import FrameTable, ReferenceTable
from csnviz.explain.starts import Start, mean_neutral
from csnviz.inference.networks import Networks
from csnviz.inference.predict import predict_without_reference

Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Asked:
    """One number to be explained: a row of the demo's table, an AU, and what NCG says there."""

    row: int
    au: int
    estimate: float


@dataclass(frozen=True)
class Demo:
    """networks: those that ship. table, references: the demo's people. start: the mean neutral face of the training people."""

    networks: Networks
    table: FrameTable
    references: ReferenceTable
    start: Start

    @classmethod
    def load(cls, data_root: Path) -> "Demo":
        """What is not there is drawn first."""
        from csnviz.cast.dataset import DEMO_FRAMES, DEMO_PARTICIPANTS, cast_references, load_cast

        table = load_cast(DEMO_PARTICIPANTS, DEMO_FRAMES, data_root, progress=False)
        return cls(Networks.load(), table, cast_references(table), shipped_start())

    def crop(self, row: int) -> UInt8[np.ndarray, "S S 3"]:
        """The face of a row."""
        return self.table.crops([row])[0]

    def reference(self, row: int) -> UInt8[np.ndarray, "S S 3"]:
        """The neutral face of the person in a row."""
        line = self.table.rows.iloc[row]
        return self.crop(self.table.row_of(self.references.frame_id_for(line["participant"], line["camera"])))

    def participant(self, row: int) -> str:
        """Who is in a row."""
        return str(self.table.rows["participant"].iloc[row])


def shipped_start() -> Start:
    """The mean neutral face that comes with the networks."""
    return mean_neutral(places.checkpoints() / "mean_neutral.png")


def estimates_of(demo: Demo) -> Float32[np.ndarray, "N A"]:
    """NCG's estimate of every AU in every frame of the demo."""
    return predict_without_reference(demo.networks.ncg, demo.table, progress=False).estimate


def any_numbers(demo: Demo, count: int, seed: int = 0) -> list[Asked]:
    """So many (frame, AU), drawn at random from all there are, no two alike."""
    estimate = estimates_of(demo)
    chosen = np.random.default_rng(seed).choice(estimate.size, count, replace=False)
    return [_asked(demo, estimate, int(place)) for place in chosen]


def raised_numbers(demo: Demo, each: int, least: float = 1.0, seed: int = 0) -> list[Asked]:
    """Of every person at most so many (frame, AU) at random among those that NCG estimates at `least` or more."""
    estimate, random = estimates_of(demo), np.random.default_rng(seed)
    found = []
    for participant in demo.table.participants:
        mine = (demo.table.rows["participant"] == participant).to_numpy()[:, None]
        raised = np.flatnonzero((estimate >= least) & mine)
        found += [int(place) for place in random.choice(raised, min(each, len(raised)), replace=False)]
    return [_asked(demo, estimate, place) for place in found]


def _asked(demo: Demo, estimate: Float32[np.ndarray, "N A"], place: int) -> Asked:
    row, column = divmod(place, estimate.shape[1])
    return Asked(row, demo.networks.ncg.config.aus[column], float(estimate[row, column]))


class Workers:
    """Processes that each compute with one thread; what they are given and what they give back travels between them."""

    def __init__(self, pool: Executor, parts: int) -> None:
        self._pool, self._parts = pool, parts

    def lines(
        self, work: Callable[[Sequence[Seen], Path], pd.DataFrame], asked: Sequence[Seen], data_root: Path
    ) -> pd.DataFrame:
        """What `work` says of all that is asked, in that order, done in parts."""
        parts = [
            asked[part[0] : part[-1] + 1] for part in np.array_split(np.arange(len(asked)), self._parts) if len(part)
        ]
        return pd.concat(self._pool.map(work, parts, [data_root] * len(parts)), ignore_index=True)


@contextmanager
def working(workers: int) -> Iterator[Workers]:
    """So many processes. They are spawned, because a fork of a program with threads may hang."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=_one_thread) as pool:
        yield Workers(pool, 4 * workers)


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)
