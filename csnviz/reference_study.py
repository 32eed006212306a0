"""How much does the choice of reference matter? Every frame stands in as the reference once, and the labels judge."""

import os
from collections.abc import Mapping

import ipywidgets
import numpy as np
from jaxtyping import Bool

from csnviz import workbench
from csnviz.data.reference_fitness import fit_frames
from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable
from csnviz.errors import InputError
from csnviz.evaluation.metrics import icc31, mae
from csnviz.views.latest_only import LatestOnly, Watch
from csnviz.views.layout import STYLE
from csnviz.views.live_plot import LivePlot
from csnviz.views.reference_strip import ReferenceStrip, strip_figure, strip_layout, strip_traces
from csnviz.views.source import Source
from csnviz.views.words import escape

MOST_CANDIDATES = 80
"""Of a longer recording this many frames are tried, evenly spread, and the reference in use."""

FLATTERS = (
    "Whoever takes its best dot as the reference has used the labels; an evaluation with it would flatter the method."
)
"""What picking from the strip amounts to; `evaluate` leaves such references out."""

_CHOSEN_BY = {
    "authors": "the authors' choice",
    "person": "a person's choice",
    "automatic": "in use (automatic)",
    "labels": "in use (by labels)",
}

_NOTHING = ReferenceStrip("", np.array([0, 1]), np.zeros(2), np.zeros(2), np.ones(2, bool), 0.0, 0.0, None, "")
"""What is drawn before anything is known."""


def compare_references(source: Source, participant: str, camera: str, watch: Watch) -> ReferenceStrip:
    """What each candidate reference does to the calibrated estimates of one person, by the person's labels.

    Every frame with a usable face is a candidate, fit or not, up to MOST_CANDIDATES. InputError when the person has no labels.
    """
    frames = source.frames.of(participant, camera)
    if np.isnan(frames.intensity[frames.usable]).all():
        raise InputError(
            f"{participant}, {camera} camera: no usable frame has human labels, so nothing can judge a reference. "
            "Choose somebody with labels."
        )
    used = source.references.rows.query("participant == @participant and camera == @camera")
    rows = _candidates(frames, str(used["frame_id"].iloc[0]) if len(used) else "")
    # The strip says how far it is, not each of its eighty parts.
    unheard = Watch(watch.cancelled, lambda share: None)
    agreement = []
    for place, row in enumerate(rows):
        watch.progress(place / len(rows))
        frame_id = str(frames.rows["frame_id"].iloc[row])
        alone = ReferenceTable.empty().with_reference(participant, camera, frame_id, "labels")
        agreement.append(_agreement(source.with_reference(frames, alone, unheard).csn))
    icc, error = np.array(agreement).T
    without_icc, without_error = _agreement(source.without_reference(frames, unheard))
    chosen = [place for place, row in enumerate(rows) if frames.rows["frame_id"].iloc[row] in set(used["frame_id"])]
    return ReferenceStrip(
        title=f"{participant}, {camera} camera",
        frames=frames.rows["frame_index"].to_numpy(dtype=np.int64)[rows],
        icc=icc,
        error=error,
        fit=fit_frames(frames)[rows],
        alone_icc=without_icc,
        alone_error=without_error,
        chosen=chosen[0] if chosen else None,
        chosen_by=_CHOSEN_BY[used["chosen_by"].iloc[0]] if chosen else "",
    )


def answer(strip: ReferenceStrip) -> str:
    """The answer for one person in two sentences."""
    fit = strip.error[strip.fit]
    among = f"With the {len(fit)} fit frames among them it is {_span(fit)}. " if len(fit) else "None of them is fit. "
    chosen = (
        ""
        if strip.chosen is None
        else f" {strip.chosen_by[0].upper()}{strip.chosen_by[1:]}: {strip.error[strip.chosen]:.2f}."
    )
    return (
        f"{strip.title}: without a reference the estimates are {strip.alone_error:.2f} steps off on average; calibrated on each of "
        f"{len(strip.frames)} frames, {_span(strip.error)}. {among.strip()}{chosen}"
    )


def open_study(environment: Mapping[str, str] = os.environ) -> ipywidgets.Widget:
    """The study of what the environment names (see `workbench.open_page`): a choice of people, an answer and the strip.

    What cannot be used becomes a sentence in its place.
    """
    try:
        return ReferenceStudy(workbench.source_named(environment), workbench.NETWORKS_WAIT).page
    except InputError as error:
        return _words("csn-error", f"<p role='alert'>{escape(str(error))}</p>")


class ReferenceStudy:
    """A page with one strip: people are chosen, their eighty references tried in a thread, and the same figure is changed.

    `page` is what a notebook shows. networks_wait: for how many seconds the networks may wait until a browser has drawn the page,
    which takes longer beside them.
    """

    def __init__(self, source: Source, networks_wait: float = 0.0) -> None:
        self._source = source
        pairs = {
            f"{who} · {camera}": (who, camera)
            for who in source.frames.participants
            for camera in source.frames.cameras(who)
        }
        self._people = ipywidgets.Dropdown(options=list(pairs.items()), description="Participant")
        self._busy, self._answer = _words("csn-busy", ""), _words("csn-about", "")
        self._answer.layout.min_height = "3em"
        self._plot = LivePlot(
            strip_figure(_NOTHING),
            "How good each frame is as the reference",
            "csn-card",
            drawn=lambda: self.network.begin(),
        )
        # Until there is something to see; a plot that takes no room draws itself too small.
        self._plot.ground.layout.visibility = "hidden"
        style = _words("csn-style", f"<style>{STYLE.read_text(encoding='utf-8')}</style>")
        caution = _words("csn-caution", f'<p class="csn-cautions">⚠ {FLATTERS}</p>')
        about = _words("csn-title", f'<p class="csn-about">{escape(source.about)}</p>')
        head = ipywidgets.HBox([self._people, self._busy])
        head.add_class("csn-choosers")
        self.page = ipywidgets.VBox([style, about, head, self._answer, self._plot.ground, caution])
        self.page.add_class("csn-page")
        self.network = LatestOnly(self._say, self._fail, begins_within=networks_wait)
        self._people.observe(lambda change: self._ask(), "value")
        self._ask()

    def _ask(self) -> None:
        who, camera = self._people.value
        words = f"trying every reference of {who}"
        self.network.submit(
            "strip", words, lambda watch: compare_references(self._source, who, camera, watch), self._show
        )

    def _show(self, strip: ReferenceStrip) -> None:
        standing = self._source.standing(strip.title.partition(",")[0]).sentence
        self._answer.value = f"<p><b>{escape(answer(strip))}</b> {escape(standing)}</p>"
        self._plot.show(strip_traces(strip), strip_layout(strip))
        self._plot.ground.layout.visibility = "visible"

    def _say(self, words: str) -> None:
        self._busy.value = f'<span class="csn-spinner"></span>{escape(words)}' if words else ""

    def _fail(self, sentence: str) -> None:
        self._answer.value = f'<p class="csn-cautions" role="alert">{escape(sentence)}</p>'


def _candidates(frames: FrameTable, used: str) -> np.ndarray:
    usable = np.flatnonzero(frames.usable)
    spread = usable[np.unique(np.linspace(0, len(usable) - 1, min(len(usable), MOST_CANDIDATES)).round().astype(int))]
    in_use: Bool[np.ndarray, " N"] = np.asarray(frames.rows["frame_id"] == used) & frames.usable
    return np.union1d(spread, np.flatnonzero(in_use))


def _agreement(table: PredictionTable) -> tuple[float, float]:
    """Mean ICC(3,1) over the AUs whose label varies, and mean absolute error over the coded ones; NaN where there are none."""
    columns = range(len(table.aus))
    varying = [
        column for column in columns if np.unique(table.label[~np.isnan(table.label[:, column]), column]).size > 1
    ]
    icc = [icc31(table.estimate[:, column], table.label[:, column]) for column in varying]
    errors = [mae(table.estimate[:, column], table.label[:, column]) for column in columns]
    return _mean(icc), _mean(errors)


def _mean(values: list[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else np.nan


def _span(errors: np.ndarray) -> str:
    return f"{errors.min():.2f} to {errors.max():.2f}"


def _words(name: str, text: str) -> ipywidgets.HTML:
    words = ipywidgets.HTML(text)
    words.add_class(name)
    return words
