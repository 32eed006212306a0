"""Faults that are planted into a small dataset folder, and what must be true of the listing after that."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from csnviz.data.listing import Listing
from tests.data.trees import Tree

Plant = Callable[[Path], object]
"""Does something to the folder at this root."""


def copied(whole: Tree, folder: Path) -> Tree:
    """A fresh copy of a tree, which a test may spoil."""
    shutil.copytree(whole.root, folder)
    return replace(whole, root=folder)


def found_in(listing: Listing) -> list[tuple[str, str, int]]:
    """The findings as (kind, file, line); each must be a sentence that says what to do next."""
    assert all(finding.sentence.endswith(".") and ". " in finding.sentence for finding in listing.findings)
    return [(finding.kind, finding.file, finding.line) for finding in listing.findings]


def assert_as_written(listing: Listing, tree: Tree) -> None:
    """Every label that is read is the one that was written for that frame."""
    for frame_id, labels in zip(listing.rows["frame_id"], listing.intensity, strict=True):
        written = tree.labels.get(frame_id, np.full(len(listing.aus), np.nan))
        coded = ~np.isnan(labels)
        assert np.array_equal(labels[coded], written[coded]), frame_id


def without(*paths: str) -> Plant:
    """Removes files and folders."""

    def plant(root: Path) -> None:
        for path in paths:
            shutil.rmtree(root / path) if (root / path).is_dir() else (root / path).unlink()

    return plant


def with_file(path: str, copy_of: str) -> Plant:
    """Puts a copy of one file at another place."""

    def plant(root: Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / copy_of, root / path)

    return plant


def with_line(path: str, line: int, text: str | bytes) -> Plant:
    """Replaces one line of a text file; `text` may be bytes that are no text."""

    def plant(root: Path) -> None:
        lines = (root / path).read_bytes().split(b"\n")
        lines[line - 1] = text if isinstance(text, bytes) else text.encode()
        (root / path).write_bytes(b"\n".join(lines))

    return plant


def rewritten(path: str, change: Callable[[str], str]) -> Plant:
    """Changes the whole text of a file."""
    return lambda root: (root / path).write_text(change((root / path).read_text()))


def emptied(folder: str) -> Plant:
    """Removes everything in a folder."""
    return lambda root: (shutil.rmtree(root / folder), (root / folder).mkdir())


def in_place(path: str, make: Callable[[Path], object]) -> Plant:
    """Removes a file and makes something else of the same name."""

    def plant(root: Path) -> None:
        (root / path).unlink()
        make(root / path)

    return plant


def renumbered(folder: str, name: Callable[[int], str], by: int, first: int, last: int) -> Plant:
    """Renames numbered files so that every number is `by` more."""

    def plant(root: Path) -> None:
        numbers = range(first, last + 1)
        for number in reversed(numbers) if by > 0 else numbers:
            (root / folder / name(number)).rename(root / folder / name(number + by))

    return plant


def both(*plants: Plant) -> Plant:
    """One fault after the other."""

    def plant(root: Path) -> None:
        for one in plants:
            one(root)

    return plant
