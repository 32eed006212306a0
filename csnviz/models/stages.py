"""A network as a row of named stages, each from tensor to tensor.

"Merge just before stage 4" is then a cut in that row: `encode` runs the stages before the cut, `decode` those after it. What
lies between them is one tensor per face, which can be kept and used again with another reference.

`decode` is cut once more, into `begin` and `finish`. In eval mode a stage of blocks begins with convolutions and stored statistics
only, so that `begin` is affine, zero padding included: a(x) = L x + c, and c = a(0). What it gives for a difference is therefore
told by what it gives for either face, a(r - x) = a(r) - a(x) + a(0), and it too can be kept. In train mode this is not so.
"""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor, nn

from csnviz.errors import InputError

MERGE_POINTS = ("stage1", "stage2", "stage3", "stage4", "fc", "output")
"""Where the paper subtracts (section 4.3.3): before the stage of that name, or behind the last stage."""


@runtime_checkable
class AffineStart(Protocol):
    """A stage that is finish(*begin(features)), the first of them affine in eval mode."""

    def begin(self, features: Tensor) -> tuple[Tensor, ...]:
        """One or more tensors, each with a line for each of the features."""

    def finish(self, *begun: Tensor) -> Tensor:
        """The stage's own output."""


class StagedNetwork(nn.Module):
    """Stages that run in the order in which they are given; each is a child module under its own name.

    There is nothing else in the network, so every name in its state dict begins with the name of a stage.
    """

    def __init__(self, stages: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.names = tuple(stages)
        for name, stage in stages.items():
            self.add_module(name, stage)

    def forward(self, images: Float[Tensor, "B *face"]) -> Float[Tensor, "B M"]:
        """The outputs (B, M) for images of the size and range that the first stage expects."""
        return _run(self, images, self.names)


def encode(network: StagedNetwork, images: Float[Tensor, "B *face"], merge_before: str) -> Float[Tensor, "B *features"]:
    """What the stages before the cut say about each face: one feature map per face, or its outputs for "output".

    images: (B, 3, 112, 112) RGB in [0, 1] for the networks of this room. InputError when there is no such stage.
    """
    return _run(network, images, network.names[: stages_before(network, merge_before)])


def decode(network: StagedNetwork, features: Float[Tensor, "B *features"], merge_before: str) -> Float[Tensor, "B M"]:
    """The outputs (B, M) that the stages after the cut give for such features, or for a difference of them."""
    return _run(network, features, network.names[stages_before(network, merge_before) :])


def begin(network: StagedNetwork, features: Float[Tensor, "B *features"], merge_before: str) -> tuple[Tensor, ...]:
    """The affine beginning of the stage after the cut, (B, ...) each; the features where it has none (fc, tail, output).

    In eval mode only: of a difference of features it is begin(r) - begin(x) + begin(0), tensor by tensor.
    """
    stage = _after(network, merge_before)
    return stage.begin(features) if isinstance(stage, AffineStart) else (features,)


def finish(network: StagedNetwork, begun: tuple[Tensor, ...], merge_before: str) -> Float[Tensor, "B M"]:
    """The outputs (B, M) from what `begin` gave, or from differences of it: finish(begin(x)) is decode(x)."""
    stage = _after(network, merge_before)
    if not isinstance(stage, AffineStart):
        return decode(network, begun[0], merge_before)
    return _run(network, stage.finish(*begun), network.names[stages_before(network, merge_before) + 1 :])


def begins_affinely(network: StagedNetwork, merge_before: str) -> bool:
    """Whether `begin` has anything to do after this cut."""
    return isinstance(_after(network, merge_before), AffineStart)


def stages_before(network: StagedNetwork, merge_before: str) -> int:
    """How many stages run before the cut; InputError when the network has no stage of this name."""
    if merge_before == "output":
        return len(network.names)
    if merge_before not in network.names:
        known = (*network.names, "output")
        raise InputError(f"merge_before names the stage after the cut, one of {known}; found {merge_before!r}.")
    return network.names.index(merge_before)


def _after(network: StagedNetwork, merge_before: str) -> nn.Module | None:
    """The stage after the cut; None behind the last one."""
    names = network.names[stages_before(network, merge_before) :]
    return network.get_submodule(names[0]) if names else None


def _run(network: StagedNetwork, tensor: Tensor, names: tuple[str, ...]) -> Tensor:
    for name in names:
        tensor = network.get_submodule(name)(tensor)
    return tensor
