"""Does the estimate hang on the pixels that the explanation names? They are taken away first, or put back first, and it is watched.

Deletion and insertion (Petsiuk, Das and Saenko 2018, arXiv 1806.07421), in squares, because single pixels make faces that no
camera gives. What is taken away is replaced by a face without the attribute; to be fair to other orders this is done with the
mean face, at which the explanation began, and with the same face blurred, which it has never met. Orders to compare with: random
ones, and squares by how much replacing changes their pixels, which needs no network at all.

The same squares say whether two methods agree: the sums of integrated gradients over a square against what covering it alone takes
away, and against the gradient at the image times the difference, which is the explanation without the walk. The two methods that
the page offers are compared over the parts of the face, as it tells them.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from captum.attr import Saliency
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from csnviz.explain.attribution import why_ncg
from csnviz.explain.by_part import parts_on, sums_by_part
from csnviz.explain.occlusion import occluded
from csnviz.explain.starts import blurred
from csnviz.facs import AUSet
from csnviz.models.checkpoints import TrainedNetwork
from csnviz.models.images import images_of
from csnviz.recipes.explanation_demo import Asked, Demo
from csnviz.recipes.explanation_finding import FAILS, HOLDS, SAID, Finding, counted, over_people, with_interval
from csnviz.recipes.explanation_randomisation import rank_correlation

SQUARE, COVERED = 8, 16
"""How wide the squares are that are taken away one after the other, and those that are covered alone, in pixels."""
PORTIONS = 14
ORDERS = 2
"""In how many portions all squares are taken away, and how many random orders are averaged."""

Crop = UInt8[np.ndarray, "S S 3"]
Squares = Float[np.ndarray, " Q"]
Estimate = Callable[[UInt8[np.ndarray, "K S S 3"]], Float[np.ndarray, " K"]]


def sums_in_squares(values: Float[np.ndarray, "S S"], side: int) -> Squares:
    """The sums over squares `side` pixels wide, from left to right and from the top down."""
    count = len(values) // side
    return values.reshape(count, side, count, side).sum(axis=(1, 3)).ravel().astype(float)


def replaced(image: Crop, fill: Crop, squares: Int64[np.ndarray, " K"], side: int) -> Crop:
    """The image with these squares as they are in `fill`."""
    count = len(image) // side
    chosen = np.zeros(count * count, bool)
    chosen[squares] = True
    mask = np.kron(chosen.reshape(count, count), np.ones((side, side), bool))
    return np.where(mask[..., None], fill, image)


def area_below(
    estimate: Estimate, image: Crop, fill: Crop, order: Int64[np.ndarray, " Q"], side: int = SQUARE
) -> float:
    """The mean estimate while the squares of `image` are replaced in this order, from none of them to all."""
    ends = np.linspace(0, len(order), PORTIONS + 1).round().astype(int)
    estimates = estimate(np.stack([replaced(image, fill, order[:end], side) for end in ends]))
    return float((estimates[1:] + estimates[:-1]).mean() / 2)


def areas(estimate: Estimate, image: Crop, fill: Crop, order: Int64[np.ndarray, " Q"]) -> Float[np.ndarray, "2"]:
    """How high the estimate is on average while squares go in this order (low is good), and while they come back (high is)."""
    return np.array([area_below(estimate, image, fill, order), area_below(estimate, fill, image, order)])


def curves(asked: Sequence[Asked], data_root: Path) -> pd.DataFrame:
    """For each number, fill and order by how many intensity steps it beats random orders on average: deletion, insertion."""
    demo = Demo.load(data_root)
    lines = []
    for each in asked:
        image, random = demo.crop(each.row), np.random.default_rng(each.row)
        estimate = _estimate(demo.networks.ncg, each.au)
        values = why_ncg(demo.networks.ncg, image, demo.start, each.au).heat()
        for words, fill in (("mean face", demo.start.crop), ("blurred", blurred(image).crop)):
            changed = np.abs(image.astype(float) - fill).sum(axis=2)
            chance = [
                areas(estimate, image, fill, random.permutation((len(image) // SQUARE) ** 2)) for _ in range(ORDERS)
            ]
            for order, worth in (("attribution", values), ("change of pixels", changed)):
                first = np.argsort(-sums_in_squares(worth, SQUARE), kind="stable")
                falls, rises = areas(estimate, image, fill, first) - np.mean(chance, axis=0)
                lines.append((demo.participant(each.row), each.au, words, order, float(-falls), float(rises)))
    return pd.DataFrame(lines, columns=["participant", "au", "fill", "order", "deletion", "insertion"])


def agreements(asked: Sequence[Asked], data_root: Path) -> pd.DataFrame:
    """For each number how integrated gradients rank squares of the face against covering them and against one gradient, and how
    they rank the parts of the face against covering these."""
    demo = Demo.load(data_root)
    ncg = demo.networks.ncg
    lines = []
    for each in asked:
        image, estimate = demo.crop(each.row), _estimate(ncg, each.au)
        walk = why_ncg(ncg, image, demo.start, each.au)
        walked = sums_in_squares(walk.heat(), COVERED)
        alone = np.stack([replaced(image, demo.start.crop, np.array([q]), COVERED) for q in range(len(walked))])
        covered = each.estimate - estimate(alone)
        once = sums_in_squares(_gradient_times_change(ncg, image, demo.start.crop, each.au), COVERED)
        parts, _ = parts_on(demo.table, str(demo.table.rows["frame_id"].iloc[each.row]))
        by_part = why_ncg(ncg, image, demo.start, each.au, method=occluded(parts))
        told = [np.array([*sums_by_part(found.values, parts).values()]) for found in (walk, by_part)]
        agreeing = [rank_correlation(*pair) for pair in ((walked, covered), (walked, once), told)]
        lines.append((demo.participant(each.row), each.au, *agreeing))
    return pd.DataFrame(lines, columns=["participant", "au", "covering", "gradient", "parts"])


def _estimate(ncg: TrainedNetwork, au_number: int) -> Estimate:
    column = AUSet(ncg.config.aus).column_of(au_number)

    def estimate(crops: UInt8[np.ndarray, "K S S 3"]) -> Float[np.ndarray, " K"]:
        with torch.inference_mode():
            return ncg.network(images_of(crops))[:, column].double().numpy()

    return estimate


def _gradient_times_change(ncg: TrainedNetwork, image: Crop, start: Crop, au_number: int) -> Float[np.ndarray, "S S"]:
    column = AUSet(ncg.config.aus).column_of(au_number)

    def estimate(pixels: Tensor) -> Tensor:
        return ncg.network(pixels)[:, column]

    pixels, begin = images_of(image[None]), images_of(start[None])
    gradient = Saliency(estimate).attribute(pixels.requires_grad_(), abs=False)
    return (gradient * (pixels - begin)).detach()[0].sum(dim=0).double().numpy()


def deletion(lines: pd.DataFrame) -> list[Finding]:
    """What `curves` found, as lines of the table."""
    findings = []
    for (fill, order), here in lines.groupby(["fill", "order"], sort=False):
        for kind in ("deletion", "insertion"):
            value, low, high = over_people(here, kind)
            by_values = order == "attribution"
            asked = "better than random, interval above 0" if by_values else ""
            verdict = (HOLDS if low > 0 else FAILS) if by_values else SAID
            found = f"{with_interval(value, low, high, '+')} steps"
            findings.append(Finding(f"{kind} ({fill}) by {order}", asked, found, counted(here, "numbers"), verdict))
    return findings


def agreement(lines: pd.DataFrame) -> list[Finding]:
    """What `agreements` found, as lines of the table."""
    squares = f"rank correlation over {(112 // COVERED) ** 2} squares"
    words: Mapping[str, str] = {
        "covering": f"covering each square alone: {squares}",
        "gradient": f"one gradient times the change: {squares}",
        "parts": "covering each part of the face alone: rank correlation over the parts",
    }
    return [
        Finding(
            f"agreement with {said}",
            "",
            with_interval(*over_people(lines, column)),
            counted(lines, "numbers"),
            SAID,
        )
        for column, said in words.items()
    ]
