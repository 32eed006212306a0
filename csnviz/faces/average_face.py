"""Where the landmarks of a resting face that is nobody's lie in a crop.

The means of 24 invented faces (`csnviz.cast`), made symmetrical, in the picture that `faces.crop` would cut of them. They are
written down here, so that nothing that is drawn can depend on a participant.
"""

import numpy as np
from jaxtyping import Float

PICTURE_SIZE = 336
"""Width and height of the picture, as of the pictures of faces: three times the crop's."""

# fmt: off
IN_PICTURE: Float[np.ndarray, "68 2"] = np.array((
    (41, 110), (41, 145), (45, 180), (52, 215), (64, 248), (81, 279), (104, 306), (134, 325), (168, 333), (202, 325), (232, 306),
    (255, 279), (272, 248), (284, 215), (291, 180), (295, 145), (295, 110),  # jaw
    (71, 75), (89, 69), (107, 67), (125, 70), (143, 76), (193, 76), (211, 70), (229, 67), (247, 69), (265, 75),  # brows
    (168, 104), (168, 132), (168, 160), (168, 188), (148, 203), (158, 205), (168, 207), (178, 205), (188, 203),  # nose
    (78, 107), (98, 98), (118, 98), (138, 114), (118, 117), (98, 116),  # eyes
    (198, 114), (218, 98), (238, 98), (258, 107), (238, 116), (218, 117),
    (121, 248), (137, 242), (155, 238), (168, 241), (181, 238), (199, 242), (215, 248), (199, 259), (181, 261), (168, 263),
    (155, 261), (137, 259), (126, 247), (149, 246), (168, 248), (187, 246), (210, 247), (187, 246), (168, 248), (149, 246),  # lips
), dtype=np.float64)
"""(x, y) in pixels of the picture, 68-point scheme, the first pixel's upper left corner (0, 0)."""
# fmt: on

IN_CROP: Float[np.ndarray, "68 2"] = IN_PICTURE / 3
"""The same in pixels of the crop, 112 x 112."""
