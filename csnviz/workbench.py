"""Where both sides meet: a source of faces and the networks that estimate, handed to a page that knows neither."""

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path

import ipywidgets
import numpy as np

from csnviz import places
from csnviz.data.manifest import DRAWN
from csnviz.data.tables import FrameTable
from csnviz.errors import InputError
from csnviz.page_address import query
from csnviz.page_choices import with_choices
from csnviz.page_networks import PageNetworks, ShownWith
from csnviz.page_starts import cases_among, starting_references
from csnviz.page_twins import Twins
from csnviz.views.explorer import Explorer
from csnviz.views.page_state import AS_USUAL, PageState, state_named
from csnviz.views.source import Source
from csnviz.views.words import escape

DEMO = "demo"
DATASET = "dataset:"
"""How CSNVIZ_SOURCE begins where it names a dataset of the manifest."""

ON_DRAWINGS = (
    "Invented people, whose labels are the intensities they were drawn with, and networks trained on drawings: "
    "for demonstration and teaching; no evidence about people."
)
NETWORKS_WAIT = 10.0
"""Seconds; a browser that takes longer to ask for the first face gets it beside the loading of the networks."""

_ON_PEOPLE = (
    "Networks trained on drawings, not on people: numbers show how calibration works, not what this person felt or did."
)
_DRAWN_START = "That start is a drawn face, not a person."


def open_page(environment: Mapping[str, str] = os.environ) -> ipywidgets.Widget:
    """The page on what the environment names.

    CSNVIZ_SOURCE: "demo" (the invented cast; default), "dataset:disfa" (prepared already), a recording, or a saved FrameTable
    (.npz). CSNVIZ_DATA_ROOT: where crops are kept. CSNVIZ_CHECKPOINTS: another folder with cast_ncg.safetensors,
    cast_csn.safetensors and mean_neutral.png. CSNVIZ_RUNS: run folders for a dataset, or folders of them, separated as in PATH;
    CSNVIZ_CROPS: the hash of crops that were made elsewhere. CSNVIZ_IN_SAMPLE: people whom every network was trained on are shown
    too, marked. CSNVIZ_FACES: "hidden" shows a drawing in place of every face. CSNVIZ_READ_ONLY: nothing can be kept. CSNVIZ_DEBUG:
    errors are printed below the page too, with their trace.

    In Voila the page opens on what its link names. What cannot be used becomes a sentence in place of the page.
    """
    if environment.get("CSNVIZ_DEBUG"):
        logging.basicConfig(level=logging.WARNING)
    try:
        source = source_named(environment)
        # Only now: in a kernel that was started ahead of its page this waits for somebody to ask.
        state, unread = _asked_for(query(environment))
        return page_for(source, state, unread)
    except InputError as error:
        sentence = ipywidgets.HTML()
        sentence.value = f"<p style='font: 15px/1.5 system-ui; padding: 24px' role='alert'>{escape(str(error))}</p>"
        return sentence


def page_for(source: Source, state: PageState = AS_USUAL, notice: str = "") -> ipywidgets.Widget:
    """The page on a source that was made by hand, as a link would open it, with a first sentence if there is something to say."""
    explorer = Explorer(source, state, NETWORKS_WAIT)
    if notice:
        explorer.notices.fail(notice)
    return explorer.page


def _asked_for(said: Mapping[str, str]) -> tuple[PageState, str]:
    """The state in a page's address; where that is damaged the usual one, and why."""
    try:
        return state_named(said), ""
    except InputError as error:
        return AS_USUAL, str(error)


def source_named(environment: Mapping[str, str]) -> Source:
    """The source that these variables name (see `open_page`); InputError when there is none there."""
    root = places.data_root(environment.get("CSNVIZ_DATA_ROOT") or None)
    return with_choices(_named(environment, root), environment, root)


def _named(environment: Mapping[str, str], root: Path) -> Source:
    name = environment.get("CSNVIZ_SOURCE") or DEMO
    folder = Path(environment.get("CSNVIZ_CHECKPOINTS") or places.checkpoints())
    if name.startswith(DATASET):
        from csnviz.dataset_source import dataset_source
        from csnviz.recipes.splits import open_study

        runs = [Path(run) for run in environment.get("CSNVIZ_RUNS", "").split(os.pathsep) if run]
        study = open_study(name.removeprefix(DATASET), root, crops=environment.get("CSNVIZ_CROPS") or None)
        return dataset_source(study, runs, root, bool(environment.get("CSNVIZ_IN_SAMPLE")))
    if name == DEMO:
        from csnviz.cast.demo import demo_table

        return source_of(FrameTable.load(demo_table(root)), folder)
    if name.endswith(".npz"):
        return source_of(FrameTable.load(Path(name)), folder)
    from csnviz.data.recording import read_recording

    return source_of(read_recording(Path(name), root), folder)


def source_of(frames: FrameTable, checkpoints: Path) -> Source:
    """A source of these frames with the networks in a folder, which are loaded when they are first asked.

    Each person starts with the first fit frame as reference, or without one where no frame is fit.
    """
    from csnviz.explain.starts import mean_neutral

    shown = ShownWith(
        checkpoints / "cast_ncg.safetensors",
        checkpoints / "cast_csn.safetensors",
        lambda: mean_neutral(checkpoints / "mean_neutral.png"),
    )
    drawn = bool(frames.rows["dataset"].isin(DRAWN).all())
    networks = PageNetworks(frames, lambda participant: shown, twins=Twins(frames) if drawn else None)
    people = len(frames.participants)
    who = f"{people} invented {'person' if people == 1 else 'people'}" if drawn else ", ".join(frames.participants[:3])
    cases = cases_among(frames)
    return Source(
        title=f"One-frame calibration · {who}",
        about=ON_DRAWINGS if drawn else _ON_PEOPLE,
        frames=frames,
        references=starting_references(frames),
        without_reference=networks.without_reference,
        with_reference=networks.with_reference,
        explain=networks.explain,
        changes=networks.changes,
        what_if=networks.what_if,
        inside=networks.inside,
        get_ready_to_explain=networks.get_ready_to_explain,
        at_once=networks.at_once,
        everyone=networks.everyone,
        likeness=networks.likeness,
        start_note="" if drawn else _DRAWN_START,
        opening=(cases[0].participant, cases[0].au) if cases else None if drawn else _smile(frames),
        cases=cases,
        trained_on=f"The networks were trained on {_trained_on(shown.csn)}.",
    )


def _trained_on(checkpoint: Path) -> str:
    """Whom a network was trained on, in the words of its file, whose head is read without loading the network."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(checkpoint, framework="np") as file:
            words = json.loads(json.loads(file.metadata()["csnviz"])["config"])
        return str(words["trained_on"])
    except (OSError, SafetensorError, KeyError, TypeError, ValueError):
        # What is wrong with the file is said when it is loaded, by the room that knows its format.
        return "nobody whom their file names"


def _smile(frames: FrameTable) -> tuple[str, int]:
    """What a recording is opened on: whether somebody smiles, or the first AU that was coded where AU12 was not."""
    coded = [number for place, number in enumerate(frames.aus) if not np.isnan(frames.intensity[:, place]).all()]
    first = 12 if 12 in coded or not coded else coded[0]
    return frames.participants[0], first if first in frames.aus.numbers else frames.aus.numbers[0]
