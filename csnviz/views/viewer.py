"""The frame viewer: faces beside their reference and a timeline of all AUs, followed in the browser without waiting for Python."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from jaxtyping import Float, Float32, Int, Int8, UInt8
from PIL import Image

from csnviz.data.tables import FrameTable
from csnviz.errors import InputError
from csnviz.views.methods import ESTIMATORS, LABEL
from csnviz.views.signed_map import signed_map as signed_map
from csnviz.views.tracks import Tracks
from csnviz.views.viewer_module import MARKUP as MARKUP
from csnviz.views.viewer_module import MODULE as MODULE

_COLOURS = {method.key: method.colour for method in (LABEL, *ESTIMATORS)}

FACE, NETWORK, FILMED = "face", "network", "filmed"
VIEWS = (FACE, NETWORK, FILMED)
"""Pictures of one frame: aligned in natural colours, the crop that the network reads, and the whole frame as it was filmed."""

COMPARISONS = ("beside", "wipe", "onion")
"""How the reference is held against a frame."""

OF_FRAME = "csn-of-frame"
"""The class of a button or list about the frame looked at: playing stops, and Python hears of it once it knows that frame."""

_CHOICES = {"view": VIEWS, "compare": COMPARISONS}

_NO_CROPS = "There are no crops of these faces: this table holds no pictures."
_NOT_FILMED = "The frames as filmed were not kept for these faces. Read the recording again to keep them."

Buffers = list[bytes]
Message = tuple[dict[str, Any], Buffers]
Points = Callable[[Sequence[int]], Float32[np.ndarray, "K P 2"]]


@dataclass(frozen=True)
class Faces:
    """The frames a viewer shows: numbers as in files, seconds (NaN unknown), why there is no face, and their pictures.

    picture, crop and filmed give one frame's JPEG (`FACE`, `NETWORK`, `FILMED`), None where there is none. points and corners
    give, for some rows, the 68 landmarks and the corners of the network's square (upper left, lower left, lower right, upper
    right) as shares of the filmed picture's width and height; NaN where there are none. They are asked a few rows at a time.
    withheld: why there is no crop or no filmed picture, where it is not for the usual reason.
    """

    numbers: Int[np.ndarray, " N"]
    seconds: Float[np.ndarray, " N"]
    reasons: dict[int, str]
    picture: Callable[[int], bytes | None]
    blank: tuple[int, ...] = ()
    crop: Callable[[int], bytes | None] | None = None
    filmed: Callable[[int], bytes | None] | None = None
    points: Points | None = None
    corners: Points | None = None
    withheld: str = ""

    @classmethod
    def unseen(cls, frames: FrameTable) -> "Faces":
        """The frames of a table without any picture, and without asking for one."""
        rows = frames.rows
        reasons = {place: str(reason) for place, reason in enumerate(rows["reason"]) if reason}
        return cls(rows["frame_index"].to_numpy(), rows["timestamp"].to_numpy(), reasons, lambda _: None)

    @classmethod
    def of(cls, frames: FrameTable) -> "Faces":
        """The faces of a table, in its order."""
        rows, unseen = frames.rows, cls.unseen(frames)
        pictured = np.flatnonzero(rows["image"] >= 0) if frames.images else np.zeros(0, np.int64)
        blank = tuple(int(place) for place in np.setdiff1d(np.arange(len(rows)), pictured))
        usable = frames.usable

        def crop(row: int) -> bytes | None:
            return _jpeg(frames.crops([row])[0]) if usable[row] else None

        # Frames of one table may come from several folders: a look at the first, the middle and the last tells.
        few = pictured[[0, len(pictured) // 2, -1]] if len(pictured) else ()
        filmed = any(frames.filmed(int(row)) is not None for row in few)
        kept = (frames.filmed, frames.points, frames.corners) if filmed else (None, None, None)
        seen = (frames.picture, blank, crop if frames.images else None, *kept)
        return cls(unseen.numbers, unseen.seconds, unseen.reasons, *seen)

    def show(self, view: str, row: int) -> bytes | None:
        """One frame's picture in one of `VIEWS`, None where there is none."""
        ask = {FACE: self.picture, NETWORK: self.crop, FILMED: self.filmed}[view]
        return None if ask is None else ask(row)

    def places(self, rows: Sequence[int]) -> Buffers:
        """Landmarks and corners of these rows as float32, two buffers; none where nobody knows them."""
        if self.points is None or self.corners is None or not len(rows):
            return []
        return [np.asarray(ask(rows), np.float32).tobytes() for ask in (self.points, self.corners)]


NOBODY = Faces(np.zeros(0, np.int64), np.zeros(0), {}, lambda _: None)


class FaceViewer(anywidget.AnyWidget):
    """Shows frames, tells which one is looked at, lays an attribution over a face, and draws a timeline of all AUs.

    Placed on a page it is the faces with their controls; placed once more, inside an element with the class
    "csn-timeline-place", it is the timeline. Both follow one frame.

    `index` is the frame looked at (a place among the given frames, from 0); it may be set from here and is set by the
    browser at most ten times a second. After handling a change, set `settled` to the same number, so that the browser sends
    the next. `calibrated` dims the reference, `strip` holds one byte a frame (0 nothing, 1 labelled, 2 overestimate, 3 no
    face), `opacity` (0-1) is the attribution's. `unit` is the column of the AU that the timeline marks (-1 = none), `region`
    its polygons over the 68 landmarks. `view` is one of `VIEWS`, `compare` "beside", "wipe" or "onion"; `speed` is a multiple
    of the true rate, `stride` the frames that Shift with an arrow goes, `letters` the keys that `on_letter` hears of.
    Every method may be called from any thread.
    """

    _esm = MODULE
    _css = Path(__file__).parent / "viewer.css"
    index = traitlets.Int(0).tag(sync=True)
    settled = traitlets.Int(-1).tag(sync=True)
    frames = traitlets.Dict().tag(sync=True)
    strip = traitlets.Bytes(b"").tag(sync=True)
    opacity = traitlets.Float(0.75).tag(sync=True)
    calibrated = traitlets.Bool(False).tag(sync=True)
    await_selector = traitlets.Unicode("").tag(sync=True)
    view = traitlets.Unicode(FACE).tag(sync=True)
    compare = traitlets.Unicode("beside").tag(sync=True)
    landmarks = traitlets.Bool(False).tag(sync=True)
    regions = traitlets.Bool(False).tag(sync=True)
    region = traitlets.List().tag(sync=True)
    loop = traitlets.Bool(False).tag(sync=True)
    speed = traitlets.Float(1.0).tag(sync=True)
    stride = traitlets.Int(10).tag(sync=True)
    letters = traitlets.Unicode("").tag(sync=True)
    unit = traitlets.Int(-1).tag(sync=True)
    markup = traitlets.Unicode(MARKUP, read_only=True).tag(sync=True)

    def __init__(self, await_selector: str = "") -> None:
        self._faces = NOBODY
        self._reference: Message | None = None
        self._attribution: Message | None = None
        self._tracks: Tracks | None = None
        self._acts: dict[str, list[Callable[..., None]]] = {name: [] for name in ("frames", "ready", *_TOLD)}
        self._acts["index"].append(lambda row: setattr(self, "index", row))
        super().__init__(await_selector=await_selector, frames=_described(NOBODY, 0))
        self.on_msg(self._heard)

    @traitlets.validate("view", "compare", "speed", "stride")
    def _usual(self, proposal: Any) -> Any:
        """What a link asks for, or the nearest that there is."""
        name, value = proposal["trait"].name, proposal["value"]
        if name in _CHOICES:
            return value if value in _CHOICES[name] else _CHOICES[name][0]
        return min(max(value, 0.1), 4.0) if name == "speed" else max(value, 1)

    def on_ready(self, act: Callable[[], None]) -> None:
        """Calls `act` whenever a browser has drawn the whole page, so at a reload once more."""
        self._acts["ready"].append(act)

    def on_frames(self, act: Callable[[], None]) -> None:
        """Calls `act` whenever frames have been sent to a browser."""
        self._acts["frames"].append(act)

    def on_event_step(self, act: Callable[[int], None]) -> None:
        """Calls `act` with 1 or -1 when the next or the previous event is asked for (n, p)."""
        self._acts["event"].append(act)

    def on_drop_reference(self, act: Callable[[int], None]) -> None:
        """Calls `act` with a row when that frame is wanted as the reference (r, or dropped there)."""
        self._acts["drop"].append(act)

    def on_letter(self, act: Callable[[str], None]) -> None:
        """Calls `act` with one of `letters` when its key is pressed."""
        self._acts["letter"].append(act)

    def on_choose_unit(self, act: Callable[[int], None]) -> None:
        """Calls `act` with the column of the AU that was chosen in the timeline."""
        self._acts["unit"].append(act)

    def show(self, faces: Faces, index: int = 0) -> None:
        """Shows other frames from now on, beginning with this one; pictures of the former ones that still arrive are dropped."""
        self._faces = faces
        self._attribution = self._tracks = None
        with self.hold_sync():
            self.frames = _described(faces, self.frames["generation"] + 1)
            self.index = index
            self.settled = index
            self.strip = b""

    def show_reference(
        self, picture: bytes | None, caption: str, caution: bool = False, reason: str = "", row: int = -1
    ) -> None:
        """Shows the reference face with its caption, marked when it is not fit; None shows an empty place and the reason.

        row: its place among the frames shown, which gives it a mark on the timeline and its other views; -1 = not among them.
        """
        among = 0 <= row < len(self._faces.numbers)
        others = [self._faces.show(view, row) or b"" for view in VIEWS[1:]] if among else []
        places = self._faces.places([row]) if among else []
        words = {"type": "reference", "caption": caption, "caution": caution, "reason": reason}
        words |= {"row": row if among else -1, "views": [] if picture is None else list(VIEWS[: 1 + len(others)])}
        self._reference = (words, [] if picture is None else [picture, *others, *places])
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

    def show_tracks(self, tracks: Tracks) -> None:
        """Draws all AUs of the frames shown; InputError when they are of other frames."""
        self._keep(tracks)
        self.send(*self._timeline(tracks, tracks.everything, True))

    def show_calibrated_tracks(self, tracks: Tracks) -> None:
        """The same after another reference: sends again only what it changes."""
        self._keep(tracks)
        self.send(*self._timeline(tracks, tracks.calibrated, False))

    def _keep(self, tracks: Tracks) -> None:
        if len(tracks.usable) != len(self._faces.numbers):
            raise InputError(
                f"The viewer shows {len(self._faces.numbers)} frames, the timeline has {len(tracks.usable)}. "
                "Show the faces first, then the timeline of the same frames."
            )
        self._tracks = tracks

    def _timeline(self, tracks: Tracks, named: dict[str, bytes], whole: bool) -> Message:
        words = {"type": "tracks", "generation": self.frames["generation"], "whole": whole, "which": list(named)}
        words |= {"aus": list(tracks.aus), "count": len(tracks.usable), "colours": _COLOURS}
        return words, list(named.values())

    def _heard(self, _: object, message: dict[str, Any], __: object) -> None:
        kind = message.get("type")
        if kind == "ready":
            self._say_again()
            for act in self._acts["ready"]:
                act()
        elif message.get("generation") != self.frames["generation"]:
            return  # about a participant who is gone
        elif kind == "frames":
            self._send_frames(message["frames"], message.get("view", FACE), message["generation"])
            for act in self._acts["frames"]:
                act()
        elif kind in _TOLD and _TOLD[kind](value := message.get("value"), len(self._faces.numbers)):
            for act in self._acts[kind]:
                act(value)

    def _say_again(self) -> None:
        tracks = self._tracks
        timeline = None if tracks is None else self._timeline(tracks, tracks.everything, True)
        for words in (self._reference, self._attribution, timeline):
            if words is not None:
                self.send(*words)

    def _send_frames(self, asked: list[Any], view: str, generation: int) -> None:
        faces = self._faces
        known = [index for index in asked if isinstance(index, int) and 0 <= index < len(faces.numbers)]
        pictures = [faces.show(view, index) or b"" for index in known] if view in VIEWS else []
        words = {"type": "frames", "generation": generation, "view": view, "frames": known}
        self.send(words, [*pictures, *faces.places(known)])


def _is_place(value: Any, count: int) -> bool:
    return isinstance(value, int) and 0 <= value < count


_TOLD: dict[str, Callable[[Any, int], bool]] = {
    "index": _is_place,
    "event": lambda value, _: value in (1, -1),
    "drop": _is_place,
    "letter": lambda value, _: isinstance(value, str) and len(value) == 1,
    "unit": lambda value, _: isinstance(value, int) and value >= 0,
}
"""What the browser tells of a person, each with one value, and whether it can be meant among so many frames."""


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
        "lacks": {
            NETWORK: "" if faces.crop else faces.withheld or _NO_CROPS,
            FILMED: "" if faces.filmed else faces.withheld or _NOT_FILMED,
        },
    }


def _jpeg(crop: UInt8[np.ndarray, "S S 3"]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(crop).save(file, "JPEG", quality=95, subsampling=0)
    return file.getvalue()
