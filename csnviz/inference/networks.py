"""The pair of trained networks that csnviz compares: one without calibration and one with."""

from dataclasses import dataclass
from pathlib import Path

from csnviz import places
from csnviz.errors import InputError
from csnviz.models.checkpoints import TrainedNetwork, load_checkpoint


@dataclass(frozen=True)
class Networks:
    """`ncg` estimates from one image; `csn` from an image and a reference. Both estimate the same AUs."""

    ncg: TrainedNetwork
    csn: TrainedNetwork

    def __post_init__(self) -> None:
        if self.ncg.config.merge_before is not None:
            raise InputError(f"{self.ncg.name} merges with a reference, so it is not a network without calibration.")
        if self.csn.config.merge_before is None:
            raise InputError(f"{self.csn.name} takes no reference, so it is not a calibrated network.")
        if self.ncg.config.aus != self.csn.config.aus:
            found = f"{self.ncg.name} estimates AUs {self.ncg.config.aus}, {self.csn.name} {self.csn.config.aus}"
            raise InputError(f"{found}. Choose two networks for the same AUs.")

    def computing_in(self, precision: str) -> "Networks":
        """The same pair, computing in "float32" or "bfloat16"."""
        return Networks(self.ncg.computing_in(precision), self.csn.computing_in(precision))

    @classmethod
    def load(cls, ncg: Path | None = None, csn: Path | None = None) -> "Networks":
        """The networks in these files; those that ship with csnviz (trained on the cast) where none is named."""
        shipped = places.checkpoints()
        return cls(
            load_checkpoint(ncg or shipped / "cast_ncg.safetensors"),
            load_checkpoint(csn or shipped / "cast_csn.safetensors"),
        )
