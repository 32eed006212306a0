"""Asking why: a question, the button, and what the colours over the face mean."""

from collections.abc import Callable

import ipywidgets

from csnviz.explain.results import Attribution
from csnviz.views.slider import Slider
from csnviz.views.source import Wording
from csnviz.views.viewer import OF_FRAME
from csnviz.views.why_choices import WhyChoices
from csnviz.views.why_words import gap_words, leaves_much_out
from csnviz.views.words import escape, number

INCOMPLETE = "csn-incomplete"
"""The class of the panel while colours leave much out: why_card.css then writes that on the coloured face of the viewer."""


class WhyPanel:
    """Calls `ask` when its button is pressed, `open_card` by the one that leads to the card, `fade` with the opacity (0-1).

    refusal: a sentence that says why nothing can be asked here, "" where something can.
    """

    def __init__(
        self,
        choices: WhyChoices,
        ask: Callable[[], None],
        open_card: Callable[[], None],
        fade: Callable[[float], None],
        start_note: str,
        refusal: str = "",
    ) -> None:
        self.question, self._choices = choices.question, choices
        self.button = ipywidgets.Button(description="Show", tooltip="colour the face by what drives the estimate")
        self.button.add_class("csn-ask")
        self.button.add_class(OF_FRAME)
        self.button.on_click(lambda _: ask())
        self._fade = Slider(label="Opacity", value=0.75, readout=False, continuous=True)
        self._fade.add_class("csn-opacity")
        key = ipywidgets.HTML(
            '<span class="csn-key csn-raises">raises</span><span class="csn-key csn-lowers">lowers</span>'
        )
        self._fade.observe(lambda change: fade(change["new"]), "value")
        self._key = ipywidgets.HBox([key, self._fade])
        self._key.add_class("csn-colours")
        self._words = ipywidgets.HTML()
        more = ipywidgets.Button(description="Details", tooltip="the whole answer, by part of the face, below")
        more.add_class("csn-why-more")
        more.on_click(lambda _: open_card())
        self._start_note, self._refusal = start_note, refusal
        self.button.disabled = bool(refusal)
        first = ipywidgets.HBox([self.question, self.button])
        self.widget = ipywidgets.VBox([first, self._words, self._key, more])
        self.widget.add_class("csn-card")
        self.widget.add_class("csn-why")
        self.clear()

    def clear(self) -> None:
        """Nothing is coloured; says what the question would show."""
        self._key.add_class("csn-hidden")
        self.widget.remove_class(INCOMPLETE)
        self._words.value = f'<p class="csn-note">{escape(self._refusal or self.question.value.meaning)}</p>'

    def show(self, asked: Wording, attribution: Attribution) -> None:
        """Says what was asked, where the integration starts, how much it explains and how much it leaves out."""
        self._key.remove_class("csn-hidden")
        (self.widget.add_class if leaves_much_out(attribution) else self.widget.remove_class)(INCOMPLETE)
        note = f" {self._start_note}" if self._start_note and asked.key != "moved" else ""
        ends = f"ends at {number(attribution.estimate)}"
        explained = f"Starts at {attribution.start} ({number(attribution.start_estimate)}) and {ends}."
        said = escape(f"{explained}{note} {gap_words(attribution)}")
        self._words.value = f'<p class="csn-note">{said}</p>'
