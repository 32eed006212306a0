"""Where on a face each action unit shows, as closed polygons of landmarks of the 68-point scheme.

The scheme: jaw 0-16, brows 17-26, nose 27-35, eyes 36-47, outer lips 48-59, inner lips 60-67, each from image left. It has no
point above the brows nor on the cheeks, so that the forehead is left out and a cheek reaches from the lower lid to the jaw. What
each unit does follows `csnviz.facs`; muscles may lie elsewhere than what they move.

This file needs the standard library only.
"""

from csnviz.errors import InputError
from csnviz.facs import ALL

_MIRRORED = (
    *range(16, -1, -1),
    *range(26, 16, -1),
    *range(27, 31),
    *range(35, 30, -1),
    *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),
    *(*range(54, 47, -1), *range(59, 54, -1)),
    *(*range(64, 59, -1), *range(67, 64, -1)),
)
"""The landmark that takes a landmark's place in a mirror."""

Polygon = tuple[int, ...]


def _on_both_sides(image_left: Polygon) -> tuple[Polygon, Polygon]:
    return image_left, tuple(_MIRRORED[role] for role in reversed(image_left))


_UPPER_LIDS = _on_both_sides((36, 18, 20, 39, 40, 41))
"""With the opening of the eye, which is nothing when the lids meet."""

_REGIONS: dict[int, tuple[Polygon, ...]] = {
    # Frontalis, pars medialis: the inner half of each brow and the skin down to the lid.
    1: _on_both_sides((19, 20, 21, 39, 38)),
    # Frontalis, pars lateralis: the outer half.
    2: _on_both_sides((17, 18, 19, 37, 36)),
    # Corrugator and depressor supercilii: the inner halves and what lies between them.
    4: ((19, 20, 21, 22, 23, 24, 43, 42, 27, 39, 38),),
    # Levator palpebrae superioris: the upper lid under the brow, and the white that it uncovers.
    5: _UPPER_LIDS,
    # Orbicularis oculi, pars orbitalis: the cheek under the lower lid, out to the crow's feet.
    6: _on_both_sides((0, 36, 41, 40, 39, 31, 2, 1)),
    # Orbicularis oculi, pars palpebralis: the lids around the opening of the eye.
    7: _on_both_sides((36, 37, 38, 39, 40, 41)),
    # Levator labii superioris alaeque nasi: the nose from its root to its wings.
    9: ((21, 22, 42, 35, 34, 33, 32, 31, 39),),
    # Levator labii superioris: from the nostrils to the upper lip, lip corner to lip corner.
    10: ((31, 32, 33, 34, 35, 54, 64, 63, 62, 61, 60, 48),),
    # Zygomaticus major: the lip corner, and the furrow and cheek beside it.
    12: _on_both_sides((31, 49, 60, 59, 5, 4, 3)),
    # Depressor anguli oris: the lip corner, and what lies below it.
    15: _on_both_sides((48, 60, 59, 58, 7, 6, 5)),
    # Mentalis: the lower lip and the chin.
    17: ((59, 67, 66, 65, 55, 10, 9, 8, 7, 6),),
    # Risorius with platysma: the lips and the skin beside their corners, out to the jaw.
    20: ((4, 48, 49, 50, 51, 52, 53, 54, 12, 11, 55, 56, 57, 58, 59, 5),),
    # Depressor labii inferioris, or mentalis relaxed: the lips.
    25: (tuple(range(48, 60)),),
    # Masseter relaxed, temporalis and pterygoids: the mouth and the chin that falls.
    26: ((48, 49, 50, 51, 52, 53, 54, 10, 9, 8, 7, 6),),
    # Levator palpebrae superioris relaxed: the upper lid, which meets the lower one.
    43: _UPPER_LIDS,
}


def region_polygons(au: int) -> tuple[Polygon, ...]:
    """The parts of the face where an action unit shows: closed polygons of landmark numbers (0-67), one or one on each side.

    InputError for a unit that is not in `csnviz.facs`.

    >>> region_polygons(1)
    ((19, 20, 21, 39, 38), (43, 42, 22, 23, 24))
    """
    if au not in _REGIONS:
        known = ", ".join(map(str, ALL))
        raise InputError(f"AU{au} has no region on the face. Choose one of {known}.")
    return _REGIONS[au]
