"""What a run trains on and is judged on: one fold of a dataset, or one dataset and then another."""

from dataclasses import dataclass, replace
from pathlib import Path

from csnviz import places
from csnviz.data.alignment import alignment_of, own_alignment
from csnviz.data.folds import Fold
from csnviz.data.manifest import Manifest, read_manifest
from csnviz.data.tables import FrameTable, ReferenceTable
from csnviz.facs import AUSet
from csnviz.recipes.cast_settings import CastSettings, draw_training_people

FRAMES_OF_THE_CAST = CastSettings().frames


@dataclass(frozen=True)
class Study:
    """A dataset made ready: its manifest, all its frames with their crops, and its references."""

    manifest: Manifest
    table: FrameTable
    references: ReferenceTable


@dataclass(frozen=True)
class Split:
    """Frames to train on and frames to be judged on, no person among both.

    trained_on and tested_on: datasets. fold: its name; folds: how many there are. aus: the action units of the networks.
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

    @property
    def words(self) -> dict[str, object]:
        """What a run folder records of it."""
        chosen_by = sorted(set(self.held_out_references.rows["chosen_by"]))
        return {
            "trained_on": self.trained_on,
            "training_alignment": alignment_of(self.train),
            "tested_on": self.tested_on,
            "fold": self.fold,
            "folds": self.folds,
            "aus": list(self.aus),
            "training_participants": list(self.train.participants),
            "held_out_participants": list(self.held_out.participants),
            "chosen_by": chosen_by,
            "n_training_frames": len(self.train),
        }


def open_study(dataset: str, data_root: Path | None, root: Path | None = None, crops: str | None = None) -> Study:
    """A dataset's frames, prepared under the data root; with `root`, its folder, what is not prepared yet is prepared first.

    crops: the first signs of the hash of crops that were made elsewhere; they are used as they lie under the data root. The cast is
    drawn where it is not drawn yet: its 27 training participants, 80 frames each. InputError when the dataset is unknown, or is not
    prepared and no folder is named.
    """
    manifest, place = read_manifest(dataset), places.data_root(data_root)
    if dataset == "cast":
        from csnviz.cast.dataset import cast_version

        table, references = draw_training_people(CastSettings(frames=FRAMES_OF_THE_CAST), data_root)
        # The version of the drawings is part of what is trained on: the same people redrawn are another training set.
        return Study(manifest, replace(table, alignment=own_alignment(f"drawing {cast_version()}")), references)
    if root is None or crops is not None:
        from csnviz.data.prepared import load_prepared

        return Study(manifest, load_prepared(dataset, place, crops), manifest.reference_table())
    from csnviz.data.preparing import prepare_dataset

    table = prepare_dataset(dataset, root, place).table
    return Study(manifest, table, manifest.reference_table())


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


def _split(one: Study, other: Study, fold: Fold, folds: int, aus: AUSet, names: tuple[str, str]) -> Split:
    train, held_out = fold.train_part(one.table), fold.held_out_part(other.table)
    return Split(
        *names, fold.name, folds, aus,
        train.coding(aus), one.references, held_out.coding(aus), other.references,
    )  # fmt: skip
