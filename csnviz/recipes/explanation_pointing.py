"""Does the explanation of a false positive point at the attribute that stands there, when image and reference wear it alike?

People whom no network has met are drawn with an attribute switched on, on the image and on the reference. Where all labels are 0
and NCG says 1 or more of the unit for which the attribute is taken, the share of the explanation's positive values inside the
attribute's exact mask is held against the share of the crop that the mask covers. The walk starts at the mean neutral face. The
same face without the attribute would be a circular start: it differs from the image in the mask and nowhere else.

Beside it stands what the same mask gets where there is no attribute (the face drawn without it, the same start), and what the
mask gets from the start that cannot work: the person's own reference, which wears the attribute too.

People are asked in the order of their numbers until FRAMES frames of PEOPLE people are there or nobody is left. Whom to draw often
is told by one frame each; nothing but NCG's estimate decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Float32, UInt8

from csnviz.cast.attributes import dosed, draw_attributes
from csnviz.cast.coders import drawn_intensities, to_letters
from csnviz.cast.dataset import draw_frames
from csnviz.cast.pairs import Pair, draw_pair
from csnviz.cast.performance import moment_of
from csnviz.cast.scripts import expressions
from csnviz.explain.attribution import why_ncg
from csnviz.explain.starts import Start
from csnviz.faces.crop import crop_face
from csnviz.facs import AUSet
from csnviz.inference.networks import Networks
from csnviz.models.checkpoints import TrainedNetwork
from csnviz.models.images import images_of
from csnviz.recipes.explanation_demo import Workers, shipped_start
from csnviz.recipes.explanation_finding import FAILS, HOLDS, SAID, TOO_FEW, Finding, counted, over_people, with_interval

ATTRIBUTES: Mapping[str, tuple[int, ...]] = {
    "eyeglasses": (9,),
    "nose_root_wrinkle": (4, 9),
    "chin_hair": (17,),
    "brow_eye_distance": (1,),
}
"""Each attribute with the units for which a reader could take it."""
FRAMES, PEOPLE = 30, 6
EACH = 5
"""Of one person at most so many frames, so that nobody makes up the answer alone."""
COMPARED = 1
"""In so many of them the mask is asked as well from the reference, and without the attribute."""
CANDIDATES = tuple(f"C{number}" for number in range(500, 596))
ROUND = 16
PROMISING = 0.7
"""An estimate in the frame that is looked at first, from which a person is drawn again."""
OVERESTIMATED = 1.0
SHARE = 0.5
FEWEST = 3
"""From so many different values on there is a correlation to speak of."""
PERFORMED = 80

Crop = UInt8[np.ndarray, "S S 3"]
_COLUMNS = [
    "participant",
    "attribute",
    "au",
    "estimate",
    "without",
    "area",
    "share",
    "mask",
    "own_mask",
    "bare_share",
    "bare_mask",
]


@dataclass(frozen=True)
class Wearing:
    """Somebody with an attribute on, the unit for which it is taken, and the reference that wears it too."""

    participant: str
    attribute: str
    au: int
    reference: Crop


def first_looks(participants: Sequence[str], data_root: Path) -> pd.DataFrame:
    """Everybody once with each attribute: participant, attribute, au, estimate (NCG's), reference (the crop of frame 0)."""
    networks = Networks.load()
    lines = []
    for participant in participants:
        own = draw_attributes(participant)
        worn = [dosed(own, attribute, 1.0) for attribute in ATTRIBUTES for _ in range(2)]
        pictures = draw_frames(participant, [0, 1] * len(ATTRIBUTES), worn)
        crops = np.stack([crop_face(picture, points) for picture, points in pictures])
        for place, (attribute, aus) in enumerate(ATTRIBUTES.items()):
            reference, image = crops[2 * place : 2 * place + 2]
            for au in aus:
                lines.append(
                    (participant, attribute, au, float(estimates(networks.ncg, image[None], au)[0]), reference)
                )
    return pd.DataFrame(lines, columns=["participant", "attribute", "au", "estimate", "reference"])


def calm_frames(participant: str, count: int) -> tuple[int, ...]:
    """At most so many frames in which all labels are 0 and the eyes are open, evenly spaced; never the reference, frame 0."""
    played = expressions(participant, PERFORMED)
    calm = (to_letters(drawn_intensities(played)) == 0).all(axis=1)
    frames = [
        frame
        for frame in range(1, PERFORMED)
        if calm[frame] and moment_of(participant, frame, played[frame]).openness > 0.8
    ]
    places = np.unique(np.linspace(0, len(frames) - 1, min(count, len(frames))).round().astype(int))
    return tuple(frames[place] for place in places)


def pointed(asked: Sequence[Wearing], data_root: Path) -> pd.DataFrame:
    """A line for each frame in which NCG overestimates, for the names see `_COLUMNS`.

    area: the mask's share of the crop. share: of the positive values, inside the mask. mask: the sum of all values there, in
    intensity steps. own_mask: that sum when the walk starts at the person's reference. bare_share, bare_mask: share and sum in the
    same mask for the face without the attribute. without: NCG's estimate of that face. NaN where it was not asked.
    """
    ncg, start = Networks.load().ncg, shipped_start()
    lines = []
    for each in asked:
        pair = draw_pair(each.participant, calm_frames(each.participant, EACH), each.attribute)
        for line in of_pair(ncg, start, each, pair):
            lines.append((each.participant, each.attribute, each.au, *line))
    return pd.DataFrame(lines, columns=_COLUMNS)


def of_pair(ncg: TrainedNetwork, start: Start, asked: Wearing, pair: Pair) -> Iterable[tuple[float, ...]]:
    """The numbers of `pointed` for each overestimated frame of a pair."""
    on, off, masks = pair.on.crops(), pair.off.crops(), pair.crop_mask()
    with_it, without = (estimates(ncg, crops, asked.au) for crops in (on, off))
    own = Start(asked.reference, "the person's own reference")
    for done, frame in enumerate(np.flatnonzero(with_it >= OVERESTIMATED)):
        mask = masks[frame]
        heat = why_ncg(ncg, on[frame], start, asked.au).heat()
        compared = (np.nan, np.nan, np.nan)
        if done < COMPARED:
            bare = why_ncg(ncg, off[frame], start, asked.au).heat()
            blind = why_ncg(ncg, on[frame], own, asked.au).heat()
            compared = (float(blind[mask].sum()), positive_share(bare, mask), float(bare[mask].sum()))
        told = (float(with_it[frame]), float(without[frame]), float(mask.mean()))
        yield (*told, positive_share(heat, mask), float(heat[mask].sum()), *compared)


def positive_share(heat: Float32[np.ndarray, "S S"], mask: Bool[np.ndarray, "S S"]) -> float:
    """How much of all that is above 0 lies inside the mask, 0 to 1; NaN where nothing is above 0.

    >>> positive_share(np.array([[3, 1], [-9, 0]], np.float32), np.array([[True, False], [True, True]]))
    0.75
    """
    positive = np.maximum(heat, 0)
    return float(positive[mask].sum() / positive.sum()) if positive.any() else np.nan


def estimates(ncg: TrainedNetwork, crops: UInt8[np.ndarray, "K S S 3"], au_number: int) -> Float32[np.ndarray, " K"]:
    """What a network says of one AU in each crop."""
    with torch.inference_mode():
        return ncg.network(images_of(crops))[:, AUSet(ncg.config.aus).column_of(au_number)].float().numpy()


def ask_people(workers: Workers, data_root: Path, candidates: Sequence[str] = CANDIDATES) -> tuple[pd.DataFrame, int]:
    """The lines of `pointed` for all attributes, and how many people were looked at."""
    found, looked = pd.DataFrame(columns=_COLUMNS), 0
    for first in range(0, len(candidates), ROUND):
        missing = [key for key in _units() if not enough(_of(found, key))]
        if not missing:
            break
        some = candidates[first : first + ROUND]
        looked += len(some)
        looks = workers.lines(first_looks, some, data_root)
        asked = [
            Wearing(line.participant, line.attribute, line.au, line.reference)
            for line in looks.itertuples(index=False)
            if line.estimate >= PROMISING and (line.attribute, line.au) in missing
        ]
        if asked:
            lines = workers.lines(pointed, asked, data_root)
            found = pd.concat([found, lines], ignore_index=True) if len(found) else lines
    return found, looked


def _units() -> list[tuple[str, int]]:
    return [(attribute, au) for attribute, aus in ATTRIBUTES.items() for au in aus]


def _of(lines: pd.DataFrame, key: tuple[str, int]) -> pd.DataFrame:
    return lines[(lines["attribute"] == key[0]) & (lines["au"] == key[1])]


def enough(lines: pd.DataFrame) -> bool:
    """Whether there are as many frames, of as many people, as an answer needs."""
    return len(lines) >= FRAMES and lines["participant"].nunique() >= PEOPLE


def pointing(lines: pd.DataFrame, looked: int) -> list[Finding]:
    """What `ask_people` found, as lines of the table; the last one is about the frames in which the mask was compared."""
    findings = [_finding(*key, _of(lines, key), looked) for key in _units()]
    here = _compared(lines)
    if here[["effect", "gain"]].nunique().min() < FEWEST:
        return findings
    found = f"correlation {np.corrcoef(here['effect'], here['gain'])[0, 1]:.2f}"
    check = "pointing: what an attribute adds to NCG, and what the sum in its mask gains"
    return [*findings, Finding(check, "", found, counted(here), SAID)]


def _compared(lines: pd.DataFrame) -> pd.DataFrame:
    """Frames in which the mask was asked in three ways. effect: what the attribute adds to NCG; gain: to the sum in its mask."""
    here = lines.dropna(subset=["own_mask"])
    return here.assign(effect=here["estimate"] - here["without"], gain=here["mask"] - here["bare_mask"])


def _finding(attribute: str, au: int, here: pd.DataFrame, looked: int) -> Finding:
    check = f"pointing: {attribute.replace('_', ' ')}, AU{au}"
    asked = f">= {100 * SHARE:.0f} % of the positive values in the mask"
    if not len(here):
        return Finding(check, asked, "", f"no frame among {looked} people", TOO_FEW)
    share, low, high = over_people(here, "share")
    area, _, _ = over_people(here, "area")
    found = f"{with_interval(share, low, high)} of them, on {area:.2f} of the crop"
    verdict = (HOLDS if share >= SHARE else FAILS) if enough(here) else TOO_FEW
    return Finding(check, asked, found, counted(here), verdict)


def pointing_lines(lines: pd.DataFrame) -> list[str]:
    """A second Markdown table: what an attribute adds to NCG, in intensity steps, and what its mask gets, by start."""
    head = [
        "| attribute, unit | NCG with it / without | share in the mask, less the mask's area | of them compared: people, frames "
        "| share in the mask without the attribute | the attribute adds to NCG | it adds to the sum in the mask "
        "| sum in the mask from the person's own reference |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return [*head, *(_line(*key, _of(lines, key)) for key in _units() if len(_of(lines, key)))]


def _line(attribute: str, au: int, here: pd.DataFrame) -> str:
    compared = _compared(here)
    cells = [
        f"{attribute.replace('_', ' ')}, AU{au}",
        f"{over_people(here, 'estimate')[0]:.2f} / {over_people(here, 'without')[0]:.2f}",
        with_interval(*over_people(here.assign(less=here["share"] - here["area"]), "less"), "+"),
        f"{compared['participant'].nunique()}, {len(compared)}",
        with_interval(*over_people(compared, "bare_share")),
        *(with_interval(*over_people(compared, name), "+") for name in ("effect", "gain", "own_mask")),
    ]
    return f"| {' | '.join(cells)} |"
