"""Where both sides meet: a source of faces and the networks that estimate, handed to a page that knows neither."""

import contextlib
import io
import itertools
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import ipywidgets
import numpy as np

from csnviz import places
from csnviz.data.reference_fitness import fit_frames
from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable
from csnviz.errors import InputError
from csnviz.explain.results import Attribution
from csnviz.views.explorer import Explorer
from csnviz.views.latest_only import Watch
from csnviz.views.source import CANCELLED, WHY_NCG, Calibrated, Question, Source

if TYPE_CHECKING:
    from csnviz.inference.features import FrameFeatures
    from csnviz.inference.networks import Networks
    from csnviz.models.checkpoints import TrainedNetwork

DEMO = "demo"
_ON_DRAWINGS = (
    "Invented people, whose labels are the intensities they were drawn with, and networks trained on drawings: "
    "for demonstration and teaching; no evidence about people."
)
_ON_PEOPLE = (
    "Networks trained on drawings, not on people: numbers show how calibration works, not what this person felt or did."
)
_SHOWN_FIRST = ("C112", 17)
"""A beard taken for a raised chin; found by `python -m csnviz.recipes.cast_scores`, and held by tests/test_demo_case.py."""
_DRAWN_START = "That start is a drawn face, not a person."


def open_page(environment: Mapping[str, str] = os.environ) -> ipywidgets.Widget:
    """The page on what the environment names.

    CSNVIZ_SOURCE: "demo" (the invented cast; default), a recording, or a saved FrameTable (.npz). CSNVIZ_DATA_ROOT: where crops
    are kept. CSNVIZ_CHECKPOINTS: another folder with cast_ncg.safetensors, cast_csn.safetensors and mean_neutral.png. What
    cannot be used becomes a sentence in place of the page. CSNVIZ_DEBUG: errors are printed below the page too, with their trace.
    """
    if environment.get("CSNVIZ_DEBUG"):
        logging.basicConfig(level=logging.WARNING)
    try:
        return page_for(source_named(environment))
    except InputError as error:
        sentence = ipywidgets.HTML()
        sentence.value = f"<p style='font: 15px/1.5 system-ui; padding: 24px' role='alert'>{_escaped(str(error))}</p>"
        return sentence


def page_for(source: Source) -> ipywidgets.Widget:
    """The page on a source that was made by hand."""
    return Explorer(source).page


def source_named(environment: Mapping[str, str]) -> Source:
    """The source that these variables name (see `open_page`); InputError when there is none there."""
    root = places.data_root(environment.get("CSNVIZ_DATA_ROOT") or None)
    name = environment.get("CSNVIZ_SOURCE") or DEMO
    folder = Path(environment.get("CSNVIZ_CHECKPOINTS") or places.checkpoints())
    if name == DEMO:
        from csnviz.cast.dataset import DEMO_FRAMES, DEMO_PARTICIPANTS, load_cast

        return source_of(load_cast(DEMO_PARTICIPANTS, DEMO_FRAMES, root), folder)
    if name.endswith(".npz"):
        return source_of(FrameTable.load(Path(name)), folder)
    from csnviz.data.recording import read_recording

    return source_of(read_recording(Path(name), root), folder)


def source_of(frames: FrameTable, checkpoints: Path) -> Source:
    """A source of these frames with the networks in a folder, which are loaded when they are first asked.

    Each person starts with the first fit frame as reference, or without one where no frame is fit.
    """
    estimator = _Estimator(frames, checkpoints)
    drawn = bool((frames.rows["dataset"] == "cast").all())
    people = len(frames.participants)
    who = f"{people} invented {'person' if people == 1 else 'people'}" if drawn else ", ".join(frames.participants[:3])
    return Source(
        title=f"One-frame calibration · {who}",
        about=_ON_DRAWINGS if drawn else _ON_PEOPLE,
        frames=frames,
        references=first_fit_references(frames),
        without_reference=estimator.without_reference,
        with_reference=estimator.with_reference,
        explain=estimator.explain,
        start_note="" if drawn else _DRAWN_START,
        opening=_opening(frames, drawn),
    )


def _opening(frames: FrameTable, drawn: bool) -> tuple[str, int] | None:
    """What is shown first: on the demo a false positive that the reference removes, on a recording whether somebody smiles."""
    if not drawn:
        return frames.participants[0], 12
    return _SHOWN_FIRST if _SHOWN_FIRST[0] in frames.participants else None


def first_fit_references(frames: FrameTable) -> ReferenceTable:
    """For every participant and camera the first frame that is fit; none where no frame is.

    Chosen by "labels" where every AU of it is labelled (and so 0), else by "automatic".
    """
    references, fit = ReferenceTable.empty(), fit_frames(frames)
    pairs = frames.rows.groupby(["participant", "camera"], sort=False).indices
    for (participant, camera), rows in pairs.items():
        chosen = rows[fit[rows]][:1]
        for row in chosen:
            by = "automatic" if np.isnan(frames.intensity[row]).any() else "labels"
            frame_id = str(frames.rows["frame_id"].iloc[row])
            references = references.with_reference(participant, camera, frame_id, by, "the first fit frame")
    return references


@dataclass
class _Estimator:
    """Loads the networks once, encodes each person's frames once, and decodes as often as references change."""

    frames: FrameTable
    checkpoints: Path
    _networks: "Networks | None" = None
    _kept: dict[tuple[str, str], "FrameFeatures"] = field(default_factory=dict)

    def without_reference(self, frames: FrameTable, watch: Watch) -> PredictionTable:
        from csnviz.inference.predict import predict_without_reference

        with _quietly():
            ncg = self._loaded().ncg
            features = self._features(ncg, frames, watch)
            return predict_without_reference(ncg, frames, features, progress=False, cancelled=watch.cancelled)

    def with_reference(self, frames: FrameTable, references: ReferenceTable, watch: Watch) -> Calibrated:
        from csnviz.inference.predict import predict_with_reference, subtract_neutral_output

        ncg = self.without_reference(frames, watch)
        with _quietly():
            csn = self._loaded().csn
            features = self._features(csn, frames, watch)
            calibrated = predict_with_reference(
                csn, frames, references, features, progress=False, cancelled=watch.cancelled
            )
        return Calibrated(subtract_neutral_output(ncg, references), calibrated)

    def explain(self, question: Question, watch: Watch) -> Attribution:
        from csnviz.explain import attribution
        from csnviz.explain.starts import mean_neutral

        networks, au = self._loaded(), question.au
        image = self._crop(question.frame_id)
        with _quietly():
            if question.key == WHY_NCG.key:
                start = mean_neutral(self.checkpoints / "mean_neutral.png")
                return attribution.why_ncg(networks.ncg, image, start, au, watch.cancelled)
            reference = self._crop(question.reference_id)
            if question.key == CANCELLED.key:
                start = mean_neutral(self.checkpoints / "mean_neutral.png")
                return attribution.what_the_reference_cancelled(
                    networks.csn, image, reference, start, au, watch.cancelled
                )
            return attribution.what_moved(networks.csn, image, reference, au, watch.cancelled)

    def _crop(self, frame_id: str) -> np.ndarray:
        return self.frames.crops([self.frames.row_of(frame_id)])[0]

    def _loaded(self) -> "Networks":
        from csnviz.inference.networks import Networks

        if self._networks is None:
            names = ("cast_ncg.safetensors", "cast_csn.safetensors")
            self._networks = Networks.load(*(self.checkpoints / name for name in names))
        return self._networks

    def _features(self, trained: "TrainedNetwork", frames: FrameTable, watch: Watch) -> "FrameFeatures":
        from csnviz.inference.features import BATCH, encode_frames

        key = (trained.sha256, str(frames.rows["frame_id"].iloc[0]))
        if key not in self._kept:
            # A face is a few thousand numbers here and the page shows one person at a time; the last few are kept.
            for old in list(self._kept)[: max(0, len(self._kept) - 7)]:
                del self._kept[old]
            batches = itertools.count()

            def asked_before_each_batch() -> bool:
                watch.progress(next(batches) * BATCH / len(frames))
                return watch.cancelled()

            self._kept[key] = encode_frames(trained, frames, progress=False, cancelled=asked_before_each_batch)
        return self._kept[key]


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keeps to itself what a network says on the error stream, which in a notebook would land under the page.

    Which device it runs on is in the provenance at the page's foot.
    """
    with contextlib.redirect_stderr(io.StringIO()):
        yield


def _escaped(text: str) -> str:
    from csnviz.views.words import escape

    return escape(text)
