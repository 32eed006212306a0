"""What belongs to whoever looks at a page: the references, attributes and views that they kept, and whether faces are shown."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from csnviz.data.manifest import Manifest, manifests, read_manifest
from csnviz.data.own_choices import OwnChoices, attributes_of, own_references
from csnviz.data.saved_views import SavedViews
from csnviz.data.tables import FrameTable
from csnviz.dataset_source import hides_faces
from csnviz.page_starts import starting_references
from csnviz.views.source import Source

READ_ONLY, FOR_OTHERS, FACES = "CSNVIZ_READ_ONLY", "CSNVIZ_DASHBOARD", "CSNVIZ_FACES"
"""Variables: nothing can be kept; the page is served to other people; faces are "shown" or "hidden" ("" = as the licence says)."""


def with_choices(source: Source, environment: Mapping[str, str], data_root: Path) -> Source:
    """The source with what was kept about these people, and with faces or without, as the environment and the licence want it.

    The user's own rows win over the manifest's. InputError when what was kept cannot be read.
    """
    frames = source.frames
    name, manifest = kept_under(frames), _manifest_of(frames)
    read_only = bool(environment.get(READ_ONLY))
    return replace(
        source,
        references=starting_references(frames, source.references, own_references(name, data_root)),
        attributes=attributes_of(name, data_root),
        keeper=None if read_only else OwnChoices(name, data_root),
        views=None if read_only else SavedViews.of(name, data_root),
        hidden_faces=source.hidden_faces or faces_hidden(manifest, environment),
        may_show_faces=manifest is None or manifest.may_show_faces,
        invented=manifest is not None and manifest.name == "cast",
        licence="" if manifest is None else str(manifest.words["licence"]),
    )


def faces_hidden(manifest: Manifest | None, environment: Mapping[str, str]) -> bool:
    """Whether no face may be drawn; a recording of one's own has no manifest, and hides them only when that is asked for."""
    wish = environment.get(FACES, "")
    return wish == "hidden" if manifest is None else hides_faces(manifest, wish, bool(environment.get(FOR_OTHERS)))


def kept_under(frames: FrameTable) -> str:
    """The name under which choices about these frames are kept: the dataset's, or the recording's with its hash."""
    first = frames.rows.iloc[0]
    recording, dataset = str(first["frame_id"]).rpartition("/")[0], str(first["dataset"])
    return recording if dataset == "recording" and recording else dataset


def _manifest_of(frames: FrameTable) -> Manifest | None:
    dataset = str(frames.rows["dataset"].iloc[0])
    return read_manifest(dataset) if dataset in manifests() else None
