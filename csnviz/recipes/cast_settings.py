"""What the two recipes on the cast share: the numbers, the drawn people, and the run itself.

Both train the same small network from the same start, on the same frames in the same order, for the same number of updates; only
the reference differs. Where a number is not the paper's, it is because the paper fine-tunes a large pretrained network for
hours, and these recipes start from nothing and have minutes.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from csnviz import places
from csnviz.data.batches import updates_in_epoch
from csnviz.data.tables import FrameTable, ReferenceTable
from csnviz.models.checkpoints import NetworkConfig
from csnviz.models.csn import CSN
from csnviz.models.iresnet import SMALL, IResNetSize, iresnet
from csnviz.models.stages import StagedNetwork
from csnviz.training.augment import mirrored_together
from csnviz.training.fit import FitSettings, Learner, fit
from csnviz.training.optimisers import adamw_one_cycle
from csnviz.training.run_folder import RunFolder
from csnviz.training.steps import BatchNorm, step_for
from csnviz.training.tasks import intensity_task


@dataclass(frozen=True)
class CastSettings:
    """The numbers of a training on the cast.

    frames: how many of each participant's frames are drawn and used. frames_per_reference: of the batch_size frames of a batch, so
    many in a row are one participant's and share one pass of the reference (exact; see csnviz.training.steps).
    class_weight_power: how strongly rare intensities are favoured; 1 is the paper. bfloat16: half the time where the processor
    has it, and many times longer where it only imitates it, as on most laptops.
    """

    size: IResNetSize = SMALL
    frames: int = 80
    epochs: int = 12
    batch_size: int = 24
    frames_per_reference: int = 3
    peak_learning_rate: float = 3e-3
    class_weight_power: float = 0.5
    bfloat16: bool = False


def draw_training_people(settings: CastSettings, data_root: Path | None) -> tuple[FrameTable, ReferenceTable]:
    """The frames of the drawn training participants and one neutral reference each; drawn on first use, with a progress bar."""
    from csnviz.cast.dataset import TRAINING_PARTICIPANTS, cast_references, load_cast

    table = load_cast(TRAINING_PARTICIPANTS, settings.frames, places.data_root(data_root))
    return table, cast_references(table)


def train_on_cast(
    table: FrameTable,
    references: ReferenceTable,
    merge_before: str | None,
    run_folder: Path,
    seed: int,
    settings: CastSettings,
    device: torch.device,
    progress: bool = True,
) -> RunFolder:
    """Trains one network on these frames and leaves its run folder.

    A run that finished there with the same settings is kept, and one that was interrupted goes on.
    merge_before: None trains a network without a reference (NCG), a merge point trains a CSN.
    """
    from csnviz.cast.version import cast_version

    run = RunFolder(Path(run_folder))
    # The version of the drawings is part of what was asked for: the same people redrawn are another training set.
    asked = {
        "recipe": "cast",
        "cast_version": cast_version(),
        "merge_before": merge_before,
        "seed": seed,
        "device": device.type,
        **asdict(settings),
    }
    asked |= {"participants": list(table.participants), "n_frames": len(table)}
    if run.is_finished(asked):
        return run
    run.begin(asked)
    torch.manual_seed(seed)
    config = _config(table, merge_before, seed, settings)
    stages = iresnet(config.size, config.outputs).to(device)
    learner = _learner(stages, config, table, settings)
    precision = "bfloat16" if settings.bfloat16 else "float32"
    shared = settings.frames_per_reference
    pace = FitSettings(settings.epochs, settings.batch_size, shared, seed, precision, channels_last=settings.bfloat16)
    fit(learner, table, references, pace, run, progress=progress)
    return run


def _learner(stages: StagedNetwork, config: NetworkConfig, table: FrameTable, settings: CastSettings) -> Learner:
    updates = settings.epochs * updates_in_epoch(table, settings.batch_size, settings.frames_per_reference)
    device = next(stages.parameters()).device
    return Learner(
        network=stages if config.merge_before is None else CSN(stages, config.merge_before),
        config=config,
        step=step_for(BatchNorm.TWO_PASSES, config.merge_before),
        loss_of=intensity_task(table, settings.class_weight_power, device),
        augment=mirrored_together,
        optimisation=adamw_one_cycle(stages, settings.peak_learning_rate, updates),
    )


def _config(table: FrameTable, merge_before: str | None, seed: int, settings: CastSettings) -> NetworkConfig:
    from csnviz.faces.crop import PREPROCESSING_VERSION

    people: Sequence[str] = table.participants
    return NetworkConfig(
        size=settings.size,
        aus=table.aus.numbers,
        quantity="intensity",
        merge_before=merge_before,
        preprocessing=PREPROCESSING_VERSION,
        trained_on=f"{len(people)} drawn people of the cast ({people[0]} to {people[-1]}), {len(table)} frames",
        class_weight_power=settings.class_weight_power,
        seed=seed,
    )
