"""Choosing the neutral reference: the frames that are fit, the frame looked at, and why it is fit or not."""

from collections.abc import Callable

import ipywidgets
import numpy as np
from jaxtyping import Bool

from csnviz.data.reference_fitness import Fitness
from csnviz.data.tables import FrameTable
from csnviz.views.viewer import OF_FRAME
from csnviz.views.words import escape

CHOSEN_BY = {
    "authors": "the authors' choice",
    "person": "your choice",
    "automatic": "chosen automatically",
    "labels": "chosen with the labels",
}
"""How the page says who chose a reference."""

MOST_CHOICES = 150
"""A list longer than this helps nobody; of more fit frames an even selection is offered."""


class ReferencePanel:
    """Calls `choose` with a frame_id when the person picks a reference from the list, or uses the frame looked at."""

    def __init__(self, choose: Callable[[str], None], use_current: Callable[[], None]) -> None:
        self._told = False
        self.list = ipywidgets.Dropdown(description="Reference", options=[("none", "")], value="")
        self.list.add_class("csn-reference-list")
        self.list.observe(lambda change: None if self._told else choose(change["new"]), "value")
        self._use = ipywidgets.Button(
            description="Use this frame", tooltip="compare every frame with the frame looked at"
        )
        self._use.add_class("csn-use-reference")
        self._use.add_class(OF_FRAME)
        self._use.on_click(lambda _: use_current())
        self._words = ipywidgets.HTML()
        self.widget = ipywidgets.VBox([ipywidgets.HBox([self.list, self._use]), self._words])
        self.widget.add_class("csn-card")
        self.widget.add_class("csn-reference")

    def offer(self, frames: FrameTable, fit: Bool[np.ndarray, " N"], chosen: str) -> None:
        """Lists the fit frames, and the chosen one where it is not among them (marked)."""
        places = np.flatnonzero(fit)
        if len(places) > MOST_CHOICES:
            places = places[np.linspace(0, len(places) - 1, MOST_CHOICES).round().astype(int)]
        rows = frames.rows
        options = [(_frame(rows.iloc[place]), str(rows["frame_id"].iloc[place])) for place in places]
        if chosen not in [value for _, value in options]:
            options.insert(0, ("none" if not chosen else _marked(frames, fit, chosen), chosen))
        self._told = True
        try:
            self.list.options, self.list.value = options, chosen
        finally:
            self._told = False

    def show(self, reference: Fitness | None, current: Fitness, is_reference: bool, chosen_by: str) -> None:
        """Says why the reference (None: there is none) and the frame looked at are fit or not, and who chose it."""
        lines = []
        if reference is None:
            lines.append(_line("Reference", "None is chosen. Choose a frame with a resting face.", "csn-plain"))
        else:
            lines.append(_line(f"Reference, {CHOSEN_BY[chosen_by]}", reference.sentence, _mood(reference)))
        if not is_reference:
            lines.append(_line("This frame as reference", current.sentence, _mood(current)))
        self._use.disabled = is_reference
        self._words.value = "".join(lines)


def _frame(row: "object") -> str:
    seconds = row["timestamp"]  # type: ignore[index]
    return f"frame {row['frame_index']}" + ("" if np.isnan(seconds) else f" · {seconds:.2f} s")  # type: ignore[index]


def _marked(frames: FrameTable, fit: Bool[np.ndarray, " N"], frame_id: str) -> str:
    place = frames.row_of(frame_id)
    return f"{'' if fit[place] else '⚠ '}{_frame(frames.rows.iloc[place])}{'' if fit[place] else ' (not fit)'}"


def _mood(fitness: Fitness) -> str:
    """Only what is known to be fit is called so: without labels a smile has nothing against it either."""
    if not fitness.fit:
        return "csn-unfit"
    return "csn-plain" if fitness.unknown else "csn-fit"


def _line(who: str, sentence: str, mood: str) -> str:
    sign = {"csn-fit": "✓", "csn-unfit": "⚠", "csn-plain": "?"}[mood]
    return f'<p class="csn-fitness {mood}"><b>{sign} {who}:</b> {escape(sentence)}</p>'
