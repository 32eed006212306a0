"""Crops that were made elsewhere, in a mirror of the dataset's folder: taken as they are, with their origin and their hash.

The crop of a still has the still's path and name, whatever its ending: Images/SN001/A1/000.jpg -> Images/SN001/A1/000.png. The
crop of a video's frame lies in a folder with the video's path and name, and is named by the frame's number, counted from 1,
zeros in front or none: Videos_LeftCamera/LeftVideoSN001_comp.avi -> Videos_LeftCamera/LeftVideoSN001_comp/1.jpg.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from tqdm.auto import tqdm

from csnviz import places
from csnviz.data.alignment import foreign_alignment
from csnviz.data.decode import decode_still, still_format
from csnviz.data.images import CROP_SIZE, FaceImagesWriter, make_private
from csnviz.data.listing import Listing
from csnviz.data.portion import KeptPortion, Portion, portions_of
from csnviz.data.prepared import keep_prepared
from csnviz.data.seen import DAMAGED, SEEN_COLUMNS, jpeg
from csnviz.data.storage import plain_name, read_arrays, replacing, rows_from_arrays, rows_to_arrays, write_arrays
from csnviz.data.tables import FrameTable
from csnviz.errors import InputError

NO_CROP = "no crop"

_ENDINGS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp")


def take_crops(
    listing: Listing, folder: Path, data_root: Path | None, origin: str, progress: bool = True
) -> FrameTable:
    """Every frame of a listing with the crop that somebody else made of it, and the reason "no crop" where there is none.

    folder: 112 x 112 pictures, named as this module says. origin: who aligned them and how, in a sentence; it becomes the table's
    `alignment` together with the first twelve signs of a hash over all crops. How the faces are seen (yaw, eyes ...) is unknown.
    The crops are copied to `datasets/<dataset>/crops-<hash>` under the data root; the same ones are not copied again.

    InputError when the origin is empty, no frame has a crop, or a crop has another size.
    """
    if not origin.strip():
        raise InputError(f"{folder}: say where these crops come from, for the reports name it (--origin WORDS).")
    found = _crop_files(listing, Path(folder).expanduser())
    hashes = _checked_hashes(found, progress)
    names = (f"{listing.rows['frame_id'][row]}\0{sha256}\n" for row, sha256 in sorted(hashes.items()))
    sha256 = hashlib.sha256("".join(names).encode()).hexdigest()
    kept_in = places.data_root(data_root) / "datasets" / plain_name(listing.dataset) / f"crops-{sha256[:12]}"
    portions = portions_of(listing, make_private(kept_in))
    frame_ids = listing.rows["frame_id"]
    with tqdm(desc="Taking crops", total=len(listing), unit="frame", delay=2, disable=not progress) as bar:
        kept = [_keep(portion, frame_ids, found, bar) for portion in portions]
    words = {"origin": origin, "sha256": sha256, "crops": len(hashes), "frames": len(listing)}
    with replacing(kept_in / "crops.json") as part:
        part.write_text(json.dumps(words, indent=1) + "\n", encoding="utf-8")
    (kept_in / "crops.json").chmod(0o600)
    return keep_prepared(listing, kept_in, kept, foreign_alignment(sha256, origin)).frames


def _crop_files(listing: Listing, folder: Path) -> Mapping[int, Path]:
    """The crop of each row of the listing that has one."""
    stems = lru_cache(maxsize=None)(_stems)
    found, expected = {}, []
    for row, (source, place) in enumerate(zip(listing.rows["source"], listing.rows["place"], strict=True)):
        path = listing.root / source
        if not path.is_relative_to(listing.root):
            raise InputError(f"{path}: lies outside {listing.root}, so that no crop can mirror it. Move it there.")
        mirrored = (folder / path.relative_to(listing.root)).with_suffix("")
        mirrored = mirrored if place < 0 else mirrored / str(place + 1)
        expected.append(mirrored)
        crop = stems(mirrored.parent, place >= 0).get(mirrored.name)
        if crop is not None:
            found[row] = crop
    if not found:
        where = f"{expected[0]}.jpg" if expected else folder
        raise InputError(
            f"{folder}: no crop of any of {len(listing)} frames; the first would be {where}. Name another folder."
        )
    return found


def _stems(folder: Path, numbers: bool) -> dict[str, Path]:
    """The pictures of a folder by their names without endings (numbers: and without zeros in front)."""
    found: dict[str, Path] = {}
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    for file in files:
        if file.suffix.lower() in _ENDINGS and not file.name.startswith("."):
            stem = file.stem.lstrip("0") if numbers else file.stem
            if stem in found:
                raise InputError(
                    f"{file}: a second crop of the same frame beside {found[stem].name}. Remove one of them."
                )
            found[stem] = file
    return found


def _checked_hashes(found: Mapping[int, Path], progress: bool) -> dict[int, str]:
    """The hash of each crop's file; InputError when one has another size."""
    bar = tqdm(found.items(), desc="Looking at crops", unit="crop", delay=2, disable=not progress)
    return {row: _checked_hash(path) for row, path in bar}


def _checked_hash(path: Path) -> str:
    kind = still_format(path)
    with open(path, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        try:
            file.seek(0)
            with Image.open(file, formats=[kind] if kind else []) as picture:
                size = picture.size
        except (OSError, SyntaxError, ValueError):
            return sha256  # its row will say that it is damaged
    if size != (CROP_SIZE, CROP_SIZE):
        raise InputError(
            f"{path}: a crop of {size[0]} x {size[1]} pixels was found, and {CROP_SIZE} x {CROP_SIZE} are expected. "
            "Crop all faces to that size."
        )
    return sha256


def _keep(portion: Portion, frame_ids: pd.Series, found: Mapping[int, Path], bar: tqdm) -> KeptPortion:
    """The portion's rows, its crops copied first where they are not yet."""
    if not portion.folder.is_dir():
        began = time.monotonic()
        with FaceImagesWriter(portion.folder) as writer:
            seen = pd.DataFrame([_taken(found.get(row), writer) for row in portion.rows]).reindex(columns=SEEN_COLUMNS)
            seen = seen.assign(frame_id=frame_ids.iloc[list(portion.rows)].to_numpy())
            seconds = round(time.monotonic() - began, 2)
            write_arrays(writer.work / "rows.npz", rows_to_arrays(seen), {"table": "TakenPortion", "seconds": seconds})
    bar.update(len(portion))
    arrays, words = read_arrays(portion.folder / "rows.npz", "TakenPortion")
    rows = rows_from_arrays(arrays).set_index("frame_id").reindex(frame_ids.iloc[list(portion.rows)])
    # The same crops under a listing with other frames: a frame that it has beyond the first one's has no crop.
    rows = rows.assign(image=rows["image"].fillna(-1).astype(np.int64), reason=rows["reason"].fillna(NO_CROP))
    return KeptPortion(portion, rows.loc[:, list(SEEN_COLUMNS)], words["seconds"], ())


def _taken(crop: Path | None, writer: FaceImagesWriter) -> dict[str, object]:
    if crop is None:
        return {"image": -1, "reason": NO_CROP}
    try:
        pixels = decode_still(crop)
    except InputError:
        return {"image": -1, "reason": DAMAGED}
    return {"image": writer.add(pixels, jpeg(Image.fromarray(pixels))), "reason": ""}
