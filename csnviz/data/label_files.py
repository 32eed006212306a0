"""Label files of human coders: what each line says, and a note of every line that says nothing that can be used."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from csnviz.data.inspecting import Inspection, contents
from csnviz.data.numbering import Naming, Numbered, numbered, off_by_one, stretch_words, stretches
from csnviz.facs import AUSet

_PLAIN = {str(value): float(value) for value in range(6)}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


@dataclass(frozen=True)
class LineForm:
    """How a line of a label file is written.

    pattern: matches a whole line; its two groups are the frame's number and the label. like: an example for error sentences.
    headers: how many lines precede the first frame.
    """

    pattern: re.Pattern[str]
    like: str
    headers: int = 0

    def parts(self, line: str) -> tuple[int, str] | None:
        """The frame's number and the label's text, or None where the line is written otherwise."""
        found = self.pattern.fullmatch(line)
        return (int(found[1]), found[2]) if found else None


@dataclass(frozen=True)
class LabelFile:
    """The labels of one action unit: frame number -> intensity (0-5, NaN = said nothing usable), and -> line.

    first: the number on the first line. unreadable: how many lines could not be read, so that as many gaps are explained.
    """

    path: str
    values: dict[int, float]
    lines: dict[int, int]
    first: int
    unreadable: int


@dataclass(frozen=True)
class CodedFrames:
    """The labels of one participant or trial for the frames `first`, first + 1, ...; N frames, A action units.

    intensity: (N, A) float32, 0-5, NaN = not coded. numbers: the frames that at least one file has a line for.
    """

    first: int
    intensity: Float32[np.ndarray, "N A"]
    numbers: tuple[int, ...]

    @classmethod
    def of_nobody(cls, aus: AUSet) -> "CodedFrames":
        """No labels at all: every frame is NaN."""
        return cls(0, np.empty((0, len(aus)), dtype=np.float32), ())

    def of(self, numbers: Sequence[int]) -> Float32[np.ndarray, "K A"]:
        """The labels of these frames, NaN for those that lie outside."""
        places = np.asarray(numbers, dtype=np.int64) - self.first
        inside = (places >= 0) & (places < len(self.intensity))
        labels = np.full((len(places), self.intensity.shape[1]), np.nan, dtype=np.float32)
        labels[inside] = self.intensity[places[inside]]
        return labels


def text_lines(path: str, inspection: Inspection) -> list[str] | None:
    """The lines of a text file, whatever its line ends and with or without a byte order mark; None, and noted, if unreadable.

    Bytes that are not UTF-8 become replacement characters, so that the line with them reads as what it is: no label.
    """
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8-sig", errors="replace")
    except OSError as error:
        sentence = f"this file cannot be read ({error.strerror}). Change its permissions, or unpack it again."
        inspection.note("unreadable", path, sentence)
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def whole_number(text: str, highest: int = 5) -> tuple[float, str, str]:
    """A label as a number from 0 to `highest`, "" and ""; or NaN, the kind of finding, and what is wrong with it.

    >>> whole_number("3.0"), whole_number("7")[1:], whole_number("x")[1:]
    ((3.0, '', ''), ('out of range', 'the label is 7'), ('unreadable', "the label is 'x'"))
    """
    if not _NUMBER.fullmatch(text):
        return float("nan"), "unreadable", f"the label is {text[:40]!r}"
    value = float(text)
    if value in range(highest + 1):
        return value, "", ""
    return float("nan"), "out of range", f"the label is {text[:40]}"


def read_label_file(path: str, form: LineForm, inspection: Inspection) -> LabelFile | None:
    """One action unit's labels; None, and noted, where the file has none at all."""
    lines = text_lines(path, inspection)
    if lines is None:
        return None
    filled = [(place, text) for place, text in enumerate(lines, 1) if text.strip()]
    parsed = [(place, text, form.parts(text)) for place, text in _after_headers(filled, form, path, inspection)]
    if not parsed:
        sentence = f"this file holds no label, expected a line like `{form.like}` for each frame. Unpack it again."
        inspection.note("missing", path, sentence)
        return None
    unreadable = [(place, text) for place, text, parts in parsed if parts is None]
    _note_unreadable(unreadable, len(parsed), form, path, inspection)
    values: dict[int, float] = {}
    places: dict[int, int] = {}
    for place, _, parts in parsed:
        if parts is not None:
            number, text = parts
            value = _PLAIN.get(text)
            value = _noted_value(text, path, place, inspection) if value is None else value
            if number in values:
                value = _doubled(number, (values[number], value), path, (places[number], place), inspection)
            values[number] = value
            places.setdefault(number, place)
    return LabelFile(path, values, places, next(iter(values)), len(unreadable)) if values else None


def _after_headers(
    filled: list[tuple[int, str]], form: LineForm, path: str, inspection: Inspection
) -> list[tuple[int, str]]:
    for place, text in filled[: form.headers]:
        if form.parts(text):
            sentence = f"found a label where the header of {form.headers} lines is expected; it is read as a label. Check the file."
            inspection.note("missing", path, sentence, place)
            return [line for line in filled if line[0] >= place]
    return filled[form.headers :]


def _note_unreadable(lines: list[tuple[int, str]], of: int, form: LineForm, path: str, inspection: Inspection) -> None:
    whole = len(lines) == of > 1
    for place, text in lines[:1] if whole else lines:
        count = f", and so are all {of} lines" if whole else ""
        left = "No line is used" if whole else "The line is left out"
        sentence = f"found {text.strip()[:40]!r}{count}, expected a line like `{form.like}`. {left}; correct it."
        inspection.note("unreadable", path, sentence, place)


def _noted_value(text: str, path: str, line: int, inspection: Inspection) -> float:
    value, kind, why = whole_number(text)
    if kind:
        sentence = f"{why}, expected a whole number from 0 to 5. That label is left out; correct the line."
        inspection.note(kind, path, sentence, line)
    return value


def _doubled(
    number: int,
    values: tuple[float, float],
    path: str,
    lines: tuple[int, int],
    inspection: Inspection,
) -> float:
    same = values[0] == values[1]
    found = "with the same label" if same else f"as {values[1]:g}, on line {lines[0]} as {values[0]:g}; neither is used"
    inspection.note("extra", path, f"frame {number} is labelled a second time, {found}. Remove a line.", lines[1])
    return values[0] if same else float("nan")


def read_au_folder(
    folder: str,
    naming: Naming,
    form: LineForm,
    aus: AUSet,
    numbers: tuple[int, int | None],
    inspection: Inspection,
) -> CodedFrames:
    """A folder with one label file per action unit, named by `naming`, whose lines are written in `form`.

    numbers: the first and last frame that should be labelled (None: as far as most files reach). What cannot be used is NaN.
    """
    found = numbered(contents(folder, inspection), naming, inspection)
    if not found.files and not found.claimed:
        sentence = f"there is no label file in this folder, expected {naming.name(aus.numbers[0])} and others. Unpack it again."
        inspection.note("missing", folder, sentence)
        return CodedFrames.of_nobody(aus)
    _note_au_files(found, aus, inspection)
    read = {au: read_label_file(found.files[au], form, inspection) for au in aus if au in found.files}
    files = {au: file for au, file in read.items() if file is not None}
    last = _last_of(files, numbers[1])
    span = (numbers[0], last)
    files = {au: file for au, file in files.items() if not _off_by_one(file, span, inspection)}
    _note_beyond(files, span, inspection)
    _note_gaps(files, span, folder, inspection)
    return _coded(files, span, aus)


def _note_au_files(found: Numbered, aus: AUSet, inspection: Inspection) -> None:
    for au in sorted(set(found.files) - set(aus)):
        coded = ", ".join(str(number) for number in aus)
        sentence = f"AU{au} is not coded by this dataset, which codes {coded}; the file is not read. Remove it."
        inspection.note("extra", found.files[au], sentence)
    for au in aus:
        if au not in found.files and au not in found.claimed:
            sentence = f"there is no label file for AU{au}, so that unit counts as not coded here. Unpack it again."
            inspection.note("missing", f"{found.folder}/{found.naming.name(au)}", sentence)


def _last_of(files: dict[int, LabelFile], stated: int | None) -> int:
    """The last frame that should be labelled: as stated, else where most files end (of several such, the latest)."""
    if stated is not None:
        return stated
    ends = Counter(max(file.values) for file in files.values())
    return max(ends, key=lambda end: (ends[end], end), default=-1)


def _off_by_one(file: LabelFile, span: tuple[int, int], inspection: Inspection) -> bool:
    # A number below the first one somewhere in the middle is a slip of the pen; at the top it is another way of counting.
    counted = file.values if file.first < span[0] else [number for number in file.values if number >= span[0]]
    if not off_by_one(counted, *span):
        return False
    sentence = (
        f"the frames are numbered from {min(counted)} to {max(counted)}, expected from {span[0]} to {span[1]}: each label may "
        f"belong to a neighbour, so none of this file is used. Number them from {span[0]}."
    )
    inspection.note("out of range", file.path, sentence, file.lines[min(counted)])
    return True


def _note_beyond(files: dict[int, LabelFile], span: tuple[int, int], inspection: Inspection) -> None:
    for file in files.values():
        for start, end in stretches(number for number in file.values if not span[0] <= number <= span[1]):
            kind = "out of range" if start < span[0] else "extra"
            sentence = (
                f"found {stretch_words(start, end)}, expected {span[0]} to {span[1]} only. Left out; correct the file."
            )
            inspection.note(kind, file.path, sentence, file.lines[start])


def _note_gaps(files: dict[int, LabelFile], span: tuple[int, int], folder: str, inspection: Inspection) -> None:
    if not files:
        return
    gaps = {au: set(range(span[0], span[1] + 1)) - set(file.values) for au, file in files.items()}
    nowhere = set.intersection(*gaps.values()) if len(files) > 1 else set()
    for start, end in stretches(nowhere):
        sentence = f"no file has a label for {stretch_words(start, end)}. Unpack it again, or correct participants.csv."
        inspection.note("missing", folder, sentence)
    for au, file in files.items():
        # A line that cannot be read or has a wrong number leaves a gap, and has been noted already.
        explained = file.unreadable + sum(not span[0] <= number <= span[1] for number in file.values)
        gap = gaps[au] - nowhere
        for start, end in stretches(gap) if len(gap) > explained else ():
            sentence = f"there is no label for {stretch_words(start, end)}, which counts as not coded. Unpack it again."
            inspection.note("missing", file.path, sentence)


def _coded(files: dict[int, LabelFile], span: tuple[int, int], aus: AUSet) -> CodedFrames:
    everywhere = range(span[0], span[1] + 1)
    intensity = np.full((len(everywhere), len(aus)), np.nan, dtype=np.float32)
    nan = float("nan")
    for au, file in files.items():
        intensity[:, aus.column_of(au)] = [file.values.get(number, nan) for number in everywhere]
    numbers = tuple(number for number in everywhere if any(number in file.values for file in files.values()))
    return CodedFrames(span[0], intensity, numbers)
