"""What computing in bfloat16 changes: the scores on the demo's people beside those in float32, and the time a face takes.

The gate is .002 of ICC(3,1): a faster number that moves a score by more is another number.

Command  python -m csnviz.recipes.precision_gate
Numbers  docs/benchmarks.md
"""

import argparse
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from csnviz import places
from csnviz.data.tables import PredictionTable
from csnviz.evaluation.summary import summarise
from csnviz.inference.networks import Networks
from csnviz.models.checkpoints import PRECISIONS
from csnviz.models.iresnet import iresnet
from csnviz.models.stages import StagedNetwork
from csnviz.recipes.cast_scores import estimates
from csnviz.recipes.settings import SIZES

GATE = 0.002
"""How far a mean ICC(3,1) may move."""


def moved_scores(methods: Mapping[str, Mapping[str, PredictionTable]]) -> dict[str, tuple[float, float]]:
    """For each method, its mean ICC(3,1) across participants in float32, and how far bfloat16 moves it.

    methods: by precision, then by method.
    """
    scores = {
        precision: {name: summarise(t).value("icc31") for name, t in tables.items()}
        for precision, tables in methods.items()
    }
    return {name: (score, scores["bfloat16"][name] - score) for name, score in scores["float32"].items()}


def milliseconds(network: StagedNetwork, precision: str, channels_last: bool, faces: int = 16, times: int = 5) -> float:
    """How long a face takes, the best of several passes of 16 faces."""
    network.eval()
    layout = torch.channels_last if channels_last else torch.contiguous_format
    network.to(memory_format=layout)  # type: ignore[call-overload]
    images, spent = torch.rand(faces, 3, 112, 112), []
    for _ in range(times):
        started = time.perf_counter()
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            network(images)
        spent.append(time.perf_counter() - started)
    return 1000 * min(spent) / faces


def main(arguments: Sequence[str] | None = None) -> None:
    """The command: prints both tables."""
    from csnviz.cast.dataset import DEMO_FRAMES, DEMO_PARTICIPANTS, cast_references, load_cast

    parser = argparse.ArgumentParser(prog="python -m csnviz.recipes.precision_gate", description=__doc__)
    parser.add_argument("--data-root", type=Path)
    options = parser.parse_args(arguments)
    table = load_cast(DEMO_PARTICIPANTS, DEMO_FRAMES, places.data_root(options.data_root))
    references = cast_references(table)
    moved = moved_scores({p: estimates(Networks.load().computing_in(p), table, references) for p in PRECISIONS})
    print("| method | mean ICC(3,1), float32 | bfloat16 moves it by | within the gate |\n|---|---|---|---|")
    for name, (score, change) in moved.items():
        print(f"| {name} | {score:.4f} | {change:+.4f} | {'yes' if abs(change) <= GATE else 'no'} |")
    print("\n| backbone | precision | channels last | ms per face |\n|---|---|---|---|")
    for name, size in SIZES.items():
        for precision in PRECISIONS:
            for channels_last in (False, True):
                spent = milliseconds(iresnet(size, 72), precision, channels_last)
                print(f"| {name} | {precision} | {'yes' if channels_last else 'no'} | {spent:.1f} |")


if __name__ == "__main__":
    main()
