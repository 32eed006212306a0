"""The same face with and without an attribute, and how far each method's estimate moves between the two.

Of each person and attribute a few frames are drawn twice: as that person, but with the attribute on (a dose of 1) and off (0).
Script, pose, light and noise are the same, and so are the other attributes. The reference is drawn with and without as well, so
that the attribute may be on the image only, on the reference only, or on both.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float32

from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.tables import FrameTable, ReferenceTable, make_rows
from csnviz.evaluation.attribute_effect import EFFECT_KEYS
from csnviz.facs import AUSet
from csnviz.inference.features import FrameFeatures, encode_frames, ready
from csnviz.inference.predict import estimates_beside, predict_without_reference
from csnviz.models.checkpoints import TrainedNetwork
from csnviz.recipes.cast_study_plan import EFFECTS, MAIN, method_of

NEUTRAL, ACTIVE = "label 0", "label >= 2"
IMAGE, REFERENCE, BOTH = "image", "reference", "both"
OWN = "own"
"""Names the looks of a person as the cast has them."""

_AT_ONCE = 256


@dataclass(frozen=True)
class Chosen:
    """Frames of one person: reference, the frame of the neutral face; frames: by AU (0: all labels are 0) those to be looked at."""

    participant: str
    reference: int
    frames: Mapping[int, tuple[int, ...]]


@dataclass(frozen=True)
class Pairs:
    """table: every face that was drawn, once. asked: a line for each pair, EFFECT_KEYS without changed and method, participant, and
    the frame_ids image_off, image_on, reference_off and reference_on."""

    table: FrameTable
    asked: pd.DataFrame

    def of(self, participants: Sequence[str]) -> "Pairs":
        """The pairs of these people."""
        mine = self.table.rows["participant"].isin(participants).to_numpy()
        return Pairs(self.table.select(mine), self.asked[self.asked["participant"].isin(participants)])


def chosen_by_label(table: FrameTable, references: ReferenceTable, count: int) -> list[Chosen]:
    """Of each person at most `count` frames with all labels 0, and as many for each AU with its label at 2 or more.

    Evenly spaced, eyes open, never the reference; the labels alone decide, and no estimate is looked at.
    """
    chosen = []
    for participant in table.participants:
        mine = table.of(participant)
        open_eyes = mine.rows["eye_opening"].to_numpy() > 0.8
        at_rest = mine.rows["frame_id"] == references.frame_id_for(participant, "front")
        usable = open_eyes & ~at_rest.to_numpy()
        calm = usable & (mine.intensity == 0).all(axis=1)
        frames = {0: _spread_out(mine, calm, count)}
        for _, au in EFFECTS:
            shown = usable & (mine.intensity[:, mine.aus.column_of(au)] >= 2)
            frames[au] = _spread_out(mine, shown, count)
        chosen.append(Chosen(participant, int(mine.rows["frame_index"].to_numpy()[at_rest][0]), frames))
    return chosen


def _spread_out(table: FrameTable, wanted: np.ndarray, count: int) -> tuple[int, ...]:
    frames = table.rows["frame_index"].to_numpy()[wanted]
    places = np.unique(np.linspace(0, len(frames) - 1, min(count, len(frames))).round().astype(int))
    return tuple(int(frame) for frame in frames[places])


def always_calm(participants: Sequence[str]) -> list[Chosen]:
    """The frames with which every performance begins: the first as the reference, the others as frames with label 0."""
    from csnviz.cast.scripts import NEUTRAL_START

    return [Chosen(name, 0, {0: tuple(range(1, NEUTRAL_START))}) for name in participants]


@dataclass(frozen=True)
class Portrait:
    """A person's looks by name, each with its attributes and the frames in which they are drawn; and the pairs among them."""

    participant: str
    looks: Mapping[str, tuple[tuple[float, ...], tuple[int, ...]]]
    pairs: tuple[tuple[str, ...], ...]


def portrait(chosen: Chosen) -> Portrait:
    """Which faces of a person are to be drawn; what an attribute's absence shares with the person's own looks is drawn once."""
    from csnviz.cast.attributes import dosed, draw_attributes

    own = draw_attributes(chosen.participant)
    looks: dict[str, tuple[tuple[float, ...], set[int]]] = {}
    pairs = []
    for attribute, au in EFFECTS:
        names = []
        for dose in (0.0, 1.0):
            carried = dosed(own, attribute, dose)
            name = OWN if carried == own else f"{attribute}={dose:g}"
            drawn = looks.setdefault(name, (astuple(carried), set()))[1]
            drawn |= {chosen.reference, *chosen.frames.get(0, ()), *chosen.frames.get(au, ())}
            names.append(name)
        for kind, frames in ((NEUTRAL, chosen.frames.get(0, ())), (ACTIVE, chosen.frames.get(au, ()))):
            for frame in frames:
                images, neutral = (
                    [_frame_id(chosen.participant, at, name) for name in names] for at in (frame, chosen.reference)
                )
                pairs.append((attribute, f"AU{au:02d}", kind, *images, *neutral))
    ordered = {name: (carried, tuple(sorted(frames))) for name, (carried, frames) in looks.items()}
    return Portrait(chosen.participant, ordered, tuple(pairs))


def _frame_id(participant: str, frame: int, name: str) -> str:
    return f"cast/{participant}/front/{frame:04d}/{name}"


def portrait_folder(asked: Portrait, data_root: Path, dial: float) -> Path:
    """Where a person's faces are kept; its name holds all that decides their pixels."""
    from csnviz.cast.version import cast_version

    words = json.dumps([asked.looks, dial]).encode()
    folder = f"{asked.participant}-{hashlib.sha256(words).hexdigest()[:12]}"
    return Path(data_root) / "cast" / f"{cast_version()}-pairs" / folder


def draw_portrait(asked: Portrait, data_root: Path, dial: float, device: str) -> None:
    """Draws a person's faces into their folder, which appears whole or not at all; a finished one is kept."""
    from csnviz.cast.attributes import Attributes
    from csnviz.cast.dataset import draw_frames
    from csnviz.faces.crop import crop_face

    folder = portrait_folder(asked, data_root, dial)
    if folder.exists():
        return
    drawn = [(frame, Attributes(*carried)) for carried, frames in asked.looks.values() for frame in frames]
    frames, worn = [frame for frame, _ in drawn], [carried for _, carried in drawn]
    with FaceImagesWriter(folder) as writer:
        for image, points in draw_frames(asked.participant, frames, worn, non_additivity=dial, device=device):
            writer.add(crop_face(image, points), b"")


def pairs_of(portraits: Sequence[Portrait], data_root: Path, dial: float, aus: AUSet) -> Pairs:
    """The faces and pairs of people whose folders are there. No face carries a label here: the pairs say what is asked."""
    ids = [
        (asked.participant, frame, _frame_id(asked.participant, frame, name))
        for asked in portraits
        for name, (_, frames) in asked.looks.items()
        for frame in frames
    ]
    people, frames, frame_ids = (list(column) for column in zip(*ids, strict=True))
    rows = make_rows(
        {
            "frame_id": frame_ids,
            "dataset": "cast",
            "participant": people,
            "camera": "front",
            "video": people,
            "frame_index": np.array(frames, np.int64),
            "timestamp": np.nan,
            "source": "drawn",
            "image": np.arange(len(ids)),
        }
    )
    images = FaceImages.open(*(portrait_folder(asked, data_root, dial) for asked in portraits))
    table = FrameTable(rows, np.full((len(ids), len(aus)), np.nan, np.float32), aus, images)
    lines = [(asked.participant, *pair) for asked in portraits for pair in asked.pairs]
    columns = ["participant", *EFFECT_KEYS[:3], "image_off", "image_on", "reference_off", "reference_on"]
    return Pairs(table, pd.DataFrame(lines, columns=columns))


def changes_without_reference(ncg: TrainedNetwork, pairs: Pairs, device: str = "auto") -> pd.DataFrame:
    """How far the attribute moves NCG and BS: `effects` columns, a line for each person, averaged over the person's frames.

    On the image alone BS moves as NCG does, for it subtracts the same number from both; re-centred it moves as BS does, always.
    """
    table = pairs.table
    estimates = predict_without_reference(ncg, table, device=device, progress=False)
    place = pd.Series(np.arange(len(table)), index=table.rows["frame_id"])
    column = _columns(pairs, estimates.aus)

    def at(name: str) -> Float32[np.ndarray, " Q"]:
        return estimates.estimate[place[pairs.asked[name]].to_numpy(), column]

    image, reference = at("image_on") - at("image_off"), at("reference_on") - at("reference_off")
    moved = {
        ("NCG", IMAGE): image,
        ("BS", IMAGE): image,
        ("BS", REFERENCE): -reference,
        ("BS", BOTH): image - reference,
    }
    return _per_person(pairs.asked, moved)


def changes_with_reference(csn: TrainedNetwork, pairs: Pairs, device: str = "auto") -> pd.DataFrame:
    """The same of a CSN, whose estimate is of an image beside a reference, each with the attribute or without."""
    features = encode_frames(csn, pairs.table, device=device, progress=False)
    column = _columns(pairs, AUSet(csn.config.aus))

    def beside(reference: str, image: str) -> Float32[np.ndarray, " Q"]:
        found = _beside(csn, features, list(pairs.asked[reference]), list(pairs.asked[image]), device)
        return found[np.arange(len(column)), column]

    off = beside("reference_off", "image_off")
    moved = {
        IMAGE: beside("reference_off", "image_on") - off,
        REFERENCE: beside("reference_on", "image_off") - off,
        BOTH: beside("reference_on", "image_on") - off,
    }
    method = method_of(csn.config.merge_before or MAIN)
    return _per_person(pairs.asked, {(method, changed): change for changed, change in moved.items()})


def _beside(
    csn: TrainedNetwork, features: FrameFeatures, references: list[str], images: list[str], device: str
) -> Float32[np.ndarray, "Q A"]:
    chosen = ready(csn, device)
    parts = []
    for start in range(0, len(images), _AT_ONCE):
        here = slice(start, start + _AT_ONCE)
        neutral, seen = (features.of(ids[here]).to(chosen) for ids in (references, images))
        parts.append(estimates_beside(csn, neutral, seen))
    return np.concatenate(parts)


def _columns(pairs: Pairs, aus: AUSet) -> np.ndarray:
    return pairs.asked["au"].map({au: aus.columns.index(au) for au in pairs.asked["au"].unique()}).to_numpy()


def _per_person(asked: pd.DataFrame, moved: Mapping[tuple[str, str], np.ndarray]) -> pd.DataFrame:
    """Each person's mean change over frames of one kind."""
    whose = asked[["participant", *EFFECT_KEYS[:3]]].reset_index(drop=True)
    parts = [
        whose.assign(method=method, changed=changed, change=change.astype(float))
        for (method, changed), change in moved.items()
    ]
    keys = [*EFFECT_KEYS, "participant"]
    return pd.concat(parts).groupby(keys, sort=False)["change"].mean().reset_index()


def keep_pairs(pairs: Pairs, path: Path) -> None:
    """Writes the table (`path`, .npz) and the pairs beside it (.csv), for other processes."""
    pairs.table.save(path)
    pairs.asked.to_csv(path.with_suffix(".csv"), index=False)


def read_pairs(path: Path) -> Pairs:
    """Reads what `keep_pairs` wrote."""
    return Pairs(FrameTable.load(path), pd.read_csv(path.with_suffix(".csv")))
