"""The cases that a newcomer watches: found by `python -m csnviz.recipes.cast_cases`, not planted."""

import numpy as np
import pandas as pd
import pytest

from csnviz import places
from csnviz.cast.attributes import draw_attributes
from csnviz.cast.dataset import DEMO_FRAMES, DEMO_PARTICIPANTS
from csnviz.inference.networks import Networks
from csnviz.recipes.cast_cases import FIGURE_2, find_cases

CASES = {(1, "C102"), (4, "C105"), (9, "C105"), (17, "C112")}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    cases = find_cases(Networks.load(), ("C102", "C105", "C112"), DEMO_FRAMES, tmp_path_factory.mktemp("cast"))
    return {(case.au, case.participant): case for case in cases}


def test_the_menu_names_the_four_cases_of_the_paper_s_figure_2():
    listed = pd.read_csv(places.manifest() / "cast" / "cases.csv")
    assert set(zip(listed["au"], listed["participant"], strict=True)) == CASES
    assert {au for au, _ in CASES} == {au for _, au in FIGURE_2}
    assert {who for _, who in CASES} <= set(DEMO_PARTICIPANTS)
    for attribute, au in FIGURE_2:
        assert all(getattr(draw_attributes(who), attribute) > 0 for number, who in CASES if number == au)


@pytest.mark.parametrize("case", sorted(CASES))
def test_what_a_face_carries_is_taken_for_an_expression_until_the_reference_is_switched_on(found, case):
    asked = found[case]
    assert asked.overestimated >= 10
    assert asked.ncg >= 1
    assert asked.csn < 0.5


@pytest.mark.parametrize(
    ("case", "least"), [((1, "C102"), 0.3), ((4, "C105"), 0.2), ((9, "C105"), 0.2), ((17, "C112"), 0.5)]
)
def test_without_the_attribute_the_same_frames_are_estimated_lower(found, case, least):
    assert found[case].ncg - found[case].ncg_without > least


def test_the_networks_that_ship_are_small_and_say_what_they_learned_from():
    files = list(places.checkpoints().glob("*.safetensors"))
    assert sorted(file.stem for file in files) == ["cast_csn", "cast_ncg"]
    assert sum(file.stat().st_size for file in files) < 20e6
    networks = Networks.load()
    for trained in (networks.ncg, networks.csn):
        assert sum(tensor.numel() for tensor in trained.network.parameters()) <= 4_000_000
        assert "27 drawn people" in trained.config.trained_on
        assert all(np.isfinite(tensor.numpy()).all() for tensor in trained.network.state_dict().values())
