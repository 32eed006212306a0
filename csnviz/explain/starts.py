"""Faces from which an explanation may begin: without the attribute in question, or without detail."""

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageFilter

from csnviz.data.images import CROP_SIZE
from csnviz.data.storage import replacing
from csnviz.errors import InputError


@dataclass(frozen=True)
class Start:
    """A crop (S, S, 3) RGB that an explanation begins from, and what it shows, in the words that a panel prints."""

    crop: UInt8[np.ndarray, "S S 3"]
    words: str


def mean_neutral(path: Path) -> Start:
    """The mean aligned neutral face of the people a network was trained on: nobody's glasses, wrinkles or beard.

    path: a 112 x 112 PNG with a JSON file beside it (same name) that holds its sha256 and words, as `save_mean_neutral` writes
    them. InputError when either is missing, unreadable, or not the file that the sum was taken of.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
        beside = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        with Image.open(io.BytesIO(content)) as picture:
            crop = np.array(picture.convert("RGB"))
        words, expected = str(beside["words"]), str(beside["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: no mean neutral face with its .json beside it ({error}). Reinstall csnviz."
        ) from None
    if hashlib.sha256(content).hexdigest() != expected or crop.shape != (CROP_SIZE, CROP_SIZE, 3):
        raise InputError(f"{path}: this is not the mean neutral face that the checkpoints came with. Reinstall csnviz.")
    return Start(crop, words)


def save_mean_neutral(path: Path, neutral_faces: UInt8[np.ndarray, "K S S 3"], words: str) -> None:
    """Writes the mean of these neutral crops as a PNG at `path`, and its sha256 and words as JSON beside it.

    InputError where there is no face.
    """
    if not len(neutral_faces):
        raise InputError(f"{path}: there is no resting face to take the mean of. Draw people who rest in some frame.")
    mean = np.round(neutral_faces.mean(axis=0)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(mean).save(file, format="PNG")
    with replacing(Path(path)) as part:
        part.write_bytes(file.getvalue())
    beside = {"sha256": hashlib.sha256(file.getvalue()).hexdigest(), "words": words, "faces": len(neutral_faces)}
    with replacing(Path(path).with_suffix(".json")) as part:
        part.write_text(json.dumps(beside, indent=1) + "\n", encoding="utf-8")


def blurred(crop: UInt8[np.ndarray, "S S 3"], radius: float = 10.0) -> Start:
    """The same face without detail: Gaussian blur, standard deviation `radius` in pixels of the crop.

    Light, pose and skin stay; brows, glasses and folds go. At 10 of 112 pixels no feature of a face is left.
    """
    soft = Image.fromarray(crop).filter(ImageFilter.GaussianBlur(radius))
    return Start(np.array(soft), "the same face, blurred until no feature is left")
