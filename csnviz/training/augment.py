"""Small random changes of the training faces, so that a network learns faces and not pixels.

Every draw comes from the generator that is handed in, on the CPU, so a run repeats on any device.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor
from torch.nn import functional

AREA = (0.90, 1.0)
"""The share of the picture that a random crop keeps (the authors' code)."""

ASPECT = (19 / 20, 20 / 19)
"""Its width over its height (the authors' code)."""

BRIGHTNESS = 0.1
TRIES = 10

Faces = tuple[Float[Tensor, "G 3 S S"], Float[Tensor, "B 3 S S"]]


def independent_draws(
    references: Float[Tensor, "G 3 S S"], images: Float[Tensor, "B 3 S S"], generator: Generator
) -> Faces:
    """The authors' augmentation: each face is mirrored or not and cropped, a reference independently of its image.

    # Differs from the paper: crops begin and end between pixels, where the authors' code cuts whole pixels out and enlarges them.
    """
    mirrored = [torch.rand(len(faces), generator=generator) < 0.5 for faces in (references, images)]
    first = random_crops(references, mirrored[0], generator)
    return first, random_crops(images, mirrored[1], generator)


def mirrored_together(
    references: Float[Tensor, "G 3 S S"], images: Float[Tensor, "B 3 S S"], generator: Generator
) -> Faces:
    """Each reference is mirrored with its images; crops and brightness (plus or minus 10 %) are drawn independently.

    Differs from the paper: a small network that trains for minutes has no time to learn that a mirrored reference is as good.
    """
    mirrored = torch.rand(len(references), generator=generator) < 0.5
    each = mirrored.repeat_interleave(len(images) // len(references))
    first = _brightened(random_crops(references, mirrored, generator), generator)
    return first, _brightened(random_crops(images, each, generator), generator)


def random_crops(
    images: Float[Tensor, "B 3 S S"], mirrored: Bool[Tensor, " B"], generator: Generator
) -> Float[Tensor, "B 3 S S"]:
    """Random crops at the full size again (bilinear), where asked for mirrored about the vertical axis."""
    width, height = _crop_sides(len(images), generator)
    across, down = (torch.rand(2, len(images), generator=generator) * 2 - 1) * (1 - torch.stack([width, height]))
    zero = torch.zeros_like(width)
    columns = torch.stack([torch.where(mirrored, -width, width), zero, across], dim=1)
    rows = torch.stack([zero, height, down], dim=1)
    grid = functional.affine_grid(torch.stack([columns, rows], dim=1), list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid.to(images), padding_mode="border", align_corners=False)


def _crop_sides(count: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Widths and heights as shares of the picture: the first of ten draws that fits inside, else the whole picture."""
    area = torch.empty(count, TRIES).uniform_(*AREA, generator=generator)
    aspect = torch.empty(count, TRIES).uniform_(*map(math.log, ASPECT), generator=generator).exp()
    sides = torch.stack([(area * aspect).sqrt(), (area / aspect).sqrt()])
    fits = (sides <= 1).all(dim=0)
    first = fits.float().argmax(dim=1)
    chosen = torch.where(fits.any(dim=1), sides[:, torch.arange(count), first], torch.ones(2, count))
    return chosen[0], chosen[1]


def _brightened(images: Tensor, generator: Generator) -> Tensor:
    factor = 1 + BRIGHTNESS * (torch.rand(len(images), 1, 1, 1, generator=generator) * 2 - 1)
    return (images * factor.to(images)).clamp(0, 1)
