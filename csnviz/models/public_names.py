"""Public face-recognition parameters: their 475 names, our names, and starting an AU network from them.

The public iResNet-50 files of the insightface project hold a flat dict of tensors. Ours differ in the first word of a name only:

    conv1, bn1, prelu -> stem.conv1, stem.bn1, stem.prelu      layer3.0.bn1 -> stage3.0.bn1      bn2 -> tail.bn2
    fc, features -> fc, features
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from csnviz.errors import InputError
from csnviz.models.stages import StagedNetwork

_TO_OURS = (
    (re.compile(r"^(conv1|bn1|prelu)\."), r"stem.\1."),
    (re.compile(r"^layer([1-4])\."), r"stage\1."),
    (re.compile(r"^bn2\."), "tail.bn2."),
)
_TO_PUBLIC = (
    (re.compile(r"^stem\."), ""),
    (re.compile(r"^stage([1-4])\."), r"layer\1."),
    (re.compile(r"^tail\."), ""),
)


def from_public_names(parameters: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors under the names of a StagedNetwork."""
    return {_renamed(name, _TO_OURS): tensor for name, tensor in parameters.items()}


def to_public_names(parameters: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors under the public names; undoes `from_public_names`."""
    return {_renamed(name, _TO_PUBLIC): tensor for name, tensor in parameters.items()}


def read_public_parameters(path: Path) -> dict[str, Tensor]:
    """The tensors of a public .pth file under their public names; code in the file is never run.

    A `state_dict` wrapper and a `module.` prefix are taken off. InputError when the file is not a dict of tensors.
    """
    try:
        # A file from elsewhere may fail in any way a damaged pickle can; there is no second, trusting attempt.
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(
            f"{path}: not a file of plain tensors ({reason[:200]}). Download the parameters again."
        ) from None
    if isinstance(found, dict) and isinstance(found.get("state_dict"), dict):
        found = found["state_dict"]
    if not isinstance(found, dict) or not all(isinstance(tensor, Tensor) for tensor in found.values()):
        raise InputError(f"{path}: expected a dict of tensors by name. Choose a public iResNet-50 file.")
    return {str(name).removeprefix("module."): tensor for name, tensor in found.items()}


@dataclass(frozen=True)
class StartReport:
    """What a network took from a public file: the names that were loaded, those that kept their own start, and those not used.

    loaded, kept: names of the network. unused: names of the file.
    """

    source: str
    loaded: tuple[str, ...]
    kept: tuple[str, ...]
    unused: tuple[str, ...]

    def __str__(self) -> str:
        """One line to print.

        >>> print(StartReport("backbone.pth", ("stem.conv1.weight",), ("fc.weight", "fc.bias"), ("features.bias",)))
        backbone.pth: loaded 1 of 3 tensors; fc.weight and fc.bias keep their own start; not used: features.bias
        """
        words = f"{self.source}: loaded {len(self.loaded)} of {len(self.loaded) + len(self.kept)} tensors; "
        words += f"{' and '.join(self.kept)} keep their own start"
        return f"{words}; not used: {', '.join(self.unused)}" if self.unused else words


def start_from_public(network: StagedNetwork, parameters: Mapping[str, Tensor], source: str) -> StartReport:
    """Starts an AU network from public parameters: everything but `fc`, which answers another question there.

    Says what was loaded. All or nothing: InputError, naming `source`, the counts and the first names, when a name is missing,
    unknown or of another shape; the network is then as it was.
    """
    given = from_public_names(parameters)
    own = network.state_dict()
    kept = tuple(name for name in own if name.startswith("fc."))
    wanted = [name for name in own if name not in kept]
    unused = tuple(name for name in to_public_names(given) if name.startswith(("fc.", "features.")))
    faults = {
        "are missing": [name for name in wanted if name not in given],
        "are unknown": [name for name in given if name not in own and name not in unused],
        "have another shape": [
            f"{name} {tuple(given[name].shape)} instead of {tuple(own[name].shape)}"
            for name in wanted
            if name in given and given[name].shape != own[name].shape
        ],
    }
    if any(faults.values()):
        listed = "; ".join(f"{len(names)} {what} ({_first(names)})" for what, names in faults.items() if names)
        raise InputError(
            f"{source}: of the {len(wanted)} tensors that this network needs and the {len(given)} in the file, {listed}. "
            "Nothing was loaded; choose parameters of the same architecture, a public iResNet-50."
        )
    network.load_state_dict({**own, **{name: given[name] for name in wanted}})
    return StartReport(source, tuple(wanted), kept, unused)


def _first(names: list[str]) -> str:
    return ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")


def _renamed(name: str, rules: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, replacement in rules:
        if pattern.match(name):
            return pattern.sub(replacement, name)
    return name
