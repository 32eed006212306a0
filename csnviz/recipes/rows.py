"""What the recipes of the paper's rows share: train a network on one split, then let it estimate the people held out.

A run folder ends with the checkpoint and with `predictions`, one table per method: these are what `csnviz evaluate` reads. Nobody's
score is looked at on the way: the last epoch is the result (arXiv 2409.00240, section 4.2).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from csnviz.data.alignment import alignment_of
from csnviz.data.batches import updates_in_epoch
from csnviz.data.tables import PredictionTable
from csnviz.errors import InputError
from csnviz.inference.device import choose_device
from csnviz.inference.predict import predict_with_reference
from csnviz.models.checkpoints import NetworkConfig, TrainedNetwork, load_checkpoint
from csnviz.models.csn import CSN
from csnviz.models.iresnet import iresnet
from csnviz.models.public_names import read_public_parameters, start_from_public
from csnviz.models.stages import StagedNetwork
from csnviz.recipes.settings import PaperSettings
from csnviz.recipes.splits import Split
from csnviz.training.augment import independent_draws, mirrored_together
from csnviz.training.fit import FitSettings, Learner, fit
from csnviz.training.optimisers import Optimisation, adam_of_the_paper, adamw_one_cycle
from csnviz.training.run_folder import RunFolder
from csnviz.training.steps import BatchNorm, step_for
from csnviz.training.tasks import intensity_task, occurrence_task

FROM_NOTHING = "nothing"
"""What `start` says for a network that begins with random parameters."""


@dataclass(frozen=True)
class Order:
    """What a run is asked for beside its split: the numbers, where its parameters start, where it goes, on what it computes.

    start: a public iResNet-50 file (the paper: Glint360K), or FROM_NOTHING.
    """

    settings: PaperSettings
    run_folder: Path
    start: str = FROM_NOTHING
    device: str = "auto"
    progress: bool = True


def train_network(split: Split, merge_before: str | None, order: Order) -> tuple[RunFolder, TrainedNetwork]:
    """Trains one network on the split's training part; a run that finished in this folder with the same numbers is kept.

    merge_before: None trains without a reference (NCG), a merge point trains a CSN. InputError as `fit` raises it.
    """
    run, settings = RunFolder(Path(order.run_folder)), order.settings
    device = choose_device(order.device)
    asked = {
        "merge_before": merge_before,
        "start": order.start,
        "device": device.type,
        **asdict(settings),
        **split.words,
    }
    if not run.is_finished(asked):
        run.begin(asked)
        torch.manual_seed(settings.seed)
        config = _config(split, merge_before, settings)
        stages = iresnet(config.size, config.outputs)
        if order.start != FROM_NOTHING:
            print(start_from_public(stages, read_public_parameters(Path(order.start)), order.start))
        learner = _learner(stages.to(device), config, split, settings)
        pace = FitSettings(
            settings.epochs,
            settings.batch_size,
            settings.frames_per_reference,
            settings.seed,
            settings.precision,
            settings.channels_last,
        )
        fit(learner, split.train, split.train_references, pace, run, progress=order.progress)
    return run, load_checkpoint(run.checkpoint)


def train_csn(split: Split, merge_before: str, method: str, order: Order) -> RunFolder:
    """A CSN's whole run: trained, and asked about the people held out, each beside their own reference."""
    run, trained = train_network(split, merge_before, order)
    estimates = predict_with_reference(
        trained, split.held_out, split.held_out_references, device=order.device, progress=order.progress
    )
    keep_estimates(run, split, {"csn": named(estimates, method, order.settings)})
    return run


def keep_estimates(run: RunFolder, split: Split, tables: Mapping[str, PredictionTable]) -> None:
    """Writes each method's table into the run folder, with what was trained on and who was held out beside it.

    tables: by file name, without ending.
    """
    for name, table in tables.items():
        provenance = {**table.provenance, **split.words, **split.judging}
        replace(table, provenance=provenance).save(run.path / "predictions" / f"{name}.npz")


def named(table: PredictionTable, method: str, settings: PaperSettings, **words: Any) -> PredictionTable:
    """The table under the name that its row has in the paper, with another backbone's name where it is not IR50."""
    named_method = method.replace("IR50", settings.backbone)
    return replace(table, method=named_method, provenance={**table.provenance, **words})


def _learner(stages: StagedNetwork, config: NetworkConfig, split: Split, settings: PaperSettings) -> Learner:
    device = next(stages.parameters()).device
    task = intensity_task if settings.quantity == "intensity" else occurrence_task
    loss_of = task(split.train, settings.class_weight_power, device)
    return Learner(
        network=stages if config.merge_before is None else CSN(stages, config.merge_before),
        config=config,
        step=step_for(BatchNorm(settings.batch_norm), config.merge_before),
        loss_of=loss_of,
        augment=mirrored_together if settings.mirrored_together else independent_draws,
        optimisation=_optimisation(stages, split, settings),
    )


def _optimisation(stages: StagedNetwork, split: Split, settings: PaperSettings) -> Optimisation:
    if not settings.peak_learning_rate:
        return adam_of_the_paper(stages, settings.fc_learning_rate, settings.learning_rate)
    updates = settings.epochs * updates_in_epoch(split.train, settings.batch_size, settings.frames_per_reference)
    return adamw_one_cycle(stages, settings.peak_learning_rate, updates)


def _config(split: Split, merge_before: str | None, settings: PaperSettings) -> NetworkConfig:
    people = split.train.participants
    return NetworkConfig(
        size=settings.size,
        aus=split.aus.numbers,
        quantity=settings.quantity,
        merge_before=merge_before,
        preprocessing=alignment_of(split.train),
        trained_on=f"{split.trained_on}, fold {split.fold}: {len(people)} participants, {len(split.train)} frames",
        class_weight_power=settings.class_weight_power,
        seed=settings.seed,
    )


def check_start(dataset: str, order: Order) -> None:
    """InputError when a network that the paper fine-tunes is about to start from nothing without anybody having said so."""
    if dataset != "cast" and not order.start:
        raise InputError(
            f"The paper's networks start from public face-recognition parameters before they see {dataset}. Name the file with "
            f"--start FILE (the paper: Glint360K, iResNet-50), or say --start {FROM_NOTHING}."
        )
