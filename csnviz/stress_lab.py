"""The stress lab on the cast: an attribute put on a drawn face, its reference or both, and every method asked again."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from jaxtyping import Float
from PIL import Image

from csnviz.cast.attributes import WORDS, Attributes, dosed, draw_attributes
from csnviz.cast.dataset import cast_references, draw_frames
from csnviz.cast.pairs import Worn
from csnviz.data.tables import FrameTable
from csnviz.evaluation.attribute_effect import mean_intervals
from csnviz.faces.crop import crop_face, face_picture
from csnviz.facs import AUSet
from csnviz.page_memory import LoadedNetworks, quietly
from csnviz.recipes.cast_cases import FIGURE_2
from csnviz.views.latest_only import Watch
from csnviz.views.methods import BS, CSN, ESTIMATORS, NCG
from csnviz.views.source import Case
from csnviz.views.stress import Dosed, Lab, Preset, Stressed, Values

if TYPE_CHECKING:
    from torch import Tensor

    from csnviz.inference.networks import Networks

MOST_FACES = 400
"""Drawn faces kept with what the networks say about them before the merge, the newest: about 60 kB each with the small network."""

A_HANDFUL = 6
"""People over whom a change is averaged: the first in the table, so that an answer is there in seconds."""

Key = tuple[str, int, Attributes]


@dataclass(frozen=True)
class _Face:
    """One drawn face: its JPEG, and what the two networks say about it before their merge."""

    picture: bytes
    ncg: "Tensor"
    csn: "Tensor"


@dataclass
class StressLab:
    """Draws people of a cast table with an attribute at some dose, and asks the networks in two files about them.

    frames: the table whose people, script and references are used; the drawn frames are the table's own but for the attribute. For
    one thread.
    """

    frames: FrameTable
    ncg: Path
    csn: Path
    _faces: dict[Key, _Face] = field(default_factory=dict)
    _loaded: LoadedNetworks = field(default_factory=LoadedNetworks)

    def __post_init__(self) -> None:
        self._references = {row.participant: row.frame_id for row in cast_references(self.frames).rows.itertuples()}

    def ask(self, asked: Dosed, watch: Watch) -> Stressed:
        """What each method says without and with the attribute. InputError for a person, attribute or dose that cannot be drawn."""
        name, sign = WORDS[asked.attribute]
        own, worn = draw_attributes(asked.participant), Worn(asked.worn)
        off, on = dosed(own, name, 0.0), dosed(own, name, sign * asked.dose)
        rest = self._rest(asked.participant)
        needed = [
            (asked.participant, rest, off), (asked.participant, asked.frame, off),
            (asked.participant, rest, on if worn.on_reference else off),
            (asked.participant, asked.frame, on if worn.on_image else off),
        ]  # fmt: skip
        faces = self._drawn(needed, watch)
        row = self.frames.row_of(f"cast/{asked.participant}/front/{asked.frame:04d}")
        pictures = (faces[0].picture, faces[1].picture, faces[2].picture, faces[3].picture)
        aus = AUSet(self._networks.ncg.config.aus)
        label = self.frames.intensity[row, [self.frames.aus.column_of(number) for number in aus]]
        return Stressed(
            aus, label, self._said(*faces[:2]), self._said(*faces[2:]), pictures, sign * float(getattr(own, name)), rest
        )  # fmt: skip

    def over_people(self, asked: Dosed, watch: Watch) -> tuple[pd.DataFrame, int]:
        """The mean change over a handful of people's first calm frame after the reference, with 95 % intervals over people.

        Lines for `csnviz.views.bias_effects`: method, au, difference, low, high, words; and how many people. An interval is that of
        `csnviz.evaluation.attribute_effect.mean_intervals`.
        """
        changes: dict[str, list[np.ndarray]] = {method.key: [] for method in ESTIMATORS}
        people = [who for who in self.frames.participants if self._calm(who) is not None][:A_HANDFUL]
        for place, who in enumerate(people):
            watch.progress(place / len(people))
            calm = self._calm(who)
            found = self.ask(Dosed(who, calm or 0, asked.attribute, asked.dose, asked.worn), watch)
            for key, values in changes.items():
                values.append(found.on[key] - found.off[key])
        aus = AUSet(self._networks.ncg.config.aus)
        parts = [_lines(method.short, np.stack(changes[method.key]), aus) for method in ESTIMATORS]
        return pd.concat(parts, ignore_index=True), len(people)

    @property
    def _networks(self) -> "Networks":
        return self._loaded.in_front((self.ncg, self.csn))

    def _rest(self, participant: str) -> int:
        row = self.frames.row_of(self._references[participant])
        return int(self.frames.rows["frame_index"].iloc[row])

    def _calm(self, participant: str) -> int | None:
        """The first frame after the reference with all labels 0 and open eyes; the labels alone decide."""
        mine = self.frames.of(participant)
        calm = (mine.intensity == 0).all(axis=1) & (mine.rows["eye_opening"].to_numpy() > 0.8)
        numbers = mine.rows["frame_index"].to_numpy()[calm]
        later = numbers[numbers > self._rest(participant)]
        return int(later[0]) if len(later) else None

    def _drawn(self, wanted: Sequence[Key], watch: Watch) -> list[_Face]:
        """These faces, those that are not kept drawn now: of one person, all in one go."""
        from csnviz.inference.features import WorkCancelled

        missing = [key for key in dict.fromkeys(wanted) if key not in self._faces]
        if missing:
            if watch.cancelled():
                raise WorkCancelled
            frames, worn = [frame for _, frame, _ in missing], [carried for _, _, carried in missing]
            drawn = list(draw_frames(missing[0][0], frames, worn))
            crops = np.stack([crop_face(image, points) for image, points in drawn])
            ncg, csn = self._encoded(crops)
            for place, key in enumerate(missing):
                picture = _jpeg(face_picture(*drawn[place], 224))
                self._faces[key] = _Face(picture, ncg[place : place + 1], csn[place : place + 1])
        faces = [self._faces[key] for key in wanted]
        while len(self._faces) > MOST_FACES:
            del self._faces[next(iter(self._faces))]
        return faces

    def _encoded(self, crops: np.ndarray) -> "tuple[Tensor, Tensor]":
        from csnviz.inference.features import encode_faces
        from csnviz.models.images import images_of

        networks = self._networks
        with quietly():
            ncg, csn = (
                encode_faces(trained, images_of(crops, trained.device)).cpu()
                for trained in (networks.ncg, networks.csn)
            )
        return ncg, csn

    def _said(self, reference: _Face, image: _Face) -> Values:
        """All methods on one face beside a reference."""
        from csnviz.inference.one_frame import estimate_alone, estimate_beside

        networks = self._networks
        alone = estimate_alone(networks.ncg, image.ncg)
        offset = estimate_alone(networks.ncg, reference.ncg)
        beside = estimate_beside(networks.csn, reference.csn, image.csn)
        return {NCG.key: alone, BS.key: alone - offset, CSN.key: beside}


def lab_of(frames: FrameTable, checkpoints: Path, cases: Sequence[Case]) -> Lab:
    """The lab on a table of the cast with the networks in a folder; the paper's cases become presets.

    InputError when somebody in the table has no frame to serve as a reference.
    """
    lab = StressLab(frames, checkpoints / "cast_ncg.safetensors", checkpoints / "cast_csn.safetensors")
    count = int(frames.rows["frame_index"].max()) + 1
    return Lab(frames.participants, count, tuple(WORDS), _presets(cases), lab.ask, lab.over_people)


def _presets(cases: Sequence[Case]) -> tuple[Preset, ...]:
    """The cases that are about one of the paper's four attributes (arXiv 2409.00240, Figure 2)."""
    names = {au: attribute for attribute, au in FIGURE_2}
    words = {attribute: _word_for(attribute) for attribute in names.values()}
    return tuple(
        Preset(case.name, case.participant, words[names[case.au]], case.au, case.note)
        for case in cases
        if case.au in names
    )


def _word_for(attribute: str) -> str:
    return next(word for word, (name, sign) in WORDS.items() if name == attribute and sign > 0)


def _lines(method: str, changes: Float[np.ndarray, "P A"], aus: AUSet) -> pd.DataFrame:
    found = mean_intervals(changes.astype(float))
    each = zip(aus.units, found.mean, found.low, found.high, strict=True)
    words = [_words(method, unit.title, mean, low, high, len(changes)) for unit, mean, low, high in each]
    columns = {"au": list(aus.columns), "difference": found.mean, "low": found.low, "high": found.high, "words": words}
    return pd.DataFrame({"method": method, **columns})


def _words(method: str, unit: str, mean: float, low: float, high: float, people: int) -> str:
    interval = "no interval" if np.isnan(low) else f"95 % interval {low:+.2f} to {high:+.2f}"
    return f"{method}, {unit}: {mean:+.2f} steps<br>{interval}, {people} people".replace("-", "−")


def _jpeg(picture: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=88)
    return stream.getvalue()
