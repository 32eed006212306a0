"""The faces that an answer is about, small and side by side: image, reference, their difference, and the face after a change."""

import io
from pathlib import Path

import anywidget
import numpy as np
import traitlets
from jaxtyping import UInt8
from PIL import Image

_HERE = Path(__file__).parent
Crop = UInt8[np.ndarray, "S S 3"]


class WhyFaces(anywidget.AnyWidget):
    """Shows PNG files as they are set, b"" = none: `image`, `reference`, `difference` and `changed`.

    colours: what is laid over the face that the answer is `about`, at `opacity`. titles: what is written under each. caution: a
    warning that stands on the coloured picture itself.
    """

    _esm = _HERE / "why_faces.js"
    _css = _HERE / "why_card.css"
    image = traitlets.Bytes(b"").tag(sync=True)
    reference = traitlets.Bytes(b"").tag(sync=True)
    difference = traitlets.Bytes(b"").tag(sync=True)
    changed = traitlets.Bytes(b"").tag(sync=True)
    colours = traitlets.Bytes(b"").tag(sync=True)
    about = traitlets.Unicode("image").tag(sync=True)
    titles = traitlets.Dict().tag(sync=True)
    caution = traitlets.Unicode("").tag(sync=True)
    opacity = traitlets.Float(0.75).tag(sync=True)

    def show(self, image: Crop, reference: Crop | None, numbers: tuple[int, int]) -> None:
        """The crops of a frame and of its reference, None without one; numbers: of the two frames. No change yet."""
        frame, referred = numbers
        with self.hold_sync():
            self.image, self.changed = png(image), b""
            self.reference = b"" if reference is None else png(reference)
            self.difference = b"" if reference is None else png(difference(image, reference))
            self.titles = {
                "image": f"Frame {frame}",
                "reference": f"Reference: {referred}",
                "difference": "Difference",
                "changed": "Changed",
            }

    def colour(self, about: str, colours: bytes, caution: str) -> None:
        """Lays colours over "image" or "reference", with a warning on it where there is one."""
        with self.hold_sync():
            self.about, self.colours, self.caution = about, colours, caution

    def show_changed(self, picture: Crop) -> None:
        """The face after a change."""
        self.changed = png(picture)

    def clear(self) -> None:
        """Nobody."""
        with self.hold_sync():
            self.image = self.reference = self.difference = self.changed = self.colours = b""
            self.caution = ""


def difference(image: Crop, reference: Crop) -> Crop:
    """Image less reference: mid-grey where they are the same, lighter and darker where the image is (S, S, 3)."""
    apart = image.astype(np.int16) - reference.astype(np.int16)
    return np.clip(128 + apart, 0, 255).astype(np.uint8)


def png(crop: Crop) -> bytes:
    """A crop as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(crop).save(file, "PNG")
    return file.getvalue()
