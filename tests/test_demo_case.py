"""The case that a newcomer watches: found by `python -m csnviz.recipes.cast_scores`, not planted."""

import numpy as np
import pytest

from csnviz import places
from csnviz.cast.dataset import DEMO_PARTICIPANTS, cast_references, load_cast
from csnviz.inference.networks import Networks
from csnviz.inference.predict import predict_with_reference, predict_without_reference

PARTICIPANT, AU = "C112", 17


@pytest.fixture(scope="module")
def methods(tmp_path_factory):
    networks = Networks.load()
    table = load_cast((PARTICIPANT,), 60, tmp_path_factory.mktemp("cast"), progress=False)
    column = table.aus.column_of(AU)
    ncg = predict_without_reference(networks.ncg, table, progress=False)
    csn = predict_with_reference(networks.csn, table, cast_references(table), progress=False)
    return table.intensity[:, column], ncg.estimate[:, column], csn.estimate[:, column]


def test_the_beard_of_c112_is_taken_for_a_raised_chin_until_the_reference_is_switched_on(methods):
    label, ncg, csn = methods
    assert PARTICIPANT in DEMO_PARTICIPANTS
    assert ((label == 0) & (ncg >= 1) & (csn < 0.5)).sum() >= 10


def test_the_calibrated_network_still_sees_the_chin_when_it_is_raised(methods):
    label, _, csn = methods
    if not (label >= 2).any():
        pytest.skip("no raised chin among these frames")
    assert csn[label >= 2].mean() > csn[label == 0].mean() + 0.5


def test_the_networks_that_ship_are_small_and_say_what_they_learned_from():
    files = list(places.checkpoints().glob("*.safetensors"))
    assert sorted(file.stem for file in files) == ["cast_csn", "cast_ncg"]
    assert sum(file.stat().st_size for file in files) < 20e6
    networks = Networks.load()
    for trained in (networks.ncg, networks.csn):
        assert sum(tensor.numel() for tensor in trained.network.parameters()) <= 4_000_000
        assert "27 drawn people" in trained.config.trained_on
        assert all(np.isfinite(tensor.numpy()).all() for tensor in trained.network.state_dict().values())
