"""Every frame of a dataset cropped once, by several processes; what is done stays done.

One portion (participant, camera, video) is one piece of work. Its folder lies under the data root,
`datasets/<dataset>/<version>/<participant>/<camera>-<video>`, where the version names the preprocessing and the landmark model.
"""

import multiprocessing
import os
import shutil
import signal
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path

from tqdm.auto import tqdm

from csnviz import places
from csnviz.data.alignment import own_alignment
from csnviz.data.images import make_private, remove_abandoned
from csnviz.data.listing import Listing
from csnviz.data.portion import KeptPortion, Portion, crop_portion, portions_of, read_portion
from csnviz.data.prepared import Prepared, keep_prepared
from csnviz.data.seen import reading_version
from csnviz.data.storage import plain_name
from csnviz.errors import InputError
from csnviz.faces.covered import HandFinder, hand_finder
from csnviz.faces.detect import FaceFinder

BYTES_PER_FRAME = 60_000
"""What a frame takes: its crop 37,632, and a JPEG of some 15,000."""


def prepare(
    listing: Listing,
    data_root: Path | None,
    face_model: Path | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> Prepared:
    """Every frame of a listing as a row of a FrameTable, with its crop where a face was found and the reason where none was.

    Labels, names and times are the listing's; `eye_opening` is relative to the participant before the same camera. Crops that
    are kept from an earlier preparation of the same files are not made again, also after an interruption; labels always are
    those of the listing. Reasons without a face: those of FaceFinder, "damaged picture", and "no picture" where a still is
    missing or a video has fewer frames than the listing. workers: how many processes (default: one per core); 1 stays in this one.

    `load_prepared` gives the table again. InputError when the listing is empty, the disk too small, or a process was killed.
    """
    if not len(listing):
        raise InputError(f"{listing.root}: no frame of {listing.dataset} is listed. Name the folder that holds it.")
    landmarks = FaceFinder(face_model).version
    folder = places.data_root(data_root) / "datasets" / plain_name(listing.dataset) / reading_version(landmarks)
    portions = portions_of(listing, make_private(folder))
    for place in {portion.folder.parent for portion in portions}:
        remove_abandoned(place)
    kept = {portion.folder: read_portion(portion) for portion in portions}
    missing = [portion for portion in portions if kept[portion.folder] is None]
    _crop(missing, len(listing), folder, face_model, workers, progress)
    kept |= {portion.folder: read_portion(portion) for portion in missing}
    return keep_prepared(
        listing, folder, [_whole(portion, kept[portion.folder]) for portion in portions], own_alignment(landmarks)
    )


def _whole(portion: Portion, kept: KeptPortion | None) -> KeptPortion:
    if kept is None:
        raise InputError(f"{portion.title}: its files changed while they were read. Prepare the dataset again.")
    return kept


def _crop(
    missing: Sequence[Portion], total: int, folder: Path, face_model: Path | None, workers: int | None, progress: bool
) -> None:
    """Crops these portions, the longest first, so that no process is left alone with one of them at the end."""
    if not missing:
        return
    frames = sum(map(len, missing))
    _check_room(folder, frames * BYTES_PER_FRAME)
    longest_first = sorted(missing, key=len, reverse=True)
    count = min(len(missing), max(workers or os.cpu_count() or 1, 1))
    # The frames that are done count as begun with, so that the time left is that of the others.
    with tqdm(desc="Finding faces", initial=total - frames, total=total, unit="frame", disable=not progress) as bar:
        if count == 1:
            _crop_here(longest_first, face_model, bar)
        else:
            _crop_in_pool(longest_first, face_model, count, bar)


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise InputError(
            f"{folder}: the crops need about {needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free. Make room there, or "
            "choose another folder with --data-root."
        )


def _crop_here(portions: Sequence[Portion], face_model: Path | None, bar: tqdm) -> None:
    with FaceFinder(face_model) as finder, hand_finder() as hands:
        for portion in portions:
            crop_portion(portion, finder, hands, bar.update)


def _crop_in_pool(portions: Sequence[Portion], face_model: Path | None, workers: int, bar: tqdm) -> None:
    """Processes are spawned, because a fork of a program with threads may hang."""
    spawn = multiprocessing.get_context("spawn")
    count, stop, begun = spawn.Value("q", 0), spawn.Event(), bar.n
    given = (count, stop, face_model)
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=_begin, initargs=given) as pool:
        try:
            waiting = {pool.submit(_crop_in_worker, portion) for portion in portions}
            while waiting:
                done, waiting = wait(waiting, timeout=0.3, return_when=FIRST_EXCEPTION)
                bar.update(begun + count.value - bar.n)
                for job in done:
                    job.result()
        except BrokenProcessPool:
            raise InputError(
                "A process that finds faces was killed, perhaps for want of memory. What was finished is kept: run the same "
                "command again, with fewer workers if it happens again."
            ) from None
        except BaseException:
            stop.set()  # asked after every frame, so that nobody waits for the end of a video
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class _Stopped(Exception):  # noqa: N818 (nothing went wrong)
    """The main process asked to stop."""


class _Worker:
    """What one process has at hand: the count that all share, the sign to stop, and its face finder, opened at first need."""

    def __init__(self, count: Synchronized, stop: Event, face_model: Path | None) -> None:
        self._count, self._stop, self._face_model = count, stop, face_model
        self._open = ExitStack()  # closed by the end of the process
        self._eyes: tuple[FaceFinder, HandFinder] | None = None

    def crop(self, portion: Portion) -> None:
        if self._eyes is None:
            finder = self._open.enter_context(FaceFinder(self._face_model))
            self._eyes = finder, self._open.enter_context(hand_finder())
        crop_portion(portion, *self._eyes, self._frame_done)

    def _frame_done(self) -> None:
        with self._count.get_lock():
            self._count.value += 1
        if self._stop.is_set():
            raise _Stopped


_worker: _Worker | None = None


def _begin(count: Synchronized, stop: Event, face_model: Path | None) -> None:
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal; the main one decides
    _worker = _Worker(count, stop, face_model)


def _crop_in_worker(portion: Portion) -> None:
    if _worker is None:
        raise RuntimeError("A worker begins with _begin.")
    _worker.crop(portion)
