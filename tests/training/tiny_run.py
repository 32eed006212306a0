"""A training of seconds, in the test itself or, run as a program, in a process that may be killed.

python -m tests.training.tiny_run FACES RUN LAST
The program does LAST updates and waits in the next one for somebody to kill it.
"""

import signal
import sys
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

import torch

from csnviz.data.batches import updates_in_epoch
from csnviz.data.tables import FrameTable, ReferenceTable
from csnviz.models.checkpoints import NetworkConfig
from csnviz.models.csn import CSN
from csnviz.models.iresnet import IResNetSize, iresnet
from csnviz.training.augment import mirrored_together
from csnviz.training.fit import FitSettings, Learner, fit
from csnviz.training.losses import IntensityWeights, intensity_loss
from csnviz.training.optimisers import adamw_one_cycle
from csnviz.training.resume import SaveEvery
from csnviz.training.run_folder import RunFolder
from csnviz.training.steps import BatchNorm, step_for

TINY = IResNetSize((1, 1, 1, 1), (4, 4, 8, 8))
PACE = FitSettings(epochs=2, batch_size=6, frames_per_reference=3, seed=5)
"""Two epochs of three updates for two people with ten frames each."""

ASKED = {"recipe": "squares", "seed": 5}
EVERY_UPDATE = SaveEvery(updates=1)


def learner_for(table: FrameTable, merge_before: str | None, updates: int, rate: float = 3e-3, size=TINY) -> Learner:
    torch.manual_seed(0)
    config = NetworkConfig(size, table.aus.numbers, "intensity", merge_before, "none", "squares")
    stages = iresnet(size, config.outputs)
    return Learner(
        network=stages if merge_before is None else CSN(stages, merge_before),
        config=config,
        step=step_for(BatchNorm.TWO_PASSES, merge_before),
        loss_of=partial(intensity_loss, weights=IntensityWeights.of(table.intensity, 0.5)),
        augment=mirrored_together,
        optimisation=adamw_one_cycle(stages, rate, updates),
    )


def first_frames(table: FrameTable) -> ReferenceTable:
    """Everybody's first frame."""
    references = ReferenceTable.empty()
    for participant in table.participants:
        references = references.with_reference(participant, "front", f"squares/{participant}/front/0000", "labels")
    return references


def train(table, folder: Path, asked=ASKED, pace=PACE, size=TINY, every=EVERY_UPDATE, **changes) -> RunFolder:
    """As a recipe does it: begin, make everything anew, fit. `changes` replace parts of the learner."""
    run = RunFolder(folder)
    run.begin(asked)
    updates = pace.epochs * updates_in_epoch(table, pace.batch_size, pace.frames_per_reference)
    learner = replace(learner_for(table, "stage4", updates, size=size), **changes)
    fit(learner, table, first_frames(table), pace, run, progress=False, save_every=every)
    return run


LONG = replace(PACE, epochs=3, batch_size=3)
"""The program's pace."""


def to_be_killed(table: FrameTable, folder: Path, last: int) -> None:
    """Trains until update `last`, counted from 1, is done."""
    learner, updates = learner_for(table, "stage4", 1), count()

    def loss_of(output, labels):
        if next(updates) == last:
            signal.pause()
        return learner.loss_of(output, labels)

    train(table, folder, pace=LONG, loss_of=loss_of)


if __name__ == "__main__":
    to_be_killed(FrameTable.load(Path(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3]))
