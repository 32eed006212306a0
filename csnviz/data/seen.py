"""What one picture shows of a face, as a row: where the face looks, how open its eyes are, what covers it; and its pictures.

Recordings and prepared datasets are read by the same eyes, so that their rows and crops mean the same.
"""

import io

import numpy as np
import pandas as pd
from jaxtyping import Float64
from PIL import Image

from csnviz.data.decode import DecodedFrame
from csnviz.data.filming import as_filmed
from csnviz.data.images import FaceImagesWriter
from csnviz.faces.covered import HandFinder, carried
from csnviz.faces.crop import PREPROCESSING_VERSION, crop_face, face_picture
from csnviz.faces.detect import FaceFinder, FoundFace, NoFace
from csnviz.faces.landmarks import all_landmarks
from csnviz.faces.quality import head_pose, lid_gaps

PICTURE_SIZE = 336
DAMAGED = "damaged picture"

SEEN_COLUMNS = ("image", "reason", "yaw", "pitch", "roll", "one_eye", "other_eye", "covered")
"""What `look` says of a picture; all but the first two are NaN without a face."""

_ROWS_VERSION = "2"
"""Changes whenever the same crops would get other rows (times, poses, eyes, hands) or other pictures beside them."""


def reading_version(landmarks: str) -> str:
    """Names what made crops and rows; what was kept under another name is not read. landmarks: `FaceFinder.version`."""
    return f"v{PREPROCESSING_VERSION}.{_ROWS_VERSION}-{landmarks}"


def look(
    frame: DecodedFrame, finder: FaceFinder, hands: HandFinder | None, writer: FaceImagesWriter
) -> dict[str, object]:
    """What one frame shows, by SEEN_COLUMNS; its crop and pictures go to the writer, and `image` is their place there.

    Without a usable face the picture is the whole frame, made smaller. hands: None does not look for any, and `covered` is NaN.
    """
    found = NoFace(DAMAGED) if frame.damaged else finder.find(frame.image)
    if isinstance(found, NoFace):
        return {"reason": found.reason, "image": writer.add(None, jpeg(_fitted(frame)), as_filmed(frame.image, None))}
    crop = crop_face(frame.image, found.points68)
    picture = face_picture(frame.image, found.points68, PICTURE_SIZE)
    place = writer.add(crop, jpeg(Image.fromarray(picture)), as_filmed(frame.image, all_landmarks(found)))
    return {"reason": "", "image": place} | _view(frame, found, hands)


def _view(frame: DecodedFrame, found: FoundFace, hands: HandFinder | None) -> dict[str, float]:
    pose = head_pose(found.points478)
    one_eye, other_eye = lid_gaps(found.points68)
    covered = float("nan") if hands is None else hands.covered(frame.image, found.points478)
    view = {"yaw": pose.yaw, "pitch": pose.pitch, "roll": pose.roll}
    return view | {"one_eye": float(one_eye), "other_eye": float(other_eye), "covered": covered}


def _fitted(frame: DecodedFrame) -> Image.Image:
    picture = Image.fromarray(frame.image)
    picture.thumbnail((PICTURE_SIZE, PICTURE_SIZE))
    return picture


def jpeg(picture: Image.Image) -> bytes:
    """A picture as the bytes of a JPEG file."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=88)
    return file.getvalue()


def hands_in_between(seen: pd.DataFrame) -> Float64[np.ndarray, " N"]:
    """The column `covered` of frames in order, each look for hands speaking for its neighbours; NaN without a face."""
    covered = carried(seen["covered"].to_numpy(dtype=np.float64))
    return np.where(seen["reason"] == "", covered, np.nan)
