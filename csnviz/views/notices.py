"""What the page is doing, how to stop it, and the one sentence that says what went wrong."""

import threading
from collections.abc import Callable

import ipywidgets

from csnviz.views.words import escape

SECONDS_BEFORE_CANCEL = 1.0
"""What is done sooner needs no button that stops it."""


def _nothing() -> str:
    return ""


class Notices:
    """A quiet line while the network works, a button to stop it, and a bar that stays until it is dismissed. Callable from any
    thread.

    `cancel` gives up what is being worked on and says what that was ("" = nothing); `again` asks for it once more. `line` holds
    `busy`, the quiet line, and the buttons: one that cancels is shown once the work has lasted a second, one that asks again while
    something was given up and nothing else is worked on.
    """

    def __init__(self, cancel: Callable[[], str] = _nothing, again: Callable[[], None] | None = None) -> None:
        self._cancel = cancel
        self._lock = threading.RLock()
        self._timer: threading.Timer | None = None
        self._given_up = ""
        self.busy = ipywidgets.HTML()
        self.busy.add_class("csn-busy")
        self.cancel = ipywidgets.Button(description="Cancel", tooltip="stop what is being worked on")
        self.cancel.add_class("csn-cancel")
        self.cancel.add_class("csn-hidden")
        self.cancel.on_click(lambda _: self._give_up())
        self.again = ipywidgets.Button(description="Ask again", tooltip="begin what was given up once more")
        self.again.add_class("csn-cancel")
        self.again.add_class("csn-hidden")
        if again is not None:
            self.again.on_click(lambda _: again())
        self._can_ask_again = again is not None
        self.line = ipywidgets.HBox([self.busy, self.cancel, self.again])
        self.line.add_class("csn-busy-line")
        self._sentence = ipywidgets.HTML()
        dismiss = ipywidgets.Button(description="Dismiss", tooltip="take this message away")
        dismiss.on_click(lambda _: self.clear())
        self.bar = ipywidgets.HBox([self._sentence, dismiss])
        self.bar.add_class("csn-error")
        self.clear()

    def say(self, words: str) -> None:
        """Says what is being worked on; "" when nothing is, or what was given up."""
        with self._lock:
            if words:
                self._begin()
                self._show(words if not self._given_up else f"Stopping: {self._given_up}", spinning=True)
            else:
                self._end()
                self._show(f"Given up: {self._given_up}" if self._given_up else "", spinning=False)
                if self._given_up and self._can_ask_again:
                    self.again.remove_class("csn-hidden")
                self._given_up = ""

    def fail(self, sentence: str) -> None:
        """Shows what went wrong until it is dismissed or something else goes wrong."""
        self._sentence.value = f'<span role="alert">{escape(sentence)}</span>'
        self.bar.remove_class("csn-hidden")

    @property
    def failure(self) -> str:
        """The sentence that is shown now, "" when there is none."""
        return self._sentence.value.removeprefix('<span role="alert">').removesuffix("</span>")

    def clear(self) -> None:
        """Takes the message away."""
        self._sentence.value = ""
        self.bar.add_class("csn-hidden")

    def _show(self, words: str, spinning: bool) -> None:
        spinner = '<span class="csn-spinner" aria-hidden="true"></span>' if spinning else ""
        self.busy.value = f'<span role="status">{spinner}{escape(words)}</span>'

    def _begin(self) -> None:
        """The first words about some work: the button comes in a second. Later ones say how far it is."""
        if self._timer is None:
            self.again.add_class("csn-hidden")
            self._timer = threading.Timer(SECONDS_BEFORE_CANCEL, lambda: self._offer(timer))
            timer = self._timer
            timer.daemon = True
            timer.start()

    def _offer(self, timer: threading.Timer) -> None:
        with self._lock:
            if timer is self._timer and self._cancel is not _nothing:
                self.cancel.remove_class("csn-hidden")

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self.cancel.add_class("csn-hidden")

    def _give_up(self) -> None:
        words = self._cancel()
        with self._lock:
            if words and self._timer is not None:
                self._given_up = words
                self.cancel.add_class("csn-hidden")
                self._show(f"Stopping: {words}", spinning=True)
