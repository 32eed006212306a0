"""What a face carries at rest, annotated with one key for each attribute: spectacles, a beard, permanent wrinkles."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import pandas as pd
import traitlets

LETTERS: Mapping[str, str] = {
    "eyeglasses": "g",
    "facial hair": "b",
    "wide brow-eye distance": "w",
    "narrow brow-eye distance": "y",
    "forehead wrinkles": "f",
    "glabella wrinkles": "a",
    "nose-root wrinkle": "o",
    "crow's feet": "c",
    "nasolabial folds": "d",
    "hooded lids": "h",
    "low lip corners": "l",
    "pressed lips": "s",
}
"""The attributes of the paper and of the cast, each with its key; n, p and r have other meanings on the page."""

REST = "x"
"""The key that makes absent whatever nobody has annotated yet: most faces carry few of these things."""

OF_THE_PAPER = (
    "wide brow-eye distance", "forehead wrinkles", "glabella wrinkles", "nose-root wrinkle", "crow's feet", "nasolabial folds",
    "eyeglasses", "facial hair",
)  # fmt: skip
"""What is asked about people who were filmed."""

NEXT = {"present": "absent", "absent": "unsure", "unsure": "present"}
"""What another press makes of a value; what is not annotated becomes present."""

BY = {"drawn": "drawn so", "person": "annotated by you"}
"""How the page says where a value comes from; other sources are named as the table names them."""


class AttributesPanel(anywidget.AnyWidget):
    """Calls `annotate` with an attribute and its new value; None: read only, nothing can be pressed.

    Whoever keeps the value shows it by calling `show` again: what could not be kept is never shown as if it were. Buttons and,
    while one of them has the focus, letters do the same as `press`.
    """

    _esm = Path(__file__).parent / "attributes.js"
    _css = Path(__file__).parent / "attributes.css"
    shown = traitlets.List().tag(sync=True)
    words = traitlets.Unicode("").tag(sync=True)
    read_only = traitlets.Bool(False).tag(sync=True)

    def __init__(self, annotate: Callable[[str, str], None] | None) -> None:
        self._annotate = annotate
        super().__init__(read_only=annotate is None)
        self.on_msg(self._heard)

    @property
    def letters(self) -> str:
        """The keys of the attributes that are shown, in their order, and the one for the rest of them."""
        return "".join(each["letter"] for each in self.shown) + REST

    def show(self, participant: str, attributes: pd.DataFrame) -> None:
        """Shows one person's attributes; `attributes` is everybody's: participant, attribute, value, by.

        Asked are the attributes of the paper, and those that anybody in the table has; of drawn people only what they were drawn
        with. What has no key is not asked.
        """
        known = set(attributes["attribute"])
        asked = known if "drawn" in set(attributes["by"]) else {*known, *OF_THE_PAPER}
        theirs = attributes[attributes["participant"] == participant].set_index("attribute")
        shown = [_described(name, theirs) for name in LETTERS if name in asked]
        with self.hold_sync():
            self.shown, self.words = shown, _whence(shown)

    def press(self, letter: str) -> None:
        """Turns the attribute with this key from present to absent to unsure; REST makes absent what nobody has annotated yet.

        Nothing for another key, or when read only.
        """
        if self._annotate is None:
            return
        for each in list(self.shown):
            if letter == each["letter"]:
                self._annotate(each["attribute"], NEXT.get(each["value"], "present"))
            elif letter == REST and each["value"] == "not annotated":
                self._annotate(each["attribute"], "absent")

    def _heard(self, _: object, message: dict[str, Any], __: object) -> None:
        if message.get("type") == "press":
            self.press(str(message.get("letter")))


def _described(name: str, theirs: pd.DataFrame) -> dict[str, str]:
    known = name in theirs.index
    value = str(theirs.loc[name, "value"]) if known else "not annotated"
    by = str(theirs.loc[name, "by"]) if known else ""
    return {"attribute": name, "letter": LETTERS[name], "value": value, "by": BY.get(by, by)}


def _whence(shown: list[dict[str, str]]) -> str:
    """Where the values come from, such as "Annotated by you: eyeglasses. Drawn so: facial hair."."""
    by: dict[str, list[str]] = {}
    for each in shown:
        if each["by"]:
            by.setdefault(each["by"], []).append(each["attribute"])
    if len(by) == 1 and len(*by.values()) == len(shown):
        return f"All {next(iter(by))}."
    return " ".join(f"{whence[0].upper()}{whence[1:]}: {', '.join(names)}." for whence, names in by.items())
