"""Asking why: a question, the button, and what the colours over the face mean."""

from collections.abc import Callable

import ipywidgets

from csnviz.explain.results import Attribution
from csnviz.views.slider import Slider
from csnviz.views.source import QUESTIONS, Wording
from csnviz.views.viewer import OF_FRAME
from csnviz.views.words import escape, number

LARGEST_GAP = 0.05
"""A gap above this share of what there is to explain is said aloud: the colours then leave out that much."""


class WhyPanel:
    """Calls `ask` with a question when the button is pressed and `fade` with the colours' opacity (0-1).

    refusal: a sentence that says why nothing can be asked here, "" where something can.
    """

    def __init__(
        self, ask: Callable[[Wording], None], fade: Callable[[float], None], start_note: str, refusal: str = ""
    ) -> None:
        self.question = ipywidgets.Dropdown(description="Why?", options=[(q.ask, q) for q in QUESTIONS])
        self.question.add_class("csn-question")
        self.button = ipywidgets.Button(description="Show", tooltip="colour the face by what drives the estimate")
        self.button.add_class("csn-ask")
        self.button.add_class(OF_FRAME)
        self.button.on_click(lambda _: ask(self.question.value))
        self.question.observe(lambda _: self.clear(), "value")
        self._fade = Slider(label="Opacity", value=0.75, readout=False, continuous=True)
        self._fade.add_class("csn-opacity")
        key = ipywidgets.HTML(
            '<span class="csn-key csn-raises">raises</span><span class="csn-key csn-lowers">lowers</span>'
        )
        self._key = ipywidgets.HBox([key, self._fade])
        self._key.add_class("csn-colours")
        self._fade.observe(lambda change: fade(change["new"]), "value")
        self._words = ipywidgets.HTML()
        self._start_note, self._refusal = start_note, refusal
        self.button.disabled = bool(refusal)
        first = ipywidgets.HBox([self.question, self.button])
        self.widget = ipywidgets.VBox([first, self._key, self._words])
        self.widget.add_class("csn-card")
        self.widget.add_class("csn-why")
        self.clear()

    def clear(self) -> None:
        """Nothing is coloured; says what the question would show."""
        self._key.add_class("csn-hidden")
        self._words.value = f'<p class="csn-note">{escape(self._refusal or self.question.value.meaning)}</p>'

    def show(self, asked: Wording, attribution: Attribution) -> None:
        """Says what was asked, where the integration starts, how much it explains and how much it leaves out."""
        self._key.remove_class("csn-hidden")
        note = f" {self._start_note}" if self._start_note and asked.key != "moved" else ""
        ends = f"ends at {number(attribution.estimate)}"
        explained = f"Starts at {attribution.start} ({number(attribution.start_estimate)}) and {ends}."
        self._words.value = (
            f'<p class="csn-note"><b>{escape(attribution.question)}</b> '
            f"{escape(explained)}{escape(note)} {escape(_gap(attribution))}</p>"
        )


def _gap(attribution: Attribution) -> str:
    share = attribution.relative_gap
    size = f"{abs(attribution.gap):.2f}"
    if not attribution.adds_up:
        return f"The parts together differ by {size} from what there is to explain: they work together, and need not add up."
    if share <= LARGEST_GAP:
        return f"Completeness gap {size} ({share:.1%})."
    steps = attribution.steps_that_mend
    mend = f" About {steps:,} steps would mend it." if steps else ""
    return f"Completeness gap {size} ({share:.1%}). The colours leave that much out.{mend}"
