"""What one explanation of IR50 costs: python -m tests.bench_explaining [--device cuda] [--together 8 25 50]

Integrated gradients of one image in 50 steps, parameters random (time does not know them). For each number of steps that go through
the network together: seconds on the clock and seconds of processor time, and the most memory that was held so far, on a graphics
card what torch took there and else what the whole process had.
"""

import argparse
import resource
import time
from collections.abc import Sequence

import torch
from captum.attr import IntegratedGradients

from csnviz.models.iresnet import IR50, iresnet

STEPS = 50


def explaining(device: str, together: Sequence[int]) -> None:
    """Prints a line for each number of steps that go together; the first walk of all is not counted."""
    network = iresnet(IR50, 72).eval().requires_grad_(False).to(device)
    image, start = (torch.rand(1, 3, 112, 112, device=device) for _ in range(2))
    walk = IntegratedGradients(lambda pixels: network(pixels)[:, 0])
    walk.attribute(image, start, n_steps=2, internal_batch_size=2)
    for count in together:
        began, worked = time.perf_counter(), time.process_time()
        values = walk.attribute(image, start, n_steps=STEPS, internal_batch_size=count)
        float(values.sum())  # the device has finished
        clock, work = time.perf_counter() - began, time.process_time() - worked
        print(
            f"explaining with IR50, {count} steps together: {clock:.2f} s ({work:.2f} s of processor), {_held(device)} held"
        )


def _held(device: str) -> str:
    if device == "cpu":
        return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB"
    return f"{torch.cuda.max_memory_allocated() / 1e9:.1f} GB"


def main() -> None:
    """Prints the lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--together", type=int, nargs="+", default=[8, 25, 50])
    asked = parser.parse_args()
    print(torch.cuda.get_device_name() if asked.device == "cuda" else asked.device, "torch", torch.__version__)
    explaining(asked.device, asked.together)


if __name__ == "__main__":
    main()
