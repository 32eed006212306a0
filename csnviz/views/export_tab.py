"""The tab of exports: an evidence file of a stretch of frames, and the plot as a picture or a page."""

from collections.abc import Callable
from typing import Any

import ipywidgets

from csnviz.errors import InputError
from csnviz.views.chart import Chart
from csnviz.views.docket import Entry
from csnviz.views.download import Download
from csnviz.views.evidence import MEDIA_TYPE, evidence_html, evidence_name
from csnviz.views.figure_files import figure_caption
from csnviz.views.people import Person
from csnviz.views.selection import Selection
from csnviz.views.source import Source
from csnviz.views.stretches import Asked, Papers, stretch_of
from csnviz.views.turns import Turns, in_turn
from csnviz.views.viewer import OF_FRAME, Faces
from csnviz.views.words import escape

AROUND = 40
"""Frames before and after the one looked at that an evidence file holds at first."""

MOST_AROUND = 500


class ExportTab:
    """Makes files of what is looked at; `person`, `faces`, `asked` and `run` say what that is when a button is pressed."""

    def __init__(
        self,
        source: Source,
        selection: Selection,
        chart: Chart,
        turns: Turns,
        person: Callable[[], Person],
        faces: Callable[[], Faces],
        asked: Callable[[], tuple[Asked, ...]],
        run: Callable[[], Entry | None],
    ) -> None:
        self.turns, self.attributes = turns, source.attributes
        self._source, self._selection, self._chart = source, selection, chart
        self._person, self._faces, self._asked, self._run = person, faces, asked, run
        self.download = Download()
        self.around = ipywidgets.BoundedIntText(value=AROUND, min=0, max=MOST_AROUND, description="Frames on each side")
        self.around.add_class("csn-around")
        self.note = ipywidgets.Text(description="Note", placeholder="what this shows, in your words")
        self.note.add_class("csn-note-text")
        self.evidence = _button(
            "Evidence file", "frames, curves, numbers and provenance in one HTML file that opens offline"
        )
        self.evidence.add_class(OF_FRAME)
        self.evidence.on_click(lambda _: self._save_evidence())
        self.figures = {
            kind: _button(
                f"Plot as {kind.upper()}", f"the curves and bars as {kind.upper()}, on white, with their provenance"
            )
            for kind in ("png", "svg", "html")
        }
        for kind, button in self.figures.items():
            button.on_click(lambda _, kind=kind: self._save_figure(kind))
        self.widget = ipywidgets.VBox([
            _words("A stretch of frames, with the run of errors that it lies in. " + self._permission()),
            ipywidgets.HBox([self.around, self.note, self.evidence]),
            _words("The plot as it stands under Curves."),
            ipywidgets.HBox([*self.figures.values(), self.download]),
        ])  # fmt: skip
        for name in ("csn-card", "csn-export-tab"):
            self.widget.add_class(name)

        chart.widget.on_msg(turns.held(self._heard))

    def _heard(self, _: object, message: dict[str, Any], __: object) -> None:
        if message.get("type") == "not downloaded":
            raise InputError(
                f"{message.get('name')}: the browser could not draw the plot ({message.get('reason')}). Save it as HTML."
            )

    def _permission(self) -> str:
        if self._source.may_show_faces and not self._source.hidden_faces:
            return "The file shows faces." if not self._source.invented else "The faces in the file are nobody's."
        return "No face is in the file: a drawing stands in its place."

    @in_turn
    def _save_evidence(self) -> None:
        person, row = self._person(), self._selection.row
        run, rows = self._run(), (max(row - self.around.value, 0), min(row + self.around.value, len(person.frames) - 1))
        if run is not None and (run.participant, run.camera) == person.place and run.au == self._selection.au:
            first, last = person.row_numbered(run.first), person.row_numbered(run.last)
            if first <= row <= last:
                rows = (min(rows[0], first), max(rows[1], last))
        stretch = stretch_of(person, self._faces(), self._selection.au, rows, row, self._papers(), self._asked())
        self.download.offer(evidence_name(stretch), evidence_html(stretch).encode("utf-8"), MEDIA_TYPE)

    def _papers(self) -> Papers:
        source, known = self._source, self.attributes
        theirs = known[known["participant"] == self._selection.participant]
        return Papers(
            source.may_show_faces and not source.hidden_faces,
            source.invented,
            source.licence,
            source.trained_on,
            dict(zip(theirs["attribute"], theirs["value"], strict=True)),
            self._selection.cut,
            note=self.note.value,
        )

    @in_turn
    def _save_figure(self, kind: str) -> None:
        person, au = self._person(), self._selection.au
        both = person.calibrated
        tables = [table for table in (person.ncg, *((both.bs, both.csn) if both else ())) if table is not None]
        whose = ", ".join(person.place)
        caption = figure_caption(person.curves(au, ""), whose, tables)
        name = f"csnviz {whose} AU{au:02d}"
        if kind == "html":
            self.download.offer(f"{name}.html", self._chart.as_html(name, caption).encode("utf-8"), "text/html")
        else:
            self._chart.save(kind, name, caption)


def _button(title: str, tooltip: str) -> ipywidgets.Button:
    return ipywidgets.Button(description=title, tooltip=tooltip)


def _words(text: str) -> ipywidgets.HTML:
    return ipywidgets.HTML(f'<p class="csn-note">{escape(text)}</p>')
