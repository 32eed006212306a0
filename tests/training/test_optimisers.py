import pytest
import torch

from csnviz.models.csn import CSN
from csnviz.models.iresnet import SMALL, iresnet
from csnviz.models.stages import MERGE_POINTS
from csnviz.training.optimisers import adam_of_the_paper, adamw_one_cycle


def test_the_papers_adam_moves_the_last_layer_ten_times_as_fast_and_decays_everything():
    network = iresnet(SMALL, 6)
    optimisation = adam_of_the_paper(network)
    fc, others = optimisation.optimiser.param_groups
    assert {id(tensor) for tensor in fc["params"]} == {id(network.fc.weight), id(network.fc.bias)}
    assert len(fc["params"]) + len(others["params"]) == len(list(network.parameters()))
    assert (fc["lr"], others["lr"]) == (1e-4, 1e-5)
    assert fc["weight_decay"] == others["weight_decay"] == 5e-4
    assert optimisation.schedule is None
    assert (fc["name"], others["name"]) == ("fc", "others")


@pytest.mark.parametrize("merge_before", MERGE_POINTS)
def test_the_last_layer_is_fc_wherever_a_network_merges(merge_before):
    stages = CSN(iresnet(SMALL, 6), merge_before).stages
    fast = adam_of_the_paper(stages).optimiser.param_groups[0]["params"]
    assert [name for name, tensor in stages.named_parameters() if any(tensor is one for one in fast)] == [
        "fc.weight",
        "fc.bias",
    ]


def test_one_cycle_rises_to_its_peak_and_falls_to_nothing():
    network = torch.nn.Linear(2, 1)
    optimisation = adamw_one_cycle(network, 3e-3, updates=100)
    rates = []
    for _ in range(100):
        rates.append(optimisation.optimiser.param_groups[0]["lr"])
        optimisation.optimiser.step()
        optimisation.schedule.step()
    assert max(rates) == rates[14]
    assert abs(max(rates) - 3e-3) < 1e-9
    assert rates[0] < 2e-4
    assert rates[-1] < 1e-6
