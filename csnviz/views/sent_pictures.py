"""Pictures that go to a browser by message alone.

What a widget keeps in step with its browser is part of its state, and JupyterLab may write that into the notebook that somebody
saves. A face would then travel with the file.
"""

from collections.abc import Mapping
from typing import Any

import anywidget


class SentPictures(anywidget.AnyWidget):
    """Holds picture files by name, b"" = none, and sends them whenever they change and whenever a browser says that it is ready.

    The message is {"type": "pictures", "names": [...]} with one buffer a name; a browser says {"type": "ready"}.
    """

    def __init__(self, *names: str) -> None:
        self._files = dict.fromkeys(names, b"")
        super().__init__()
        self.on_msg(self._heard)

    def file(self, name: str) -> bytes:
        """The picture under this name, b"" where there is none."""
        return self._files[name]

    def put(self, files: Mapping[str, bytes]) -> None:
        """Takes these pictures in the place of the former ones of the same names; the others stay."""
        changed = {name: file for name, file in files.items() if file != self._files[name]}
        if changed:
            self._files |= changed
            self._tell(changed)

    def _tell(self, files: Mapping[str, bytes]) -> None:
        self.send({"type": "pictures", "names": list(files)}, list(files.values()))

    def _heard(self, _: object, message: dict[str, Any], __: object) -> None:
        if message.get("type") == "ready":
            self._tell(self._files)
