"""What a guest needs to know: who this is, which line is a person's, what the reference did, and what the networks learned from."""

from collections.abc import Callable

import ipywidgets

from csnviz.facs import AU
from csnviz.views.methods import BS, CSN, LABEL, NCG, Method
from csnviz.views.words import escape


class GuestPanel:
    """The explanation beside one case, and the one button that opens the whole page; `analyse` is called by it."""

    def __init__(self, analyse: Callable[[], None]) -> None:
        self._words = ipywidgets.HTML()
        self.button = ipywidgets.Button(description="Analyse", tooltip="open the whole page on this frame")
        self.button.add_class("csn-analyse")
        self.button.on_click(lambda _: analyse())
        self.widget = ipywidgets.VBox([self._words, self.button])
        self.widget.add_class("csn-card")
        self.widget.add_class("csn-guest-words")

    def show(
        self, who: str, unit: AU, attributes: str, reference: str, trained_on: str, hidden_faces: bool, labelled: bool
    ) -> None:
        """As sentences; attributes, reference and trained_on are "" where nothing is known. labelled: somebody coded them."""
        facts = [
            ("Who", f"{who}{f', with {attributes}' if attributes else ''}."),
            ("Action unit", f"{unit.title}: {unit.looks}."),
            ("Reference", reference or "None is chosen, so nothing is calibrated."),
            ("Trained on", trained_on or "Nobody has said whom the networks were trained on."),
            (
                "Faces",
                "Faces are hidden here; the drawing is nobody's."
                if hidden_faces
                else "Faces are shown as they are in the pictures.",
            ),
        ]
        lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts)
        self._words.value = f'<dl class="csn-facts">{lines}</dl><ul class="csn-lines">{"".join(_lines(labelled))}</ul>'


def _lines(labelled: bool) -> list[str]:
    meanings = {
        LABEL: "what a trained person coded, 0 to 5" if labelled else "nobody has coded this person",
        NCG: "the network that sees this frame alone",
        BS: "that, less its own answer to the reference",
        CSN: "the network that sees this frame beside the reference",
    }
    return [_line(method, meaning) for method, meaning in meanings.items()]


def _line(method: Method, meaning: str) -> str:
    stroke = f'<i class="csn-dash-{method.dash}" style="--csn-method: {method.colour}"></i>'
    return f"<li>{stroke}<b>{escape(method.short)}</b> {escape(meaning)}</li>"
