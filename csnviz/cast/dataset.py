"""The cast as a table of frames: who takes part, drawn once into a cache, read from there ever after."""

import hashlib
import io
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
from contextlib import suppress
from dataclasses import astuple, dataclass
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float64, UInt8
from PIL import Image
from tqdm.auto import tqdm

from csnviz.cast.anatomy import CAST_AUS, Expression
from csnviz.cast.attributes import Attributes, draw_attributes
from csnviz.cast.coders import Coder, drawn_intensities, to_letters
from csnviz.cast.identity import draw_identity, generator, participant_number
from csnviz.cast.performance import FRAMES_PER_SECOND, moment_of
from csnviz.cast.render import NON_ADDITIVITY, check_dial, draw, take_picture
from csnviz.cast.scripts import MIXED, Script, expressions
from csnviz.cast.version import cast_version
from csnviz.data.filming import as_filmed
from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.storage import replacing
from csnviz.data.tables import FrameTable, ReferenceTable, join_frames, make_rows
from csnviz.errors import InputError
from csnviz.faces.crop import crop_face, face_picture

# The hundreds digit separates the people that networks are trained on (0) from those of the demo (1): a participant's
# number is the seed of that person, so no demo face was ever drawn for training.
TRAINING_PARTICIPANTS = tuple(f"C{number:03d}" for number in range(1, 28))
VALIDATION_PARTICIPANTS = tuple(f"C{number:03d}" for number in range(28, 37))
DEMO_PARTICIPANTS = tuple(f"C{number:03d}" for number in range(101, 113))
DEMO_FRAMES = 80

TOGETHER, TOGETHER_ELSEWHERE = 8, 80
"""Frames drawn at a time on a CPU, where more are no faster, and on a GPU, where 8 take as long as 80."""

_KEPT = "filmed"
"""Names what is kept of a drawing beside its crop, so that folders which keep less are drawn anew. No part of `cast_version`:
the crops are the same, and networks that were trained on them stay what they are."""


def draw_frames(
    participant: str,
    frames: Sequence[int],
    attributes: Attributes | Sequence[Attributes] | None = None,
    script: Script = MIXED,
    non_additivity: float = NON_ADDITIVITY,
    device: str = "cpu",
) -> Iterator[tuple[UInt8[np.ndarray, "S S 3"], Float[np.ndarray, "68 2"]]]:
    """Camera pictures of a participant's performance and their 68 landmarks.

    attributes: what the person carries in all of these frames, or in each; the person's own by default.
    """
    carried = draw_attributes(participant) if attributes is None else attributes
    worn = [carried] * len(frames) if isinstance(carried, Attributes) else carried
    played, identity = expressions(participant, max(frames, default=-1) + 1, script), draw_identity(participant)
    for portion in _portions(len(frames), TOGETHER if device == "cpu" else TOGETHER_ELSEWHERE):
        together = frames[portion]
        moments = [moment_of(participant, frame, played[frame]) for frame in together]
        drawn = draw(identity, worn[portion], moments, device=device, non_additivity=non_additivity)
        for frame, moment, light, points in zip(together, moments, drawn.light, drawn.points, strict=True):
            yield take_picture(light, moment.camera, generator(participant, 30, frame)), points


def draw_frame(
    participant: str, frame: int, attributes: Attributes | None = None
) -> tuple[UInt8[np.ndarray, "S S 3"], Float[np.ndarray, "68 2"]]:
    """One of these pictures, and its landmarks."""
    return next(draw_frames(participant, [frame], attributes))


def _portions(count: int, together: int) -> list[slice]:
    return [slice(first, first + together) for first in range(0, count, together)]


@dataclass(frozen=True)
class _Drawing:
    """One participant's frames as they were asked for, and the folder in which they are kept.

    device: where they are drawn. The cache does not tell a GPU's frames from a CPU's, which differ by rounding.
    """

    folder: Path
    participant: str
    n_frames: int
    attributes: Attributes | None
    script: Script
    non_additivity: float
    device: str


def _folder_name(
    participant: str, n_frames: int, attributes: Attributes | None, script: Script, non_additivity: float
) -> str:
    """What is kept under this name was asked for with just these; whatever is usual is not said."""
    name = f"{participant}-{n_frames}"
    if attributes is not None:
        name += f"-{_hash_of(attributes)}"
    if script != MIXED:
        name += f"-{script.name}-{_hash_of(script)}"
    if non_additivity != NON_ADDITIVITY:
        name += f"-dial{non_additivity:g}"
    return name


def _hash_of(asked: Attributes | Script) -> str:
    return hashlib.sha256(json.dumps(astuple(asked)).encode()).hexdigest()[:8]


def _jpeg(picture: UInt8[np.ndarray, "S S 3"]) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=90)
    return stream.getvalue()


def _render_participant(asked: _Drawing, on_frame: Callable[[], None]) -> None:
    """Draws one participant's frames into a folder that appears whole or not at all."""
    frames = range(asked.n_frames)
    with FaceImagesWriter(asked.folder) as writer:
        for image, points in draw_frames(
            asked.participant, frames, asked.attributes, asked.script, asked.non_additivity, asked.device
        ):
            writer.add(crop_face(image, points), _jpeg(face_picture(image, points)), as_filmed(image, points))
            on_frame()


_drawn: Synchronized | None = None  # in a worker process: the count of drawn frames that all of them share


def _share_count(count: Synchronized) -> None:
    global _drawn
    _drawn = count


def _count_frame() -> None:
    if _drawn is not None:
        with _drawn.get_lock():
            _drawn.value += 1


def _render_in_worker(asked: _Drawing) -> None:
    _render_participant(asked, _count_frame)


def _render_missing(wanted: Sequence[_Drawing], workers: int | None, progress: bool) -> None:
    jobs = [asked for asked in wanted if not asked.folder.exists()]
    if not jobs:
        return
    count = min(len(jobs), workers or os.cpu_count() or 1)
    total = sum(asked.n_frames for asked in jobs)
    with tqdm(total=total, desc="Drawing the cast", unit="frame", disable=not progress) as bar:
        if count == 1:
            for job in jobs:
                _render_participant(job, on_frame=bar.update)
        else:
            _render_in_pool(jobs, count, bar)


def _render_in_pool(jobs: Sequence[_Drawing], workers: int, bar: tqdm) -> None:
    """One participant a job. Processes are spawned, because a fork of a program with threads may hang."""
    spawn = multiprocessing.get_context("spawn")
    drawn = spawn.Value("q", 0)
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=_share_count, initargs=(drawn,)) as pool:
        waiting = {pool.submit(_render_in_worker, job) for job in jobs}
        try:
            while waiting:
                done, waiting = wait(waiting, timeout=0.3, return_when=FIRST_EXCEPTION)
                bar.update(drawn.value - bar.n)
                for job in done:
                    job.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _poses_of(asked: _Drawing, played: Sequence[Expression]) -> Float64[np.ndarray, "4 N"]:
    """Yaw, pitch, roll and eye opening of each frame, kept beside the crops: to play all anew takes 1 ms a frame."""
    file = asked.folder / "poses.npy"
    with suppress(OSError, ValueError, EOFError):
        kept = np.load(file, allow_pickle=False)
        if kept.shape == (4, asked.n_frames) and kept.dtype == np.float64:
            return np.asarray(kept)
    moments = [moment_of(asked.participant, frame, expression) for frame, expression in enumerate(played)]
    found = [(moment.pose.yaw, moment.pose.pitch, moment.pose.roll, moment.openness) for moment in moments]
    poses = np.array(found, dtype=np.float64).T
    with suppress(OSError), replacing(file) as part:  # a folder that cannot be written to is read as it is
        with open(part, "wb") as stream:
            np.save(stream, poses)
        part.chmod(0o600)
    return poses


def _table_of(asked: _Drawing, coder: Coder | None) -> FrameTable:
    participant, n_frames = asked.participant, asked.n_frames
    played = expressions(participant, n_frames, asked.script)
    yaw, pitch, roll, openness = _poses_of(asked, played)
    index = np.arange(n_frames, dtype=np.int64)
    rows = make_rows(
        {
            "frame_id": [f"cast/{participant}/front/{frame:04d}" for frame in range(n_frames)],
            "dataset": "cast",
            "participant": participant,
            "camera": "front",
            "video": participant,
            "frame_index": index,
            "timestamp": index / FRAMES_PER_SECOND,
            "source": "drawn",
            "image": index,
            "yaw": yaw,
            "pitch": pitch,
            "roll": roll,
            "eye_opening": openness,
            "covered": 0.0,
        }
    )
    drawn = drawn_intensities(played)
    intensity = to_letters(drawn) if coder is None else coder.mark(participant, drawn)
    return FrameTable(rows, intensity, CAST_AUS, FaceImages.open(asked.folder))


def load_cast(
    participants: Sequence[str],
    n_frames: int,
    data_root: Path,
    attributes: Mapping[str, Attributes] | None = None,
    workers: int | None = None,
    progress: bool = True,
    *,
    script: Script = MIXED,
    coder: Coder | None = None,
    non_additivity: float = NON_ADDITIVITY,
    device: str = "cpu",
) -> FrameTable:
    """The first n_frames frames of these drawn participants with their AU intensities (integers 0 .. 5).

    What is not in the cache under data_root is drawn there first (about .1 s a frame and core), on `device`. yaw, pitch, roll
    and eye opening are those that were drawn.

    attributes replaces what the named participants carry; the others carry their own. Two tables that differ in attributes alone
    show the same people at the same moments: what they do, pose, gaze, light and noise are the same. script: what they do.
    coder: who marked it; None gives the truth to the nearest letter. non_additivity: the dial of `csnviz.cast.render`.

    InputError for a name that is no drawn participant, a repeated name, n_frames below 1, or a dial outside 0 to 1.
    """
    check_dial(non_additivity)
    if n_frames < 1:
        raise InputError(f"The cast was asked for {n_frames} frames a participant; ask for 1 or more.")
    if not participants or len(set(participants)) < len(participants):
        raise InputError(f"The cast was asked for {list(participants)}: name each participant once, and at least one.")
    for participant in participants:
        participant_number(participant)
    instead = dict(attributes or {})
    cast = Path(data_root) / "cast"
    kept = cast / f"{cast_version(cast)}-{_KEPT}"
    wanted = []
    for name in participants:
        folder = kept / _folder_name(name, n_frames, instead.get(name), script, non_additivity)
        wanted.append(_Drawing(folder, name, n_frames, instead.get(name), script, non_additivity, device))
    _render_missing(wanted, workers, progress)
    return join_frames([_table_of(asked, coder) for asked in wanted])


def cast_references(table: FrameTable) -> ReferenceTable:
    """Per participant the first frame whose AUs are all 0 and whose eyes are open. InputError where there is none."""
    references = ReferenceTable.empty()
    for participant in table.participants:
        mine = np.flatnonzero(table.rows["participant"] == participant)
        calm = (table.intensity[mine] == 0).all(1) & (table.rows["eye_opening"].to_numpy()[mine] > 0.8)
        if not calm.any():
            raise InputError(f"{participant}, front camera: no frame with all AUs 0 and open eyes. Load more frames.")
        row = table.rows.iloc[mine[calm.argmax()]]
        references = references.with_reference(participant, row["camera"], row["frame_id"], "labels")
    return references


def mean_neutral_face(table: FrameTable) -> UInt8[np.ndarray, "112 112 3"]:
    """The average of the participants' reference crops: a face that nobody has, doing nothing."""
    chosen = cast_references(table).rows["frame_id"]
    crops = table.crops(np.array([table.row_of(frame_id) for frame_id in chosen]))
    return np.round(crops.astype(np.float64).mean(0)).astype(np.uint8)
