import numpy as np
import pandas as pd
import pytest

from csnviz.errors import InputError
from csnviz.evaluation.error_runs import no_errors
from csnviz.views.docket_filter import SORTS, DocketFilter

ERRORS = pd.DataFrame(
    {
        "kind": ["false positive", "overestimate", "false negative", "false positive"],
        "what": ["removed", "kept", "lost", ""],
        "participant": ["P2", "P1", "P1", "P3"],
        "camera": "front", "video": ["a", "b", "b", "a"],
        "au": [9, 12, 9, 4], "first": [5, 1, 9, 2], "n": [3, 8, 8, 1], "seconds": [0.5, np.nan, 0.1, 0.2],
        "label": [0.0, 0, 3, 1], "ncg": [2.5, 1.1, 3, 2.2], "bs": np.nan, "csn": [0.1, 1.2, 0.4, np.nan],
    }
)  # fmt: skip
WORN = pd.Series(["eyeglasses", "", "", "beard, eyeglasses"])


def listed(chosen: DocketFilter) -> list[int]:
    keep = chosen.chosen(ERRORS, WORN)
    return [int(row) for row in chosen.order(ERRORS, WORN, np.array([False, False, True, False])) if keep[row]]


@pytest.mark.parametrize(
    ("chosen", "rows"),
    [
        (DocketFilter(), [1, 2, 0, 3]),
        (DocketFilter(kind="false positive"), [0, 3]),
        (DocketFilter(au=9), [2, 0]),
        (DocketFilter(participant="P1", au=9), [2]),
        (DocketFilter(words="GLASSES"), [0, 3]),
        (DocketFilter(words="eyeglasses beard"), [3]),
        (DocketFilter(words="nose wrinkler p2"), [0]),
        (DocketFilter(words="giraffe"), []),
        (DocketFilter(sort="participant", descending=False), [1, 2, 0, 3]),
        (DocketFilter(sort="mark"), [2, 0, 1, 3]),
    ],
)
def test_a_filter_lists_the_runs_that_fit_it_in_its_order(chosen, rows):
    assert listed(chosen) == rows


@pytest.mark.parametrize("descending", [True, False])
def test_runs_without_a_value_come_last_either_way(descending):
    assert listed(DocketFilter(sort="csn", descending=descending))[-1] == 3
    assert listed(DocketFilter(sort="seconds", descending=descending))[-1] == 1
    assert listed(DocketFilter(sort="attributes", descending=descending))[-2:] == [1, 2]
    assert listed(DocketFilter(sort="what", descending=descending))[-1] == 3


@pytest.mark.parametrize("sort", SORTS)
def test_every_column_can_be_put_in_order_even_where_there_is_no_run(sort):
    assert sorted(listed(DocketFilter(sort=sort))) == [0, 1, 2, 3]
    empty = DocketFilter(sort=sort, words="x")
    assert not len(empty.chosen(no_errors(), WORN[:0])[empty.order(no_errors(), WORN[:0], np.zeros(0, bool))])


def test_texts_kept_as_categories_are_filtered_and_ordered_alike():
    kept = ERRORS.astype(dict.fromkeys(("kind", "what", "participant", "camera", "video"), "category"))
    for chosen in (DocketFilter(words="glasses"), DocketFilter(sort="participant"), DocketFilter(kind="overestimate")):
        assert (chosen.chosen(kept, WORN) == chosen.chosen(ERRORS, WORN)).all()
        unmarked = np.zeros(4, bool)
        assert chosen.order(kept, WORN, unmarked).tolist() == chosen.order(ERRORS, WORN, unmarked).tolist()


@pytest.mark.parametrize(
    "chosen",
    [
        DocketFilter(),
        DocketFilter(
            "created", "false negative", 26, "SN_001, left: 50%", "brows & lids_?", "seconds", descending=False
        ),
        DocketFilter(sort="n", descending=False),
    ],
)
def test_a_filter_survives_its_way_through_a_link(chosen):
    assert DocketFilter.of_text(chosen.text) == chosen
    assert not set(chosen.text) & set(" &?#=")


@pytest.mark.parametrize("text", ["sort:weight", "au:nine", "colour:red", "au:", "nonsense"])
def test_a_damaged_link_is_named(text):
    with pytest.raises(InputError, match="Copy the link again"):
        DocketFilter.of_text(text)
