"""What a graphics card buys: python -m tests.bench_gpu [--device cuda] [--frames 4845]

Prints, on made-up faces and with IR50 whose parameters are random (time does not know them):
drawing        the cast at 192 x 192, light alone, so many frames together; and how far its light lies from a CPU's
re-reference   the calibrated tables of all frames beside another reference, features kept
one frame      picture, crop, both networks
a step         forward and backward per image, without and with a reference
explaining     integrated gradients of one image in 50 steps, and the memory held
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from csnviz import places
from csnviz.cast.attributes import draw_attributes
from csnviz.cast.dataset import DEMO_PARTICIPANTS
from csnviz.cast.identity import draw_identity
from csnviz.cast.performance import moment_of
from csnviz.cast.render import draw
from csnviz.cast.scripts import expressions
from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.tables import FrameTable
from csnviz.explain.starts import mean_neutral
from csnviz.faces.crop import PREPROCESSING_VERSION
from csnviz.facs import DISFA
from csnviz.models.checkpoints import NetworkConfig, save_checkpoint
from csnviz.models.iresnet import IR50, iresnet
from csnviz.page_estimates import ShownWith
from csnviz.page_networks import PageNetworks
from csnviz.training.step_times import step_times
from tests.bench_explaining import explaining
from tests.bench_page_networks import UNWATCHED, frames_of, references_of, timed


def drawing(device: str) -> None:
    """Milliseconds a frame for four people, and how well the device's light agrees with a CPU's."""
    apart = []
    for together in (8, 32, 128):
        each = []
        for participant in DEMO_PARTICIPANTS[::3]:
            played = expressions(participant, together)
            moments = [moment_of(participant, frame, expression) for frame, expression in enumerate(played)]
            asked = (draw_identity(participant), [draw_attributes(participant)] * together, moments, 192)
            seconds = []
            for _ in range(6):
                began = time.perf_counter()
                light = draw(*asked, device).light
                float(light.mean())  # the device has finished
                seconds.append(time.perf_counter() - began)
            each.append(1000 * min(seconds) / together)
            if together == 8:
                apart.append((light.cpu() - draw(*asked).light).abs().amax(1))
        said = ", ".join(f"{ms:.2f}" for ms in each)
        print(f"drawing, {together} frames together: {said} ms a frame")
    differences = torch.cat(apart)
    beyond = float((differences > 1 / 255).float().mean())
    print(
        f"its light against a CPU's: at most {float(differences.max()):.4f} apart, {100 * beyond:.3f} % by more than 1/255"
    )


def _untrained(merge_before: str | None, path: Path) -> Path:
    config = NetworkConfig(IR50, DISFA.numbers, "intensity", merge_before, PREPROCESSING_VERSION, "nobody: random")
    save_checkpoint(path, iresnet(IR50, config.outputs), config)
    return path


def page(count: int) -> None:
    """What somebody waits for on the page with IR50, on the device that it chooses for itself."""
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as place:
        with FaceImagesWriter(Path(place) / "faces") as writer:
            for _ in range(200):
                writer.add(random.integers(0, 256, (112, 112, 3)).astype(np.uint8), random.bytes(30_000))
        frames = frames_of(["SN001"], ["left"], count, FaceImages.open(Path(place) / "faces"))
        files = (
            _untrained(None, Path(place) / "ncg.safetensors"),
            _untrained("stage4", Path(place) / "csn.safetensors"),
        )
        start = places.checkpoints() / "mean_neutral.png"
        shown = ShownWith(*files, lambda: mean_neutral(start))
        networks = PageNetworks(frames, lambda who: shown)
        _one_frame(networks, frames)
        began = time.perf_counter()
        networks.with_reference(frames, references_of(frames, 0), UNWATCHED)
        print(f"IR50, {count} frames for the first time: {time.perf_counter() - began:.1f} s")
        timed(
            f"IR50, another reference, {count} frames",
            lambda turn: networks.with_reference(
                frames, references_of(frames, (7 * turn + 1) % len(frames)), UNWATCHED
            ),
            8,
        )


def _one_frame(networks: PageNetworks, frames: FrameTable) -> None:
    reference = str(frames.rows["frame_id"].iloc[0])
    networks.at_once(frames, 5, reference)
    timed("IR50, one frame", lambda turn: networks.at_once(frames, (13 * turn + 18) % len(frames), reference), 60)


def main() -> None:
    """Prints the five parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--frames", type=int, default=4845)
    asked = parser.parse_args()
    print(torch.cuda.get_device_name() if asked.device == "cuda" else asked.device, "torch", torch.__version__)
    drawing(asked.device)
    page(asked.frames)
    for network, precision in (("small", "float32"), ("ir50", "float32"), ("ir50", "bfloat16")):
        times = step_times(network, ["stage4"], 24, 5, asked.device, precision)
        print(f"a step of {network}, {precision}, ms an image: {times}")
    explaining(asked.device, (8, 25, 50))


if __name__ == "__main__":
    main()
