import pandas as pd
import pytest

from csnviz.recipes.explanation_completeness import beside_themselves, completeness, gaps
from csnviz.recipes.explanation_demo import Asked
from csnviz.recipes.explanation_finding import FAILS, HOLDS


def test_each_of_the_four_questions_has_its_gap_told_as_a_share(small_demo, tmp_path):
    lines = gaps([Asked(row, 12, 0.0) for row in (4, 1, 2, 3)], tmp_path)
    assert lines["question"].tolist() == [
        "why does the network see it without a reference?",
        "what did the reference cancel?",
        "what does NCG see that the CSN does not?",
        "what moved since neutral?",
    ]
    assert (lines["share"] >= 0).all()
    assert lines["share"].max() < 0.2


def test_a_face_beside_itself_moves_nothing(small_demo, tmp_path):
    assert beside_themselves([0, 5], tmp_path)["largest"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("shares", "largest", "expected"),
    [
        ([0.001, 0.002, 0.04], 0.0, [HOLDS, HOLDS, HOLDS]),
        ([0.001, 0.002, 0.06], 0.0, [HOLDS, FAILS, HOLDS]),
        ([0.02, 0.02, 0.02], 1e-9, [FAILS, HOLDS, FAILS]),
    ],
)
def test_what_holds_and_what_fails_is_told_by_the_numbers(shares, largest, expected):
    lines = pd.DataFrame({"participant": list("abc"), "share": shares, "more": [False, False, True]})
    alone = pd.DataFrame({"participant": ["a"], "largest": [largest]})
    assert [finding.verdict for finding in completeness(lines, alone)] == expected
