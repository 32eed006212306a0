"""How long one training step takes per image, without a reference, with two full passes and with shared references.

A step here is forward and backward; the optimiser takes the same time in all of them. On a CPU its own seconds are counted, those
of all its threads, so that other programs matter little. The ways take turns, and the fastest of the repeats is printed:
nothing makes a step faster than it is.

Command  python -m csnviz.training.step_times [--network small|ir50] [--merge-before stage4 ...]
         [--frames 24] [--repeats 5] [--device cpu] [--precision float32|bfloat16]
"""

import argparse
import math
import time
from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor

from csnviz.errors import InputError
from csnviz.models.csn import CSN
from csnviz.models.iresnet import IMAGE_SIDE, IR50, SMALL, iresnet
from csnviz.models.stages import MERGE_POINTS
from csnviz.training.steps import with_reference, without_reference

SIZES = {"small": SMALL, "ir50": IR50}
SHARED = (3, 8)
"""How many frames share a reference, beside the authors' 1."""


def step_times(
    network: str, merge_points: Sequence[str], frames: int, repeats: int, device: str, precision: str
) -> dict[str, dict[str, float]]:
    """Milliseconds per image by merge point and way: "ncg", "two passes" (a reference for each frame), "K = 3", "K = 8".

    InputError when the frames cannot be divided among references.
    """
    if frames < 1 or frames % math.lcm(*SHARED):
        raise InputError(
            f"{frames} frames cannot share references by {SHARED}. Choose a multiple of {math.lcm(*SHARED)}."
        )
    stages = iresnet(SIZES[network], 72).to(device).to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    images = torch.rand(frames, 3, IMAGE_SIDE, IMAGE_SIDE, device=device)
    ways: dict[tuple[str, str], Callable[[], Tensor]] = {
        ("", "ncg"): partial(without_reference, stages, images, images)
    }
    for merge_before in merge_points:
        csn = CSN(stages, merge_before)
        for shared in (1, *SHARED):
            references = images[: frames // shared]
            name = "two passes" if shared == 1 else f"K = {shared}"
            ways[merge_before, name] = partial(with_reference, csn, references, images)
    best = dict.fromkeys(ways, float("inf"))
    for repeat in range(repeats + 1):
        for key, way in ways.items():
            seconds = _seconds(way, device, precision)
            if repeat:  # the first turn fills caches
                best[key] = min(best[key], seconds)
    per_image = {key: 1000 * seconds / frames for key, seconds in best.items()}
    return {
        merge_before: {way: per_image[("" if way == "ncg" else merge_before, way)] for way in _columns()}
        for merge_before in merge_points
    }


def table_of(times: dict[str, dict[str, float]]) -> str:
    """The times as lines of text, each with its ratio to the network without a reference."""
    lines = [f"{'merge before':<14}" + "".join(f"{way:>18}" for way in _columns())]
    for merge_before, row in times.items():
        cells = [f"{value:.2f} ms ({value / row['ncg']:.2f}x)" for value in row.values()]
        lines.append(f"{merge_before:<14}" + "".join(f"{cell:>18}" for cell in cells))
    return "\n".join(lines)


def _columns() -> tuple[str, ...]:
    return ("ncg", "two passes", *(f"K = {shared}" for shared in SHARED))


def _seconds(way: Callable[[], Tensor], device: str, precision: str) -> float:
    kind = torch.device(device).type
    clock = time.process_time if kind == "cpu" else partial(_when_done, kind)
    started = clock()
    with torch.autocast(kind, torch.bfloat16, enabled=precision == "bfloat16"):
        output = way()
    output.float().square().mean().backward()
    return clock() - started


def _when_done(kind: str) -> float:
    torch.get_device_module(kind).synchronize()
    return time.perf_counter()


def main(arguments: Sequence[str] | None = None) -> None:
    """The command: measures and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m csnviz.training.step_times", description=__doc__)
    parser.add_argument("--network", choices=SIZES, default="small")
    parser.add_argument("--merge-before", nargs="+", choices=MERGE_POINTS, default=MERGE_POINTS)
    parser.add_argument("--frames", type=int, default=24, help="frames of a batch, a multiple of 24")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    options = parser.parse_args(arguments)
    how = (options.frames, options.repeats, options.device, options.precision)
    times = step_times(options.network, options.merge_before, *how)
    print(f"{options.network}, {options.frames} frames, {options.device}, {options.precision}")
    print("forward and backward per image\n" + table_of(times))


if __name__ == "__main__":
    main()
