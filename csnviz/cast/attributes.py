"""What a resting face may carry that a reader can mistake for an expression: spectacles, a beard, a permanent wrinkle."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from csnviz.cast.identity import generator
from csnviz.errors import InputError

_SIGNED = ("brow_eye_distance", "resting_lip_line")

NAMES = (
    "brow_eye_distance", "nose_root_wrinkle", "eyeglasses", "chin_hair", "hooded_lids", "resting_lip_line",
)  # fmt: skip
"""The attributes that somebody has more or less of. What eyeglasses look like (their bridge, their roundness) is none by itself."""

WORDS: Mapping[str, tuple[str, float]] = {
    "wide brow-eye distance": ("brow_eye_distance", 1.0),
    "narrow brow-eye distance": ("brow_eye_distance", -1.0),
    "nose-root wrinkle": ("nose_root_wrinkle", 1.0),
    "eyeglasses": ("eyeglasses", 1.0),
    "facial hair": ("chin_hair", 1.0),
    "hooded lids": ("hooded_lids", 1.0),
    "low lip corners": ("resting_lip_line", 1.0),
    "pressed lips": ("resting_lip_line", -1.0),
}
"""What tables of people call them: the attribute, and the sign that it then has."""


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


def dosed(attributes: Attributes, name: str, dose: float) -> Attributes:
    """The same attributes with one of them at another strength. InputError for an unknown name or a strength out of range.

    >>> dosed(Attributes(chin_hair=0.8), "eyeglasses", 0.5)
    Attributes(brow_eye_distance=0.0, nose_root_wrinkle=0.0, eyeglasses=0.5, eyeglasses_bridge=0.4, eyeglasses_roundness=0.4, \
chin_hair=0.8, hooded_lids=0.0, resting_lip_line=0.0)
    """
    if name not in NAMES:
        raise InputError(f"The cast knows no attribute {name!r}. It knows {', '.join(NAMES)}.")
    return replace(attributes, **{name: dose})


def from_words(doses: Mapping[str, float]) -> Attributes:
    """Attributes from the words of `WORDS` with a strength of 0 to 1 each.

    InputError for an unknown word, a strength out of range, and for two words that no face can carry together, such as a wide
    and a narrow brow-eye distance.
    """
    carried: dict[str, str] = {}
    face = Attributes.none()
    for word, dose in doses.items():
        if word not in WORDS:
            raise InputError(f"The cast knows no attribute {word!r}. It knows {', '.join(WORDS)}.")
        if not 0.0 <= dose <= 1.0:
            raise InputError(f"The attribute {word!r} goes from 0 (absent) to 1; found {dose:g}.")
        name, sign = WORDS[word]
        if dose > 0:
            if name in carried:
                raise InputError(f"No face has {carried[name]!r} and {word!r} at once. Set one of the two to 0.")
            carried[name] = word
            face = dosed(face, name, sign * dose)
    return face


def in_words(attributes: Attributes) -> dict[str, bool]:
    """Which of the words of `WORDS` describe these attributes."""
    return {word: sign * getattr(attributes, name) > 0 for word, (name, sign) in WORDS.items()}


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
