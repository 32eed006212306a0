"""The networks that ship with csnviz: the best pair of `cast_comparison` in half precision, and the mean neutral face beside it.

Command  python -m csnviz.recipes.cast_release [--runs runs/cast_comparison] [--workers 2]
Time     that of the comparison; a comparison that is finished there is used as it is
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from csnviz import places
from csnviz.explain.starts import save_mean_neutral
from csnviz.inference.networks import Networks
from csnviz.models.checkpoints import TrainedNetwork, load_checkpoint, save_checkpoint
from csnviz.recipes.cast_comparison import ComparisonSettings, compare, table_of
from csnviz.training.run_folder import RunFolder


def release(ncg_run: Path, csn_run: Path, out: Path, data_root: Path | None = None) -> None:
    """Writes cast_ncg.safetensors, cast_csn.safetensors and mean_neutral.png (with its .json) into `out`.

    InputError when a run did not end in a checkpoint, or the two are no pair (see `Networks`).
    """
    trained = Networks.load(RunFolder(ncg_run).checkpoint, RunFolder(csn_run).checkpoint)
    _ship(trained.ncg, out / "cast_ncg.safetensors")
    _ship(trained.csn, out / "cast_csn.safetensors")
    faces = _bare_neutral_faces(places.data_root(data_root))
    words = f"the mean resting face of the {len(faces)} drawn people that the networks were trained on, drawn without attributes"
    save_mean_neutral(out / "mean_neutral.png", faces, words)


def _bare_neutral_faces(root: Path) -> UInt8[np.ndarray, "P S S 3"]:
    """The first, neutral frame of every training participant, drawn without glasses, beard, wrinkle or raised brows.

    Differs from the person's reference: an explanation that starts at this face should find the attribute, not its ghost.
    """
    from csnviz.cast.attributes import Attributes
    from csnviz.cast.dataset import TRAINING_PARTICIPANTS, load_cast

    table = load_cast(TRAINING_PARTICIPANTS, 1, root, dict.fromkeys(TRAINING_PARTICIPANTS, Attributes.none()))
    return table.crops(np.flatnonzero((table.intensity == 0).all(axis=1)))


def _ship(trained: TrainedNetwork, path: Path) -> None:
    save_checkpoint(path, trained.network, trained.config, half=True)
    shipped = load_checkpoint(path)
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, sha256 {shipped.sha256}")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m csnviz.recipes.cast_release", description=__doc__)
    parser.add_argument(
        "--runs", type=Path, default=Path("runs/cast_comparison"), help="where the comparison's runs are"
    )
    parser.add_argument("--workers", type=int, default=2, help="how many trainings run at once, one thread each")
    parser.add_argument("--out", type=Path, default=places.checkpoints())
    parser.add_argument("--data-root", type=Path)
    options = parser.parse_args(arguments)
    report = compare(options.runs, options.data_root, options.workers, ComparisonSettings())
    print(table_of(report))
    ncg_run, csn_run = (options.runs / name for name in report["best_pair"])
    release(ncg_run, csn_run, options.out, options.data_root)


if __name__ == "__main__":
    main()
