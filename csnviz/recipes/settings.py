"""The numbers of a training, each with the section of arXiv 2409.00240 that states it, and how one of them is changed visibly.

A run folder records every number, so that two runs which differ in one of them are never taken for the same.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from csnviz.errors import InputError
from csnviz.models.checkpoints import PRECISIONS
from csnviz.models.iresnet import IR50, SMALL, IResNetSize
from csnviz.recipes.cast_settings import CastSettings
from csnviz.training.steps import BatchNorm

SIZES = {"IR50": IR50, "IR-small": SMALL}
"""The backbones by the names that stand in tables."""

CHOICES = {
    "quantity": ("intensity", "occurrence"),
    "batch_norm": tuple(way.value for way in BatchNorm),
    "precision": PRECISIONS,
    "size": tuple(SIZES),
}
"""The numbers that are words, and what each may be."""


@dataclass(frozen=True)
class PaperSettings:
    """The paper's training of one network on one fold; what it leaves open follows the authors' code.

    quantity: "intensity" (0-5) or "occurrence", a network each. size: the backbone. class_weight_power: 1 is Eqs 7-9 as they are.
    frames_per_reference: how many images in a row share one pass of their reference; 1 in the authors' code.
    peak_learning_rate: 0 trains by the paper's Adam; above 0 by AdamW in one cycle up to this rate, for networks that start from
    nothing. mirrored_together: whether a reference is mirrored with its images. batch_norm: which statistics normalise
    features while a network trains (csnviz.training.steps); the paper does not say, the authors' code has two_passes. precision:
    float32 or bfloat16. channels_last: the order of features in memory, faster on CPUs.
    tuning_frames: how many frames of each training participant and camera the tuned cut of baseline subtraction stands on.
    """

    quantity: str = "intensity"  # section 4.2: intensity and occurrence are trained apart
    size: IResNetSize = IR50  # section 3.2
    epochs: int = 3  # section 4.2; the last one is the result
    batch_size: int = 64  # section 4.2
    fc_learning_rate: float = 1e-4  # section 4.2
    learning_rate: float = 1e-5  # section 4.2
    seed: int = 42  # section 4.2
    class_weight_power: float = 1.0  # technical appendix B
    frames_per_reference: int = 1
    peak_learning_rate: float = 0.0
    mirrored_together: bool = False
    batch_norm: str = BatchNorm.TWO_PASSES.value
    precision: str = "float32"
    channels_last: bool = False
    tuning_frames: int = 200

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch_size < 1:
            raise InputError(f"epochs and batch_size are 1 or more; found {self.epochs} and {self.batch_size}.")

    @property
    def backbone(self) -> str:
        """The backbone's name in tables: "IR50", "IR-small", or its numbers."""
        for name, size in SIZES.items():
            if size == self.size:
                return name
        return f"IR {'-'.join(map(str, self.size.blocks))} x {'-'.join(map(str, self.size.widths))}"


_CAST = CastSettings()
ON_THE_CAST = PaperSettings(
    size=_CAST.size,
    epochs=_CAST.epochs,
    batch_size=_CAST.batch_size,
    class_weight_power=_CAST.class_weight_power,
    frames_per_reference=_CAST.frames_per_reference,
    peak_learning_rate=_CAST.peak_learning_rate,
    mirrored_together=True,
    precision="bfloat16" if _CAST.bfloat16 else "float32",
    channels_last=_CAST.bfloat16,
)
"""# Differs from the paper: no face-recognition parameters fit a drawing, so a small network starts from nothing, in minutes
rather than hours. csnviz.recipes.cast_settings argues for each of these numbers."""


def settings_for(dataset: str) -> PaperSettings:
    """The numbers with which a recipe starts on a dataset: the paper's, or those for small networks on drawn people."""
    return ON_THE_CAST if dataset == "cast" else PaperSettings()


def changed(settings: PaperSettings, changes: Iterable[str]) -> PaperSettings:
    """The settings with changes such as "epochs=1" or "size=IR-small"; InputError names the known ones.

    >>> changed(PaperSettings(), ["epochs=1", "channels_last=true"]).epochs
    1
    """
    for change in changes:
        name, equals, text = change.partition("=")
        known = {field.name: field.default for field in dataclasses.fields(settings)}
        if not equals or name not in known:
            raise InputError(f"A setting is changed as NAME=VALUE, NAME one of {', '.join(known)}; found {change!r}.")
        settings = replace(settings, **{name: _value(name, known[name], text)})
    return settings


def _value(name: str, example: Any, text: str) -> Any:
    if name in CHOICES:
        if text not in CHOICES[name]:
            raise InputError(f"{name} is one of {', '.join(CHOICES[name])}; found {text!r}.")
        return SIZES[text] if name == "size" else text
    try:
        return {"true": True, "false": False}[text.lower()] if isinstance(example, bool) else type(example)(text)
    except (KeyError, ValueError):
        kind = "true or false" if isinstance(example, bool) else f"a number like {example}"
        raise InputError(f"{name} is {kind}; found {text!r}.") from None
