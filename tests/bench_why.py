"""How long the page's "why" takes on one drawn face, with the shipped networks: python -m tests.bench_why [--times 5]

Wall and processor time in ms, with the machine's load, of each question by either method, of an answer that was given before, and
of each kind of change. Nothing else is asked of the networks meanwhile.
"""

import argparse
import os
import tempfile
from pathlib import Path

import torch

from csnviz import places, workbench
from csnviz.cast.dataset import load_cast
from csnviz.views.source import GRADIENTS, OCCLUSION, QUESTIONS, Question, WhatIf
from tests.bench_page_networks import UNWATCHED, timed

WHO, AU = "C105", 9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    print(f"{torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as place:
        frames = load_cast([WHO], times + 1, Path(place), progress=False)
        source = workbench.source_of(frames, places.checkpoints())
        reference, *others = frames.rows["frame_id"]
        source.at_once(frames, 0, reference)  # loads the networks
        for algorithm in (GRADIENTS, OCCLUSION):
            for wording in QUESTIONS:

                def ask(turn: int, key: str = wording.key, algorithm: str = algorithm) -> None:
                    source.explain(Question(key, AU, others[turn], reference, algorithm=algorithm), UNWATCHED)

                timed(f"{wording.key}, {algorithm}", ask, times)
        timed(f"{wording.key}, {algorithm}, again", ask, times)
        for change in ("without:eyeglasses", "around:nose_bridge", "mean:nose_bridge", "own:nose_bridge"):

            def attempt(turn: int, change: str = change) -> None:
                source.what_if(WhatIf(AU, others[turn], reference, change), UNWATCHED)

            timed(change, attempt, times)


if __name__ == "__main__":
    main()
