"""Saved views of a page: names and links, kept as one JSON file per source under the data root."""

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from csnviz import places
from csnviz.data.images import make_private
from csnviz.data.storage import replacing
from csnviz.errors import InputError

LONGEST_NAME = 80


@dataclass(frozen=True)
class SavedView:
    """One view: what somebody called it, the query that brings it back, and the day it was saved."""

    name: str
    query: str
    date: str


@dataclass(frozen=True)
class SavedViews:
    """The saved views of one source; `file` is made when the first is kept, readable by its owner alone (frame ids name people)."""

    file: Path

    @classmethod
    def of(cls, source: str, data_root: Path | None) -> "SavedViews":
        """The views of a source by its name, such as "disfa" or a recording's file name."""
        plain = re.sub(r"[^\w.-]+", "_", source).strip(".") or "unnamed"
        return cls(places.data_root(data_root) / "views" / f"{plain}.json")

    def all(self) -> tuple[SavedView, ...]:
        """The views in the order in which they were saved; InputError when the file is damaged."""
        if not self.file.exists():
            return ()
        try:
            views = json.loads(self.file.read_text(encoding="utf-8"))["views"]
            return tuple(SavedView(str(each["name"]), str(each["query"]), str(each["date"])) for each in views)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{self.file}: the saved views cannot be read ({error}). Mend the file, or move it away."
            ) from error

    def keep(self, name: str, query: str) -> tuple[SavedView, ...]:
        """Adds a view, in place of one with the same name; says what is kept now. InputError for a name that is no name."""
        name = " ".join(name.split())
        if not 0 < len(name) <= LONGEST_NAME:
            raise InputError(
                f"A view needs a name of 1 to {LONGEST_NAME} characters; found {len(name)}. Type another name."
            )
        views = [*(each for each in self.all() if each.name != name), SavedView(name, query, date.today().isoformat())]
        make_private(self.file.parent)
        with replacing(self.file) as part:
            part.touch(mode=0o600)
            part.write_text(json.dumps({"views": [vars(each) for each in views]}, indent=1) + "\n", encoding="utf-8")
        self.file.chmod(0o600)
        return tuple(views)
