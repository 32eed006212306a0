"""The training loop: one loop for all recipes, which hand it its parts.

Read it from top to bottom: a training is a row of epochs, an epoch a row of batches; a batch becomes images, images become
outputs, outputs a loss, and the loss one step of the optimiser.
"""

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from tqdm import tqdm

from csnviz.data.batches import Batch, epoch_batches, updates_in_epoch
from csnviz.data.tables import FrameTable, ReferenceTable
from csnviz.errors import InputError
from csnviz.models.checkpoints import NetworkConfig
from csnviz.models.csn import CSN
from csnviz.models.images import images_of
from csnviz.models.stages import StagedNetwork
from csnviz.training.augment import Faces
from csnviz.training.optimisers import Optimisation
from csnviz.training.run_folder import EpochLine, RunFolder
from csnviz.training.steps import Step


@dataclass(frozen=True)
class Learner:
    """What learns, and how: the parts that differ between recipes.

    network: a StagedNetwork (NCG) or a CSN, already on its device. config: what its checkpoint will say. step: batch -> outputs.
    loss_of: (outputs, labels with NaN) -> the parts of the loss by name, whose sum is made small. augment: (references,
    images, generator) -> the same, changed a little.
    """

    network: StagedNetwork | CSN
    config: NetworkConfig
    step: Step
    loss_of: Callable[[Tensor, Tensor], Mapping[str, Tensor]]
    augment: Callable[[Tensor, Tensor, Generator], Faces]
    optimisation: Optimisation

    @property
    def stages(self) -> StagedNetwork:
        """The staged network itself, without the CSN around it."""
        return self.network.stages if isinstance(self.network, CSN) else self.network


@dataclass(frozen=True)
class FitSettings:
    """How long and in what order; the defaults are the paper's (arXiv 2409.00240, section 4.2).

    frames_per_reference: how many frames of a batch share one pass of their reference; 1 in the paper. bfloat16: compute
    in bfloat16 with channels-last memory, twice as fast on a recent CPU; losses and parameters stay float32.
    """

    epochs: int = 3
    batch_size: int = 64
    frames_per_reference: int = 1
    seed: int = 42
    bfloat16: bool = False


def fit(
    learner: Learner,
    table: FrameTable,
    references: ReferenceTable,
    settings: FitSettings,
    run: RunFolder,
    validate: Callable[[], Mapping[str, float]] | None = None,
    progress: bool = True,
) -> list[EpochLine]:
    """Trains in place and returns one line per epoch: epoch, updates, seconds, mean loss, its parts, then what `validate` says.

    After every epoch the run folder's checkpoint and losses.csv are replaced; the last epoch is the result, as in the paper. Frames
    come in an order that depends on the seed alone. `validate` is called with the network in eval mode. InputError, with the epoch
    and the frames, when a loss is not finite; the checkpoint of the epoch before stays.
    """
    started, per_epoch = time.monotonic(), updates_in_epoch(table, settings.batch_size, settings.frames_per_reference)
    lines: list[EpochLine] = []
    if settings.bfloat16:
        learner.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    with tqdm(total=settings.epochs * per_epoch, unit="update", disable=not progress) as bar:
        for epoch in range(settings.epochs):
            shuffle = (settings.seed, epoch)
            batches = epoch_batches(table, references, settings.batch_size, shuffle, settings.frames_per_reference)
            means = _train_epoch(learner, batches, table, settings, epoch, bar)
            learner.network.eval()
            validated = validate() if validate is not None else {}
            seconds = round(time.monotonic() - started, 1)
            lines.append(
                {"epoch": epoch + 1, "updates": (epoch + 1) * per_epoch, "seconds": seconds, **means, **validated}
            )
            run.keep(learner.stages, learner.config, lines)
    run.finish(time.monotonic() - started, settings.epochs * per_epoch)
    return lines


def _train_epoch(
    learner: Learner, batches: Iterable[Batch], table: FrameTable, settings: FitSettings, epoch: int, bar: tqdm
) -> dict[str, float]:
    """One pass over the frames; the mean of each part of the loss over its batches."""
    learner.network.train()
    generator = Generator().manual_seed(settings.seed * 1_000_003 + epoch)
    sums: dict[str, float] = {}
    for count, batch in enumerate(batches, start=1):
        parts = _update(learner, batch, generator, settings.bfloat16)
        if not math.isfinite(parts["loss"]):
            frames = ", ".join(table.rows["frame_id"].iloc[batch.row[:3]])
            raise InputError(
                f"Epoch {epoch + 1}, update {count}: the loss is {parts['loss']} (frames {frames}, ...). Nothing was overwritten; "
                "look at these frames, or choose a smaller learning rate."
            )
        sums = {name: sums.get(name, 0.0) + value for name, value in parts.items()}
        bar.set_postfix_str(f"epoch {epoch + 1}, loss {sums['loss'] / count:.3f}", refresh=False)
        bar.update()
    return {name: total / count for name, total in sums.items()}


def _update(learner: Learner, batch: Batch, generator: Generator, bfloat16: bool) -> dict[str, float]:
    """One step of the optimiser; the loss and its parts before the step. No step when the loss is not finite."""
    device = next(learner.network.parameters()).device
    references, images = learner.augment(images_of(batch.reference, device), images_of(batch.image, device), generator)
    with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
        output = learner.step(learner.network, references, images)
    parts = learner.loss_of(output, torch.from_numpy(batch.intensity).to(device))
    loss = torch.stack(list(parts.values())).sum()
    if torch.isfinite(loss):
        _step(learner.optimisation, loss)
    return {"loss": loss.item(), **{name: part.item() for name, part in parts.items()}}


def _step(optimisation: Optimisation, loss: Tensor) -> None:
    optimisation.optimiser.zero_grad()
    loss.backward()
    optimisation.optimiser.step()
    if optimisation.schedule is not None:
        optimisation.schedule.step()
