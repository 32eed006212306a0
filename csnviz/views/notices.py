"""What the page is doing, and the one sentence that says what went wrong."""

import ipywidgets

from csnviz.views.words import escape


class Notices:
    """A quiet line while the network works, and a bar that stays until it is dismissed. Callable from any thread."""

    def __init__(self) -> None:
        self.busy = ipywidgets.HTML()
        self.busy.add_class("csn-busy")
        self._sentence = ipywidgets.HTML()
        dismiss = ipywidgets.Button(description="Dismiss", tooltip="take this message away")
        dismiss.on_click(lambda _: self.clear())
        self.bar = ipywidgets.HBox([self._sentence, dismiss])
        self.bar.add_class("csn-error")
        self.clear()

    def say(self, words: str) -> None:
        """Says what is being worked on; "" when nothing is."""
        spinner = f'<span class="csn-spinner" aria-hidden="true"></span>{escape(words)}' if words else ""
        self.busy.value = f'<span role="status">{spinner}</span>'

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
