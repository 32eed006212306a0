"""What a training run leaves behind: what was asked for, how the losses went, the network, and that it was finished.

run.json        the settings, the network's configuration and the versions; written first
losses.csv      one line per epoch
checkpoint.safetensors   the network after the last whole epoch
finished.json   how long it took; only a run that reached its end has it

Each file is written whole or not at all.
"""

import csv
import io
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from csnviz.data.storage import replacing
from csnviz.models.checkpoints import NetworkConfig, save_checkpoint
from csnviz.models.stages import StagedNetwork

EpochLine = Mapping[str, int | float]
"""One line of losses.csv by column."""


@dataclass(frozen=True)
class RunFolder:
    """One run, in a folder of its own."""

    path: Path

    @property
    def checkpoint(self) -> Path:
        """Where the network is."""
        return self.path / "checkpoint.safetensors"

    def is_finished(self, settings: Mapping[str, Any]) -> bool:
        """True when a run with exactly these settings reached its end here, so that it need not run again."""
        try:
            asked = json.loads((self.path / "run.json").read_text(encoding="utf-8"))["settings"]
        except (OSError, ValueError, KeyError):
            return False
        same = asked == json.loads(json.dumps(dict(settings)))
        return same and (self.path / "finished.json").is_file() and self.checkpoint.is_file()

    def begin(self, settings: Mapping[str, Any]) -> None:
        """Clears the marks of an earlier run and writes what this one was asked for."""
        self.path.mkdir(parents=True, exist_ok=True)
        for stale in self.path.glob(".*.part"):
            stale.unlink()
        (self.path / "finished.json").unlink(missing_ok=True)
        versions = {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__}
        self._write("run.json", {"settings": dict(settings), "versions": versions})

    def keep(self, network: StagedNetwork, config: NetworkConfig, lines: Sequence[EpochLine]) -> None:
        """Replaces the checkpoint and the loss log by those after this epoch."""
        save_checkpoint(self.checkpoint, network, config)
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
        with replacing(self.path / "losses.csv") as part:
            part.write_text(text.getvalue(), encoding="utf-8")

    def finish(self, seconds: float, updates: int) -> None:
        """Marks the run as finished."""
        self._write("finished.json", {"seconds": round(seconds, 1), "updates": updates})

    def _write(self, name: str, words: Mapping[str, Any]) -> None:
        with replacing(self.path / name) as part:
            part.write_text(json.dumps(dict(words), indent=1) + "\n", encoding="utf-8")
