from dataclasses import replace

import pytest

from csnviz.facs import AUSet
from csnviz.models.iresnet import IResNetSize, iresnet
from csnviz.recipes.precision_gate import milliseconds, moved_scores
from tests.evaluation.made_runs import estimates_of


def test_a_score_that_moves_is_told_by_how_much():
    table = estimates_of(["P1", "P2"], AUSet((4, 12)), "IR50 (NCG)")
    halved = replace(table, estimate=table.estimate / 2)
    moved = moved_scores({"float32": {"NCG": table, "same": table}, "bfloat16": {"NCG": halved, "same": table}})
    assert moved["same"][1] == 0
    assert moved["NCG"][1] != 0
    assert moved["NCG"][0] == pytest.approx(moved["same"][0])


def test_a_face_takes_time_in_either_precision():
    network = iresnet(IResNetSize((1, 1, 1, 1), (16, 16, 16, 16)), 6)
    for precision in ("float32", "bfloat16"):
        assert milliseconds(network, precision, channels_last=True, faces=2, times=1) > 0
