"""The faces that an answer is about, small and side by side: image, reference, their difference, and the face after a change."""

import io
from pathlib import Path

import numpy as np
import traitlets
from jaxtyping import UInt8
from PIL import Image

from csnviz.explain.results import FaceParts
from csnviz.views.sent_pictures import SentPictures

FACES = ("image", "reference", "difference", "changed")
COLOURS, PARTS = "colours", "parts"
BESIDE = "csn-with-faces"
"""The class of a box in which lines that name a part (data-part) outline it on the faces there."""
_HERE = Path(__file__).parent
Crop = UInt8[np.ndarray, "S S 3"]


class WhyFaces(SentPictures):
    """Shows picture files by name: "image", "reference", "difference", "changed", and "colours" laid over a face.

    about: "image" or "reference", which face has the colours, at `opacity`. titles: what is written under each. caution: a warning
    that stands on the coloured picture itself. part_titles: of the parts that can be outlined on the face with the colours.
    """

    _esm = _HERE / "why_faces.js"
    _css = _HERE / "why_card.css"
    about = traitlets.Unicode("image").tag(sync=True)
    titles = traitlets.Dict().tag(sync=True)
    caution = traitlets.Unicode("").tag(sync=True)
    part_titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    opacity = traitlets.Float(0.75).tag(sync=True)

    def __init__(self) -> None:
        super().__init__(*FACES, COLOURS, PARTS)

    def show(self, image: Crop, reference: Crop | None, numbers: tuple[int, int]) -> None:
        """The crops of a frame and of its reference, None without one; numbers: of the two frames. No change yet."""
        frame, referred = numbers
        self.titles = {
            "image": f"Frame {frame}",
            "reference": f"Reference: {referred}",
            "difference": "Difference",
            "changed": "Changed",
        }
        apart = b"" if reference is None else png(difference(image, reference))
        own = b"" if reference is None else png(reference)
        self.put({"image": png(image), "reference": own, "difference": apart, "changed": b""})

    def show_files(self, image: bytes, reference: bytes, titles: dict[str, str]) -> None:
        """Two pictures as they are, each b"" where there is none, and what is written under them."""
        self.titles = titles
        self.put({"image": image, "reference": reference})

    def colour(self, about: str, colours: bytes, caution: str, parts: FaceParts | None = None) -> None:
        """Lays colours over "image" or "reference", with a warning on it where there is one; parts: of that face."""
        self.about, self.caution = about, caution
        self.part_titles = [] if parts is None else list(parts.titles)
        self.put({COLOURS: colours, PARTS: b"" if parts is None else parts.of_pixels.tobytes()})

    def show_changed(self, picture: Crop) -> None:
        """The face after a change."""
        self.put({"changed": png(picture)})

    def clear(self) -> None:
        """Nobody."""
        self.caution = ""
        self.put(dict.fromkeys((*FACES, COLOURS, PARTS), b""))


def difference(image: Crop, reference: Crop) -> Crop:
    """Image less reference: mid-grey where they are the same, lighter and darker where the image is (S, S, 3)."""
    apart = image.astype(np.int16) - reference.astype(np.int16)
    return np.clip(128 + apart, 0, 255).astype(np.uint8)


def png(crop: Crop) -> bytes:
    """A crop as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(crop).save(file, "PNG")
    return file.getvalue()
