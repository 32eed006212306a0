"""Files that are numbered by their names: which frames are there, which are missing, and which names cannot be trusted."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from csnviz.data.inspecting import Contents, Inspection


@dataclass(frozen=True)
class Naming:
    """How numbered files are called: prefix, number padded with zeros to `digits`, ending.

    >>> Naming("", 3, ".jpg").name(7)
    '007.jpg'
    """

    prefix: str
    digits: int
    ending: str

    def name(self, number: int) -> str:
        """The name of the file with this number."""
        return f"{self.prefix}{number:0{self.digits}d}{self.ending}"

    def number_in(self, name: str) -> int | None:
        """The number that a name carries after the prefix, whatever follows it; None where there is none.

        >>> Naming("", 1, ".jpg").number_in("0012.png")
        12
        """
        found = self._start.match(name)
        return int(found[1]) if found else None

    @cached_property
    def _start(self) -> re.Pattern[str]:
        return re.compile(re.escape(self.prefix) + r"(\d{1,9})(?!\d)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Numbered:
    """Numbered files of one folder: number -> path, and the numbers that are claimed by something that cannot be used."""

    folder: str
    naming: Naming
    files: dict[int, str]
    claimed: frozenset[int]


def numbered(found: Contents, naming: Naming, inspection: Inspection) -> Numbered:
    """The files of a folder that are named as they should be; every other entry is noted and not used."""
    files: dict[int, str] = {}
    odd: list[tuple[int, str]] = []
    doubled: set[int] = set()
    for name, path in found.files.items():
        number = naming.number_in(name)
        if number is None:
            sentence = f"expected only files named like {naming.name(1)}; it is not read. Remove it."
            inspection.note("extra", path, sentence)
        elif name.lower() != naming.name(number).lower():
            odd.append((number, path))
        elif number in files:
            doubled.add(number)
            sentence = f"a second file named {naming.name(number)}; neither is used. Keep one of them."
            inspection.note("extra", path, sentence)
        else:
            files[number] = path
    _note_odd_names(odd, files, naming, inspection)
    claimed = {number for number, _ in odd} | doubled | _claimed_by_others(found, naming, inspection)
    whole = {number: files[number] for number in sorted(files) if number not in doubled}
    return Numbered(found.path, naming, whole, frozenset(claimed))


def _note_odd_names(odd: list[tuple[int, str]], files: dict[int, str], naming: Naming, inspection: Inspection) -> None:
    """One finding per stretch of consecutive numbers: a whole folder of PNG files is one mistake."""
    for beside in (True, False):
        chosen = sorted((number, path) for number, path in odd if (number in files) is beside)
        for first, last in stretches({number for number, _ in chosen}):
            paths = [path for number, path in chosen if first <= number <= last]
            more = f" ({len(paths)} such files, up to number {last})" if len(paths) > 1 else ""
            act = "That one is used; remove this one." if beside else "It is not used; rename or convert it."
            verb = "stands beside" if beside else "expected the name"
            inspection.note("extra", paths[0], f"{verb} {naming.name(first)}{more}. {act}")


def _claimed_by_others(found: Contents, naming: Naming, inspection: Inspection) -> set[int]:
    claimed = {naming.number_in(name) for name in found.dead}
    for name, path in found.folders.items():
        number = naming.number_in(name)
        is_file_name = number is not None and name.lower() == naming.name(number).lower()
        if is_file_name:
            claimed.add(number)
        kind, word = (
            ("unreadable", "a folder where a file is expected") if is_file_name else ("extra", "a folder too many")
        )
        inspection.note(kind, path, f"{word}; it is not read. Remove it.")
    return {number for number in claimed if number is not None}


def stretches(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The first and last number of every stretch of consecutive numbers.

    >>> list(stretches([1, 2, 3, 7, 9, 10]))
    [(1, 3), (7, 7), (9, 10)]
    """
    ordered = sorted(numbers)
    start = 0
    for place, number in enumerate(ordered, 1):
        if place == len(ordered) or ordered[place] != number + 1:
            yield ordered[start], number
            start = place


def stretch_words(first: int, last: int) -> str:
    """A stretch of frames in words.

    >>> stretch_words(3, 3), stretch_words(3, 5)
    ('frame 3', 'frames 3 to 5')
    """
    return f"frame {first}" if first == last else f"frames {first} to {last}"


def off_by_one(numbers: Collection[int], first: int, last: int | None) -> bool:
    """Whether numbers that should run from `first` to `last` begin below it, or begin and end one later.

    Then every frame may be its neighbour, and a pairing of pictures with labels by number would be a guess.
    """
    if not numbers:
        return False
    return min(numbers) < first or (min(numbers) == first + 1 and max(numbers) - 1 == last)


def usable_pictures(
    pictures: Numbered, span: tuple[int, int | None], labelled_to: int | None, inspection: Inspection
) -> dict[int, str]:
    """The pictures of a folder that can be trusted, number -> path; gaps and superfluous ones are noted.

    span: the first and last number that there should be (None: the last that there is). labelled_to: the last number with a label
    (None: there are no labels). Pictures beyond the span are kept; where the numbering is off by one, none is.
    """
    numbers, naming = pictures.files, pictures.naming
    first, last = span
    if not numbers and not pictures.claimed:
        inspection.note("missing", pictures.folder, "there is no picture in this folder. Unpack it again.")
        return {}
    if off_by_one(numbers, first, labelled_to):
        sentence = (
            f"the pictures are numbered from {min(numbers)} to {max(numbers)}, expected from {first}"
            f"{f' to {labelled_to}' if labelled_to is not None else ''}: each may be the neighbour of the frame that it is named "
            f"after, so none of this folder is used. Number them from {first}, or remove what does not belong."
        )
        inspection.note("out of range", numbers[min(numbers)], sentence)
        return {}
    last = max(numbers, default=first) if last is None else last
    for start, end in stretches(set(range(first, last + 1)) - set(numbers) - pictures.claimed):
        sentence = (
            f"there is no picture of {stretch_words(start, end)}, so the labels are not used. Put it in its place."
        )
        inspection.note("missing", f"{pictures.folder}/{naming.name(start)}", sentence)
    for start, end in stretches(number for number in numbers if number > last):
        sentence = (
            f"{stretch_words(start, end)}: the last expected is {last}; listed without labels. Remove what is no frame."
        )
        inspection.note("extra", numbers[start], sentence)
    return numbers
