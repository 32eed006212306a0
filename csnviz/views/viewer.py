"""The face viewer: the current face beside its reference, stepped through in the browser without waiting for Python."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from jaxtyping import Float, Float32, Int, Int8

from csnviz.data.tables import FrameTable

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Faces:
    """The frames a viewer shows: numbers as in files, seconds (NaN unknown), why there is no face, and their pictures."""

    numbers: Int[np.ndarray, " N"]
    seconds: Float[np.ndarray, " N"]
    reasons: dict[int, str]
    picture: Callable[[int], bytes | None]
    blank: tuple[int, ...] = ()

    @classmethod
    def of(cls, frames: FrameTable) -> "Faces":
        """The faces of a table, in its order."""
        rows = frames.rows
        reasons = {place: str(reason) for place, reason in enumerate(rows["reason"]) if reason}
        blank = (
            tuple(int(place) for place in np.flatnonzero(rows["image"] < 0))
            if frames.images
            else tuple(range(len(rows)))
        )
        return cls(rows["frame_index"].to_numpy(), rows["timestamp"].to_numpy(), reasons, frames.picture, blank)


NOBODY = Faces(np.zeros(0, np.int64), np.zeros(0), {}, lambda _: None)


class FaceViewer(anywidget.AnyWidget):
    """Shows frames, tells which one is looked at, and lays an attribution over a face.

    `index` is the frame looked at (a place among the given frames, from 0); it may be set from here and is set by the
    browser at most ten times a second. After handling a change, set `settled` to the same number, so that the browser sends
    the next. `calibrated` dims the reference, `strip` holds one byte a frame (0 nothing, 1 labelled, 2 overestimate, 3 no
    face), `opacity` (0-1) is the attribution's. Every method may be called from any thread.
    """

    _esm = _HERE / "viewer.js"
    _css = _HERE / "viewer.css"
    index = traitlets.Int(0).tag(sync=True)
    settled = traitlets.Int(-1).tag(sync=True)
    frames = traitlets.Dict().tag(sync=True)
    strip = traitlets.Bytes(b"").tag(sync=True)
    opacity = traitlets.Float(0.75).tag(sync=True)
    calibrated = traitlets.Bool(False).tag(sync=True)
    await_selector = traitlets.Unicode("").tag(sync=True)

    def __init__(self, await_selector: str = "") -> None:
        self._faces = NOBODY
        self._reference: tuple[dict[str, Any], list[bytes]] | None = None
        self._attribution: tuple[dict[str, Any], list[bytes]] | None = None
        self._on_ready: list[Callable[[], None]] = []
        super().__init__(await_selector=await_selector, frames=_described(NOBODY, 0))
        self.on_msg(self._heard)

    def on_ready(self, act: Callable[[], None]) -> None:
        """Calls `act` whenever a browser has drawn the whole page, so at a reload once more."""
        self._on_ready.append(act)

    def show(self, faces: Faces, index: int = 0) -> None:
        """Shows other frames from now on, beginning with this one; pictures of the former ones that still arrive are dropped."""
        self._faces = faces
        self._attribution = None
        with self.hold_sync():
            self.frames = _described(faces, self.frames["generation"] + 1)
            self.index = index
            self.settled = index
            self.strip = b""

    def show_reference(self, picture: bytes | None, caption: str, caution: bool = False, reason: str = "") -> None:
        """Shows the reference face with its caption, marked when it is not fit; None shows an empty place and the reason."""
        words = {"type": "reference", "caption": caption, "caution": caution, "reason": reason}
        self._reference = (words, [] if picture is None else [picture])
        self.send(*self._reference)

    def show_attribution(self, about: str, index: int, values: Int8[np.ndarray, "S S"]) -> None:
        """Colours a face, "image" or "reference", while frame `index` is looked at: > 0 raises the estimate, < 0 lowers it."""
        self._attribution = ({"type": "attribution", "about": about, "index": index}, [values.tobytes()])
        self.send(*self._attribution)

    def clear_attribution(self) -> None:
        """Takes the colours off."""
        if self._attribution is not None:
            self._attribution = None
            self.send({"type": "clear"})

    def _heard(self, _: object, message: dict[str, Any], __: object) -> None:
        if message.get("type") == "frames" and message.get("generation") == self.frames["generation"]:
            self._send_frames(message["frames"], message["generation"])
        elif message.get("type") == "ready":
            for words in (self._reference, self._attribution):
                if words is not None:
                    self.send(*words)
            for act in self._on_ready:
                act()

    def _send_frames(self, asked: list[Any], generation: int) -> None:
        faces = self._faces
        known = [index for index in asked if isinstance(index, int) and 0 <= index < len(faces.numbers)]
        pictures = [faces.picture(index) or b"" for index in known]
        self.send({"type": "frames", "generation": generation, "frames": known}, pictures)


def signed_map(
    values: Float32[np.ndarray, "3 S S"] | Float32[np.ndarray, "S S"], cell: int = 4
) -> Int8[np.ndarray, "S S"]:
    """An attribution as it is coloured: channels added, pixels gathered in soft cells, the strongest 0.5 % at full colour.

    Cells are `cell` pixels wide: single pixels of a gradient are noise to the eye, and their sum is what counts.
    """
    flat = values.sum(axis=0) if values.ndim == 3 else values
    soft = _averaged(_averaged(flat.astype(np.float64), cell), cell)
    strongest = float(np.quantile(np.abs(soft), 0.995))
    return np.round(np.clip(soft / (strongest or 1.0), -1, 1) * 127).astype(np.int8)


def _averaged(values: np.ndarray, width: int) -> np.ndarray:
    """The running mean over `width` pixels along both axes, edges repeated."""
    for axis in (0, 1):
        before, after = width // 2, width - 1 - width // 2
        padded = np.pad(values, [(before, after) if axis == side else (0, 0) for side in (0, 1)], mode="edge")
        sums = np.cumsum(np.insert(padded, 0, 0, axis=axis), axis=axis)
        upper = np.take(sums, range(width, sums.shape[axis]), axis=axis)
        values = (upper - np.take(sums, range(sums.shape[axis] - width), axis=axis)) / width
    return values


def _described(faces: Faces, generation: int) -> dict[str, Any]:
    steps = np.diff(faces.seconds)
    steps = steps[steps > 0]
    return {
        "generation": generation,
        "count": len(faces.numbers),
        "numbers": [int(number) for number in faces.numbers],
        "seconds": [None if np.isnan(second) else round(float(second), 4) for second in faces.seconds],
        "rate": float(np.clip(1 / np.median(steps), 1, 60)) if len(steps) else 20.0,
        "reasons": {str(place): reason for place, reason in faces.reasons.items()},
        "blank": list(faces.blank),
    }
