"""A licensed dataset as a source: each participant is shown with networks that were not trained on them, or the page says so."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from csnviz import places
from csnviz.data.alignment import alignment_of
from csnviz.data.folds import full_name
from csnviz.data.manifest import Manifest, manifests, read_manifest
from csnviz.data.tables import FrameTable, ReferenceTable
from csnviz.errors import InputError
from csnviz.inference.fold_networks import Assigned, NetworkPair, assigned, paired, read_runs, runs_for
from csnviz.page_estimates import ShownWith
from csnviz.page_networks import PageNetworks
from csnviz.page_starts import cases_among, starting_references
from csnviz.page_twins import Twins
from csnviz.recipes.splits import Study, open_study
from csnviz.views.source import Source, Standing

if TYPE_CHECKING:
    from csnviz.explain.starts import Start

_manifest_of = cache(read_manifest)
"""Manifests do not change while a page is made, and reading one takes a tenth of a second."""


def dataset_source(
    study: Study,
    runs: Sequence[Path],
    data_root: Path,
    in_sample: bool = False,
) -> Source:
    """The page's source for a dataset's frames and the finished runs in these folders.

    A participant is shown with the pair of networks of the fold that held them out (else a pair that never saw them). Whom
    every pair was trained on is not offered, and the page says how many and why; with `in_sample` they are offered and marked.
    What a run left in its folder about these frames is not estimated again. InputError when a run cannot be used, the choice of
    networks is not clear, or nobody is left to show.
    """
    manifest = study.manifest
    found, refusal = _choose(study, runs, in_sample)
    frames = study.table.select(study.table.rows["participant"].isin(list(found)).to_numpy())
    people = _people()
    start = cache(lambda pair: _mean_start(pair, study, data_root, people))
    shown = {who: _shown_with(chosen, start) for who, chosen in found.items()}
    standings = {who: _standing(chosen, manifest, people) for who, chosen in found.items()}
    networks = PageNetworks(frames, shown.__getitem__, twins=_twins(manifest, frames))
    cases = cases_among(frames)
    return Source(
        title=f"One-frame calibration · {_crowd(manifest, len(frames.participants))}",
        about=_about(manifest, found),
        frames=frames,
        references=starting_references(frames, study.references),
        without_reference=networks.without_reference,
        with_reference=networks.with_reference,
        explain=networks.explain,
        changes=networks.changes,
        what_if=networks.what_if,
        inside=networks.inside,
        get_ready_to_explain=networks.get_ready_to_explain,
        opening=(cases[0].participant, cases[0].au) if cases else None,
        cautions=(*refusal, *_other_alignment(frames, found)),
        standing=standings.__getitem__,
        cases=cases,
        at_once=networks.at_once,
        everyone=networks.everyone,
        likeness=networks.likeness,
        trained_on=_trained_on(found, people),
    )


def _twins(manifest: Manifest, frames: FrameTable) -> Twins | None:
    """Of drawn people the same faces without an attribute, played as their manifest says."""
    if not manifest.invented:
        return None
    from csnviz.cast.play import Play

    return Twins(frames, Play.of_words(manifest.words))


def _other_alignment(frames: FrameTable, found: Mapping[str, Assigned]) -> tuple[str, ...]:
    """A sentence where networks were trained on faces that were aligned in another way than these; runs may not say how."""
    here = alignment_of(frames)
    theirs = {run.alignment for chosen in found.values() for run in (chosen.pair.ncg, chosen.pair.csn)}
    others = sorted(theirs - {here, ""})
    if not others:
        return ()
    return (
        f"These faces were aligned by {here}, those that networks here were trained on by {' and '.join(others)}: estimates may be "
        "off. Prepare the faces in the same way, or train on these.",
    )


def _choose(study: Study, runs: Sequence[Path], in_sample: bool) -> tuple[dict[str, Assigned], tuple[str, ...]]:
    """The networks of each participant who can be shown, and a sentence about those who cannot (none: everybody can)."""
    name, everybody = study.manifest.name, study.table.participants
    pairs, lacking = paired(runs_for(name, read_runs(runs)))
    if not pairs:
        raise InputError(
            f"{study.manifest.title} needs two networks of one fold, one without a reference and a CSN, but "
            f"{', and '.join(lacking)}. Train what is missing, or name more runs."
        )
    full = {full_name(name, who): who for who in everybody}
    found = {full[who]: chosen for who, chosen in assigned(list(full), pairs, _people(), in_sample).items()}
    hidden = [who for who in everybody if who not in found]
    if not hidden:
        return found, ()
    words = _refusal(hidden, len(everybody), study.manifest, lacking)
    if not found:
        raise InputError(words)
    return found, (words,)


def _refusal(hidden: Sequence[str], count: int, manifest: Manifest, lacking: Sequence[str]) -> str:
    folds = manifest.folds
    theirs = sorted(set(folds.loc[folds["participant"].isin(hidden), "fold"]))
    fold = f" (fold {' and '.join(theirs)})" if theirs else ""
    why = f": {', '.join(lacking)}" if lacking else ""
    verb = "is" if len(hidden) == 1 else "are"
    return (
        f"{len(hidden)} of {count} people{fold} {verb} hidden, because every network here was trained on them{why}. "
        "Add runs that held them out, or open with --in-sample."
    )


def _people() -> dict[str, str]:
    """The person behind each participant of every dataset: DISFA+ filmed people of DISFA again."""
    return {who: person for name in manifests() for who, person in _manifest_of(name).people_by_full_name.items()}


def _crowd(manifest: Manifest, count: int) -> str:
    noun = "person" if count == 1 else "people"
    return f"{count} drawn {noun}" if manifest.invented else f"{count} {noun} of {manifest.title}"


def _training(pair: NetworkPair, people: Mapping[str, str]) -> str:
    """Whom a pair was trained on, in words."""
    trained = {people.get(who, who) for who in pair.csn.training}
    return _crowd(_manifest_of(pair.csn.trained_on), len(trained))


def _trained_on(found: Mapping[str, Assigned], people: Mapping[str, str]) -> str:
    """Whom the networks behind the page were trained on, for somebody who has heard of none of them."""
    pairs = {chosen.pair.csn.path: chosen.pair for chosen in found.values()}
    sizes: dict[str, set[int]] = {}
    for pair in pairs.values():
        trained = {people.get(who, who) for who in pair.csn.training}
        sizes.setdefault(pair.csn.trained_on, set()).add(len(trained))
    crowds = " and ".join(_crowds(_manifest_of(name), sorted(counts)) for name, counts in sizes.items())
    known = sum(chosen.in_sample for chosen in found.values())
    if not known:
        return f"The networks were trained on {crowds}, and each person here is seen by networks that were not trained on them."
    verb = "is" if known == 1 else "are"
    return f"The networks were trained on {crowds}; {known} of those here {verb} among the people whom theirs were trained on."


def _crowds(manifest: Manifest, counts: Sequence[int]) -> str:
    """ "18 people of DISFA", or "17 or 18 people of DISFA" where folds differ."""
    return " or ".join([*map(str, counts[:-1]), _crowd(manifest, counts[-1])])


def _about(manifest: Manifest, found: Mapping[str, Assigned]) -> str:
    trained_on = {chosen.pair.csn.trained_on for chosen in found.values()}
    titles = " and ".join(sorted(_manifest_of(name).title for name in trained_on if not _manifest_of(name).invented))
    people = "Invented people" if manifest.invented else f"Real people, with the human labels of {manifest.title}"
    networks = f"networks trained on people of {titles}" if titles else "networks trained on drawings"
    return f"{people}; {networks}. {manifest.words['licence']}"


def _standing(chosen: Assigned, manifest: Manifest, people: Mapping[str, str]) -> Standing:
    run = chosen.pair.csn
    fold = f" (fold {run.fold})" if run.folds > 1 else ""
    training = _training(chosen.pair, people)
    if chosen.in_sample:
        return Standing(f"In-sample: networks trained on {training}, this one among them{fold}.", in_sample=True)
    return Standing(f"Networks trained on {training}, not this one{fold}.")


def _shown_with(chosen: Assigned, start: "Callable[[NetworkPair], Start]") -> ShownWith:
    pair = chosen.pair
    words = {
        "trained_on": pair.csn.trained_on,
        "training_participants": [who.partition("/")[2] for who in pair.csn.training],
        "fold": pair.csn.fold,
        "in_sample": chosen.in_sample,
    }
    stored = (pair.ncg.predictions, pair.csn.predictions)
    return ShownWith(pair.ncg.checkpoint, pair.csn.checkpoint, lambda: start(pair), words, stored)


def _mean_start(pair: NetworkPair, study: Study, data_root: Path, people: Mapping[str, str]) -> "Start":
    """The mean of the references of the people that the networks were trained on: nobody's glasses, wrinkles or beard.

    Where their dataset is not prepared here it is the drawn face that ships with csnviz, and its words say so.
    """
    from csnviz.explain.starts import Start, mean_neutral

    dataset = pair.csn.trained_on
    try:
        trained = study if dataset == study.manifest.name else open_study(dataset, data_root)
    except InputError:
        drawn = mean_neutral(places.checkpoints() / "mean_neutral.png")
        return Start(drawn.crop, f"a drawn face, because {_manifest_of(dataset).title} is not prepared here")
    theirs = [who.partition("/")[2] for who in pair.csn.training]
    table = trained.table.select(trained.table.rows["participant"].isin(theirs).to_numpy())
    references: ReferenceTable = starting_references(table, trained.references)
    rows = np.flatnonzero(table.rows["frame_id"].isin(set(references.rows["frame_id"])))
    mean = np.round(table.crops(rows).mean(axis=0)).astype(np.uint8)
    words = f"the mean resting face of the {_training(pair, people)} that the networks were trained on"
    return Start(mean, words)
