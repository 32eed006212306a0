import ast
from pathlib import Path

import numpy as np
import pytest

from csnviz.cast.dataset import draw_frame
from csnviz.errors import InputError
from csnviz.faces import regions
from csnviz.faces.regions import region_polygons
from csnviz.facs import ALL

WHERE = {"jaw": range(17), "brow": range(17, 27), "nose": range(27, 36), "eye": range(36, 48), "mouth": range(48, 68)}


def area(points: np.ndarray) -> float:
    x, y = points.T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


@pytest.fixture(scope="module")
def face() -> np.ndarray:
    """The landmarks of an invented person at rest."""
    return draw_frame("C101", 0)[1]


@pytest.mark.parametrize("number", list(ALL))
def test_every_unit_has_a_part_of_the_face_of_some_size_that_no_line_crosses(number, face):
    for polygon in region_polygons(number):
        assert len(set(polygon)) == len(polygon) >= 3
        assert set(polygon) <= set(range(68))
        assert area(face[list(polygon)]) > 0.001 * area(face[:17])
        assert not crosses_itself(face[list(polygon)])


def crosses_itself(points: np.ndarray) -> bool:
    def side(a, b, c):
        return np.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))

    edges = [(points[i], points[(i + 1) % len(points)]) for i in range(len(points))]
    apart = [(i, j) for i in range(len(edges)) for j in range(i + 2, len(edges)) if (i, j) != (0, len(edges) - 1)]
    pairs = [(*edges[i], *edges[j]) for i, j in apart]
    return any(side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0 for a, b, c, d in pairs)


@pytest.mark.parametrize("number", list(ALL))
def test_a_region_is_the_same_on_both_sides_of_the_face(number, face):
    polygons = region_polygons(number)
    mirrored = {frozenset(regions._MIRRORED[role] for role in polygon) for polygon in polygons}
    assert mirrored == {frozenset(polygon) for polygon in polygons}
    if len(polygons) == 2:
        one, other = (area(face[list(polygon)]) for polygon in polygons)
        assert one == pytest.approx(other, rel=0.5)


@pytest.mark.parametrize(
    ("number", "part"), [(1, "brow"), (2, "brow"), (4, "brow"), (5, "eye"), (6, "eye"), (7, "eye"), (9, "nose"),
                         (10, "nose"), (12, "mouth"), (15, "mouth"), (17, "jaw"), (20, "mouth"), (25, "mouth"),
                         (26, "mouth"), (43, "eye")]
)  # fmt: skip
def test_a_region_touches_the_part_that_the_unit_moves(number, part):
    for polygon in region_polygons(number):
        assert set(polygon) & set(WHERE[part])


def test_mirroring_twice_changes_nothing():
    assert [regions._MIRRORED[regions._MIRRORED[role]] for role in range(68)] == list(range(68))


def test_a_unit_that_nobody_codes_has_no_region():
    with pytest.raises(InputError, match="AU3 has no region on the face"):
        region_polygons(3)


def test_regions_need_the_standard_library_only():
    tree = ast.parse(Path(regions.__file__).read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert modules == {"csnviz.errors", "csnviz.facs"}
    assert not any(isinstance(node, ast.Import) for node in ast.walk(tree))
