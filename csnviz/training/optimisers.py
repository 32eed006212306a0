"""How parameters are moved: the paper's way for a pretrained backbone, and ours for small networks from scratch."""

from dataclasses import dataclass

from torch import nn
from torch.optim import Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR

from csnviz.models.stages import StagedNetwork

WEIGHT_DECAY = 5e-4


@dataclass(frozen=True)
class Optimisation:
    """An optimiser and, where there is one, its schedule, stepped once per update."""

    optimiser: Optimizer
    schedule: LRScheduler | None = None


def adam_of_the_paper(
    network: StagedNetwork, fc_learning_rate: float = 1e-4, learning_rate: float = 1e-5
) -> Optimisation:
    """Adam with a faster last layer and coupled weight decay 5e-4 on everything; no schedule (arXiv 2409.00240, section 4.2).

    The last layer is `fc` wherever a CSN merges: merging at "output" only moves the subtraction behind it. BatchNorm and PReLU
    decay too, as in the authors' code.
    """
    last = network.names[-1]
    fc = [tensor for name, tensor in network.named_parameters() if name.startswith(f"{last}.")]
    others = [tensor for name, tensor in network.named_parameters() if not name.startswith(f"{last}.")]
    groups = [
        {"name": last, "params": fc, "lr": fc_learning_rate},
        {"name": "others", "params": others, "lr": learning_rate},
    ]
    return Optimisation(Adam(groups, weight_decay=WEIGHT_DECAY))


def adamw_one_cycle(network: nn.Module, peak_learning_rate: float, updates: int, warm_up: float = 0.15) -> Optimisation:
    """AdamW whose learning rate rises for a share `warm_up` of the updates and then falls to nothing.

    Differs from the paper: its rates of 1e-5 are for a pretrained network; from scratch a small one needs 100 times as much.
    """
    groups = [{"name": "all", "params": list(network.parameters())}]
    optimiser = AdamW(groups, lr=peak_learning_rate, weight_decay=WEIGHT_DECAY)
    return Optimisation(optimiser, OneCycleLR(optimiser, peak_learning_rate, total_steps=updates, pct_start=warm_up))
