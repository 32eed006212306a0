"""Small invented recordings, made with PyAV."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

MILLISECONDS = Fraction(1, 1000)


def _write_video(path, pictures, times=None, codec="mpeg4", rotation=0, mirrored=False) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "rgb24" if codec == "png" else "yuv420p"
        stream.time_base = stream.codec_context.time_base = MILLISECONDS
        if mirrored:
            stream.set_display_matrix([-65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30])
        elif rotation:
            stream.set_display_rotation(rotation)
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.time_base = MILLISECONDS
            frame.pts = round(1000 * (times[index] if times is not None else index / 10))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return Path(path)


@pytest.fixture
def write_video() -> Callable[..., Path]:
    """Writes RGB pictures as a video and gives its path; `times` in seconds, else ten a second."""
    return _write_video


@pytest.fixture
def grey_frames() -> Callable[[int], list[np.ndarray]]:
    """So many small pictures, of which picture i is grey 10 + 5 i all over."""
    return lambda count: [np.full((48, 64, 3), 10 + 5 * index, dtype=np.uint8) for index in range(count)]
