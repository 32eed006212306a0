"""What belongs to whoever looks at a page: the references, attributes and views that they kept, and whether faces are shown."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from csnviz.data.manifest import Manifest, manifests, read_manifest
from csnviz.data.own_choices import OwnChoices, attributes_of, own_references
from csnviz.data.saved_views import SavedViews
from csnviz.data.tables import FrameTable
from csnviz.errors import InputError
from csnviz.page_starts import starting_references
from csnviz.views.source import Source

READ_ONLY, FOR_OTHERS, FACES = "CSNVIZ_READ_ONLY", "CSNVIZ_DASHBOARD", "CSNVIZ_FACES"
"""Variables: nothing can be kept; the page is served to other people; faces are "shown" or "hidden" ("" = as the licence says)."""

NOT_FOR_OTHERS = "Do not show these faces to anybody who is not on the agreement."
FACES_HIDDEN = "Faces are hidden: the agreement allows nobody else to see them."
WISHES = ("", "shown", "hidden")


def with_choices(source: Source, environment: Mapping[str, str], data_root: Path) -> Source:
    """The source with what was kept about these people, and with faces or without, as the environment and the licence want it.

    The user's own rows win over the manifest's. InputError when what was kept cannot be read.
    """
    frames = source.frames
    name, manifest = kept_under(frames), _manifest_of(frames)
    read_only, known = bool(environment.get(READ_ONLY)), attributes_of(name, data_root)
    hidden = source.hidden_faces or hides_faces(manifest, environment.get(FACES, ""), bool(environment.get(FOR_OTHERS)))
    may_show = manifest is None or manifest.may_show_faces
    caution = () if may_show else (FACES_HIDDEN if hidden else NOT_FOR_OTHERS,)
    return replace(
        source,
        references=starting_references(frames, source.references, own_references(name, data_root)),
        attributes=known[known["participant"].isin(frames.participants)].reset_index(drop=True),
        cautions=(*caution, *source.cautions),
        keeper=None if read_only else OwnChoices(name, data_root),
        views=None if read_only else SavedViews.of(name, data_root),
        hidden_faces=hidden,
        may_show_faces=may_show,
        invented=manifest is not None and manifest.invented,
        licence="" if manifest is None else str(manifest.words["licence"]),
    )


def hides_faces(manifest: Manifest | None, wish: str, for_others: bool) -> bool:
    """Whether no face may be drawn on a page; wish: "shown", "hidden", or "" for what the licence says.

    for_others: the page is served to other people. Then a licence that forbids showing hides the faces whatever the wish; on
    one's own machine they are shown with a caution. A recording of one's own has no manifest. InputError for another wish.
    """
    if wish not in WISHES:
        raise InputError(f"Faces are 'shown' or 'hidden'; found {wish!r}. Leave {FACES} out for what the licence says.")
    return wish == "hidden" or (for_others and manifest is not None and not manifest.may_show_faces)


def kept_under(frames: FrameTable) -> str:
    """The name under which choices about these frames are kept: the dataset's, or the recording's with its hash."""
    first = frames.rows.iloc[0]
    recording, dataset = str(first["frame_id"]).rpartition("/")[0], str(first["dataset"])
    return recording if dataset == "recording" and recording else dataset


def _manifest_of(frames: FrameTable) -> Manifest | None:
    dataset = str(frames.rows["dataset"].iloc[0])
    return read_manifest(dataset) if dataset in manifests() else None
