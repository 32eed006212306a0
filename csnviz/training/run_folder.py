"""What a training run leaves behind: what was asked for, how the losses went, the network, and that it was finished.

run.json        the settings and the versions; written first
updates.csv     one line per update: losses and learning rates
losses.csv      one line per epoch
checkpoint.safetensors   the network after the last whole epoch
resume.state    where an interrupted run goes on (csnviz.training.resume); gone when the run has finished
not_finite.json the frames of the batch whose loss was not finite, where that happened
predictions/    the estimates of the network that was trained, where a recipe writes them
finished.json   how long it took; only a run that reached its end has it

Each file is written whole or not at all, but updates.csv, which grows by whole lines.
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

    @property
    def losses(self) -> Path:
        """Where the mean losses of the epochs are."""
        return self.path / "losses.csv"

    @property
    def updates(self) -> Path:
        """Where the losses and learning rates of the single updates are."""
        return self.path / "updates.csv"

    @property
    def resume(self) -> Path:
        """Where an interrupted run says how it goes on."""
        return self.path / "resume.state"

    @property
    def not_finite(self) -> Path:
        """Where the frames of a batch are named whose loss was not finite."""
        return self.path / "not_finite.json"

    @property
    def predictions(self) -> Path:
        """The folder for the estimates of the trained network; a recipe makes it."""
        return self.path / "predictions"

    def asked(self) -> dict[str, Any] | None:
        """The settings and versions that this run began with; None when it never began."""
        try:
            words = json.loads((self.path / "run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return words if isinstance(words, dict) else None

    def is_finished(self, settings: Mapping[str, Any]) -> bool:
        """True when a run with exactly these settings reached its end here, so that it need not run again."""
        asked = self.asked()
        same = asked is not None and asked.get("settings") == _as_read(settings)
        return same and (self.path / "finished.json").is_file() and self.checkpoint.is_file()

    def begin(self, settings: Mapping[str, Any]) -> None:
        """Writes what this run was asked for, and clears the marks of an earlier one.

        What an interrupted run left to go on from is kept if that run was asked exactly the same, with the same versions of
        Python, torch and numpy: others may compute other numbers. Otherwise it is removed.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        versions = {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__}
        wanted = {"settings": dict(settings), "versions": versions}
        stale = [*self.path.glob(".*.part"), self.path / "finished.json", self.not_finite]
        if self.asked() != _as_read(wanted):
            stale += [self.resume, self.updates]
        for path in stale:
            path.unlink(missing_ok=True)
        self._write("run.json", wanted)

    def keep(self, network: StagedNetwork, config: NetworkConfig, lines: Sequence[EpochLine]) -> None:
        """Replaces the checkpoint and the loss log by those after this epoch."""
        save_checkpoint(self.checkpoint, network, config)
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
        with replacing(self.losses) as part:
            part.write_text(text.getvalue(), encoding="utf-8")

    def blame(self, where: Mapping[str, int], losses: Mapping[str, float], frame_ids: Sequence[str]) -> None:
        """Writes down the batch whose loss was not finite: where it was, its losses as text, and all its frames."""
        # As text, because JSON has no number for what is not finite.
        values = {name: str(loss) for name, loss in losses.items()}
        self._write(self.not_finite.name, {**where, "losses": values, "frame_ids": list(frame_ids)})

    def finish(self, seconds: float, updates: int) -> None:
        """Marks the run as finished; there is nothing left to go on from."""
        self._write("finished.json", {"seconds": round(seconds, 1), "updates": updates})
        self.resume.unlink(missing_ok=True)

    def _write(self, name: str, words: Mapping[str, Any]) -> None:
        with replacing(self.path / name) as part:
            part.write_text(json.dumps(dict(words), indent=1) + "\n", encoding="utf-8")


def _as_read(words: Mapping[str, Any]) -> Any:
    """The same words as they come back from JSON: tuples as lists."""
    return json.loads(json.dumps(dict(words)))
