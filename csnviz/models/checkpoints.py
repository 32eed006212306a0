"""Trained networks on disk: a safetensors file whose metadata says what the network is and proves that nothing has changed.

safetensors itself carries no checksum: one file in six with a flipped byte still loads, with other numbers. So the metadata
holds a SHA-256 over the configuration and every tensor, and loading compares it.
"""

import hashlib
import json
import os
import secrets
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from csnviz.errors import InputError
from csnviz.models.csn import CSN
from csnviz.models.heads import intensity_outputs
from csnviz.models.iresnet import IResNetSize, iresnet
from csnviz.models.stages import MERGE_POINTS, StagedNetwork

QUANTITIES = ("intensity", "occurrence")
PRECISIONS = ("float32", "bfloat16")


@dataclass(frozen=True)
class NetworkConfig:
    """What a trained network is, what it expects and where it comes from; recorded in its checkpoint.

    aus: the FACS numbers of its estimates, in order. quantity: "intensity" (0-5) or "occurrence" (logits). merge_before:
    where a CSN subtracts; None for a network without a reference (NCG). preprocessing: the version of the cropping that
    its training faces went through. class_weight_power: 1 is the paper's balancing. seed: of the training; -1 if unknown.
    Raises InputError when a field cannot be.
    """

    size: IResNetSize
    aus: tuple[int, ...]
    quantity: str
    merge_before: str | None
    preprocessing: str
    trained_on: str
    class_weight_power: float = 1.0
    seed: int = -1
    image: str = "RGB in [0, 1], 112 x 112"

    def __post_init__(self) -> None:
        _require("quantity", self.quantity in QUANTITIES, self.quantity)
        _require("aus", len(self.aus) > 0, self.aus)
        _require("merge_before", self.merge_before in (None, *MERGE_POINTS), self.merge_before)
        _require("size", all(n >= 1 for n in (*self.size.blocks, *self.size.widths)), self.size)

    @property
    def outputs(self) -> int:
        """How many numbers the network gives: six per AU for intensity, one for occurrence."""
        return intensity_outputs(len(self.aus)) if self.quantity == "intensity" else len(self.aus)


@dataclass(frozen=True)
class TrainedNetwork:
    """A network as it was trained, in eval mode on the CPU, with its configuration, its file's SHA-256 and its file's name.

    precision: what it computes in when it predicts, "float32" or "bfloat16". InputError for another one.
    """

    network: StagedNetwork
    config: NetworkConfig
    sha256: str
    name: str
    precision: str = "float32"

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise InputError(f"A network computes in {' or '.join(PRECISIONS)}; found {self.precision!r}.")

    def computing_in(self, precision: str) -> "TrainedNetwork":
        """The same network, computing in this precision; `python -m csnviz.recipes.precision_gate` says what that changes."""
        return replace(self, precision=precision)

    @property
    def device(self) -> torch.device:
        """Where the network's parameters are."""
        return next(self.network.parameters()).device

    @property
    def csn(self) -> CSN:
        """The network as the CSN it was trained as; InputError for a network without a reference."""
        if self.config.merge_before is None:
            raise InputError(f"{self.name} was trained without a reference (NCG). Choose a network trained as a CSN.")
        return CSN(self.network, self.config.merge_before)


def save_checkpoint(path: Path, network: StagedNetwork, config: NetworkConfig, half: bool = False) -> str:
    """Writes the network whole or not at all and returns the SHA-256 of the file.

    half: store two bytes per number (loading gives float32 again). InputError when a number is not finite as stored, or when the
    network is not what the configuration says.
    """
    path = Path(path)
    check_fit(network.state_dict(), config, str(path))
    tensors = {name: _stored(tensor, half) for name, tensor in network.state_dict().items()}
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise InputError(f"{path}: {name} holds a number that is not finite, so nothing was saved. Train again.")
    words = json.dumps(asdict(config))
    # One entry, because safetensors writes several in any order, and the same network should give the same file.
    stored = json.dumps({"config": words, "sha256": _digest(words, tensors)})
    content = safetensors.torch.save(tensors, {"csnviz": stored})
    _write_whole(path, content)
    return hashlib.sha256(content).hexdigest()


def load_checkpoint(path: Path, wanted: NetworkConfig | None = None) -> TrainedNetwork:
    """Reads what `save_checkpoint` wrote: float32, eval mode, on the CPU.

    wanted: refuse, naming the field, a network of another size, other AUs, another quantity or another merge point.
    InputError also when the file is missing, damaged, of another kind, or does not hold every tensor; never a part of a network.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
        tensors = safetensors.torch.load(content)
    except (OSError, SafetensorError) as error:
        raise InputError(f"{path}: not a readable checkpoint ({error}). Fetch or train it again.") from None
    words, promised = _metadata(path, content)
    if _digest(words, tensors) != promised:
        raise InputError(f"{path}: the checkpoint is damaged (its SHA-256 does not match). Fetch or train it again.")
    config = _config(path, words)
    if wanted is not None:
        _check_same(path, config, wanted)
    check_fit(tensors, config, str(path))
    network = _untrained(config)
    network.load_state_dict({name: _restored(tensor) for name, tensor in tensors.items()})
    return TrainedNetwork(network.eval(), config, hashlib.sha256(content).hexdigest(), path.stem)


def check_fit(tensors: Mapping[str, Tensor], config: NetworkConfig, where: str) -> None:
    """InputError, naming the first tensors, unless these are exactly the tensors that the configuration asks for."""
    # Asked first, so that a file cannot make us build a network larger than itself.
    size = _size_of(tensors)
    if size != config.size:
        raise InputError(
            f"{where}: its tensors are of {size}, but its configuration says {config.size}. Choose another."
        )
    wanted = {name: tuple(tensor.shape) for name, tensor in _untrained(config).state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    differing = [name for name, shape in wanted.items() if found.get(name) != shape]
    faults = [f"{name} is {found.get(name, 'missing')}, expected {wanted[name]}" for name in differing]
    faults += [f"{name} is unknown" for name in found if name not in wanted]
    if faults:
        raise InputError(
            f"{where}: {len(faults)} tensors do not fit a network of {config.size} with {config.outputs} outputs: "
            f"{'; '.join(faults[:4])}. Choose the checkpoint that belongs to this configuration."
        )


def _untrained(config: NetworkConfig) -> StagedNetwork:
    with torch.random.fork_rng(devices=[]):
        return iresnet(config.size, config.outputs)


def _size_of(tensors: Mapping[str, Tensor]) -> IResNetSize | None:
    """The size that these tensors have, told from the last convolution of each block; None if there is not one per stage."""
    found: dict[str, list[int]] = {f"stage{number}": [] for number in range(1, 5)}
    for name, tensor in tensors.items():
        stage, _, layer, kind = name.split(".") if name.count(".") == 3 else ("", "", "", "")
        if stage in found and (layer, kind) == ("conv2", "weight"):
            found[stage].append(len(tensor))
    if not all(found.values()):
        return None
    blocks, widths = [len(seen) for seen in found.values()], [seen[0] for seen in found.values()]
    return IResNetSize((blocks[0], blocks[1], blocks[2], blocks[3]), (widths[0], widths[1], widths[2], widths[3]))


def _check_same(path: Path, found: NetworkConfig, wanted: NetworkConfig) -> None:
    for name in ("size", "aus", "quantity", "merge_before"):
        if getattr(found, name) != getattr(wanted, name):
            raise InputError(
                f"{path}: {name} is {getattr(found, name)}, but {getattr(wanted, name)} is needed. Choose another checkpoint."
            )


def _metadata(path: Path, content: bytes) -> tuple[str, str]:
    """The configuration's text and the promised digest, from the JSON header that begins every safetensors file."""
    (length,) = struct.unpack("<Q", content[:8])
    try:
        stored = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["csnviz"])
        return stored["config"], stored["sha256"]
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{path}: a safetensors file, but not a checkpoint of csnviz. Choose one that csnviz wrote."
        ) from None


def _config(path: Path, words: str) -> NetworkConfig:
    given: dict[str, Any] = json.loads(words)
    names = {field.name for field in fields(NetworkConfig)}
    if set(given) != names:
        odd = sorted(set(given) ^ names)[0]
        raise InputError(
            f"{path}: written by another version of csnviz (its field {odd!r} does not fit). Train it again."
        )
    size = IResNetSize(tuple(given["size"]["blocks"]), tuple(given["size"]["widths"]))
    return NetworkConfig(**{**given, "size": size, "aus": tuple(given["aus"])})


def _digest(words: str, tensors: Mapping[str, Tensor]) -> str:
    seen = hashlib.sha256(words.encode())
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        seen.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        seen.update(tensor.numpy().tobytes())
    return seen.hexdigest()


def _stored(tensor: Tensor, half: bool) -> Tensor:
    kept = tensor.detach().cpu().contiguous()
    return kept.half() if half and kept.is_floating_point() else kept


def _restored(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / f".{path.name}.{secrets.token_hex(4)}.part"
    try:
        with open(part, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _require(field: str, fulfilled: bool, found: object) -> None:
    if not fulfilled:
        raise InputError(f"A network's configuration cannot have {field} = {found!r}. Correct that field.")
