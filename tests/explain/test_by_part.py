import numpy as np
import pytest

from csnviz.explain.by_part import sums_by_part, with_parts
from csnviz.explain.results import Attribution
from csnviz.faces.average_face import IN_CROP
from csnviz.faces.parts import KEYS, TITLES, face_parts

LIPS = TITLES["lips"]


def test_sums_by_part_add_up_to_all_values_and_each_is_its_own_pixels():
    values = np.random.default_rng(0).normal(size=(3, 112, 112)).astype(np.float32)
    parts = face_parts(IN_CROP)
    sums = sums_by_part(values, parts)
    assert sum(sums.values()) == pytest.approx(float(values.sum(dtype=float)), abs=1e-6)
    assert sums[LIPS] == pytest.approx(float(values[:, parts == KEYS.index("lips")].sum(dtype=float)), abs=1e-6)
    assert list(sums) == [title for key, title in TITLES.items() if key != "glasses"]


def test_a_part_that_is_not_to_be_seen_has_no_bar():
    values, parts = np.ones((3, 2, 2), np.float32), np.full((2, 2), KEYS.index("lips"), np.uint8)
    found = with_parts(Attribution(values, 9, "image", "why?", "made", "nowhere", 0.0, 12.0, 0.0), parts)
    assert found.by_region == {LIPS: 12.0}
    assert found.parts.titles[found.parts.of_pixels[0, 0]] == LIPS
