"""Two like trees of folders, one of pictures and one of labels, with a folder per participant and in it one per video."""

from dataclasses import dataclass
from pathlib import Path

from csnviz.data.inspecting import Inspection, absent_participant, folder_named, participant_folders, sub_folders
from csnviz.data.manifest import Manifest


@dataclass(frozen=True)
class VideoFolders:
    """Where the pictures and the labels of one video are; None where there is no such folder, which has been noted."""

    participant: str
    video: str
    pictures: str | None
    labels: str | None


@dataclass(frozen=True)
class _Tree:
    """One of the two: what lies in it, where it is or should be, and participant -> folder (None: there is no such tree)."""

    what: str
    path: Path
    people: dict[str, str] | None

    def home_of(self, who: str) -> str:
        """Where somebody's videos are, or should be."""
        return (self.people or {}).get(who, str(self.path / who))


def video_folders(images: Path, labels: Path, manifest: Manifest, inspection: Inspection) -> list[VideoFolders]:
    """The folders of every video of the manifest's participants, in order; what is missing or superfluous is noted.

    images, labels: where the two trees should be.
    """
    pictured, coded = _tree("pictures", images, manifest, inspection), _tree("labels", labels, manifest, inspection)
    found: list[VideoFolders] = []
    for who in manifest.participants["participant"]:
        if who not in {**(pictured.people or {}), **(coded.people or {})}:
            inspection.about(who).note("missing", images / who, absent_participant(manifest, who))
            continue
        stills, texts = _videos(pictured, who, inspection), _videos(coded, who, inspection)
        _note_missing(pictured, who, stills, texts, inspection)
        _note_missing(coded, who, texts, stills, inspection)
        videos = sorted({*stills, *texts})
        found += [VideoFolders(who, video, stills.get(video), texts.get(video)) for video in videos]
    return found


def _tree(what: str, path: Path, manifest: Manifest, inspection: Inspection) -> _Tree:
    folder = folder_named(path.parent, path.name)
    if folder is None:
        inspection.note("missing", path, f"there is no such folder, which holds all {what}. Unpack it there.")
        return _Tree(what, path, None)
    return _Tree(what, Path(folder), participant_folders(folder, manifest, inspection))


def _videos(tree: _Tree, who: str, inspection: Inspection) -> dict[str, str]:
    return sub_folders(tree.home_of(who), inspection.about(who)) if who in (tree.people or {}) else {}


def _note_missing(tree: _Tree, who: str, here: dict[str, str], there: dict[str, str], inspection: Inspection) -> None:
    """Notes what a tree lacks and the other has: a participant, or single videos of one."""
    if tree.people is not None and who not in tree.people:
        inspection.about(who).note(
            "missing", tree.home_of(who), f"there are no {tree.what} of {who}. Unpack them again."
        )
    elif tree.people is not None:
        for video in sorted(set(there) - set(here)):
            sentence = f"there are no {tree.what} of this video of {who}. Unpack them again."
            inspection.about(who).note("missing", f"{tree.home_of(who)}/{video}", sentence)
