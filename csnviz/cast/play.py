"""What the drawn people of a folder play, and who marked it: said in its manifest, so that the same people are drawn again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csnviz.cast.coders import Coder
from csnviz.cast.dataset import load_cast
from csnviz.cast.render import NON_ADDITIVITY, check_dial
from csnviz.cast.scripts import SCRIPTS
from csnviz.data.tables import FrameTable
from csnviz.errors import InputError

_CODER = 1


@dataclass(frozen=True)
class Play:
    """script: a name of `csnviz.cast.scripts.SCRIPTS`. coder_noise: 0 gives the truth to the nearest letter, else the noise of the
    coder who marked it. non_additivity: the dial of `csnviz.cast.render`. InputError for what there is not."""

    script: str = "mixed"
    coder_noise: float = 0.0
    non_additivity: float = NON_ADDITIVITY

    def __post_init__(self) -> None:
        if self.script not in SCRIPTS:
            raise InputError(f"The cast knows no script {self.script!r}. It knows {', '.join(SCRIPTS)}.")
        Coder(_CODER, self.coder_noise)
        check_dial(self.non_additivity)

    @classmethod
    def of_words(cls, words: Mapping[str, Any]) -> "Play":
        """What a manifest says of it; what it leaves out is as usual."""
        return cls(**words.get("played", {}))

    def load(
        self, names: Sequence[str], frames: int, data_root: Path, workers: int | None = None, progress: bool = True
    ) -> FrameTable:
        """These participants' frames, drawn where they are missing (see `load_cast`)."""
        return load_cast(
            names,
            frames,
            data_root,
            workers=workers,
            progress=progress,
            script=SCRIPTS[self.script],
            coder=Coder(_CODER, self.coder_noise) if self.coder_noise else None,
            non_additivity=self.non_additivity,
        )

    @property
    def in_words(self) -> str:
        """The three choices in a few words."""
        return f"script {self.script}, coder noise {self.coder_noise:g} and non_additivity {self.non_additivity:g}"

    @property
    def quirks(self) -> tuple[str, ...]:
        """What a reader of the folder has to know of it."""
        marked = (
            f"Labels are those of a coder who errs: noise {self.coder_noise:g} (see csnviz.cast.coders)."
            if self.coder_noise
            else "Labels are the drawn intensities, rounded."
        )
        return (
            marked + " Attributes are what was drawn on top of a face, whatever else its shape and age look like.",
            f"The script is {self.script!r} (see csnviz.cast.scripts); the dial non_additivity of csnviz.cast.render stands at "
            f"{self.non_additivity:g}.",
        )
