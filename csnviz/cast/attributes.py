"""What a resting face may carry that a reader can mistake for an expression: spectacles, a beard, a permanent wrinkle."""

from dataclasses import dataclass, fields

from csnviz.cast.identity import generator
from csnviz.errors import InputError

_SIGNED = ("brow_eye_distance", "resting_lip_line")


@dataclass(frozen=True)
class Attributes:
    """Permanent traits of a face, each at rest and in every frame alike. They never change a label.

    brow_eye_distance: signed, 1 sets the brows .07 inter-ocular distances higher (half of AU1 at 5), -1 lower.
    nose_root_wrinkle: 0 .. 1, a standing crease over the root of the nose, as AU9 makes (1 is like AU9 at 3).
    eyeglasses: 0 .. 1, how heavy the frames are (0 none, .3 wire, 1 thick dark rims).
    eyeglasses_bridge: 0 .. 1, how far down the nose the bridge sits. eyeglasses_roundness: 0 square .. 1 round lenses.
    chin_hair: 0 .. 1, from stubble to a full goatee.
    hooded_lids: 0 .. 1, the fold of the upper lid hangs over the lid (1 hides a third of the opening).
    resting_lip_line: signed; 1 lets the corners rest as low as AU15 at 2.5, -1 keeps the lips pressed thin.
    """

    brow_eye_distance: float = 0.0
    nose_root_wrinkle: float = 0.0
    eyeglasses: float = 0.0
    eyeglasses_bridge: float = 0.4
    eyeglasses_roundness: float = 0.4
    chin_hair: float = 0.0
    hooded_lids: float = 0.0
    resting_lip_line: float = 0.0

    def __post_init__(self) -> None:
        """InputError for a strength that no face carries."""
        for each in fields(self):
            strength, least = getattr(self, each.name), -1.0 if each.name in _SIGNED else 0.0
            if not least <= strength <= 1.0:
                raise InputError(f"The attribute {each.name} goes from {least:g} to 1; found {strength:g}.")

    @classmethod
    def none(cls) -> "Attributes":
        """A face without any of them."""
        return cls()


def draw_attributes(participant: str) -> Attributes:
    """The attributes that this participant has in the cast: each is independent of the others and of every label."""
    rng = generator(participant, 2)
    present = rng.random(6) < (0.5, 0.35, 0.35, 0.30, 0.35, 0.45)
    strength = rng.uniform(0.45, 1.0, 6)
    sign = rng.choice((-1.0, 1.0), 2)
    bridge, roundness = rng.random(2)
    amount = [float(value) for value in present * strength]
    return Attributes(
        brow_eye_distance=amount[0] * float(sign[0]),
        nose_root_wrinkle=amount[1],
        eyeglasses=amount[2],
        eyeglasses_bridge=float(bridge),
        eyeglasses_roundness=float(roundness),
        chin_hair=amount[3],
        hooded_lids=amount[4],
        resting_lip_line=amount[5] * float(sign[1]),
    )
