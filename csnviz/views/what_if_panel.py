"""What would the methods say of a changed face? Buttons that change it, and every method before and after."""

import math
from collections.abc import Callable, Sequence

import ipywidgets

from csnviz.explain.results import Changed
from csnviz.views.methods import ESTIMATORS, Method
from csnviz.views.source import Change
from csnviz.views.words import escape, number

FULL = 5.0
"""The intensity of a full bar, unless an estimate is higher still: then that is."""

NOTHING = "Nothing can be changed on this face here."
FIRST_ASK = "Ask why first; then the parts that count most can be changed here, and both methods asked again."
PRESS = "Press a change: NCG, BS and CSN are asked again. ≈ means that the new pixels are a guess."


class WhatIfPanel:
    """Calls `attempt` with the change whose button is pressed."""

    def __init__(self, attempt: Callable[[Change], None]) -> None:
        self._attempt = attempt
        self.buttons = ipywidgets.HBox([])
        self.buttons.add_class("csn-changes")
        self._answer = ipywidgets.HTML()
        self._answer.add_class("csn-what-if-place")
        title = ipywidgets.HTML("<b>What if …</b>")
        # The answer stands above the buttons, in a place that is kept for it: nothing moves when it comes.
        self.widget = ipywidgets.VBox([title, self._answer, self.buttons])
        self.widget.add_class("csn-what-if")
        self.clear()

    def clear(self) -> None:
        """Nothing can be tried yet."""
        self.refuse(FIRST_ASK)

    def offer(self, changes: Sequence[Change]) -> None:
        """Buttons for these changes; the former answer goes."""
        self.buttons.children = tuple(self._button(change) for change in changes)
        self._say(PRESS if changes else NOTHING)

    def refuse(self, sentence: str) -> None:
        """Nothing can be tried, and why."""
        self.buttons.children = ()
        self._say(sentence)

    def show(self, changed: Changed, change: Change) -> None:
        """Every method before and after the change, and what the answer is good for."""
        self._answer.value = what_if_html(changed, change)

    def _button(self, change: Change) -> ipywidgets.Button:
        mark = "≈ " if change.approximate else ""
        button = ipywidgets.Button(description=f"{mark}{change.words}", tooltip=meaning(change))
        button.add_class("csn-change")
        button.on_click(lambda _: self._attempt(change))
        return button

    def _say(self, words: str) -> None:
        self._answer.value = f'<p class="csn-note">{escape(words)}</p>'


def meaning(change: Change) -> str:
    """What the answer to a change is worth, in a sentence."""
    exact = "The face is drawn again without it, all else the same."
    return change.question or ("The new pixels are a guess." if change.approximate else exact)


def what_if_html(changed: Changed, change: Change) -> str:
    """HTML: what was changed, what that is worth, and one line of bars a method, before and after; a dash where there is none."""
    methods = [method for method in ESTIMATORS if method.key in changed.before]
    pairs = [(changed.before[method.key], changed.after[method.key]) for method in methods]
    full = max(FULL, *(value for pair in pairs for value in pair if not math.isnan(value)))
    rows = "".join(_row(method, *pair, full) for method, pair in zip(methods, pairs, strict=True))
    both = " The reference was changed the same way." if changed.on_reference else ""
    return (
        f'<table class="csn-what-if-answer"><caption><b>{escape(changed.words)}</b> '
        f"{escape(meaning(change) + both)}</caption><tbody>{rows}</tbody></table>"
    )


def _row(method: Method, before: float, after: float, full: float) -> str:
    bars = _bar(before / full, "csn-before") + _bar(after / full, "csn-after")
    return (
        f'<tr style="--csn-method: {method.colour}"><th scope="row">{method.short}</th>'
        f'<td class="csn-bar">{bars}</td><td>{number(before)} → {number(after)}</td></tr>'
    )


def _bar(share: float, css: str) -> str:
    width = 0.0 if math.isnan(share) else max(share, 0.0)
    return f'<i class="{css}" style="width: {100 * width:.1f}%"></i>'
