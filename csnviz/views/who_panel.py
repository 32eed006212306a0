"""Who is misread, by which attribute, and what calibration makes of it: a map to click on, differences, the stress lab."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np

from csnviz.data.tables import FrameTable
from csnviz.evaluation.bias import MEASURES, NEUTRAL_OFFSET
from csnviz.evaluation.error_kinds import OVERESTIMATED
from csnviz.facs import au as unit_of
from csnviz.views.bias_effects import effects_figure, effects_layout, effects_traces
from csnviz.views.bias_map import map_figure, map_layout, map_traces
from csnviz.views.latest_only import LatestOnly, Watch
from csnviz.views.layout import STYLE, box
from csnviz.views.live_plot import LivePlot
from csnviz.views.methods import ESTIMATORS, LABEL, NCG
from csnviz.views.misread import MEANINGS, NOBODY, Misread
from csnviz.views.page_state import PageState
from csnviz.views.source import Estimated, Source
from csnviz.views.stress import Lab
from csnviz.views.stress_panel import StressPanel
from csnviz.views.why_faces import WhyFaces
from csnviz.views.words import attributes_in_words, escape, number

OWN_STYLE = Path(__file__).parent / "who.css"
NO_LAB = "The stress lab draws people, so it needs drawn people: open the demo for it."
SAYS_NOTHING = "Click a cell of the map: the frame in which that person is misread most is shown beside the reference."
HIDDEN = "Faces are hidden on this page."

_Bench = Callable[[PageState], ipywidgets.Widget]


class WhoPage:
    """`people`, `attributes` and `stress` are three parts of one page, to be shown one below the other or apart.

    Everybody is estimated in a thread, one person after the other, whenever nothing else is asked. bench: gives the workbench,
    opened on a state; None = there is none to open. lab: None where nobody here is drawn. networks_wait: for how many seconds the
    networks may wait until a browser has the map, which takes longer beside them.
    """

    def __init__(
        self, source: Source, lab: Lab | None = None, bench: _Bench | None = None, networks_wait: float = 0.0
    ) -> None:
        self._source, self._bench = source, bench
        self.misread = Misread(source.frames, source.references, source.attributes)
        self.networks = LatestOnly(self._say, self._fail, self._say, begins_within=networks_wait)
        self._cell: tuple[str, int] | None = None
        self._link = PageState()
        self._waiting = list(source.frames.participants)
        self._choosers()
        self._busy, self._words, self._between = (
            _html("csn-busy"),
            _html("csn-who-words"),
            _html("csn-note csn-between"),
        )
        self._notice = _html("csn-who-notice")  # stands in two parts: what went wrong is said where it was asked
        self.people = self._people()
        self.attributes = self._attributes()
        self.stress = self._stress(lab)
        self._listen()
        self._ask_next()

    # ---- what stands where -----------------------------------------------------------------------------------------
    def _choosers(self) -> None:
        known = self.misread.known_attributes()
        self.method = ipywidgets.Dropdown(
            description="Method", options=[(each.title, each) for each in ESTIMATORS], value=NCG
        )
        self.measure = ipywidgets.Dropdown(description="Measure", options=MEASURES, value=OVERESTIMATED)
        self.measure_here = ipywidgets.Dropdown(description="Measure", options=MEASURES, value=OVERESTIMATED)
        first = "eyeglasses" if "eyeglasses" in known else next(iter(known), NOBODY)
        self.attribute = ipywidgets.Dropdown(description="Attribute", options=known or (NOBODY,), value=first)
        self.marked = ipywidgets.Dropdown(description="● Mark", options=(NOBODY, *known), value=NOBODY)
        ipywidgets.link((self.measure, "value"), (self.measure_here, "value"))
        for name in ("method", "measure", "attribute", "marked"):
            getattr(self, name).add_class(f"csn-who-{name}")

    def _people(self) -> ipywidgets.Box:
        self.map = LivePlot(
            map_figure(self._map()), "Errors by person and action unit", "csn-people-map", drawn=self.networks.begin
        )
        self._meaning, self._numbers, self.faces = _html("csn-note"), _html("csn-who-numbers"), WhyFaces()
        self.open = ipywidgets.Button(description="Open this frame in the workbench", disabled=True)
        self.open.layout.display = "none" if self._bench is None else ""
        self._bench_place = ipywidgets.VBox([])
        self._words.value = f"<p>{SAYS_NOTHING}</p>"
        chosen = box(ipywidgets.HBox, "csn-choosers", self.method, self.measure, self.marked, self._busy)
        left = box(ipywidgets.VBox, "csn-card csn-who-map", self._meaning, self.map.ground, self._between)
        right = box(ipywidgets.VBox, "csn-card csn-who-cell", self._words, self.faces, self._numbers, self.open)
        row = box(ipywidgets.HBox, "csn-who-row", left, right)
        return self._part(self._head(), self._notice, chosen, row, self._bench_place)

    def _attributes(self) -> ipywidgets.Box:
        effects, words = self.misread.effects_of(self.attribute.value, self.measure.value)
        self.effects = LivePlot(
            effects_figure(effects), "Difference that the attribute makes, by action unit", "csn-effects"
        )
        self._said = _html("csn-who-said")
        self._said.value = f'<p class="csn-note">{escape(words)}</p>'
        chosen = box(ipywidgets.HBox, "csn-choosers", self.attribute, self.measure_here)
        return self._part(chosen, box(ipywidgets.VBox, "csn-card", self.effects.ground, self._said))

    def _stress(self, lab: Lab | None) -> ipywidgets.Box:
        self.lab = None if lab is None else StressPanel(lab, self._source.frames.aus, self.networks, self._worst_number)
        if self.lab is None:
            nothing = _html("csn-note")
            nothing.value = f"<p>{NO_LAB}</p>"
            return self._part(nothing)
        return self._part(self._notice, self.lab.widget)

    def _part(self, *children: ipywidgets.Widget) -> ipywidgets.Box:
        style = _html("csn-style")
        style.value = "".join(f"<style>{path.read_text(encoding='utf-8')}</style>" for path in (STYLE, OWN_STYLE))
        return box(ipywidgets.VBox, "csn-page csn-who", style, *children)

    def _head(self) -> ipywidgets.HTML:
        head = _html("csn-title")
        cautions = "".join(f"<span>{escape(caution)}</span>" for caution in self._source.cautions)
        head.value = f'<p class="csn-about">{escape(self._source.about)}</p>' + (
            f'<p class="csn-cautions">{cautions}</p>' if cautions else ""
        )
        return head

    def _listen(self) -> None:
        self.map.on_click(0, self._click)
        self.open.on_click(lambda _: self._open())
        for part in (self.method, self.measure, self.marked):
            part.observe(lambda _: self._show(), "value")
        self.attribute.observe(lambda _: self._show_effects(), "value")
        self._meaning.value = MEANINGS[self.measure.value]

    # ---- estimates -------------------------------------------------------------------------------------------------
    def _ask_next(self) -> None:
        """Asks for the next person; what has to make way is gone on with afterwards."""
        if not self._waiting:
            return
        who, source = self._waiting[0], self._source
        frames = [source.frames.of(who, camera) for camera in source.frames.cameras(who)]
        words = f"Reading {who}, {len(self.misread.read) + 1} of {len(source.frames.participants)} people"

        def arrived(found: list[Estimated]) -> None:
            self._waiting.remove(who)
            self.misread.take(who, found)
            self._show()
            self._ask_next()

        self.networks.submit(
            "everyone", words, lambda watch: [self._estimated(each, watch) for each in frames], arrived, background=True
        )

    def _estimated(self, frames: FrameTable, watch: Watch) -> Estimated:
        source = self._source
        if source.everyone is not None:
            return source.everyone(frames, source.references, watch)
        ncg = source.without_reference(frames, watch)
        named = frames.rows["frame_id"].isin(source.references.rows["frame_id"]).any()
        return Estimated(ncg, source.with_reference(frames, source.references, watch) if named else None)

    # ---- what is shown ---------------------------------------------------------------------------------------------
    def _map(self) -> Any:
        return self.misread.map_of(self.method.value, self.measure.value, self.marked.value, self._cell)

    def _show(self) -> None:
        self._meaning.value = MEANINGS[self.measure.value]
        shown = self._map()
        self.map.show(map_traces(shown), map_layout(shown))
        if not self._waiting:
            self._between.value = escape(self.misread.shares_between())
        self._show_effects()
        self._show_cell()

    def _show_effects(self) -> None:
        shown, words = self.misread.effects_of(self.attribute.value, self.measure.value)
        self._said.value = f'<p class="csn-note">{escape(words)}</p>'
        self.effects.show(effects_traces(shown), effects_layout(shown))

    def _click(self, column: int, row: int) -> None:
        people, numbers = self.misread.people(self.marked.value), self._source.frames.aus.numbers
        if 0 <= row < len(people) and 0 <= column < len(numbers):
            self.look_at(people[row], numbers[column])

    def look_at(self, participant: str, au: int) -> None:
        """A cell of the map: the frame in which that person is misread most."""
        self._cell = (participant, au)
        shown = self._map()
        self.map.show(map_traces(shown), map_layout(shown))
        self._show_cell()

    def _show_cell(self) -> None:
        if self._cell is None:
            return
        who, au = self._cell
        method, measure = self.method.value, self.measure.value
        row = self.misread.worst(method, measure, who, au)
        words = self.misread.cell_words(method, measure, who, au)
        self.open.disabled = row is None
        if row is None:
            self._words.value, self._numbers.value = f"<p>{escape(words)} There is no frame to show.</p>", ""
            self.faces.clear()
            return
        self._link = PageState(frame=str(self._source.frames.rows["frame_id"].iloc[row]), au=au, calibrated=True)
        carried = attributes_in_words(self._source.attributes, who)
        carries = f" {who} is known to have: {carried}." if carried else ""
        self._words.value = f"<p><b>{escape(words)}</b>{escape(carries)}</p>"
        self._show_faces(row)
        self._numbers.value = self._hidden() + self._table(row, self.misread.reference_row(row), au) + self._address()

    def _show_faces(self, row: int) -> None:
        """The frame and its reference as they were kept; nothing where faces are hidden."""
        frames, reference = self._source.frames, self.misread.reference_row(row)
        number_of = frames.rows["frame_index"]
        titles = {"image": f"{self.method.value.short}'s worst: frame {number_of.iloc[row]}"}
        titles |= {} if reference is None else {"reference": f"Reference: frame {number_of.iloc[reference]}"}
        self.faces.show_files(self._picture(row), self._picture(reference), titles)

    def _picture(self, row: int | None) -> bytes:
        if row is None or self._source.hidden_faces:
            return b""
        return self._source.frames.picture(row) or b""

    def _hidden(self) -> str:
        return f"<p>{HIDDEN}</p>" if self._source.hidden_faces else ""

    def _table(self, row: int, reference: int | None, au: int) -> str:
        here = self.misread.numbers(row, au)
        there = {} if reference is None else self.misread.numbers(reference, au)
        head = "".join(f"<th>{each.short}</th>" for each in (LABEL, *ESTIMATORS))
        lines = [("this frame", here), *([(f"the {NEUTRAL_OFFSET}", there)] if there else [])]
        body = "".join(
            f"<tr><th>{words}</th>{''.join(f'<td>{number(values[each.key])}</td>' for each in (LABEL, *ESTIMATORS))}</tr>"
            for words, values in lines
        )
        return f"<table><thead><tr><th>{escape(unit_of(au).title)}</th>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _address(self) -> str:
        return f'<p class="csn-note">A link to it: the workbench\'s address and <code>?{escape(self._link.query)}</code></p>'

    def _worst_number(self, participant: str, au: int) -> int | None:
        row = self.misread.worst(NCG, OVERESTIMATED, participant, au)
        return None if row is None else int(np.int64(self._source.frames.rows["frame_index"].iloc[row]))

    def _open(self) -> None:
        if self._bench is not None:
            self._bench_place.children = [self._bench(self._link)]

    def _say(self, words: str) -> None:
        self._busy.value = f'<span class="csn-spinner"></span>{escape(words)}' if words else ""

    def _fail(self, sentence: str) -> None:
        self._notice.value = f'<p class="csn-cautions" role="alert">{escape(sentence)}</p>'


def _html(names: str) -> ipywidgets.HTML:
    words = ipywidgets.HTML()
    for name in names.split():
        words.add_class(name)
    return words
