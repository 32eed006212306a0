import numpy as np
import pandas as pd
import pytest
import torch

from csnviz.models.images import images_of
from csnviz.recipes.explanation_deletion import (
    agreement,
    agreements,
    area_below,
    areas,
    curves,
    deletion,
    replaced,
    sums_in_squares,
)
from csnviz.recipes.explanation_demo import Asked
from csnviz.recipes.explanation_finding import FAILS, HOLDS, SAID

RANDOM = np.random.default_rng(5)
WEIGHTS = RANDOM.normal(size=(112, 112))
IMAGE, FILL = (RANDOM.integers(0, 256, (112, 112, 3)).astype(np.uint8) for _ in range(2))


def additive(crops):
    """An estimate to which every pixel adds its own part, so that what each square is worth is known."""
    return (crops.astype(float).sum(axis=3) * WEIGHTS).sum(axis=(1, 2)) / 1e6


WORTH = sums_in_squares((IMAGE.astype(float) - FILL).sum(axis=2) * WEIGHTS / 1e6, 8)


def test_squares_are_counted_from_left_to_right_and_from_the_top():
    values = np.zeros((4, 4))
    values[0, 3], values[2, 0] = 5, 7
    assert sums_in_squares(values, 2).tolist() == [0, 5, 7, 0]


def test_a_square_that_is_replaced_is_the_one_whose_sum_stands_there():
    half = replaced(IMAGE, FILL, np.array([15]), 8)
    changed = np.zeros((112, 112), bool)
    changed[8:16, 8:16] = True
    assert np.array_equal(half[changed], FILL[changed])
    assert np.array_equal(half[~changed], IMAGE[~changed])


def test_the_area_lies_between_the_image_and_its_replacement_where_all_squares_are_worth_the_same():
    order = np.arange(196)
    light, dark = np.full((112, 112, 3), 200, np.uint8), np.zeros((112, 112, 3), np.uint8)
    area = area_below(lambda crops: crops.astype(float).mean(axis=(1, 2, 3)), light, dark, order)
    assert area == pytest.approx(100)


def test_no_order_beats_the_true_worth_of_the_squares():
    best = areas(additive, IMAGE, FILL, np.argsort(-WORTH))
    for _ in range(3):
        chance = areas(additive, IMAGE, FILL, RANDOM.permutation(196))
        assert best[0] < chance[0]
        assert best[1] > chance[1]


def test_to_take_away_the_least_first_is_to_put_back_the_most_first_seen_from_behind():
    forth, back = areas(additive, IMAGE, FILL, np.argsort(WORTH)), areas(additive, IMAGE, FILL, np.argsort(-WORTH))
    assert forth[0] == pytest.approx(back[1])
    assert forth[1] == pytest.approx(back[0])


def test_each_number_has_a_line_for_both_fills_and_both_orders(small_demo, tmp_path):
    lines = curves([Asked(2, 12, 0.0)], tmp_path)
    assert list(zip(lines["fill"], lines["order"], strict=True)) == [
        (fill, order) for fill in ("mean face", "blurred") for order in ("attribution", "change of pixels")
    ]
    assert lines[["deletion", "insertion"]].notna().all(axis=None)


def test_methods_agree_about_a_network_that_hardly_bends(small_demo, tmp_path):
    with torch.no_grad():
        estimate = float(small_demo.networks.ncg.network(images_of(small_demo.crop(2)[None]))[0, 1])
    lines = agreements([Asked(2, 12, estimate)], tmp_path)
    assert lines["covering"].iloc[0] > 0.7
    assert lines["gradient"].iloc[0] > 0.7
    assert lines["parts"].iloc[0] > 0.7


def test_deletion_holds_where_its_interval_lies_above_nothing():
    lines = pd.DataFrame({"participant": list("abcd"), "deletion": [1, 1.1, 0.9, 1.2], "insertion": [-1, 1, -1, 1.1]})
    both = pd.concat([lines.assign(fill="mean face", order=order) for order in ("attribution", "change of pixels")])
    assert [finding.verdict for finding in deletion(both)] == [HOLDS, FAILS, SAID, SAID]


def test_agreement_is_told_without_being_asked_for():
    lines = pd.DataFrame({"participant": list("abc"), "covering": [0.8, 0.8, 0.8], "gradient": [0.1, 0.2, 0.3]})
    lines["parts"] = 0.5
    assert [finding.found[:4] for finding in agreement(lines)] == ["0.80", "0.20", "0.50"]
