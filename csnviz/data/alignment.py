"""Whose alignment the crops of a table have, so that every report can say it: numbers on other alignments do not compare."""

from csnviz.data.tables import FrameTable
from csnviz.faces.crop import PREPROCESSING_VERSION


def own_alignment(landmarks: str) -> str:
    """The alignment by csnviz with these landmarks (`FaceFinder.version`).

    >>> own_alignment("mesh-0123456789abcdef").endswith("(mesh-0123456789abcdef)")
    True
    """
    return f"csnviz {PREPROCESSING_VERSION} ({landmarks})"


def foreign_alignment(sha256: str, origin: str) -> str:
    """The alignment of crops that were made elsewhere: the hash over all of them, and where they come from in the user's words.

    >>> foreign_alignment("0123456789abcdef" * 4, "the authors' own")
    "crops 0123456789ab: the authors' own"
    """
    return f"crops {sha256[:12]}: {origin}"


def alignment_of(table: FrameTable) -> str:
    """Whose alignment the crops of a table have, for a report; a table that does not say was aligned by csnviz."""
    return table.alignment or f"csnviz {PREPROCESSING_VERSION}"
