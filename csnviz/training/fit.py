"""The training loop: one loop for all recipes, which hand it its parts.

Read it from top to bottom: a training is a row of epochs, an epoch a row of batches; a batch becomes images, images become
outputs, outputs a loss, and the loss one step of the optimiser.

A run may be killed at any moment; the same call then ends in the same network, bit for bit on a CPU (csnviz.training.resume).
"""

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Generator, Tensor, nn
from tqdm import tqdm

from csnviz.data.batches import Batch, epoch_batches, updates_in_epoch
from csnviz.data.tables import FrameTable, ReferenceTable
from csnviz.errors import InputError
from csnviz.models.checkpoints import PRECISIONS, NetworkConfig
from csnviz.models.csn import CSN
from csnviz.models.images import images_of
from csnviz.models.stages import StagedNetwork
from csnviz.training.augment import Faces
from csnviz.training.optimisers import Optimisation
from csnviz.training.resume import ONCE_A_MINUTE, Moving, ResumeFile, SaveEvery, Standing
from csnviz.training.run_folder import EpochLine, RunFolder
from csnviz.training.steps import Step
from csnviz.training.tasks import LossOf
from csnviz.training.troubles import in_plain_words
from csnviz.training.update_log import UpdateLog, learning_rates

Losses = dict[str, float]
"""The loss of a batch and its parts by name."""


@dataclass(frozen=True)
class Learner:
    """What learns, and how: the parts that differ between recipes.

    network: a StagedNetwork (NCG) or a CSN, already on its device. config: what its checkpoint will say. step: batch -> outputs
    (csnviz.training.steps). loss_of: outputs and labels -> the parts of the loss (csnviz.training.tasks). augment: (references,
    images, generator) -> the same, changed a little.
    """

    network: StagedNetwork | CSN
    config: NetworkConfig
    step: Step
    loss_of: LossOf
    augment: Callable[[Tensor, Tensor, Generator], Faces]
    optimisation: Optimisation

    @property
    def stages(self) -> StagedNetwork:
        """The staged network itself, without the CSN around it."""
        return self.network.stages if isinstance(self.network, CSN) else self.network

    @property
    def device(self) -> torch.device:
        """Where the network computes."""
        return next(self.network.parameters()).device


@dataclass(frozen=True)
class FitSettings:
    """How long and in what order; the defaults are the paper's (arXiv 2409.00240, section 4.2).

    frames_per_reference: how many frames of a batch share one pass of their reference; 1 in the paper. precision: what the
    network computes in; losses and parameters are float32 always. channels_last: the order of features in memory, faster on CPUs;
    bfloat16 with it is twice as fast as float32 on a recent one. InputError for another precision.
    """

    epochs: int = 3
    batch_size: int = 64
    frames_per_reference: int = 1
    seed: int = 42
    precision: str = "float32"
    channels_last: bool = False

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise InputError(f"A network trains in one of the precisions {PRECISIONS}; found {self.precision!r}.")


def fit(
    learner: Learner,
    table: FrameTable,
    references: ReferenceTable,
    settings: FitSettings,
    run: RunFolder,
    validate: Callable[[], Mapping[str, float]] | None = None,
    progress: bool = True,
    save_every: SaveEvery = ONCE_A_MINUTE,
) -> list[EpochLine]:
    """Trains in place and returns one line per epoch: epoch, updates, seconds, mean loss, its parts, then what `validate` says.

    After every epoch the run folder's checkpoint and losses.csv are replaced; the last epoch is the result, as in the paper. Frames
    come in an order that depends on the seed alone. A run that was interrupted goes on where it was saved last (`save_every`, and
    after every epoch). `validate` is called with the network in eval mode. InputError when a loss is not finite, whose frames
    not_finite.json then names, when the disk is full or when memory does not suffice; the files of the last save stay.
    """
    per_epoch = updates_in_epoch(table, settings.batch_size, settings.frames_per_reference)
    _lay_out(learner.network, settings)
    moving = Moving(learner.stages, learner.optimisation, Generator())
    with in_plain_words(run, settings.batch_size, _room(learner.stages)):
        resume = ResumeFile(run.resume, _asked(learner, table, references, settings, run), moving, save_every)
        standing = resume.read()
        before = time.monotonic() - standing.seconds
        done = standing.epochs * per_epoch + standing.updates
        bar = tqdm(total=settings.epochs * per_epoch, initial=done, unit="update", disable=not progress)
        with bar, UpdateLog(run.updates, done) as log:
            while standing.epochs < settings.epochs:
                for losses, rates in _updates(learner, table, references, settings, run, standing, moving.generator):
                    standing = standing.after_update(losses, time.monotonic() - before)
                    log.add(_update_line(standing, per_epoch, losses, rates))
                    _show(bar, standing)
                    resume.save_if_due(standing)
                learner.network.eval()
                validated = {} if validate is None else {name: float(value) for name, value in validate().items()}
                standing = standing.after_epoch(_epoch_line(standing, per_epoch, validated), time.monotonic() - before)
                run.keep(learner.stages, learner.config, standing.lines)
                resume.save(standing)
        learner.network.eval()
        run.finish(standing.seconds, settings.epochs * per_epoch)
    return list(standing.lines)


def _updates(
    learner: Learner,
    table: FrameTable,
    references: ReferenceTable,
    settings: FitSettings,
    run: RunFolder,
    standing: Standing,
    generator: Generator,
) -> Iterator[tuple[Losses, dict[str, float]]]:
    """What is left of an epoch: the losses of each update and the learning rates that it was made with."""
    if standing.updates == 0:
        generator.manual_seed(settings.seed * 1_000_003 + standing.epochs)
    learner.network.train()
    shuffle, shared, first = (settings.seed, standing.epochs), settings.frames_per_reference, standing.updates
    batches = epoch_batches(table, references, settings.batch_size, shuffle, shared, first)
    for number, batch in enumerate(batches, start=first + 1):
        rates = learning_rates(learner.optimisation.optimiser)
        losses = _update(learner, batch, generator, settings.precision)
        if not math.isfinite(losses["loss"]):
            _stop(run, table, batch, {"epoch": standing.epochs + 1, "update": number}, losses)
        yield losses, rates


def _update(learner: Learner, batch: Batch, generator: Generator, precision: str) -> Losses:
    """One step of the optimiser; the loss and its parts before the step. No step when the loss is not finite."""
    device = learner.device
    references, images = learner.augment(images_of(batch.reference, device), images_of(batch.image, device), generator)
    with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
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


def _stop(run: RunFolder, table: FrameTable, batch: Batch, where: Mapping[str, int], losses: Losses) -> None:
    """InputError that names the batch; all its frames go into the run folder."""
    frames = list(table.rows["frame_id"].iloc[batch.row])
    run.blame(where, losses, frames)
    raise InputError(
        f"Epoch {where['epoch']}, update {where['update']}: the loss is {losses['loss']} (frames {', '.join(frames[:3])}, ...). "
        f"Nothing was overwritten; look at the {len(frames)} frames in {run.not_finite}, or choose a smaller learning rate."
    )


def _update_line(
    standing: Standing, per_epoch: int, losses: Losses, rates: Mapping[str, float]
) -> dict[str, int | float]:
    update = standing.epochs * per_epoch + standing.updates
    return {
        "update": update,
        "epoch": standing.epochs + 1,
        "seconds": round(standing.seconds, 3),
        **losses,
        **rates,
    }


def _epoch_line(standing: Standing, per_epoch: int, validated: Mapping[str, float]) -> EpochLine:
    updates, seconds = (standing.epochs + 1) * per_epoch, round(standing.seconds, 1)
    return {"epoch": standing.epochs + 1, "updates": updates, "seconds": seconds, **standing.means, **validated}


def _show(bar: tqdm, standing: Standing) -> None:
    """The mean losses of the epoch so far; tqdm itself says how much time is left."""
    loss, *parts = (f"{name} {mean:.3f}" for name, mean in standing.means.items())
    bar.set_postfix_str(f"epoch {standing.epochs + 1}, {loss} = {' + '.join(parts)}", refresh=False)
    bar.update()


def _lay_out(network: nn.Module, settings: FitSettings) -> None:
    """Orders the parameters in memory as asked, where that is safe.

    torch 2.13 writes outside its memory, and crashes, when a CPU computes the gradient of a strided 1 x 1 convolution of fewer than
    16 channels in this order (seen on an AMD processor). Such a narrow network, as tests use it, keeps the usual order.
    """
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    strided = [one for one in convolutions if one.kernel_size == (1, 1) and one.stride != (1, 1)]
    if settings.channels_last and all(one.in_channels >= 16 for one in strided):
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _asked(
    learner: Learner, table: FrameTable, references: ReferenceTable, settings: FitSettings, run: RunFolder
) -> str:
    """A digest of all that decides how a training goes: settings, versions, network, optimiser, frames, labels and references."""
    optimiser, schedule = learner.optimisation.optimiser, learner.optimisation.schedule
    words: list[Any] = [run.asked(), torch.__version__, asdict(settings), asdict(learner.config)]
    words += [type(optimiser).__name__, optimiser.state_dict()["param_groups"], type(schedule).__name__]
    words += [list(table.rows["frame_id"]), table.usable.tolist(), references.rows.to_csv(index=False)]
    return hashlib.sha256(json.dumps(words).encode() + table.intensity.tobytes()).hexdigest()


def _room(network: StagedNetwork) -> int:
    """About how many MB the largest file of a run needs beside the one that it replaces: parameters and two moments each."""
    return 1 + 3 * sum(parameter.nbytes for parameter in network.parameters()) // 1_000_000
