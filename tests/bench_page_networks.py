"""How fast the page's networks answer, on made-up faces: python -m tests.bench_page_networks [--frames 1000] [--big 4845]

Wall and processor time in ms, with the machine's load: on two quiet cores the first is what somebody waits. Prints:
re-reference   the calibrated tables of all frames beside another reference, features kept
one frame      picture, crop, both networks, from another thread while everybody is read behind it
stored         NCG, BS and CSN of one person out of tables of nine people before two cameras, as a run leaves them
"""

import argparse
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from csnviz import places
from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable, make_rows
from csnviz.explain.starts import mean_neutral
from csnviz.facs import DISFA
from csnviz.inference.predict import predict_without_reference
from csnviz.inference.stored import stored_with_reference, stored_without_reference
from csnviz.models.checkpoints import load_checkpoint
from csnviz.page_estimates import ShownWith
from csnviz.page_networks import PageNetworks
from csnviz.views.latest_only import LatestOnly, Watch

UNWATCHED = Watch(lambda: False, lambda share: None)
NCG, CSN = (places.checkpoints() / f"cast_{kind}.safetensors" for kind in ("ncg", "csn"))
SHOWN = ShownWith(NCG, CSN, lambda: mean_neutral(places.checkpoints() / "mean_neutral.png"))


def frames_of(participants: list[str], cameras: list[str], count: int, images: FaceImages | None) -> FrameTable:
    """So many frames of each person before each camera; pictures are used over and over."""
    names = [(who, lens, i) for who in participants for lens in cameras for i in range(count)]
    who, camera, index = map(np.array, zip(*names, strict=True))
    rows = make_rows(
        {
            "frame_id": [f"disfa/{who}/{lens}/{who}/{i:04d}" for who, lens, i in names],
            "dataset": "disfa", "participant": who, "camera": camera, "video": who, "source": "made", "frame_index": index,
            "timestamp": index / 20, "image": index % len(images) if images else -1,
        }
    )  # fmt: skip
    return FrameTable(rows, np.zeros((len(rows), len(DISFA)), np.float32), DISFA, images)


def references_of(frames: FrameTable, index: int) -> ReferenceTable:
    """The frame of this number for everybody."""
    chosen = frames.rows[frames.rows["frame_index"] == index]
    return ReferenceTable(chosen[["participant", "camera", "frame_id"]].assign(chosen_by="person", note=""))


def timed(name: str, act: Callable[[int], object], times: int) -> None:
    """Runs something several times and prints how long that took."""
    wall, processor = [], []
    for turn in range(times):
        began, spent = time.perf_counter(), time.process_time()
        act(turn)
        wall.append(1e3 * (time.perf_counter() - began))
        processor.append(1e3 * (time.process_time() - spent))
    parts = " ".join(f"p{q} {np.percentile(wall, q):.0f}" for q in (0, 50, 95))
    print(f"{name:34} wall {parts} ms, processor p50 {np.median(processor):.0f} ms, load {os.getloadavg()[0]:.1f}")


def re_reference(networks: PageNetworks, frames: FrameTable) -> None:
    """Another reference for all frames, and again without what surrounds the network's own arithmetic."""
    networks.with_reference(frames, references_of(frames, 0), UNWATCHED)
    timed(
        f"re-reference, {len(frames)} frames",
        lambda turn: networks.with_reference(frames, references_of(frames, 7 * turn + 1), UNWATCHED),
        15,
    )
    csn = networks.loaded.in_front(SHOWN.files).csn
    kept, affine = networks.kept.already(csn, frames).features, networks.kept.affine

    def decoding(turn: int) -> None:
        with torch.inference_mode():
            for start in range(0, len(kept), 64):
                csn.csn.decode(csn.csn.difference(kept[turn : turn + 1], kept[start : start + 64]))

    def the_rest(turn: int) -> None:
        with torch.inference_mode():
            for start in range(0, len(kept), 64):
                reference, seen = (
                    tuple(part[rows] for part in affine.parts)
                    for rows in (slice(turn, turn + 1), slice(start, start + 64))
                )
                affine.csn.decode_begun(reference, seen, affine.nothing)

    if affine is not None:
        timed("  of which arithmetic, 64 at a time", the_rest, 15)
    timed("  decoding from the merge on", decoding, 15)


def one_frame(networks: PageNetworks, everybody: FrameTable, frames: FrameTable) -> None:
    """Single frames that nobody has seen yet, alone and while everybody is read."""
    reference = str(frames.rows["frame_id"].iloc[0])

    def ask(turn: int) -> None:
        row = (13 * turn + 5) % len(frames)
        frames.picture(row)
        networks.at_once(frames, row, reference)

    ask(0)
    timed("one frame", ask, 100)
    thread, stop = LatestOnly(lambda words: None, print), threading.Event()
    theirs, table = everybody.of("SN002"), references_of(everybody, 0)

    def read() -> None:
        if not stop.is_set():
            work = lambda watch: networks.everyone(theirs, table, watch)  # noqa: E731
            thread.submit("everyone", "", work, lambda estimated: read(), background=True)

    read()
    time.sleep(0.5)
    timed("one frame while everybody is read", lambda turn: ask(turn + 100), 100)
    began = time.perf_counter()
    waited: list[float] = []
    thread.submit("a", "", lambda watch: waited.append(time.perf_counter() - began), lambda nothing: None)
    while not waited:
        time.sleep(0.001)
    print(f"{'a request waited for what is behind':34} {1e3 * waited[0]:.0f} ms")
    stop.set()
    thread.wait()


def stored(folder: Path, count: int) -> None:
    """One person of nine before two cameras, read instead of estimated; files are read for the first time, then again."""
    people = [f"SN{n:03d}" for n in range(1, 10)]
    frames = frames_of(people, ["left", "right"], count, None)
    estimate = np.random.default_rng(0).normal(size=(len(frames), len(DISFA))).astype(np.float32)
    references = references_of(frames, 0)
    few = frames.select([])
    for checkpoint, protocol in ((NCG, "NCG"), (CSN, "OFC")):
        origin = predict_without_reference(load_checkpoint(NCG), few, progress=False).provenance
        trained = load_checkpoint(checkpoint)
        network = {**origin["network"], "sha256": trained.sha256, "merge_before": trained.config.merge_before}
        rows = frames.rows
        if protocol == "OFC":
            named = references.rows.set_index(["participant", "camera"])["frame_id"]
            rows = rows.assign(
                ref_frame_id=[named[pair] for pair in zip(rows["participant"], rows["camera"], strict=True)]
            )
        words = (DISFA, "intensity", "IR50", protocol, {**origin, "network": network})
        PredictionTable(rows, frames.intensity, estimate, *words).save(folder / f"{protocol}.npz")
    sizes = [file.stat().st_size for file in folder.iterdir()]
    print(json.dumps({"stored tables": len(sizes) // 2, "MB": round(sum(sizes) / 1e6), "rows of each": len(frames)}))
    parts = [frames.of(who, "left") for who in people]

    def read(turn: int) -> None:
        assert stored_without_reference(NCG, [folder], parts[turn]) is not None
        assert stored_with_reference(CSN, [folder], parts[turn], references) is not None

    timed("stored, the first person of a fold", read, 1)
    timed("stored, the others", lambda turn: read(turn + 1), 8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=1000)
    parser.add_argument("--big", type=int, default=4845)
    options = parser.parse_args()
    print(f"{torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as place:
        random = np.random.default_rng(0)
        with FaceImagesWriter(Path(place) / "faces") as writer:
            for _ in range(200):
                coarse = random.integers(0, 256, (14, 14, 3))
                writer.add(np.kron(coarse, np.ones((8, 8, 1))).astype(np.uint8), random.bytes(30_000))
        everybody = frames_of(["SN001", "SN002"], ["left"], options.frames, FaceImages.open(Path(place) / "faces"))
        frames = everybody.of("SN001")
        one_frame(PageNetworks(everybody, lambda who: SHOWN), everybody, frames)
        re_reference(PageNetworks(everybody, lambda who: SHOWN), frames)
        stored(Path(place) / "predictions", options.big)


if __name__ == "__main__":
    main()
