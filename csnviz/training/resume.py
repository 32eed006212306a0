"""How an interrupted training goes on as if nothing had happened: the same command ends in the same numbers, bit for bit.

Everything that changes while a network trains is in one file: parameters, the optimiser's moments, the schedule, the random
states, how far the epoch under way has come with its sums of losses, and the lines of the epochs before. The order of the
frames needs no place there: it follows from the seed and the epoch.

The file is a SHA-256 in hexadecimal and, after a line break, a safetensors block with a JSON text among its metadata. A pickle
would be shorter to write; this holds numbers and words only, so reading a file from elsewhere can run nothing.
"""

import hashlib
import json
import math
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Generator, Tensor
from tqdm import tqdm

from csnviz.data.storage import replacing
from csnviz.errors import InputError
from csnviz.models.stages import StagedNetwork
from csnviz.training.optimisers import Optimisation
from csnviz.training.run_folder import EpochLine

_HEXADECIMAL = 64
_SHARE = 20
"""A save that took a second is followed by twenty seconds without one, so that slow disks slow no training by more than 5 %."""


@dataclass(frozen=True)
class Standing:
    """How far a training has come: whole epochs with their lines, then updates of the epoch under way with their sums of losses."""

    epochs: int = 0
    updates: int = 0
    seconds: float = 0.0
    sums: Mapping[str, float] = field(default_factory=dict)
    lines: tuple[EpochLine, ...] = ()

    def after_update(self, losses: Mapping[str, float], seconds: float) -> "Standing":
        """One update further."""
        sums = {name: self.sums.get(name, 0.0) + value for name, value in losses.items()}
        return replace(self, updates=self.updates + 1, sums=sums, seconds=seconds)

    def after_epoch(self, line: EpochLine, seconds: float) -> "Standing":
        """One epoch further."""
        return Standing(self.epochs + 1, 0, seconds, {}, (*self.lines, line))

    @property
    def means(self) -> dict[str, float]:
        """The mean of each part of the loss over the updates of the epoch under way."""
        return {name: total / self.updates for name, total in self.sums.items()}


@dataclass(frozen=True)
class SaveEvery:
    """How often a training is saved within an epoch: at most every so many seconds, or (for tests) every so many updates."""

    seconds: float = 60.0
    updates: int | None = None


ONCE_A_MINUTE = SaveEvery()


@dataclass(frozen=True)
class Moving:
    """What changes while a network trains; `generator` draws its augmentation."""

    network: StagedNetwork
    optimisation: Optimisation
    generator: Generator


class ResumeFile:
    """The resume file of one run. `asked` is a digest of all that the run was asked for; another one makes the file useless."""

    def __init__(self, path: Path, asked: str, moving: Moving, every: SaveEvery) -> None:
        self._path, self._asked, self._moving, self._every = path, asked, moving, every
        self._next = time.monotonic() + every.seconds

    def read(self) -> Standing:
        """Puts everything where it was and says where that is: at the start when there is no file for exactly this run.

        A damaged file, and one of another run, is named in one sentence and not used.
        """
        try:
            words, tensors = _read(self._path)
        except FileNotFoundError:
            return Standing()
        except (OSError, ValueError, KeyError, safetensors.SafetensorError):
            _say(f"{self._path} is damaged, so the training starts from the beginning.")
            return Standing()
        if words["asked"] != self._asked:
            _say(
                f"{self._path} belongs to a run with other settings or frames, so the training starts from the beginning."
            )
            return Standing()
        _restore(self._moving, words, tensors)
        return Standing(**{**words["standing"], "lines": tuple(words["standing"]["lines"])})

    def save_if_due(self, standing: Standing) -> None:
        """Saves when it is time."""
        counted = self._every.updates
        due = time.monotonic() >= self._next if counted is None else standing.updates % counted == 0
        if due:
            self.save(standing)

    def save(self, standing: Standing) -> None:
        """Replaces the file, whole or not at all. InputError, and the old file stays, when a parameter is not finite."""
        began = time.monotonic()
        _check_finite(self._path, self._moving.network)
        words, tensors = _taken(self._moving)
        words |= {"asked": self._asked, "standing": asdict(standing)}
        _write(self._path, words, tensors)
        ended = time.monotonic()
        self._next = ended + max(self._every.seconds, _SHARE * (ended - began))


def _taken(moving: Moving) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Words and tensors that say all about `moving`."""
    optimiser, schedule = moving.optimisation.optimiser.state_dict(), moving.optimisation.schedule
    tensors = {f"network/{name}": tensor for name, tensor in moving.network.state_dict().items()}
    for number, moments in optimiser["state"].items():
        tensors |= {f"optimiser/{number}/{name}": moment for name, moment in moments.items()}
    tensors |= {"random/augment": moving.generator.get_state(), "random/torch": torch.get_rng_state()}
    if torch.cuda.is_available():
        tensors |= {f"random/cuda/{n}": state for n, state in enumerate(torch.cuda.get_rng_state_all())}
    words = {"groups": optimiser["param_groups"], "schedule": None if schedule is None else schedule.state_dict()}
    return words, {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}


def _restore(moving: Moving, words: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    moving.network.load_state_dict(_under("network/", tensors))
    _restore_optimiser(moving.optimisation.optimiser, words["groups"], _under("optimiser/", tensors))
    if moving.optimisation.schedule is not None:
        moving.optimisation.schedule.load_state_dict(words["schedule"])
    moving.generator.set_state(tensors["random/augment"])
    torch.set_rng_state(tensors["random/torch"])
    for number, state in _under("random/cuda/", tensors).items():
        torch.cuda.set_rng_state(state, int(number))


def _restore_optimiser(optimiser: torch.optim.Optimizer, groups: list[dict], moments: Mapping[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, moment in moments.items():
        number, which = name.split("/")
        state.setdefault(int(number), {})[which] = moment
    for group in groups:  # JSON knows no tuples, such as Adam's betas
        group |= {name: tuple(value) for name, value in group.items() if isinstance(value, list) and name != "params"}
    optimiser.load_state_dict({"state": state, "param_groups": groups})
    for parameter, kept in optimiser.state.items():
        for which, moment in kept.items():
            # A moment lies in memory as its parameter does, else torch takes another, slower way, which need not round alike.
            if moment.shape == parameter.shape:
                kept[which] = torch.empty_like(parameter).copy_(moment)


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _write(path: Path, words: Mapping[str, Any], tensors: dict[str, Tensor]) -> None:
    content = safetensors.torch.save(tensors, {"words": json.dumps(words)})
    with replacing(path) as part, open(part, "wb") as file:
        file.write(hashlib.sha256(content).hexdigest().encode() + b"\n")
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """What `_write` wrote; ValueError when a byte of it is another."""
    content = path.read_bytes()
    promised, content = content[: _HEXADECIMAL + 1], content[_HEXADECIMAL + 1 :]
    if hashlib.sha256(content).hexdigest().encode() + b"\n" != promised:
        raise ValueError("the SHA-256 does not match")
    length = int.from_bytes(content[:8], "little")
    words = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["words"])
    return words, safetensors.torch.load(content)


def _check_finite(path: Path, network: StagedNetwork) -> None:
    for name, parameter in network.named_parameters():
        if not math.isfinite(parameter.detach().abs().sum().item()) and not torch.isfinite(parameter).all():
            raise InputError(
                f"{path}: {name} holds a number that is not finite, so this state was not saved; the one before stays. "
                "Choose a smaller learning rate."
            )


def _say(sentence: str) -> None:
    tqdm.write(f"csnviz: {sentence}", file=sys.stderr)
