import pytest

from csnviz.evaluation.methods import Method


def test_methods_stand_in_the_order_of_the_paper_and_its_backbone_first():
    ordered = [
        "IR50 (NCG)",
        "IR50 w/ BS",
        "IR50 w/ BS, re-centred",
        "CSN-IR50-Stage1",
        "CSN-IR50-Stage4",
        "CSN-IR50-FC",
        "CSN-IR50-Output",
        "IR-small (NCG)",
        "CSN-IR-small-Stage4",
    ]
    assert sorted(reversed(ordered), key=lambda name: Method.named(name).place) == ordered


@pytest.mark.parametrize(
    ("csn", "other", "judged"),
    [
        ("CSN-IR50-Stage4", "IR50 (NCG)", True),
        ("CSN-IR50-FC", "IR50 w/ BS, re-centred", True),
        ("CSN-IR50-Stage4", "IR-small (NCG)", False),
        ("CSN-IR50-Stage4", "CSN-IR50-FC", False),
        ("IR50 w/ BS", "IR50 (NCG)", False),
        ("CSN", "IR (NCG)", True),
    ],
)
def test_a_csn_is_judged_against_its_own_backbone_without_one(csn, other, judged):
    assert Method.named(csn).is_judged_against(Method.named(other)) == judged


def test_a_method_from_elsewhere_is_a_row_without_kin():
    assert Method.named("OpenFace") == Method("OpenFace", "", "other")
    assert not Method.named("OpenFace").calibrated
