"""The small CSN, trained on the cast: it estimates action units from an image beside the same person's neutral face.

It merges before stage 4, as the paper's main network does (arXiv 2409.00240, section 3.2).

Command  csnviz train cast_csn
Time     11.0 minutes on one thread of two busy Intel Xeon cores in bfloat16, cast_ncg on the other; drawing the people not counted
Numbers  `python -m csnviz.recipes.cast_scores`, in csnviz/models/weights/README.md
"""

from pathlib import Path

from csnviz.inference.device import choose_device
from csnviz.recipes.cast_settings import CastSettings, draw_training_people, train_on_cast
from csnviz.training.run_folder import RunFolder

SETTINGS = CastSettings()
MERGE_BEFORE = "stage4"


def train(
    data_root: Path | None,
    run_folder: Path,
    seed: int = 0,
    settings: CastSettings = SETTINGS,
    device: str = "auto",
    progress: bool = True,
) -> RunFolder:
    """Draws the training people where need be, trains, and leaves settings, losses and checkpoint in `run_folder`.

    With the same seed and settings, `cast_ncg` sees the same frames in the same order from the same start.
    """
    table, references = draw_training_people(settings, data_root)
    return train_on_cast(table, references, MERGE_BEFORE, run_folder, seed, settings, choose_device(device), progress)
