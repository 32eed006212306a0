"""How fast the cast is drawn: python -m tests.bench_cast [--size 192] [--together 8] [--device cpu]

Milliseconds a frame, wall and processor time: light alone, without the camera, the crop and the files; the best of several rounds
and their median, with the machine's load.
"""

import argparse
import os
import time

import numpy as np

from csnviz.cast.attributes import draw_attributes
from csnviz.cast.dataset import DEMO_PARTICIPANTS
from csnviz.cast.identity import draw_identity
from csnviz.cast.performance import moment_of
from csnviz.cast.render import draw
from csnviz.cast.scripts import expressions


def main() -> None:
    """Prints one line for each of four people, with and without glasses, short and long hair."""
    parser = argparse.ArgumentParser()
    for name, usual in (("size", 192), ("together", 8), ("rounds", 7)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--device", default="cpu")
    asked = parser.parse_args()
    print(f"{asked.size} x {asked.size}, {asked.together} frames together, load {os.getloadavg()[0]:.1f}")
    for participant in DEMO_PARTICIPANTS[::3]:
        played = expressions(participant, asked.together)
        moments = [moment_of(participant, frame, expression) for frame, expression in enumerate(played)]
        wall, processor = [], []
        for _ in range(asked.rounds + 1):
            began = time.perf_counter(), time.process_time()
            drawn = draw(
                draw_identity(participant),
                [draw_attributes(participant)] * len(moments),
                moments,
                asked.size,
                asked.device,
            )
            float(drawn.light.mean())  # a GPU has finished
            wall.append(time.perf_counter() - began[0])
            processor.append(time.process_time() - began[1])
        # The first round paints what belongs to the person.
        each = [1000 * np.array(times[1:]) / asked.together for times in (wall, processor)]
        said = ", ".join(
            f"{what} {t.min():.1f} / {np.median(t):.1f} ms" for what, t in zip(("wall", "processor"), each, strict=True)
        )
        print(f"{participant}: {said} a frame, the person once {wall[0] - np.median(wall[1:]):.2f} s")


if __name__ == "__main__":
    main()
