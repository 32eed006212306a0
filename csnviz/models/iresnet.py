"""The improved residual network of face recognition (iResNet), from which IR50 is one size.

It differs from the well-known ResNet in ways that decide whether public parameters fit: a block normalises before its first
convolution, strides in its second one, has one learnt slope per channel (PReLU) between the two and no activation after
the addition; every one of the four stages halves the map; the head reads the flattened map, not its average.
Source: the public iResNet-50 of the insightface project, the backbone of arXiv 2409.00240, section 3.2.
"""

from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from csnviz.models.stages import StagedNetwork

IMAGE_SIDE = 112
STRIDE = 16
"""How many pixels of the image one place of the last map stands for, per axis: four stages that each halve."""


@dataclass(frozen=True)
class IResNetSize:
    """How many blocks each of the four stages has, and how many channels."""

    blocks: tuple[int, int, int, int]
    widths: tuple[int, int, int, int]


IR50 = IResNetSize(blocks=(3, 4, 14, 3), widths=(64, 128, 256, 512))
"""The paper's backbone: 32,550,664 parameters with 72 outputs."""

SMALL = IResNetSize(blocks=(1, 1, 1, 1), widths=(16, 32, 64, 128))
"""The same family at 760,248 parameters with 72 outputs, to train on a laptop."""


class Slope(nn.PReLU):
    """PReLU with one slope per channel, in a form that is fast on CPUs too.

    torch's own CPU kernel takes a third of a training step and half of a bfloat16 prediction (torch 2.13). Blending the
    rectified and the untouched features by the slope gives the same numbers.
    """

    def forward(self, features: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        """Features above 0 as they are, those below 0 times their channel's slope."""
        if not features.is_cpu:
            return super().forward(features)
        return torch.lerp(torch.relu(features), features, self.weight.to(features.dtype)[:, None, None])


class Stem(nn.Module):
    """Three colours become the first width, at full resolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = _conv3x3(3, width)
        self.bn1 = nn.BatchNorm2d(width)
        self.prelu = Slope(width)

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B C H W"]:
        """A map as large as the images."""
        return self.prelu(self.bn1(self.conv1(images)))


class Block(nn.Module):
    """Normalise, convolve, normalise, bend, convolve, normalise, add the way around; a stride of 2 halves the map."""

    def __init__(self, width_in: int, width: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(width_in)
        self.conv1 = _conv3x3(width_in, width)
        self.bn2 = nn.BatchNorm2d(width)
        self.prelu = Slope(width)
        self.conv2 = _conv3x3(width, width, stride)
        self.bn3 = nn.BatchNorm2d(width)
        self.downsample = _narrowing_way_around(width_in, width, stride) if stride > 1 else nn.Identity()

    def forward(self, features: Float[Tensor, "B C H W"]) -> Float[Tensor, "B D h w"]:
        """A map as large as the features, or half as wide and high."""
        return self.finish(*self.begin(features))

    def begin(self, features: Float[Tensor, "B C H W"]) -> tuple[Float[Tensor, "B D H W"], Float[Tensor, "B D h w"]]:
        """What lies before the bend, and the way around: in eval mode an affine function of the features."""
        return self.bn2(self.conv1(self.bn1(features))), self.downsample(features)

    def finish(self, inner: Float[Tensor, "B D H W"], around: Float[Tensor, "B D h w"]) -> Float[Tensor, "B D h w"]:
        """The bend and all that follows it."""
        return self.end(self.prelu(inner), around)

    def end(self, bent: Float[Tensor, "B D H W"], around: Float[Tensor, "B D h w"]) -> Float[Tensor, "B D h w"]:
        """What follows the bend: in eval mode affine too."""
        return self.bn3(self.conv2(bent)) + around


class Blocks(nn.Sequential):
    """One of the four stages: blocks that run one after the other."""

    def begin(self, features: Float[Tensor, "B C H W"]) -> tuple[Tensor, ...]:
        """How the first block begins."""
        return cast(Block, self[0]).begin(features)

    def finish(self, *begun: Tensor) -> Float[Tensor, "B D h w"]:
        """The rest of the first block, and the other blocks."""
        features = cast(Block, self[0]).finish(*begun)
        for block in list(self)[1:]:
            features = block(features)
        return features


class Tail(nn.Module):
    """The last map, normalised and flattened channel by channel."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.bn2 = nn.BatchNorm2d(width)

    def forward(self, features: Float[Tensor, "B C h w"]) -> Float[Tensor, "B F"]:
        """One row of numbers per face, channel after channel."""
        return self.bn2(features).flatten(1)


def iresnet(size: IResNetSize, outputs: int) -> StagedNetwork:
    """An untrained network of this size with so many outputs, for (B, 3, 112, 112) RGB images in [0, 1].

    Stages: stem, stage1 to stage4 (maps 56, 28, 14 and 7 wide), tail, fc. The authors' dropout has probability 0 and is left out.
    """
    widths = (size.widths[0], *size.widths)
    stages: dict[str, nn.Module] = {"stem": Stem(size.widths[0])}
    for number, depth in enumerate(size.blocks, start=1):
        stages[f"stage{number}"] = _stage(widths[number - 1], widths[number], depth)
    stages["tail"] = Tail(size.widths[3])
    stages["fc"] = nn.Linear(size.widths[3] * (IMAGE_SIDE // STRIDE) ** 2, outputs)
    network = StagedNetwork(stages)
    network.apply(_start_convolutions)
    return network


def face_recognition_network(size: IResNetSize = IR50) -> StagedNetwork:
    """The network that public face-recognition parameters are made for: 512 outputs and one more stage, `features`.

    Only for reading such parameters and counting them (43,590,848 at IR50); its last scale stays 1 there.
    """
    network = iresnet(size, 512)
    stages = dict(network.named_children())
    return StagedNetwork({**stages, "features": nn.BatchNorm1d(512)})


def _stage(width_in: int, width: int, depth: int) -> Blocks:
    blocks = [Block(width_in, width, 2), *(Block(width, width, 1) for _ in range(depth - 1))]
    return Blocks(*blocks)


def _conv3x3(width_in: int, width: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(width_in, width, 3, stride, padding=1, bias=False)


def _narrowing_way_around(width_in: int, width: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(width_in, width, 1, stride, bias=False), nn.BatchNorm2d(width))


def _start_convolutions(module: nn.Module) -> None:
    """The family's own start; BatchNorm, PReLU and Linear start as torch starts them."""
    if isinstance(module, nn.Conv2d):
        nn.init.normal_(module.weight, std=0.1)
