"""Which reader reads which dataset."""

from collections.abc import Callable, Mapping
from pathlib import Path

from csnviz.data.disfa import list_disfa
from csnviz.data.disfa_plus import list_disfa_plus
from csnviz.data.inspecting import folder_named
from csnviz.data.listing import Listing
from csnviz.data.manifest import CAST, CAST_AS_DISFA, Manifest, manifests, read_manifest
from csnviz.data.unbc import list_unbc
from csnviz.errors import InputError

READERS: Mapping[str, Callable[[Path, Manifest], Listing]] = {
    "disfa": list_disfa,
    "disfa_plus": list_disfa_plus,
    "unbc_mcmaster": list_unbc,
}
"""The datasets that are read from a folder."""


_KNOWN_BY = {
    "disfa": "ActionUnit_Labels",
    "unbc_mcmaster": "Frame_Labels",
    "disfa_plus": "Labels",
    CAST: "Drawn_Labels",
}
"""The folder of labels by which each dataset is told from the others."""


def dataset_in(root: Path) -> str:
    """The name of the dataset that a folder holds, itself or one folder down; InputError when it holds none, or several."""
    root = Path(root).expanduser()
    places = [root, *(path for path in sorted(root.iterdir()) if path.is_dir())] if root.is_dir() else []
    found = sorted({name for name, labels in _KNOWN_BY.items() for place in places if folder_named(place, labels)})
    if len(found) != 1:
        what = (
            f"several datasets ({', '.join(found)})"
            if found
            else f"none of the folders {', '.join(_KNOWN_BY.values())}"
        )
        raise InputError(f"{root} holds {what}. Name the folder of one dataset, or say which with --on.")
    return found[0]


def list_dataset(name: str, root: Path) -> tuple[Manifest, Listing]:
    """A dataset's manifest, and what a folder holds of it; InputError for a dataset that is not read from a folder."""
    read = READERS.get("disfa" if name == CAST_AS_DISFA and name in manifests() else name)
    if read is None:
        why = "needs no folder" if name in manifests() else "is no dataset that csnviz reads"
        raise InputError(f"{name!r} {why}. From a folder come {', '.join(READERS)}: choose one of them.")
    manifest = read_manifest(name)
    return manifest, read(Path(root), manifest)
