"""The frame viewer's JavaScript and HTML as they are sent to a browser, or written into a file that opens without Python."""

import re
from pathlib import Path

from csnviz.views.methods import ESTIMATORS, LABEL

_HERE = Path(__file__).parent
_PARTS = ("state", "stage", "faces", "pyramid", "timeline", "views")
_KEPT = re.compile(r"""//[^\n]*|(`[^`]*`|"[^"\n]*")|\s*\n\s*| ?([-=+*/%<>!&|?:,;{}()\[\]]+) ?""")


def _joined() -> str:
    """The parts as one ES module; comments and spaces, a third of the text, stay here."""
    text = "\n".join((_HERE / f"viewer_{part}.js").read_text(encoding="utf-8") for part in _PARTS)
    lean = _KEPT.sub(lambda found: found[1] or found[2] or ("" if found[0].startswith("//") else "\n"), text)
    return re.sub(r"([;{,(\[]|^)\n+|;?\n*(?=})|\n+(?=\n)", r"\1", lean).strip()


MODULE = _joined()
"""The viewer's one ES module. Its parts import nothing from each other; joined, they share one scope."""

_METHODS = "".join(
    f'<span data-key="{method.key}"><i style="background: {method.colour}"></i>{method.short}</span>'
    for method in (LABEL, *ESTIMATORS)
)
MARKUP = (_HERE / "viewer.html").read_text(encoding="utf-8").replace("{methods}", _METHODS)
"""The elements of both views, which the module takes from the trait `markup`."""
