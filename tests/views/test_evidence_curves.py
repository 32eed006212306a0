import dataclasses
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from csnviz.facs import AUSet
from csnviz.facs import au as unit_of
from csnviz.views.evidence_curves import curves_svg, errors, frame_places, runs
from csnviz.views.methods import CSN, NCG
from csnviz.views.stretches import Papers, ReferenceShown, Stretch

SVG = "{http://www.w3.org/2000/svg}"
N = 21


@pytest.fixture
def stretch() -> Stretch:
    """AU9 of 21 frames from number 100 on: no face at 10, NCG 2.4 in frames 2-6 though the label is 0, and 6.1 in the last."""
    label, estimate = np.zeros((N, 1), np.float32), np.zeros((N, 1), np.float32)
    label[14:19] = 3
    estimate[14:19] = 2.6
    ncg = estimate.copy()
    ncg[2:7], ncg[10], ncg[20] = 2.4, np.nan, 6.1
    estimate[16] = 1.2
    reasons = tuple("no face <found>" if i == 10 else "" for i in range(N))
    values = {"label": label, "ncg": ncg, "bs": estimate - 0.3, "csn": estimate}
    return Stretch(
        "P1", "front", unit_of(9), AUSet((9,)), np.arange(100, 100 + N), np.arange(N) / 20, values, reasons, (None,) * N,
        False, Papers(False), 3, ReferenceShown(101, None, "Reference: frame 101"),
    )  # fmt: skip


def drawing(stretch: Stretch) -> ET.Element:
    return ET.fromstring(curves_svg(stretch).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def of_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [part for part in root.iter() if name in part.get("class", "").split()]


def test_a_frame_without_a_face_is_a_gap_in_the_line_and_says_why(stretch):
    root = drawing(stretch)
    (line,) = [part for part in of_class(root, "ncg") if part.tag == f"{SVG}path" and "line" in part.get("class")]
    assert line.get("d").count("M") == 2
    (gap,) = of_class(root, "no-face")
    assert gap[0].text == "frame 110: no face <found>"


def test_runs_of_errors_are_hatched_by_direction(stretch):
    words = [part[0].text for part in of_class(drawing(stretch), "run")]
    assert words == [
        "NCG: false positive or overestimate, frames 102–106",
        "NCG: false positive or overestimate, frames 120–120",
        "CSN: false negative, frames 116–116",
    ]
    hatches = {part.get("fill") for part in of_class(drawing(stretch), "run")}
    assert hatches == {"url(#hatch-high)", "url(#hatch-low)"}


def test_gaps_of_at_most_five_frames_are_joined():
    numbers = np.arange(30)
    five, six = np.isin(numbers, [3, 9]), np.isin(numbers, [3, 10])
    assert list(runs(five, numbers)) == [(3, 9)]
    assert list(runs(six, numbers)) == [(3, 3), (10, 10)]
    assert list(runs(np.zeros(30, bool), numbers)) == []


def test_the_cut_of_the_page_decides_what_is_an_error(stretch):
    strict = dataclasses.replace(stretch, papers=Papers(False, cut=3.0))
    assert errors(stretch, NCG)[15] == ""
    assert errors(strict, NCG)[15] == "false negative"
    assert errors(strict, CSN)[0] == ""


def test_the_reference_is_marked_where_it_is_or_pointed_at(stretch):
    (line,) = [part for part in of_class(drawing(stretch), "reference") if part.tag == f"{SVG}line"]
    assert float(line.get("x1")) == pytest.approx(float(frame_places(stretch)[1]), abs=0.1)
    for number, words in ((7, "← reference: frame 7"), (900, "reference: frame 900 →")):
        away = dataclasses.replace(stretch, reference=ReferenceShown(number, None, ""))
        assert [part.text for part in of_class(drawing(away), "reference")] == [words]
    assert not of_class(drawing(dataclasses.replace(stretch, reference=None)), "reference")


def test_an_estimate_beyond_the_axis_is_a_mark_at_its_edge(stretch):
    (mark,) = of_class(drawing(stretch), "beyond")
    assert mark[0].text == "NCG 6.1, beyond the axis"


def test_the_cursor_stands_at_the_frame_that_is_opened(stretch):
    (cursor,) = [part for part in drawing(stretch).iter() if part.get("id") == "cursor"]
    assert float(cursor.get("x1")) == pytest.approx(float(frame_places(stretch)[3]), abs=0.1)


def test_ticks_are_whole_frame_numbers_of_the_stretch(stretch):
    texts = [part.text for part in drawing(stretch).iter(f"{SVG}text") if re.fullmatch(r"\d{3}", part.text)]
    assert texts == [str(number) for number in range(100, 121, 2)]


def test_one_frame_alone_is_drawn(stretch):
    one = dataclasses.replace(
        stretch, numbers=stretch.numbers[:1], seconds=stretch.seconds[:1], reasons=("",), pictures=(None,), at=0,
        values={key: value[:1] for key, value in stretch.values.items()},
    )  # fmt: skip
    assert len(of_class(drawing(one), "line")) == 4
