"""Videos and stills -> RGB pictures, upright. PyAV reads videos and Pillow reads stills; OpenCV never reads foreign bytes.

What a file is, its first bytes say, never its name; the reader for that format is then forced. Playlists, concatenation
scripts and addresses are files of no known kind here, so that nothing can make us open another file.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps, UnidentifiedImageError

from csnviz.errors import InputError

LONGEST_SIDE_OF_A_VIDEO = 4096
MOST_PIXELS = 2**25

LONGEST_MISSING_END = 1.0
"""Seconds between the end of the last frame and the end that the container states, above which a video ends early."""


@dataclass(frozen=True)
class DecodedFrame:
    """One picture of a recording.

    index: from 0, counting the pictures that were decoded. seconds: the container's presentation time, NaN for a still.
    image: RGB, upright. damaged: the decoder itself says that parts are missing.
    """

    index: int
    seconds: float
    image: UInt8[np.ndarray, "H W 3"]
    damaged: bool = False


def video_format(path: Path) -> str | None:
    """The name of the video format that the first bytes of a file announce ("mov", "matroska", "avi"), or None."""
    head = _first_bytes(path)
    if head[4:8] in (b"moov", b"mdat", b"free", b"wide", b"skip"):
        return "mov"
    if head[4:8] == b"ftyp" and head[8:12] not in (b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1"):
        return "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    return "avi" if head[:4] == b"RIFF" and head[8:12] == b"AVI " else None


def still_format(path: Path) -> str | None:
    """The name of the picture format that the first bytes of a file announce, as Pillow calls it, or None."""
    head = _first_bytes(path)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    starts = {
        b"\xff\xd8\xff": "JPEG",
        b"\x89PNG\r\n\x1a\n": "PNG",
        b"II*\x00": "TIFF",
        b"MM\x00*": "TIFF",
        b"BM": "BMP",
    }
    return next((name for start, name in starts.items() if head.startswith(start)), None)


def _first_bytes(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(16)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}). Name another file.") from None


def decode_video(path: Path, first: int = 0) -> Generator[DecodedFrame, None, None]:
    """The frames of a video in order of presentation, from frame `first`; those before it are decoded and not given.

    InputError when the file is not a video that can be read, is too large, or ends early: that error comes in place of the
    first frame that cannot be had, so that the frames before it have all been given.
    """
    with _opened(path) as (container, stream):
        index, end, last = 0, float("nan"), float("nan")
        try:
            for frame in container.decode(stream):
                _check_size(path, frame.width, frame.height)
                last = float("nan") if frame.pts is None else float(frame.pts * stream.time_base)
                end = last + float((frame.duration or 0) * stream.time_base)
                if index >= first:
                    yield DecodedFrame(index, last, _upright(frame), frame.is_corrupt)
                index += 1
        except av.FFmpegError as error:
            raise _ends_early(path, index, last, _stated_end(container, stream), error.strerror) from None
        stated = _stated_end(container, stream)
        if not index or stated - end > LONGEST_MISSING_END:
            raise _ends_early(path, index, last, stated, None)


def count_frames(path: Path) -> int:
    """How many frames a video has, by decoding it all: what the container declares proves nothing."""
    with _opened(path) as (container, stream):
        try:
            return sum(1 for _ in container.decode(stream))
        except av.FFmpegError as error:
            raise InputError(
                f"{path.name}: frames cannot be counted from the end of a video that cannot be read to its end "
                f"({error.strerror}). Count them from the start."
            ) from None


def expected_frames(path: Path) -> int | None:
    """How many frames the container leads one to expect; good for a progress bar and for nothing else."""
    with _opened(path) as (container, stream):
        if stream.frames:
            return int(stream.frames)
        seconds, rate = _stated_end(container, stream), stream.average_rate
        return round(seconds * float(rate)) if rate and np.isfinite(seconds) else None


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    format_name = video_format(path)
    if format_name is None:
        raise InputError(
            f"{path.name}: not a video (MP4, MOV, MKV, WebM or AVI) by its first bytes. Name another file."
        )
    # A file object, not a name: FFmpeg then has no way to reach another file or address.
    with open(path, "rb") as file:
        try:
            container = av.open(file, mode="r", format=format_name)
        except (av.FFmpegError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise InputError(f"{path.name}: damaged, or not a video after all ({why}). Name another file.") from None
        with container:
            yield container, _video_stream(path, container)


def _video_stream(path: Path, container: Any) -> Any:
    stream = container.streams.best("video")
    if stream is None or stream.codec_context is None:
        raise InputError(f"{path.name}: holds no video that can be decoded. Name another file.")
    # One thread: with several, which frames come before a decoder's error depends on the machine.
    stream.thread_type = "NONE"
    stream.codec_context.thread_count = 1
    _check_size(path, stream.codec_context.width, stream.codec_context.height)
    return stream


def _check_size(path: Path, width: int, height: int) -> None:
    if max(width, height) > LONGEST_SIDE_OF_A_VIDEO or width * height > MOST_PIXELS:
        limit = LONGEST_SIDE_OF_A_VIDEO
        raise InputError(
            f"{path.name}: {width} x {height} pixels; a video may have {limit} x {limit}. Make it smaller."
        )


def _stated_end(container: Any, stream: Any) -> float:
    """When the video ends by what the container states, in seconds on the frames' own clock; NaN when it does not say."""
    if stream.duration is not None and stream.time_base:
        return float((stream.duration + (stream.start_time or 0)) * stream.time_base)
    if container.duration is None:
        return float("nan")
    return float((container.duration + (container.start_time or 0)) / av.time_base)


def _ends_early(path: Path, frames: int, last: float, stated: float, why: str | None) -> InputError:
    because = f" ({why})" if why else ""
    if not frames:
        return InputError(f"{path.name}: no frame of this video can be decoded{because}. Name another file.")
    until = f" of {stated:.2f} s" if np.isfinite(stated) else ""
    return InputError(
        f"{path.name} ends early{because}: the last good frame is {frames - 1}, at {last:.2f} s{until}. "
        f"`--frames 0:{frames}` reads that part."
    )


def _upright(frame: Any) -> UInt8[np.ndarray, "H W 3"]:
    """A frame as RGB, turned and mirrored as its container asks (multiples of 90 degrees)."""
    image = frame.to_ndarray(format="rgb24")
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return image
    # The point (x, y) of the stored picture is shown at (a x + c y, b x + d y); FFmpeg keeps a b u c d v x y w.
    a, b, _, c, d = np.frombuffer(bytes(matrix), dtype=np.int32)[:5].tolist()
    if abs(b) > abs(a):
        image, a, d = image.transpose(1, 0, 2), c, b
    return np.ascontiguousarray(image[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1])


def decode_still(path: Path) -> UInt8[np.ndarray, "H W 3"]:
    """A still as RGB, turned as its EXIF orientation asks; 16 bits become 8, what is transparent becomes black.

    InputError when it is not a still, is cut off, holds several pictures or has more than 2^25 pixels.
    """
    format_name = still_format(path)
    if format_name is None:
        raise InputError(
            f"{path.name}: not a still (JPEG, PNG, TIFF, WebP or BMP) by its first bytes. Name another file."
        )
    try:
        with Image.open(path, formats=[format_name]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise InputError(
                    f"{path.name}: {picture.width} x {picture.height} pixels; a still may have {MOST_PIXELS}. Make it smaller."
                )
            # Phones put a second, smaller picture into a JPEG; other formats with several are films.
            if format_name != "JPEG" and getattr(picture, "n_frames", 1) > 1:
                raise InputError(f"{path.name}: holds several pictures. Save them as single stills.")
            picture.load()
            return np.array(_as_rgb(path, ImageOps.exif_transpose(picture)))
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path.name}: not a still that can be read ({error}). Name another file.") from None


def _as_rgb(path: Path, picture: Image.Image) -> Image.Image:
    if picture.mode == "F":
        raise InputError(f"{path.name}: holds fractions of brightness. Save it with 8 or 16 bits.")
    if picture.mode.startswith("I"):
        deep = np.clip(np.asarray(picture).astype(np.int64), 0, 65535)
        return Image.fromarray((deep // 257).astype(np.uint8)).convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, (0, 0, 0, 255)), picture).convert("RGB")
    return picture.convert("RGB")
