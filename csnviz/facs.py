"""Facial action units (AUs): what each number of the Facial Action Coding System means.

Every unit that DISFA, DISFA+ or the UNBC-McMaster Shoulder Pain Archive codes is here, and nothing else. Names, muscles and
appearance follow Ekman, Friesen and Hager, *Facial Action Coding System: The Manual* (2002), in our own words.

This file needs the standard library only.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from csnviz.errors import InputError

INTENSITY_LETTERS = "ABCDE"
"""FACS intensity letters: A trace = 1, B slight = 2, C marked = 3, D severe = 4, E maximum = 5; 0 is absent."""

PAPER_CUT = 2.0
"""From this intensity on an action unit counts as present (arXiv 2409.00240, section 4.1)."""

INTENSITY_WORDS = ("absent", "trace", "slight", "marked", "severe", "maximum")


@dataclass(frozen=True)
class AU:
    """One action unit.

    `region` is the part of the face where the unit shows most: brow, eye, nose, cheek, mouth or chin.
    `occurrence_threshold` is the lowest intensity that counts as present: 2 (slight) as in arXiv 2409.00240, section 4.1,
    except AU43, which UNBC-McMaster codes as absent or present only, so that 1 counts.
    """

    number: int
    name: str
    muscle: str
    region: str
    looks: str
    occurrence_threshold: int = 2

    @property
    def column(self) -> str:
        """The name of this unit's column in tables and files, such as "AU01"."""
        return f"AU{self.number:02d}"

    def present_from(self, cut: float) -> float:
        """From which intensity the unit counts as present: the cut, but as long as that is the paper's, the unit's own threshold.

        >>> au(12).present_from(2.0), au(43).present_from(2.0), au(43).present_from(1.5)
        (2.0, 1.0, 1.5)
        """
        return float(self.occurrence_threshold) if cut == PAPER_CUT else cut

    @property
    def title(self) -> str:
        """The unit as it is written on screen, such as "AU1 inner brow raiser"."""
        return f"AU{self.number} {self.name}"


_UNITS = {
    unit.number: unit
    for unit in (
        AU(
            1,
            "inner brow raiser",
            "frontalis, pars medialis",
            "brow",
            "inner brow corners rise; short furrows mid-forehead",
        ),
        AU(
            2,
            "outer brow raiser",
            "frontalis, pars lateralis",
            "brow",
            "outer brows rise and arch; furrows at the sides",
        ),
        AU(
            4,
            "brow lowerer",
            "corrugator and depressor supercilii",
            "brow",
            "brows sink and draw together; furrow between",
        ),
        AU(
            5,
            "upper lid raiser",
            "levator palpebrae superioris",
            "eye",
            "upper lids rise; more white shows above the iris",
        ),
        AU(
            6,
            "cheek raiser",
            "orbicularis oculi, pars orbitalis",
            "cheek",
            "cheeks rise, eyes narrow, crow's feet spread",
        ),
        AU(
            7, "lid tightener", "orbicularis oculi, pars palpebralis", "eye", "lower lids tighten and rise; eyes narrow"
        ),
        AU(
            9,
            "nose wrinkler",
            "levator labii superioris alaeque nasi",
            "nose",
            "wrinkles along the nose root; nostrils rise",
        ),
        AU(
            10,
            "upper lip raiser",
            "levator labii superioris",
            "mouth",
            "upper lip rises in its middle; nostril furrow bends",
        ),
        AU(
            12,
            "lip corner puller",
            "zygomaticus major",
            "mouth",
            "lip corners draw back and up; nostril furrow deepens",
        ),
        AU(15, "lip corner depressor", "depressor anguli oris", "mouth", "lip corners sink; pouches below them"),
        AU(17, "chin raiser", "mentalis", "chin", "chin boss wrinkles and rises; lower lip pushes up"),
        AU(
            20,
            "lip stretcher",
            "risorius with platysma",
            "mouth",
            "lips stretch sideways and flatten; chin skin tightens",
        ),
        AU(25, "lips part", "depressor labii inferioris, or relaxed mentalis", "mouth", "lips part; teeth may show"),
        AU(
            26,
            "jaw drop",
            "relaxed masseter; temporalis and pterygoids",
            "mouth",
            "jaw falls by its own weight; teeth part",
        ),
        AU(43, "eyes closed", "relaxed levator palpebrae superioris", "eye", "lids meet for longer than a blink", 1),
    )
}


def au(number: int) -> AU:
    """The action unit with this FACS number; InputError names the known ones when there is none."""
    try:
        return _UNITS[number]
    except KeyError:
        known = ", ".join(str(n) for n in _UNITS)
        raise InputError(f"AU{number} is not coded by any dataset that csnviz reads. Choose one of {known}.") from None


@dataclass(frozen=True)
class AUSet:
    """The ordered action units of a dataset: column i of an intensity array belongs to the i-th number.

    >>> DISFA.column_of(12)
    6
    """

    numbers: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(set(self.numbers)) != len(self.numbers) or not self.numbers:
            raise InputError(f"An AU set needs each number once and at least one; found {self.numbers}.")
        for number in self.numbers:
            au(number)

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[int]:
        return iter(self.numbers)

    def column_of(self, number: int) -> int:
        """The place of an AU in this set's arrays; InputError when the set does not code it."""
        try:
            return self.numbers.index(number)
        except ValueError:
            coded = ", ".join(str(n) for n in self.numbers)
            raise InputError(f"AU{number} is not coded here. This set codes {coded}.") from None

    @property
    def units(self) -> tuple[AU, ...]:
        """The units in order."""
        return tuple(au(number) for number in self.numbers)

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in order, such as ("AU01", "AU02", ...)."""
        return tuple(unit.column for unit in self.units)


# arXiv 2409.00240, section 4.1: units with intensity labels, and the subsets used for detecting occurrence.
DISFA = AUSet((1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26))
DISFA_OCCURRENCE = AUSet((1, 2, 4, 6, 9, 12, 25, 26))
DISFA_PLUS = DISFA
DISFA_PLUS_OCCURRENCE = DISFA
UNBC = AUSet((4, 6, 7, 9, 10, 12, 20, 25, 26))
UNBC_OCCURRENCE = AUSet((4, 6, 7, 9, 10, 12, 20, 25, 26, 43))
ALL = AUSet(tuple(_UNITS))


def intensity_letter(intensity: int) -> str:
    """The FACS letter of an intensity from 1 to 5 ("A" to "E"), or "" for 0; InputError for anything else.

    >>> [intensity_letter(i) for i in range(6)]
    ['', 'A', 'B', 'C', 'D', 'E']
    """
    if intensity not in range(6):
        raise InputError(f"An AU intensity is a whole number from 0 to 5; found {intensity}.")
    return INTENSITY_LETTERS[intensity - 1] if intensity else ""
