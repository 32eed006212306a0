"""Does an explanation depend on what the network has learned? Its parameters are made random, and the two pictures compared.

Adebayo et al. (2018, arXiv 1810.03292): a picture that a network with random parameters gives as well explains no network. Layers
are made random from the last to the first, so that one sees where the picture changes. Integrated gradients are gradients
times the difference from the start, and that difference stays whatever the parameters are; so the gradients alone, the values
divided by the difference, are compared as well.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Float32

from csnviz.explain.attribution import why_ncg
from csnviz.models.checkpoints import TrainedNetwork
from csnviz.models.iresnet import iresnet
from csnviz.models.stages import StagedNetwork
from csnviz.recipes.explanation_demo import Asked, Demo
from csnviz.recipes.explanation_finding import FAILS, HOLDS, SAID, Finding, counted, over_people, with_interval

MOST = 0.2
RANDOM = {"fc": ("fc",), "stage 4 on": ("stage4", "tail", "fc"), "all": ()}
"""Which stages are made random, under the name that the table gives them; none named means every one."""


def with_random_parameters(trained: TrainedNetwork, stages: Sequence[str], seed: int) -> TrainedNetwork:
    """The same network, but these stages (all, where none is named) as an untrained network of its size has them.

    Stored means and spreads of those stages are forgotten as well. InputError from torch for a stage that is not there.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        untrained = iresnet(trained.config.size, trained.config.outputs)
    learned = dict(trained.network.named_children())
    chosen = set(stages or learned)
    parts = {name: part if name in chosen else learned[name] for name, part in untrained.named_children()}
    return replace(trained, network=StagedNetwork(parts).eval(), name=f"{trained.name}, random")


def rank_correlation(one: Float[np.ndarray, " K"], other: Float[np.ndarray, " K"]) -> float:
    """Spearman's: that of the ranks, equal values sharing theirs; NaN where all values of one are alike.

    >>> rank_correlation(np.array([1.0, 2.0, 30.0]), np.array([-5.0, 0.0, 0.1]))
    1.0
    """
    ranks = [pd.Series(values).rank().to_numpy() for values in (one, other)]
    if any(np.ptp(rank) == 0 for rank in ranks):
        return np.nan
    return float(np.corrcoef(*ranks)[0, 1])


def likenesses(asked: Sequence[Asked], data_root: Path) -> pd.DataFrame:
    """How alike the pictures of the trained and of random networks are, over pixels: signed, absolute, and gradients alone."""
    demo = Demo.load(data_root)
    ncg = demo.networks.ncg
    lines = []
    for each in asked:
        image = demo.crop(each.row)
        step = (image.astype(np.float32) - demo.start.crop).transpose(2, 0, 1) / 255
        learned = why_ncg(ncg, image, demo.start, each.au).values
        for name, stages in RANDOM.items():
            random = why_ncg(with_random_parameters(ncg, stages, each.row), image, demo.start, each.au).values
            likeness = _alike(learned, random, step)
            lines.append((demo.participant(each.row), each.au, name, *likeness))
    return pd.DataFrame(lines, columns=["participant", "au", "random", "signed", "absolute", "gradients"])


def _alike(
    one: Float32[np.ndarray, "3 S S"], other: Float32[np.ndarray, "3 S S"], step: Float32[np.ndarray, "3 S S"]
) -> tuple[float, float, float]:
    """Signed and absolute, of the three colours added up; and of the absolute gradients, where there is a step to divide by."""
    heats = [values.sum(axis=0).ravel() for values in (one, other)]
    moved = np.abs(step) > 0
    gradients = [np.abs(values[moved] / step[moved]) for values in (one, other)]
    return rank_correlation(*heats), rank_correlation(*map(np.abs, heats)), rank_correlation(*gradients)


def randomisation(lines: pd.DataFrame) -> list[Finding]:
    """What `likenesses` found, as lines of the table: each kind of likeness for each part that was made random."""
    findings = []
    for name, here in lines.groupby("random", sort=False):
        for kind in ("signed", "absolute", "gradients"):
            value, low, high = over_people(here, kind)
            what = "absolute gradients alone" if kind == "gradients" else f"{kind} values"
            asked, verdict = ("< .2", HOLDS if value < MOST else FAILS) if name == "all" else ("", SAID)
            findings.append(
                Finding(
                    f"random parameters, {name}: rank correlation, {what}",
                    asked,
                    with_interval(value, low, high),
                    counted(here, "numbers"),
                    verdict,
                )
            )
    return findings
