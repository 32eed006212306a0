"""A dataset's folder, looked through: what lies in it, whose it is, and a note of everything that is amiss.

Nothing here knows a dataset. Names are compared without regard to letter case, because archives of one dataset differ in it.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from csnviz.data.listing import Finding, Listing
from csnviz.data.manifest import Manifest
from csnviz.errors import InputError

_LITTER = (".ds_store", "thumbs.db", "desktop.ini", "__macosx")
"""What operating systems leave behind; so is every name that begins with "._"."""


@dataclass(frozen=True)
class Inspection:
    """Collects the findings of one reading of a dataset's folder. root: the folder. participant: whom they concern, "" = nobody."""

    root: Path
    participant: str = ""
    noted: list[Finding] = field(default_factory=list)

    def about(self, participant: str) -> "Inspection":
        """The same collection, in which what is noted concerns this participant."""
        return replace(self, participant=participant)

    def note(self, kind: str, path: str | Path, sentence: str, line: int = 0) -> None:
        """Adds a finding about `path`, which may or may not exist."""
        self.noted.append(Finding(kind, self.participant, _shown(os.path.relpath(path, self.root)), line, sentence))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything noted so far, in order."""
        return tuple(self.noted)


def _shown(path: str) -> str:
    """A path as text that can be printed and written, whatever bytes its name is made of."""
    return os.fsencode(path).decode("utf-8", errors="replace").replace(os.sep, "/")


@dataclass(frozen=True)
class Contents:
    """What lies in one folder: name -> path of its folders, of its files, and of what is neither (links that lead nowhere)."""

    path: str
    folders: dict[str, str]
    files: dict[str, str]
    dead: dict[str, str]


def contents(folder: str, inspection: Inspection) -> Contents:
    """What lies in a folder, in order of name, without the litter of operating systems; what cannot be opened is noted."""
    found = Contents(folder, {}, {}, {})
    try:
        with os.scandir(folder) as entries:
            named = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        sentence = f"this folder cannot be opened ({error.strerror}). Change its permissions, or unpack it again."
        inspection.note("unreadable", folder, sentence)
        return found
    for entry in named:
        if entry.name.lower() not in _LITTER and not entry.name.startswith("._"):
            _place_of(entry, found)[entry.name] = entry.path
    for path in found.dead.values():
        inspection.note("unreadable", path, "this link leads to no file. Put the file in its place.")
    return found


def _place_of(entry: os.DirEntry, found: Contents) -> dict[str, str]:
    try:
        if entry.is_dir():
            return found.folders
        return found.files if entry.is_file() else found.dead
    except OSError:  # a ring of links
        return found.dead


def sub_folders(folder: str, inspection: Inspection) -> dict[str, str]:
    """The folders in a folder, name -> path; files beside them are noted. One unpacked into itself (SN001/SN001) counts once."""
    found = contents(folder, inspection)
    for path in found.files.values():
        inspection.note("extra", path, "a file where only folders are expected; it is not read. Remove it.")
    return {name: undoubled(path) for name, path in found.folders.items()}


def undoubled(folder: str) -> str:
    """The inner folder where a folder holds one of its own name, as some archives unpack; else the folder itself."""
    inner = os.path.join(folder, os.path.basename(folder))
    return inner if os.path.isdir(inner) and not os.path.islink(inner) else folder


def folder_named(folder: str | Path, *names: str) -> str | None:
    """The first sub-folder with one of these names in any letter case, or None."""
    wanted = {name.lower() for name in names}
    try:
        found = [entry for entry in sorted(os.listdir(folder)) if entry.lower() in wanted]
    except OSError:
        return None
    return next(
        (undoubled(os.path.join(folder, name)) for name in found if os.path.isdir(os.path.join(folder, name))), None
    )


def dataset_root(root: Path, labels: str, others: tuple[str, ...]) -> Path:
    """The folder that holds the dataset's own folders: the one named, or the only one in it that does.

    labels: the folder of labels, by which the dataset is known best. InputError when nothing fits, or several folders do.
    """
    root = Path(root).expanduser().absolute()
    if not root.is_dir():
        raise InputError(f"{root}: there is no such folder. Name the folder that holds {labels}.")
    for names in ((labels,), others):
        if folder_named(root, *names):
            return root
        inside = [path for path in sorted(root.iterdir()) if path.is_dir() and folder_named(path, *names)]
        if len(inside) > 1:
            listed = ", ".join(path.name for path in inside)
            raise InputError(f"{root} holds several folders with {' or '.join(names)}: {listed}. Name one of them.")
        if inside:
            return inside[0]
    raise InputError(
        f"{root} holds none of the folders {labels}, {', '.join(others)}, nor does a folder in it; expected at least one. "
        f"Name the folder that holds {labels}."
    )


def participant_folders(folder: str | None, manifest: Manifest, inspection: Inspection) -> dict[str, str]:
    """The folders of the manifest's participants, participant -> path; those of anybody else are noted and left."""
    known = {who.lower(): who for who in manifest.participants["participant"]}
    found: dict[str, str] = {}
    for name, path in (sub_folders(folder, inspection) if folder else {}).items():
        who = known.get(name.lower())
        if who is None:
            inspection.note("extra", path, unknown_participant(manifest, name))
        elif who in found:
            inspection.about(who).note("extra", path, f"a second folder of {who}; it is not read. Keep one of them.")
        else:
            found[who] = path
    return found


def unknown_participant(manifest: Manifest, name: str) -> str:
    """The sentence about files of somebody whom the manifest does not know."""
    return (
        f"{manifest.title} has no participant {name}, so nothing of it is read. Remove it, or add the participant to "
        "participants.csv."
    )


def absent_participant(manifest: Manifest, who: str) -> str:
    """The sentence about a participant of whom there is nothing."""
    return f"there is nothing of {who}, whom {manifest.title} has. Unpack the files of this participant."


def expected_frames(manifest: Manifest) -> dict[str, int | None]:
    """How many frames each participant has before each camera; None where the manifest does not say."""
    table = manifest.participants
    return {
        who: int(count) if count else None for who, count in zip(table["participant"], table["frames"], strict=True)
    }


def note_count(expected: int | None, found: int, path: str | Path, inspection: Inspection) -> None:
    """Notes that a participant has more or fewer frames than the manifest says, counting those already noted as missing."""
    if expected is None or found == expected:
        return
    kind, act = ("missing", "Unpack it again") if found < expected else ("extra", "Look for frames that do not belong")
    whose = inspection.participant or "everybody"
    sentence = f"found {found} frames of {whose}, expected {expected}. {act}, or correct participants.csv."
    inspection.note(kind, path, sentence)


def note_references(
    listing: Listing, manifest: Manifest, path_of: Callable[[str, str, str, int], str], inspection: Inspection
) -> None:
    """Notes the manifest's references that are not listed, or not neutral by their labels.

    path_of: where the picture of a participant, camera, video and frame_index should be. Somebody who has no frame before a camera
    is passed over, since that is noted elsewhere.
    """
    rows = listing.rows
    place_of = dict(zip(rows["frame_id"], range(len(rows)), strict=True))
    filmed = set(zip(rows["participant"], rows["camera"], strict=True))
    references = zip(manifest.references.itertuples(), manifest.reference_table().rows["frame_id"], strict=True)
    for chosen, frame_id in references:
        who, place = chosen.participant, place_of.get(frame_id)
        if place is not None:
            _note_labelled_reference(listing, place, who, inspection)
        elif (who, chosen.camera) in filmed:
            path = path_of(who, chosen.camera, chosen.video, int(frame_id.rsplit("/", 1)[1]))
            sentence = (
                f"this is the reference of {who}, {chosen.camera} camera, and it is not usable here. Put it in its place, "
                "or name another frame in references.csv."
            )
            inspection.about(who).note("missing", path, sentence)


def _note_labelled_reference(listing: Listing, place: int, who: str, inspection: Inspection) -> None:
    labels = listing.intensity[place]
    seen = [
        f"AU{number} is labelled {labels[column]:g}" for column, number in enumerate(listing.aus) if labels[column] > 0
    ]
    if np.any(labels > 0):
        row = listing.rows.iloc[place]
        sentence = (
            f"frame {row['frame_index']} is the reference of {who}, {row['camera']} camera, but {', '.join(seen)}; a reference "
            "is neutral (all 0). Look at it, or name another frame in references.csv."
        )
        inspection.about(who).note("out of range", row["source"], sentence)
