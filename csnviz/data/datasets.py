"""Which reader reads which dataset."""

from collections.abc import Callable, Mapping
from pathlib import Path

from csnviz.data.disfa import list_disfa
from csnviz.data.disfa_plus import list_disfa_plus
from csnviz.data.listing import Listing
from csnviz.data.manifest import Manifest, manifests, read_manifest
from csnviz.data.unbc import list_unbc
from csnviz.errors import InputError

READERS: Mapping[str, Callable[[Path, Manifest], Listing]] = {
    "disfa": list_disfa,
    "disfa_plus": list_disfa_plus,
    "unbc_mcmaster": list_unbc,
}
"""The datasets that are read from a folder."""


def list_dataset(name: str, root: Path) -> tuple[Manifest, Listing]:
    """A dataset's manifest, and what a folder holds of it; InputError for a dataset that is not read from a folder."""
    if name not in READERS:
        why = "needs no folder" if name in manifests() else "is no dataset that csnviz reads"
        raise InputError(f"{name!r} {why}. From a folder come {', '.join(READERS)}: choose one of them.")
    manifest = read_manifest(name)
    return manifest, READERS[name](Path(root), manifest)
