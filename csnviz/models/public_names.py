"""Public face-recognition parameters: their 475 names, our names, and starting an AU network from them.

The public iResNet-50 files of the insightface project hold a flat dict of tensors. Ours differ in the first word of a name only:

    conv1, bn1, prelu -> stem.conv1, stem.bn1, stem.prelu      layer3.0.bn1 -> stage3.0.bn1      bn2 -> tail.bn2
    fc, features -> fc, features
"""

import re
from collections.abc import Mapping
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


def start_from_public(network: StagedNetwork, parameters: Mapping[str, Tensor], source: str) -> tuple[str, ...]:
    """Starts an AU network from public parameters: everything but `fc`, which answers another question there.

    Says which of the network's names kept their own start. All or nothing: InputError, naming `source`, the count and the first
    names, when a name is missing, unknown or of another shape.
    """
    given = from_public_names(parameters)
    own = network.state_dict()
    kept = tuple(name for name in own if name.startswith("fc."))
    wanted = [name for name in own if name not in kept]
    faults = [f"{name} is missing" for name in wanted if name not in given]
    faults += [f"{name} is unknown" for name in given if name not in own and not name.startswith("features.")]
    faults += [
        f"{name} has shape {tuple(given[name].shape)}, not {tuple(own[name].shape)}"
        for name in wanted
        if name in given and given[name].shape != own[name].shape
    ]
    if faults:
        raise InputError(
            f"{source}: {len(faults)} of its entries do not fit this network: {'; '.join(faults[:8])}. Nothing was loaded; "
            "choose parameters of the same architecture."
        )
    network.load_state_dict({**own, **{name: given[name] for name in wanted}})
    return kept


def _renamed(name: str, rules: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, replacement in rules:
        if pattern.match(name):
            return pattern.sub(replacement, name)
    return name
