"""All 68 landmarks of a face that was found, for people to see and for what is drawn over a face.

Alignment reads a few of them only, and those alone decide a crop: see `detect.MESH_ROLES`.
"""

import numpy as np
from jaxtyping import Float

from csnviz.faces.detect import FoundFace

_SHOWN_ROLES = {
    # The jaw from the image-left ear over the chin (8) to the image-right one: of the mesh's outline, even steps.
    **dict(
        zip(range(17), (127, 234, 93, 132, 58, 172, 150, 176, 152, 400, 379, 397, 288, 361, 323, 454, 356), strict=True)
    ),
    # The upper edges of the brows.
    **dict(zip(range(17, 27), (70, 63, 105, 66, 107, 336, 296, 334, 293, 300), strict=True)),
    # The ridge of the nose down to its tip, and its lower edge from wing to wing.
    **dict(zip(range(27, 36), (168, 197, 5, 4, 98, 97, 2, 326, 327), strict=True)),
    # The outer edge of the lips, and the inner one, both clockwise from the image-left corner.
    **dict(zip(range(48, 60), (61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181), strict=True)),
    **dict(zip(range(60, 68), (78, 81, 13, 311, 308, 402, 14, 178), strict=True)),
}
"""For the roles of the 68-point scheme other than the eyes (which alignment reads), the mesh's point at that place."""


def all_landmarks(found: FoundFace) -> Float[np.ndarray, "68 2"]:
    """The 68 landmarks in pixels (see `align`): those that alignment read as it read them, the others from the mesh."""
    points = found.points68.copy()
    roles = [role for role in _SHOWN_ROLES if not np.isfinite(points[role]).all()]
    points[roles] = found.points478[[_SHOWN_ROLES[role] for role in roles], :2]
    return points
