import re

import pytest

from csnviz.views.part_bars import MOST_PARTS, largest_parts, part_bars


def lines(html: str) -> list[tuple[str, float, float, str]]:
    """Name, begin and length of the bar in percent, and the number, of each line."""
    found = re.findall(r'row">(.*?)</th>.*?left: ([\d.]+)%; width: ([\d.]+)%.*?<td>(.*?)</td>', html)
    return [(name, float(left), float(width), shown) for name, left, width, shown in found]


def test_bars_to_the_right_raise_and_to_the_left_lower_on_one_scale():
    found = lines(part_bars({"lips": -0.5, "glabella": 1.5}))
    # From -0.5 to 1.5: zero stands at a quarter.
    assert found == [("glabella", 25.0, 75.0, "+1.50"), ("lips", 0.0, 25.0, "−0.50")]
    assert "--csn-zero: 25.0%" in part_bars({"lips": -0.5, "glabella": 1.5})


def test_parts_without_a_line_of_their_own_are_added_up_so_that_the_lines_still_make_the_sum():
    parts = {f"part {place}": 1.0 / place for place in range(1, 13)}
    found = lines(part_bars(parts))
    assert len(found) == MOST_PARTS + 1
    assert found[-1][0] == "rest of the face"
    assert float(found[-1][3]) == pytest.approx(sum(1 / place for place in range(MOST_PARTS + 1, 13)), abs=0.005)


def test_a_line_says_which_part_can_be_outlined_and_the_rest_has_no_outline():
    html = part_bars({f"part {place}": 1.0 / place for place in range(1, 13)})
    assert re.findall('data-part="(.*?)"', html) == [f"part {place}" for place in range(1, MOST_PARTS + 1)]


def test_a_face_of_which_no_part_counts_has_one_line_of_nothing():
    assert lines(part_bars({"lips": 0.0})) == [("whole face", 0.0, 0.0, "0.00")]


def test_the_largest_parts_are_those_that_add_or_take_most():
    parts = {"lips": -2.0, "brows": 0.0, "chin": 0.5, "nose": 1.0}
    assert largest_parts(parts, 2) == ("lips", "nose")
    assert largest_parts(parts, 9) == ("lips", "nose", "chin")
