from dataclasses import replace

import pytest

from csnviz.errors import InputError
from csnviz.views.page_state import PageState, state_named

WHOLE = PageState(
    frame="My film (1).mp4-1a2b3c4d/120",
    reference="My film (1).mp4-1a2b3c4d/3",
    au=12,
    calibrated=True,
    cut=1.5,
    tab="errors",
    errors="what=removed&au=9",
    view="filmed",
    compare="wipe",
    case="A beard & a chin",
    page="guest",
)


def test_a_link_brings_back_the_whole_state():
    assert state_named(WHOLE.query) == WHOLE


@pytest.mark.parametrize("part", ["frame", "reference", "errors", "case"])
@pytest.mark.parametrize("text", ["ä ö", "a&b=c", "100%", "a+b", "?#", "日本"])
def test_any_name_survives_the_way_through_an_address(part, text):
    state = replace(PageState(), **{part: text})
    assert state_named(state.query) == state


def test_a_page_as_usual_has_an_empty_link():
    assert PageState().query == ""
    assert state_named("") == PageState()


def test_what_belongs_to_others_is_passed_over():
    assert state_named("token=abc&voila-theme=dark&au=9") == PageState(au=9)
    assert state_named({"token": "abc", "au": "9"}) == PageState(au=9)


@pytest.mark.parametrize("query", ["au=nine", "au=-1", "au=1.5", "cut=high", "cut=0", "cut=9", "cut=nan"])
def test_a_damaged_number_is_named(query):
    with pytest.raises(InputError, match=query.split("=")[1]):
        state_named(query)


def test_an_endless_name_is_refused():
    with pytest.raises(InputError, match="frame is 5000 characters"):
        state_named("frame=" + "a" * 5000)
