"""What a run trains on and is judged on: one fold of a dataset, or one dataset and then another."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from csnviz import places
from csnviz.data.alignment import alignment_of, own_alignment
from csnviz.data.folds import Fold
from csnviz.data.manifest import Manifest, read_manifest
from csnviz.data.own_choices import own_references
from csnviz.data.tables import FrameTable, ReferenceTable
from csnviz.facs import AUSet
from csnviz.recipes.cast_settings import CastSettings, draw_training_people

FRAMES_OF_THE_CAST = CastSettings().frames

BY_LABELS = "chosen with the labels"
WITHOUT_FACE = "without a usable face among these frames of that person and camera"
"""Why a reference of the user's is left out."""


@dataclass(frozen=True)
class Study:
    """A dataset made ready: its manifest, all its frames with their crops, and its references.

    references: what networks are trained and judged with, the user's own choices in place of the manifest's, but for those
    that were made with the labels. own: all that the user chose for these people, for a page. left_out: what of it is not in
    `references`, as "SN001, left camera", by the reason.
    """

    manifest: Manifest
    table: FrameTable
    references: ReferenceTable
    own: ReferenceTable = field(default_factory=ReferenceTable.empty)
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """What of the user's references is left out, in a sentence for each reason; "" where nothing is."""
        said = []
        for reason, whose in self.left_out.items():
            many = f"{len(whose)} references" if len(whose) > 1 else "1 reference"
            said.append(f"{many} {reason} {'are' if len(whose) > 1 else 'is'} left out: {'; '.join(whose)}.")
        return " ".join(said)


@dataclass(frozen=True)
class Split:
    """Frames to train on and frames to be judged on, no person among both.

    trained_on and tested_on: datasets. fold: its name; folds: how many there are. aus: the action units of the networks.
    own_references: those of the user among the references, as "SN001, left camera: <frame_id>", of people to train on and to be
    judged on. left_out: the user's references of the latter that were chosen with the labels.
    """

    trained_on: str
    tested_on: str
    fold: str
    folds: int
    aus: AUSet
    train: FrameTable
    train_references: ReferenceTable
    held_out: FrameTable
    held_out_references: ReferenceTable
    own_references: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    left_out: tuple[str, ...] = ()

    @property
    def words(self) -> dict[str, object]:
        """What a run folder records of it: what the network is made from, and so what another network would differ in."""
        # Without a choice of the user's the words are those of the runs that were made before users could choose.
        own = {"own_references": list(self.own_references[0])} if self.own_references[0] else {}
        return {
            "trained_on": self.trained_on,
            "training_alignment": alignment_of(self.train),
            "tested_on": self.tested_on,
            "fold": self.fold,
            "folds": self.folds,
            "aus": list(self.aus),
            "training_participants": list(self.train.participants),
            "held_out_participants": list(self.held_out.participants),
            "chosen_by": _chosen_by(self.train, self.train_references),
            "n_training_frames": len(self.train),
            **own,
        }

    @property
    def judging(self) -> dict[str, object]:
        """What tables of estimates record beside it: with which references the people held out were judged."""
        own, left_out = list(self.own_references[1]), list(self.left_out)
        said = {"own_references_held_out": own, "references_left_out": left_out}
        chosen_by = _chosen_by(self.held_out, self.held_out_references)
        return {"chosen_by": chosen_by, **{name: words for name, words in said.items() if words}}


def open_study(dataset: str, data_root: Path | None, root: Path | None = None, crops: str | None = None) -> Study:
    """A dataset's frames, prepared under the data root; with `root`, its folder, what is not prepared yet is prepared first.

    crops: the first signs of the hash of crops that were made elsewhere; they are used as they lie under the data root. The cast is
    drawn where it is not drawn yet: its 27 training participants, 80 frames each, or with `root` those of a folder that
    `csnviz prepare cast` wrote. References that the user chose without the labels stand in place of the manifest's. InputError
    when the dataset is unknown, or is not prepared and no folder is named.
    """
    place = places.data_root(data_root)
    if dataset == "cast":
        return with_own(_open_cast(place, root), own_references(dataset, place))
    manifest = read_manifest(dataset)
    if root is None or crops is not None:
        from csnviz.data.prepared import load_prepared

        table = load_prepared(dataset, place, crops)
    else:
        from csnviz.data.preparing import prepare_dataset

        table = prepare_dataset(dataset, root, place).table
    return with_own(Study(manifest, table, manifest.reference_table()), own_references(dataset, place))


def _open_cast(data_root: Path, root: Path | None) -> Study:
    from csnviz.cast.tree import is_tree, load_tree, tree_manifest
    from csnviz.cast.version import cast_version

    manifest = read_manifest("cast") if root is None else tree_manifest(root)
    if is_tree(manifest):
        table, references = load_tree(manifest, data_root)
    else:
        table, references = draw_training_people(CastSettings(frames=FRAMES_OF_THE_CAST), data_root)
    # The version of the drawings is part of what is trained on: the same people redrawn are another training set.
    return Study(manifest, replace(table, alignment=own_alignment(f"drawing {cast_version()}")), references)


def with_own(study: Study, own: ReferenceTable) -> Study:
    """The study with what the user chose for its people in place of the manifest's.

    Left out are references chosen with the labels, which nobody has of a new person, and those without a usable face here.
    """
    rows = own.rows
    rows = rows[rows["participant"].isin(study.table.participants)]
    by_labels = rows["chosen_by"] == "labels"
    key = ["participant", "camera", "frame_id"]
    # By all three: a frame of somebody else, or from another camera, is nobody's reference.
    faces = pd.MultiIndex.from_frame(study.table.rows.loc[study.table.usable, key])
    usable = pd.Series(pd.MultiIndex.from_frame(rows[key]).isin(faces), rows.index, dtype=bool)
    references = study.references
    for row in rows[~by_labels & usable].itertuples():
        references = references.with_reference(row.participant, row.camera, row.frame_id, row.chosen_by, row.note)
    reasons = {BY_LABELS: rows[by_labels], WITHOUT_FACE: rows[~by_labels & ~usable]}
    left_out = {reason: tuple(map(whose, part["participant"], part["camera"])) for reason, part in reasons.items()}
    left_out = {reason: found for reason, found in left_out.items() if found}
    return replace(study, references=references, own=ReferenceTable(rows), left_out=left_out)


def fold_split(study: Study, fold: str, quantity: str) -> Split:
    """One fold of a dataset, with the action units of the task; InputError when the fold or somebody's frames are missing."""
    aus = study.manifest.intensity if quantity == "intensity" else study.manifest.occurrence
    name, count = study.manifest.name, len(study.manifest.all_folds)
    return _split(study, study, study.manifest.fold(fold), count, aus, (name, name))


def cross_split(trained_on: Study, tested_on: Study, fold: Fold, quantity: str) -> Split:
    """All of one dataset to train on and all of another to be judged on, with the action units that both code, in order."""
    one, other = trained_on.manifest, tested_on.manifest
    common = one.intensity if quantity == "intensity" else one.occurrence
    theirs = other.intensity if quantity == "intensity" else other.occurrence
    aus = AUSet(tuple(number for number in common if number in theirs.numbers))
    return _split(trained_on, tested_on, fold, 1, aus, (one.name, other.name))


def whose(participant: str, camera: str) -> str:
    """A participant before a camera, in words."""
    return f"{participant}, {camera} camera"


def _split(one: Study, other: Study, fold: Fold, folds: int, aus: AUSet, names: tuple[str, str]) -> Split:
    train, held_out = fold.train_part(one.table), fold.held_out_part(other.table)
    judged = _rows_of(other.own, held_out)
    by_labels = [whose(row.participant, row.camera) for row in judged.itertuples() if row.chosen_by == "labels"]
    return Split(
        *names, fold.name, folds, aus,
        train.coding(aus), one.references, held_out.coding(aus), other.references,
        (_in_use(one, train), _in_use(other, held_out)), tuple(by_labels),
    )  # fmt: skip


def _rows_of(references: ReferenceTable, frames: FrameTable) -> pd.DataFrame:
    return references.rows[references.rows["participant"].isin(frames.participants)]


def _in_use(study: Study, frames: FrameTable) -> tuple[str, ...]:
    """The user's references among those of these people, in words."""
    used = _rows_of(study.own, frames).merge(study.references.rows, on=list(ReferenceTable.COLUMNS))
    return tuple(f"{whose(row.participant, row.camera)}: {row.frame_id}" for row in used.itertuples())


def _chosen_by(frames: FrameTable, references: ReferenceTable) -> list[str]:
    return sorted(set(_rows_of(references, frames)["chosen_by"]))
