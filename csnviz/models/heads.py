"""What the numbers at a network's end mean.

Intensity networks give 6 n numbers for n AUs: first the n intensities themselves, then five logits per AU, all five of one AU
together: is the intensity at least 1, 2, 3, 4, 5? Only the first n are ever used as estimates (arXiv 2409.00240, section 4.2);
the logits help in training. Occurrence networks give n logits, one per AU.
"""

from jaxtyping import Float
from torch import Tensor

THRESHOLDS = 5
"""The questions asked of an intensity: at least 1, 2, 3, 4, 5."""


def intensity_outputs(n_aus: int) -> int:
    """How many outputs an intensity network for so many AUs has.

    >>> intensity_outputs(12)
    72
    """
    return n_aus * (1 + THRESHOLDS)


def intensity(output: Float[Tensor, "B M"], n_aus: int) -> Float[Tensor, "B A"]:
    """The estimated intensities (B, A), one column per AU, meant for 0-5 but neither clipped nor rounded."""
    return output[:, :n_aus]


def exceedance_logits(output: Float[Tensor, "B M"], n_aus: int) -> Float[Tensor, "B A 5"]:
    """Logits (B, A, 5): entry [b, a, k] says how likely AU a has an intensity of at least k + 1."""
    return output[:, n_aus:].reshape(len(output), n_aus, THRESHOLDS)


def occurrence_logits(output: Float[Tensor, "B M"], n_aus: int) -> Float[Tensor, "B A"]:
    """Logits (B, A) of an occurrence network; a unit counts as present from 0 upwards (a probability of one half)."""
    return output[:, :n_aus]
