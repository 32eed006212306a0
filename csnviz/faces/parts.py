"""The parts of a face: each pixel of a crop belongs to just one of them, or lies elsewhere (hair, ears, neck, background).

The 68-point scheme has the brows' upper edges, the nose, the eyes, the lips and the jaw. What lies between is laid out from these
in eye distances (from the middle of one eye to that of the other), along the line through the eyes and square to it:

- The forehead reaches up to half an ellipse over the outer jaw points, 1.35 eye distances above the middle between them; in most
  crops that is beyond the upper edge. A fringe that hangs into it counts as forehead.
- A brow is the band from .07 above its landmarks to .13 below them; in a face of the mesh they are its upper edge.
- The glabella lies between the brows' inner ends, down to the middle of the way to the nose's first point. The root of the nose
  is around that point, between the inner eye corners. The bridge follows, .16 to .19 on either side, down to just above the tip.
- The lids are the eye's outline grown by .05 to the sides, and the skin from the brow to .2 below the lower lid.
- The crow's feet lie from the outer eye corner to the jaw point beside it.
- The nasolabial fold is a band of .13 (above) to .09 on either side of the line from the wing of the nose past the mouth's corner.
- A corner of the mouth is a disc of .15 around it. The chin boss is an ellipse between the lower lip and the chin.
- Cheek and jaw part at the line from the mouth's corner to the fourth jaw point.

On a face that is turned away the far side's parts shrink with its landmarks. Both sides count as one part. Where eyeglasses lie no
landmark says; whoever knows says so (`with_glasses`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Bool, Float, UInt8

from csnviz.errors import InputError
from csnviz.faces.average_face import IN_CROP
from csnviz.faces.crop import CROP_SIZE

GLASSES, ELSEWHERE = "glasses", "elsewhere"

TITLES: Mapping[str, str] = {
    "forehead": "the forehead",
    "brows": "the brows",
    "glabella": "the skin between the brows",
    "lids": "the eyes and lids",
    "crows_feet": "the crow's feet",
    "nose_root": "the root of the nose",
    "nose_bridge": "the nose bridge",
    "nose_tip": "the tip and wings of the nose",
    "cheeks": "the cheeks",
    "folds": "the nasolabial folds",
    "above_lips": "the skin above the lips",
    "lips": "the lips",
    "mouth_corners": "the mouth corners",
    "chin": "the chin boss",
    "jaw": "the jaw",
    GLASSES: "the eyeglasses",
    ELSEWHERE: "hair, ears and background",
}
"""The parts' keys and what they are called, in face order; a part's number in a map is its place here."""

KEYS = tuple(TITLES)

_FINER = 4  # outlines are filled on a finer grid, of which one point in each pixel is kept
_Points = Float[np.ndarray, "P 2"]


def face_parts(points: Float[np.ndarray, "68 2"] = IN_CROP) -> UInt8[np.ndarray, "112 112"]:
    """The number of its part at each pixel of a crop, shape (112, 112): its place in KEYS.

    points: the 68 landmarks in pixels of the crop, its upper left corner (0, 0) (see `points_in_crop`); of the average face
    (`csnviz.faces.average_face`) where a table has none: crops are aligned, so that eyes and mouth lie about there in all of them.
    InputError when a landmark is not a number.
    """
    if not np.isfinite(points).all():
        raise InputError(
            "The parts of a face need all 68 landmarks; some are missing. Use those of the average face instead."
        )
    canvas = np.full((CROP_SIZE * _FINER, CROP_SIZE * _FINER), KEYS.index(ELSEWHERE), dtype=np.uint8)
    for key, outlines in _Face(points).outlines():
        for outline in outlines:
            # OpenCV counts from the middle of the first pixel, in sixteenths of a pixel.
            fixed = np.rint((outline * _FINER - 0.5) * 16).astype(np.int32)
            cv2.fillPoly(canvas, [fixed], (KEYS.index(key),), shift=4)
    return np.ascontiguousarray(canvas[_FINER // 2 :: _FINER, _FINER // 2 :: _FINER])


def with_glasses(parts: UInt8[np.ndarray, "S S"], glasses: Bool[np.ndarray, "S S"]) -> UInt8[np.ndarray, "S S"]:
    """The parts of a face whose glasses are known to lie at these pixels, which then belong to no other part."""
    return np.where(glasses, np.uint8(KEYS.index(GLASSES)), parts)


def points_in_crop(points: Float[np.ndarray, "68 2"], corners: Float[np.ndarray, "4 2"]) -> Float[np.ndarray, "68 2"]:
    """Landmarks of a picture in pixels of the crop that was cut out of it, its upper left corner (0, 0).

    points and corners: in the same measure, whichever (pixels, or shares of width and height); corners of the crop: upper left,
    lower left, lower right, upper right, as `FrameTable.corners` and `crop_corners` give them. NaN stays NaN.
    """
    first, lower_left, _, upper_right = corners.astype(np.float64)
    across, down = upper_right - first, lower_left - first
    return (points.astype(np.float64) - first) @ np.linalg.pinv(np.stack([across, down])) * CROP_SIZE


def mask_of(parts: UInt8[np.ndarray, "S S"], key: str) -> Bool[np.ndarray, "S S"]:
    """The pixels (S, S) of one part, True inside; InputError for a part that no face has."""
    if key not in TITLES:
        raise InputError(f"A face has no part {key!r}. It has {', '.join(KEYS)}.")
    return parts == KEYS.index(key)


@dataclass(frozen=True)
class _Side:
    """The landmarks of one side of the face: brow from outside, the eye's outer and inner corner, its lower lid from inside, the
    upper two of the jaw, wing of the nose, corner of the mouth. inwards: 1 where the face's middle is to the image's right.
    """

    brow: tuple[int, ...]
    corners: tuple[int, int]
    lower: tuple[int, ...]
    jaw: tuple[int, int]
    wing: int
    mouth: int
    inwards: float


_SIDES = (
    _Side((17, 18, 19, 20, 21), (36, 39), (39, 40, 41, 36), (0, 1), 31, 48, 1.0),
    _Side((26, 25, 24, 23, 22), (45, 42), (42, 47, 46, 45), (16, 15), 35, 54, -1.0),
)


class _Face:
    """The landmarks of one face, and places beside them in eye distances."""

    def __init__(self, points: Float[np.ndarray, "68 2"]) -> None:
        self.points = points
        left, right = points[36:42].mean(axis=0), points[42:48].mean(axis=0)
        between = right - left
        self.unit = max(float(np.linalg.norm(between)), 1.0)
        across = between / max(float(np.linalg.norm(between)), 1e-9)
        self.axes = np.stack([across, [-across[1], across[0]]]) * self.unit

    def at(self, role: int, right: float = 0.0, down: float = 0.0) -> np.ndarray:
        """A place beside a landmark, so many eye distances to the image's right and down."""
        return self.points[role] + np.array([right, down]) @ self.axes

    def row(self, roles: tuple[int, ...], right: float = 0.0, down: float = 0.0) -> list[np.ndarray]:
        """Places beside several landmarks."""
        return [self.at(role, right, down) for role in roles]

    def between(self, one: int, other: int, share: float) -> np.ndarray:
        """A place on the way from one landmark to another."""
        return self.points[one] + share * (self.points[other] - self.points[one])

    def disc(self, centre: np.ndarray, right: float, down: float) -> _Points:
        """An ellipse of so many eye distances from its middle to its side and to its lower end."""
        turn = np.linspace(0, 2 * np.pi, 32, endpoint=False)
        return centre + np.stack([right * np.cos(turn), down * np.sin(turn)], axis=1) @ self.axes

    def outlines(self) -> list[tuple[str, list[_Points]]]:
        """Each part's closed outlines, in the order in which they are filled: a later one covers the earlier."""
        return [
            ("forehead", [self._forehead()]),
            ("cheeks", [self._outline(range(0, 17))]),
            ("jaw", [self._outline(range(4, 13), (54, 57, 48))]),
            ("chin", [self._chin()]),
            ("above_lips", [self._above_lips()]),
            ("lids", [self._lids(side) for side in _SIDES]),
            ("crows_feet", [self._crows_feet(side) for side in _SIDES]),
            ("folds", [self._fold(side) for side in _SIDES]),
            ("glabella", [self._glabella()]),
            ("brows", [self._brow(side) for side in _SIDES]),
            ("nose_root", [self._nose_root()]),
            ("nose_bridge", [self._nose_bridge()]),
            ("nose_tip", [self._nose_tip()]),
            ("lips", [self._lips()]),
            ("mouth_corners", [self.disc(self.points[role], 0.15, 0.15) for role in (48, 54)]),
        ]

    def _outline(self, jaw: range, inner: tuple[int, ...] = ()) -> _Points:
        return self.points[[*jaw, *inner]]

    def _forehead(self) -> _Points:
        """From outer jaw point to outer jaw point over half an ellipse, and back below the brows, which are filled later."""
        one, other = self.points[0], self.points[16]
        middle, half = (one + other) / 2, (other - one) / 2
        turn = np.linspace(0, np.pi, 24)[:, None]
        return middle - np.cos(turn) * half - np.sin(turn) * 1.35 * self.axes[1]

    def _brow(self, side: _Side) -> _Points:
        return np.array([*self.row(side.brow, down=-0.07), *self.row(side.brow[::-1], down=0.13)])

    def _glabella(self) -> _Points:
        low = self.between(27, 28, -0.35)
        reach = 0.5 * (self.points[42] - self.points[39]) * 0.8
        top = self.row((21, 22), down=-0.12)
        return np.array(
            [top[0], top[1], *self.row((22,), down=0.14), low + reach, low - reach, *self.row((21,), down=0.14)]
        )

    def _nose_root(self) -> _Points:
        """A band across, from above the nose's first point to below it, between the inner eye corners."""
        reach = 0.5 * (self.points[42] - self.points[39]) * 0.8
        high, low = self.between(27, 28, -0.35), self.between(27, 28, 0.55)
        return np.array([high - reach, high + reach, low + 0.8 * reach, low - 0.8 * reach])

    def _nose_bridge(self) -> _Points:
        high, low = self.between(27, 28, 0.55), self.between(29, 30, 0.35)
        narrow, wide = 0.16 * self.axes[0], 0.19 * self.axes[0]
        return np.array([high - narrow, high + narrow, low + wide, low - wide])

    def _nose_tip(self) -> _Points:
        high, narrow = self.between(29, 30, 0.35), 0.19 * self.axes[0]
        right = [high + narrow, self.at(35, 0.10, -0.12), self.at(35, 0.12, 0.0)]
        left = [self.at(31, -0.12, 0.0), self.at(31, -0.10, -0.12), high - narrow]
        return np.array([*right, *self.row((35, 34, 33, 32, 31), down=0.05), *left])

    def _above_lips(self) -> _Points:
        wings = self.at(31, -0.14), *self.row((32, 33, 34)), self.at(35, 0.14)
        return np.array([*wings, self.at(54, 0.15), *self.row((54, 53, 52, 51, 50, 49, 48)), self.at(48, -0.15)])

    def _lids(self, side: _Side) -> _Points:
        """From the brow down to below the lower lid; the eye with it."""
        outer, inner = side.corners
        below = self.row(side.lower, down=0.20)
        corner = self.at(inner, side.inwards * 0.05)
        return np.array([*self.row(side.brow, down=0.10), corner, *below, self.at(outer, -side.inwards * 0.05, 0.05)])

    def _crows_feet(self, side: _Side) -> _Points:
        outer, jaw = side.corners[0], side.jaw
        start = self.at(outer, -side.inwards * 0.05)
        rim_high, rim_low = self.between(jaw[0], outer, 0.08), self.between(jaw[1], outer, 0.08)
        return np.array(
            [start, self.at(side.brow[0], down=0.10), rim_high, rim_low, self.at(outer, -side.inwards * 0.05, 0.28)]
        )

    def _fold(self, side: _Side) -> _Points:
        """A band from beside the wing of the nose to beside the corner of the mouth and a little below it."""
        outwards = -side.inwards
        high, low = self.at(side.wing, outwards * 0.16, -0.12), self.at(side.mouth, outwards * 0.20, 0.08)
        wide, narrow = 0.13 * self.axes[0], 0.09 * self.axes[0]
        return np.array([high - wide, high + wide, low + narrow, low - narrow])

    def _lips(self) -> _Points:
        upper, lower = self.row(tuple(range(48, 55)), down=-0.04), self.row(tuple(range(55, 60)), down=0.05)
        return np.array([*upper, *lower])

    def _chin(self) -> _Points:
        lip, tip = self.points[57], self.points[8]
        middle = lip + 0.55 * (tip - lip)
        high = float(np.linalg.norm(tip - lip)) / self.unit * 0.45
        return self.disc(middle, 0.42, max(high, 0.02))
