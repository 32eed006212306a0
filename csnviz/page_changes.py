"""Trying what the methods say of a changed face: a part of it filled, or an attribute that it was drawn with taken off."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import UInt8

from csnviz.data.tables import FrameTable
from csnviz.errors import InputError
from csnviz.explain.results import Changed
from csnviz.page_estimates import ShownWith
from csnviz.page_explanations import crop_of
from csnviz.page_memory import LoadedNetworks, quietly
from csnviz.page_twins import Twins
from csnviz.views.latest_only import Watch
from csnviz.views.source import Change, WhatIf

if TYPE_CHECKING:
    from csnviz.inference.networks import Networks

_OFF, _AROUND, _MEAN, _OWN = "without", "around", "mean", "own"

_FILLS = (
    (_AROUND, "Fill {part} from around it", "What is filled in is a guess, made of the skin around it."),
    (
        _MEAN,
        "Fill {part} with the mean face",
        "What is filled in is a guess: the same part of a face that is nobody's.",
    ),
    (_OWN, "Give {part} the reference's pixels", "This answers only: did it move since neutral?"),
)
"""The ways to fill a part: the beginning of a change's key, the words of its button, and what limits its answer."""

Crop = UInt8[np.ndarray, "S S 3"]


@dataclass(frozen=True)
class Changes:
    """Offers and makes changes of these frames' faces. twins: draws them without an attribute; None where no face is drawn."""

    frames: FrameTable
    loaded: LoadedNetworks
    twins: Twins | None

    def offered(self, frame_id: str) -> tuple[Change, ...]:
        """What can be changed on this face, attributes first, then part after part in face order; nothing without a face."""
        from csnviz.explain.by_part import parts_on
        from csnviz.faces.parts import ELSEWHERE, KEYS, TITLES

        if self.frames.rows["reason"].iloc[self.frames.row_of(frame_id)]:
            return ()
        worn = {} if self.twins is None else self.twins.attributes(frame_id)
        exact = [Change(f"{_OFF}:{name}", f"Remove {words}", approximate=False) for name, words in worn.items()]
        parts, _ = parts_on(self.frames, frame_id)
        seen = [KEYS[number] for number in np.unique(parts) if KEYS[number] != ELSEWHERE]
        fills = [
            Change(
                f"{how}:{key}", words.format(part=TITLES[key]), TITLES[key], question=limit, needs_reference=how == _OWN
            )
            for key in seen
            for how, words, limit in _FILLS
        ]
        return (*exact, *fills)

    def made(self, asked: WhatIf, shown: ShownWith, watch: Watch) -> Changed:
        """What NCG, BS and CSN say before and after; NaN in BS and CSN without a reference.

        An attribute goes from image and reference, and a part is filled on both: what is always there must not come back as a
        difference. Only the reference's own pixels go onto the image alone.
        """
        change = next((each for each in self.offered(asked.frame_id) if each.key == asked.change), None)
        if change is None:
            raise InputError(
                f"{asked.frame_id} cannot be changed by {asked.change!r}. Choose a change that is offered for it."
            )
        faces = {name: crop_of(self.frames, name) for name in (asked.frame_id, asked.reference_id) if name}
        how, _, what = asked.change.partition(":")
        change_one = self._changing(how, what, asked.reference_id, shown)
        both = how != _OWN
        changed = dict(faces)
        for name in faces if both else (asked.frame_id,):
            _go_on(watch)
            changed[name] = change_one(name)
        _go_on(watch)
        with quietly():
            networks = self.loaded.in_front(shown.files)
            before, after = (_estimates(networks, asked, crops) for crops in (faces, changed))
        on_reference = both and bool(asked.reference_id)
        return Changed(change.words, changed[asked.frame_id], before, after, change.approximate, on_reference)

    def _changing(self, how: str, what: str, reference_id: str, shown: ShownWith) -> Callable[[str], Crop]:
        """From a frame to its changed crop."""
        from csnviz.faces.fill import filled_from_around, filled_with_other, filled_with_own

        twins = self.twins
        if how == _OFF and twins is not None:
            return lambda name: twins.without(name, what)
        if how == _AROUND:
            return lambda name: filled_from_around(crop_of(self.frames, name), self._part(name, what))
        if how == _MEAN:
            mean = shown.start().crop
            return lambda name: filled_with_other(crop_of(self.frames, name), self._part(name, what), mean)
        if not reference_id:
            raise InputError(
                "That change takes pixels from the reference, and there is none. Choose a reference first."
            )
        reference = crop_of(self.frames, reference_id)
        return lambda name: filled_with_own(crop_of(self.frames, name), self._part(name, what), reference)

    def _part(self, frame_id: str, key: str) -> np.ndarray:
        from csnviz.explain.by_part import parts_on
        from csnviz.faces.parts import mask_of

        return mask_of(parts_on(self.frames, frame_id)[0], key)


def _go_on(watch: Watch) -> None:
    """WorkCancelled once nobody waits for the answer."""
    from csnviz.inference.features import WorkCancelled

    if watch.cancelled():
        raise WorkCancelled


def _estimates(networks: "Networks", asked: WhatIf, crops: dict[str, Crop]) -> dict[str, float]:
    """NCG's, BS's and CSN's intensity of the AU on the frame that is asked about, beside its reference."""
    from csnviz.explain.attribution import column_of
    from csnviz.inference.one_frame import estimate_alone, estimate_beside, features_of_crop

    ncg, csn = networks.ncg, networks.csn
    columns = column_of(ncg, asked.au), column_of(csn, asked.au)
    alone = {name: float(estimate_alone(ncg, features_of_crop(ncg, crop))[columns[0]]) for name, crop in crops.items()}
    found = {"ncg": alone[asked.frame_id], "bs": np.nan, "csn": np.nan}
    if asked.reference_id:
        reference, image = (features_of_crop(csn, crops[name]) for name in (asked.reference_id, asked.frame_id))
        found["bs"] = alone[asked.frame_id] - alone[asked.reference_id]
        found["csn"] = float(estimate_beside(csn, reference, image)[columns[1]])
    return found
