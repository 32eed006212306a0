import numpy as np
import pandas as pd
import pytest
import torch

from csnviz.recipes.explanation_demo import Asked
from csnviz.recipes.explanation_finding import FAILS, HOLDS, SAID
from csnviz.recipes.explanation_randomisation import (
    likenesses,
    randomisation,
    rank_correlation,
    with_random_parameters,
)


def test_only_the_named_stages_become_random_and_the_trained_network_stays_as_it_was(small_demo):
    trained = small_demo.networks.ncg
    before = {name: tensor.clone() for name, tensor in trained.network.state_dict().items()}
    random = with_random_parameters(trained, ("fc",), seed=3).network.state_dict()
    differing = {name for name, tensor in before.items() if not torch.equal(tensor, random[name])}
    assert differing == {"fc.weight", "fc.bias"}
    assert all(torch.equal(before[name], tensor) for name, tensor in trained.network.state_dict().items())


def test_every_layer_becomes_random_where_no_stage_is_named(small_demo):
    trained = small_demo.networks.ncg
    random = with_random_parameters(trained, (), seed=3).network
    for name, tensor in trained.network.named_parameters():
        if name.endswith("conv1.weight"):
            assert not torch.equal(tensor, dict(random.named_parameters())[name])


def test_ranks_alone_are_correlated_and_equal_values_share_theirs():
    one, other = np.array([1.0, 1.0, 5.0, 9.0]), np.array([0.0, 2.0, 2.0, 100.0])
    expected = np.corrcoef([1.5, 1.5, 3, 4], [1, 2.5, 2.5, 4])[0, 1]
    assert rank_correlation(one, other) == pytest.approx(expected)
    assert rank_correlation(one, -other) == pytest.approx(-expected)
    assert np.isnan(rank_correlation(one, np.ones(4)))


def test_a_number_is_compared_once_for_each_part_that_is_made_random(small_demo, tmp_path):
    lines = likenesses([Asked(1, 12, 0.0)], tmp_path)
    assert lines["random"].tolist() == ["fc", "stage 4 on", "all"]
    assert (lines[["signed", "absolute", "gradients"]].abs() < 1).all(axis=None)


def test_only_a_network_without_anything_learned_has_to_be_unlike():
    lines = pd.DataFrame(
        {"participant": list("abc") * 2, "random": ["fc"] * 3 + ["all"] * 3, "signed": [0.5] * 3 + [0.1] * 3}
    )
    found = randomisation(lines.assign(absolute=0.6, gradients=lines["signed"]))
    assert [finding.verdict for finding in found] == [SAID, SAID, SAID, HOLDS, FAILS, HOLDS]
