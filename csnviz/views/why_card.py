"""The card "Why did it fire?": one answer with its faces, the parts of the face that count, and what a change would make of it."""

from collections.abc import Callable

import ipywidgets

from csnviz.explain.results import Attribution
from csnviz.views.part_bars import part_bars
from csnviz.views.source import Change
from csnviz.views.viewer import OF_FRAME
from csnviz.views.what_if_panel import WhatIfPanel
from csnviz.views.why_choices import WhyChoices
from csnviz.views.why_faces import BESIDE, WhyFaces
from csnviz.views.why_words import gap_words
from csnviz.views.words import escape

WHY = "why"
"""The key of the card's tab."""

NO_PARTS = "Nobody has said where the parts of this face are, so nothing is added up by part."


class WhyCard:
    """The tab of the answer: choosers and `ask` above, below them faces, bars, and changes that `attempt` is called with.

    refusal: a sentence that says why nothing can be asked here, "" where something can.
    """

    def __init__(
        self, choices: WhyChoices, ask: Callable[[], None], attempt: Callable[[Change], None], refusal: str
    ) -> None:
        self._choices, self._refusal = choices, refusal
        self.button = ipywidgets.Button(description="Ask", tooltip="ask about the frame and action unit looked at")
        self.button.disabled = bool(refusal)
        for name in ("csn-ask", OF_FRAME):
            self.button.add_class(name)
        self.button.on_click(lambda _: ask())
        self._words, self._bars = ipywidgets.HTML(), ipywidgets.HTML()
        self._words.add_class("csn-why-words")
        self._bars.add_class("csn-why-bars")
        self.faces, self.changes = WhyFaces(), WhatIfPanel(attempt)
        asked = [choices.question, choices.method, choices.start, choices.sign, self.button]
        choosers = ipywidgets.HBox(asked)
        choosers.add_class("csn-why-choosers")
        answer = ipywidgets.HBox([self.faces, self._bars, self.changes.widget])
        for name in ("csn-why-answer", BESIDE):
            answer.add_class(name)
        self.widget = ipywidgets.VBox([choosers, self._words, answer])
        for name in ("csn-card", "csn-why-card"):
            self.widget.add_class(name)
        self._small = ""
        self.clear()

    def clear(self) -> None:
        """Nothing is answered; says what the question would show."""
        self._say("", self._refusal or self._choices.meaning)
        self._bars.value = ""
        self.faces.clear()
        self.changes.clear()
        self.widget.add_class("csn-unasked")

    def show(self, attribution: Attribution) -> None:
        """One answer: how it was found, how much it leaves out, and the bars. Faces, changes and the sentence are shown apart."""
        self._small = f"Starts at {attribution.start}; {attribution.algorithm}. {gap_words(attribution)}"
        self._bars.value = _bars(attribution)
        self.widget.remove_class("csn-unasked")

    def tell(self, sentence: str, number: int, elsewhere: bool) -> None:
        """The answer in a sentence; elsewhere: its frame, of this number, is not the one looked at now."""
        note = f" This is about frame {number}, not the one looked at now." if elsewhere else ""
        self._say(sentence, self._small, note)

    def _say(self, sentence: str, small: str, note: str = "") -> None:
        large = f'<p class="csn-why-sentence" aria-live="polite">{escape(sentence)}</p>' if sentence else ""
        beside = f'<b class="csn-elsewhere">{escape(note)}</b>' if note else ""
        self._words.value = f'{large}<p class="csn-note">{escape(small)}{beside}</p>'


def _bars(attribution: Attribution) -> str:
    if not attribution.by_region:
        return f'<p class="csn-note">{NO_PARTS}</p>'
    return part_bars(attribution.by_region)
