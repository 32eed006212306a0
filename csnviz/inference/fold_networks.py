"""Which trained networks a person may be shown with: those that were not trained on them, or else the estimates are in-sample.

Run folders say in run.json whom their network was trained on; nothing here opens a network.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csnviz.data.folds import full_name
from csnviz.errors import InputError


@dataclass(frozen=True)
class NetworkRun:
    """A finished training of one network that estimates intensity.

    fold: its name, of `folds` in all. aus: FACS numbers. merge_before: None without a reference (NCG). training, held_out:
    participants as "disfa/SN001". alignment: of the faces it was trained on (csnviz.data.alignment), "" where that was not said.
    """

    path: Path
    trained_on: str
    tested_on: str
    fold: str
    folds: int
    aus: tuple[int, ...]
    merge_before: str | None
    training: tuple[str, ...]
    held_out: tuple[str, ...]
    alignment: str = ""

    @property
    def checkpoint(self) -> Path:
        """Where the network is."""
        return self.path / "checkpoint.safetensors"

    @property
    def predictions(self) -> tuple[Path, ...]:
        """Where its estimates may be: in its own folder, or in that of a recipe which trained several networks."""
        return (self.path / "predictions", self.path.parent / "predictions")


@dataclass(frozen=True)
class NetworkPair:
    """The two networks of one fold: without a reference, and the CSN that is compared with it."""

    ncg: NetworkRun
    csn: NetworkRun

    def trained_on_person(self, participant: str, people: Mapping[str, str]) -> bool:
        """Whether this person was trained on, under whatever name; people: the person behind each full name."""
        everybody = {people.get(name, name) for run in (self.ncg, self.csn) for name in run.training}
        return people.get(participant, participant) in everybody


@dataclass(frozen=True)
class Assigned:
    """The networks that a participant is shown with; in_sample: they were trained on that very person."""

    pair: NetworkPair
    in_sample: bool


def read_runs(folders: Sequence[Path]) -> tuple[NetworkRun, ...]:
    """The finished runs of intensity networks in these run folders, or folders of run folders, at whatever depth.

    InputError when a folder is not there, a run.json cannot be read, or nothing is found.
    """
    files: dict[Path, None] = {}
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"{folder}: there is no such folder. Name a run folder, or a folder of run folders.")
        files |= dict.fromkeys(path.resolve() for path in sorted(folder.rglob("run.json")))
    runs = tuple(run for run in map(_read_run, files) if run is not None)
    if not runs:
        names = ", ".join(map(str, folders)) or "no folder was named"
        raise InputError(
            f"{names}: no finished run of a network that estimates intensity. Train with `csnviz train`, or name another folder."
        )
    return runs


def _read_run(file: Path) -> NetworkRun | None:
    """The run behind a run.json; None where it is of another kind (occurrence, the demo's, no network) or not finished."""
    try:
        asked: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["settings"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file}: cannot be read ({error}). Remove that run folder, or train it again.") from None
    whole = all((file.parent / name).is_file() for name in ("finished.json", "checkpoint.safetensors"))
    known = {"trained_on", "tested_on", "fold", "aus", "merge_before", "training_participants", "held_out_participants"}
    if not whole or asked.get("quantity") != "intensity" or not known <= set(asked):
        return None
    return NetworkRun(
        file.parent, asked["trained_on"], asked["tested_on"], str(asked["fold"]), int(asked.get("folds", 1)),
        tuple(asked["aus"]), asked["merge_before"],
        _full(asked["trained_on"], asked["training_participants"]), _full(asked["tested_on"], asked["held_out_participants"]),
        str(asked.get("training_alignment", "")),
    )  # fmt: skip


def _full(dataset: str, participants: Iterable[str]) -> tuple[str, ...]:
    return tuple(who if "/" in who else full_name(dataset, who) for who in participants)


def runs_for(dataset: str, runs: Sequence[NetworkRun]) -> tuple[NetworkRun, ...]:
    """The runs that concern a dataset: those trained on it, else those trained to be judged on it, else all of them."""
    own = tuple(run for run in runs if run.trained_on == dataset)
    return own or tuple(run for run in runs if run.tested_on == dataset) or tuple(runs)


def paired(runs: Sequence[NetworkRun]) -> tuple[tuple[NetworkPair, ...], tuple[str, ...]]:
    """One pair for each fold, in the order of their names, and a clause about each fold that lacks one of the two.

    Of several CSN of one fold the one that merges before stage 4 is taken, as in the paper. InputError names both where the
    choice is not clear.
    """
    folds: dict[tuple[object, ...], list[NetworkRun]] = {}
    for run in sorted(runs, key=lambda run: (len(run.fold), run.fold, str(run.path))):
        folds.setdefault((run.trained_on, run.fold, frozenset(run.training), run.aus), []).append(run)
    pairs, lacking = [], []
    for members in folds.values():
        ncg = _only([run for run in members if run.merge_before is None])
        csn = _calibrated([run for run in members if run.merge_before is not None])
        if ncg is not None and csn is not None:
            pairs.append(NetworkPair(ncg, csn))
        else:
            missing = "network without a reference" if ncg is None else "CSN"
            lacking.append(f"fold {members[0].fold} has no finished {missing}")
    return tuple(pairs), tuple(lacking)


def _calibrated(runs: Sequence[NetworkRun]) -> NetworkRun | None:
    return _only([run for run in runs if run.merge_before == "stage4"] or list(runs))


def _only(runs: Sequence[NetworkRun]) -> NetworkRun | None:
    if len(runs) > 1:
        raise InputError(
            f"Fold {runs[0].fold} has two networks of one kind: {runs[0].path} and {runs[1].path}. Name only one of these runs."
        )
    return runs[0] if runs else None


def assigned(
    participants: Sequence[str], pairs: Sequence[NetworkPair], people: Mapping[str, str], in_sample: bool
) -> dict[str, Assigned]:
    """The networks for each participant (written "disfa/SN001") who can be shown; nobody else is in the answer.

    That is the pair of the fold that held them out, else the pair that never saw them. People whom every pair was trained on
    are left out, or with in_sample get the first pair, marked. InputError when several pairs never saw somebody.
    """
    shown = {}
    for who in participants:
        unseen = [pair for pair in pairs if not pair.trained_on_person(who, people)]
        fitting = [pair for pair in unseen if who in pair.ncg.held_out] or unseen
        if len(fitting) > 1:
            one, other = fitting[0].csn.path, fitting[1].csn.path
            raise InputError(
                f"{who} was trained on neither in {one} nor in {other}, so either could show them. Name the runs of one fold only."
            )
        if fitting:
            shown[who] = Assigned(fitting[0], in_sample=False)
        elif in_sample and pairs:
            shown[who] = Assigned(pairs[0], in_sample=True)
    return shown
