"""Does MediaPipe see the drawn faces? python -m tests.check_detection [--frames 2000] [--seed 1] [--workers 2]

On random frames of people that are in no study, each with what that person carries, yaw within 15 degrees: the share in which
a face is found (>= .99 asked), and how far its landmarks are from the drawn ones in inter-ocular distances once each landmark's
mean offset is taken away (<= .05 asked). Exits with 1 when short of either. Flat cartoons pass too: this finds what is broken,
and proves no likeness.
"""

import argparse
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from tests.cast.detection import FARTHEST, LEAST_FOUND, PARTS, Seen, distances, look_at, random_frames

FRAMES_EACH = 8
PEOPLE_A_JOB = 5


def look_in_parallel(n_frames: int, seed: int, workers: int) -> Seen:
    """Some people a job; the last person gives as many frames as are still asked for."""
    chosen = random_frames(-(-n_frames // FRAMES_EACH), FRAMES_EACH, seed)
    last = list(chosen)[-1]
    chosen[last] = chosen[last][: n_frames - FRAMES_EACH * (len(chosen) - 1)]
    people = list(chosen.items())
    jobs = [dict(people[first : first + PEOPLE_A_JOB]) for first in range(0, len(people), PEOPLE_A_JOB)]
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        return Seen.joined(list(pool.map(look_at, jobs)))


def report(seen: Seen) -> bool:
    """Prints the figures; whether both are good enough."""
    missed = [name for name, found in zip(seen.names, seen.found, strict=True) if not found]
    apart, offset = distances(seen.apart), np.linalg.norm(np.nanmean(seen.apart, axis=0), axis=-1)
    share, mean = seen.found.mean(), float(np.nanmean(apart))
    print(f"a face found in {seen.found.sum()} of {seen.found.size} frames: {share:.4f} (asked: {LEAST_FOUND})")
    print(f"missed: {', '.join(missed) or 'none'}")
    print(f"landmark distance, inter-ocular: {mean:.4f} (asked: {FARTHEST})")
    print("part    mean    95 %    offset taken away")
    for part, roles in PARTS.items():
        mine = apart[:, list(roles)]
        print(f"{part:6} {np.nanmean(mine):.4f}  {np.nanpercentile(mine, 95):.4f}  {offset[list(roles)].mean():.4f}")
    return bool(share >= LEAST_FOUND and mean <= FARTHEST)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser()
    for name, usual in (("frames", 2000), ("seed", 1), ("workers", 2)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    asked = parser.parse_args()
    began = time.perf_counter()
    good = report(look_in_parallel(asked.frames, asked.seed, asked.workers))
    print(f"took {time.perf_counter() - began:.0f} s with {asked.workers} processes")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
