"""What size buys: the same pair trained on 27 or 500 drawn people, and with a network twice as wide.

Each pair has one seed and one learning rate (that of the recipes). The validation people are judged, and the demo's beside them.
27 people are as many as DISFA filmed; 500 are more than any dataset of its kind. The people are drawings.

Command  python -m csnviz.recipes.cast_sizes [--device cuda] [--workers 4] [--out runs/cast_sizes] [--data-root FOLDER]
Time     see csnviz/models/weights/README.md; what has finished in the folder is not trained again
"""

import argparse
import json
import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from csnviz import places
from csnviz.data.storage import replacing
from csnviz.evaluation.summary import summarise
from csnviz.evaluation.table_words import CAVEAT
from csnviz.inference.device import DEVICES, choose_device
from csnviz.inference.predict import predict_with_reference, predict_without_reference, subtract_neutral_output
from csnviz.models.checkpoints import load_checkpoint
from csnviz.models.iresnet import SMALL, IResNetSize
from csnviz.recipes.cast_settings import CastSettings, train_on_cast

WIDE = IResNetSize(blocks=(1, 1, 1, 1), widths=(32, 64, 128, 256))
"""Twice as wide: about four times the parameters and the arithmetic."""

MANY = tuple(f"C{number:03d}" for number in range(200, 700))
"""Nobody of the demo, and nobody whom the pair that ships was trained or chosen on."""


@dataclass(frozen=True)
class Pair:
    """A pair of networks to train. people: who trains, empty for the 27 of the recipes; frames and epochs: of each of them."""

    name: str
    size: IResNetSize
    people: tuple[str, ...] = ()
    frames: int = 80
    epochs: int = 12

    @property
    def settings(self) -> CastSettings:
        """The recipe's numbers with these."""
        return replace(CastSettings(), size=self.size, frames=self.frames, epochs=self.epochs)

    def participants(self) -> tuple[str, ...]:
        """Who trains."""
        from csnviz.cast.dataset import TRAINING_PARTICIPANTS

        return self.people or TRAINING_PARTICIPANTS


PAIRS = (
    Pair("27 people, small", SMALL),
    Pair("27 people, wide", WIDE),
    Pair("500 people, small", SMALL, MANY, frames=40, epochs=8),
    Pair("500 people, wide", WIDE, MANY, frames=40, epochs=8),
)


def _folder(pair: Pair, merge_before: str | None, out: Path) -> Path:
    return out / f"{pair.name.replace(', ', '-').replace(' ', '-')}-{'csn' if merge_before else 'ncg'}"


def _train(pair: Pair, merge_before: str | None, out: Path, root: Path, device: str) -> tuple[str, float]:
    """Trains one network of a pair; its name and the seconds that took."""
    from csnviz.cast.dataset import cast_references, load_cast

    torch.set_num_threads(1)
    began, folder = time.monotonic(), _folder(pair, merge_before, out)
    table = load_cast(pair.participants(), pair.frames, root, progress=False)
    train_on_cast(
        table, cast_references(table), merge_before, folder, 1, pair.settings, choose_device(device), progress=False
    )
    return folder.name, time.monotonic() - began


def _scores(pair: Pair, out: Path, root: Path) -> list[str]:
    """A line of the table: mean ICC(3,1) across the validation and the demo people for NCG, BS and CSN."""
    from csnviz.cast.dataset import DEMO_PARTICIPANTS, VALIDATION_PARTICIPANTS, cast_references, load_cast

    ncg, csn = (load_checkpoint(_folder(pair, merge, out) / "checkpoint.safetensors") for merge in (None, "stage4"))
    parameters = sum(tensor.numel() for tensor in csn.network.parameters())
    cells = [pair.name, f"{parameters / 1e6:.2f} M"]
    for people in (VALIDATION_PARTICIPANTS, DEMO_PARTICIPANTS):
        table = load_cast(people, 80, root, progress=False)
        references = cast_references(table)
        alone = predict_without_reference(ncg, table, progress=False)
        compared = predict_with_reference(csn, table, references, progress=False)
        each = (alone, subtract_neutral_output(alone, references), compared)
        cells += [f"{summarise(method).value('icc31'):.3f}" for method in each]
    return cells


def compare_sizes(pairs: Sequence[Pair], out: Path, root: Path, device: str, workers: int) -> list[str]:
    """Draws, trains and judges these pairs; the lines of a Markdown table, which also lie in `out`/sizes.md."""
    from csnviz.cast.dataset import DEMO_PARTICIPANTS, VALIDATION_PARTICIPANTS, load_cast

    judged = tuple((people, 80) for people in (VALIDATION_PARTICIPANTS, DEMO_PARTICIPANTS))
    for people, frames in (*((pair.participants(), pair.frames) for pair in pairs), *judged):
        load_cast(people, frames, root, device=device)
    jobs = [(pair, merge) for pair in pairs for merge in (None, "stage4")]
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        waiting = [pool.submit(_train, pair, merge, out, root, device) for pair, merge in jobs]
        seconds = dict(job.result() for job in waiting)
    lines = [
        CAVEAT,
        "",
        "| trained on | parameters | NCG | BS | CSN | demo: NCG | BS | CSN |",
        "|---|---|---|---|---|---|---|---|",
        *("| " + " | ".join(_scores(pair, out, root)) + " |" for pair in pairs),
    ]
    with replacing(out / "sizes.md") as part:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with replacing(out / "seconds.json") as part:
        part.write_text(json.dumps(seconds, indent=1) + "\n", encoding="utf-8")
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """The command: trains and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m csnviz.recipes.cast_sizes", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/cast_sizes"), help="where runs and the table go")
    parser.add_argument("--data-root", type=Path, help="folder for drawn faces (default: your cache folder)")
    parser.add_argument("--device", choices=DEVICES, default="auto", help="what draws and computes")
    parser.add_argument("--workers", type=int, default=2, help="how many trainings run at once, one thread each")
    options = parser.parse_args(arguments)
    device = choose_device(options.device).type
    print("\n".join(compare_sizes(PAIRS, options.out, places.data_root(options.data_root), device, options.workers)))


if __name__ == "__main__":
    main()
