"""A dataset by its name and folder: checked, prepared, and a person's traces removed. `csnviz prepare` calls this."""

from dataclasses import dataclass, replace
from pathlib import Path

from csnviz.data.check import findings_table, report_text, unreadable_pictures
from csnviz.data.datasets import list_dataset
from csnviz.data.listing import Finding
from csnviz.data.manifest import read_manifest
from csnviz.data.other_crops import take_crops
from csnviz.data.prepare import prepare
from csnviz.data.prepared import prepare_report
from csnviz.data.purge import purge, still_naming
from csnviz.data.storage import replacing
from csnviz.data.tables import FrameTable
from csnviz.errors import InputError


@dataclass(frozen=True)
class Checked:
    """What a folder's comparison with the manifest says: `text` for a person, `findings` one by one."""

    text: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Done:
    """A prepared dataset's table, and the report on it for a person."""

    table: FrameTable
    text: str


def check_dataset(name: str, root: Path, keep_findings: Path | None = None, progress: bool = True) -> Checked:
    """Compares a folder with the dataset's manifest, before any hour is spent; every picture's first and last bytes are read too.

    keep_findings: a CSV file for all findings, of which the text shows only so many of a kind. InputError when the folder is not
    the dataset's at all.
    """
    manifest, listing = list_dataset(name, root)
    listing = replace(listing, findings=(*listing.findings, *unreadable_pictures(listing, progress)))
    if keep_findings is not None:
        with replacing(keep_findings) as part:
            findings_table(listing.findings).to_csv(part, index=False)
    return Checked(report_text(listing, manifest), listing.findings)


def prepare_dataset(
    name: str,
    root: Path,
    data_root: Path | None = None,
    crops: Path | None = None,
    origin: str = "",
    face_model: Path | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> Done:
    """Every frame of a dataset cropped once, or with `crops` taken from there; what is there already is kept.

    Faults of the folder do not stop it: frames that cannot be used have no row, or no label, and the report counts them.
    """
    _, listing = list_dataset(name, root)
    count = len(listing.findings)
    amiss = (
        f"\n{count:,} things in the folder are amiss: see `csnviz prepare {name} --root DIR --check`." if count else ""
    )
    if crops is not None:
        table = take_crops(listing, crops, data_root, origin, progress)
        return Done(
            table, f"{name}: {table.usable.sum():,} of {len(table):,} frames have a crop. {table.alignment}{amiss}"
        )
    prepared = prepare(listing, data_root, face_model, workers, progress)
    return Done(prepared.frames, prepare_report(prepared) + amiss)


def purge_person(participant: str, dataset: str, data_root: Path | None = None) -> str:
    """Removes everything made from a participant's faces and says what went, what was rewritten, and what still names the person.

    It goes wherever the name stands under the data root, and under the other names that the manifests know for the person: DISFA+
    filmed people of DISFA again. InputError when the dataset has no such participant.
    """
    if participant not in read_manifest(dataset).people:
        raise InputError(f"{dataset} has no participant {participant!r}; participants.csv in its manifest names them.")
    removed, left = purge(participant, data_root), still_naming(participant, data_root)
    lines = [f"{participant}: {len(removed)} folders and files were removed or rewritten.", *map(str, removed)]
    if left:
        lines += ["These still name the person; networks trained on somebody keep what they learned:", *map(str, left)]
    return "\n".join(lines)
