"""The story of a false positive, told in cells: who and where, what each method looked at, what a change would make of it, and what
the network holds inside."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import ipywidgets
import plotly.graph_objects as go

from csnviz.data.tables import ReferenceTable
from csnviz.explain.inside_results import Inside
from csnviz.explain.results import Attribution, Changed
from csnviz.explain.sentence import Told, sentence
from csnviz.facs import au as unit_of
from csnviz.views.chart import live_figure
from csnviz.views.inside_figure import HEIGHT, inside_figure
from csnviz.views.latest_only import LatestOnly, Watch
from csnviz.views.layout import STYLE
from csnviz.views.part_bars import part_bars
from csnviz.views.people import Person
from csnviz.views.signed_map import colours_png, signed_map
from csnviz.views.source import CANCELLED, DIFFERENCE, WHY_NCG, Case, Change, Question, Source, WhatIf, Wording
from csnviz.views.trying_changes import fitting_changes
from csnviz.views.what_if_panel import WhatIfPanel
from csnviz.views.why_faces import BESIDE, WhyFaces
from csnviz.views.why_words import caution, gap_words
from csnviz.views.words import escape

STYLES = (STYLE, Path(__file__).parent / "why_story.css")

ASKED = (WHY_NCG, CANCELLED, DIFFERENCE)
"""The questions that the story asks, in order; of a face without a reference only the first."""

NO_REFERENCE = "There is no reference for this person, so nothing was cancelled and nothing can be compared."


@dataclass(frozen=True)
class Moment:
    """One frame of one person, the AU that is asked about, and what the methods say of it."""

    person: Person
    row: int
    au: int

    def question(self, wording: Wording) -> Question:
        """One of the questions about it."""
        return Question(wording.key, self.au, self.person.frame_id(self.row), self.person.reference)

    @property
    def told(self) -> Told:
        """The methods' estimates and the coder's label."""
        ncg, csn, label = (float(self.person.column(key, self.au)[self.row]) for key in ("ncg", "csn", "label"))
        return Told(self.au, self.person.number(self.row), ncg, csn, label)


class WhyStory:
    """Four parts, each a widget for a cell of its own: `moment`, `answers`, `changes` and `inside`.

    All of them are about the case that is chosen in the first, and fill one after the other. inside: what the calibrated network
    holds of a question's two faces, and the AUs of its estimates.
    """

    def __init__(self, source: Source, inside: Callable[[Question], tuple[Inside, Sequence[int]]]) -> None:
        self._source, self._inside = source, inside
        self._now: Moment | None = None
        self.network = LatestOnly(self._say, self._fail)
        cases = source.cases or tuple(_cases(source))
        self.case = ipywidgets.Dropdown(description="Case", options=[(case.name, case) for case in cases])
        self._busy, self._sentence, self._note = _html("csn-busy"), _html("csn-why-sentence"), _html("csn-note")
        self._faces, self._columns = WhyFaces(), [_Answer(wording) for wording in ASKED]
        self._what_if, self._changed = WhatIfPanel(self._attempt), WhyFaces()
        self._figure, self._meaning = ipywidgets.VBox([]), _html("csn-note")
        # Its place is kept from the beginning, so that nothing below it moves when it comes.
        self._figure.layout.min_height = f"{HEIGHT}px"
        self._figure.add_class("csn-inside")
        style, about = _html("csn-style"), _html("csn-title")
        style.value = f"<style>{''.join(each.read_text(encoding='utf-8') for each in STYLES)}</style>"
        about.value = f'<p class="csn-about">{escape(source.about)}</p>'
        head = _row("csn-choosers", self.case, self._busy)
        self.moment = _part(style, about, head, self._sentence, self._note, self._faces)
        self.answers = _part(_row("csn-story-answers", *(column.widget for column in self._columns)))
        self.changes = _part(_row("csn-story-changes", self._changed, self._what_if.widget))
        self.inside = _part(self._figure, self._meaning)
        self.case.observe(lambda change: self._open(change["new"]), "value")
        self._open(self.case.value)

    # ---- one case, part after part -----------------------------------------------------------------------------------
    def _open(self, case: Case) -> None:
        self._now = None
        for column in self._columns:
            column.clear()
        self._what_if.clear()
        self._changed.clear()
        self._figure.children = ()
        words = f"looking for the worst frame of {case.participant}"
        self.network.submit(
            "story", words, lambda watch: self._find(case, watch), lambda found: self._show(case, found)
        )

    def _find(self, case: Case, watch: Watch) -> Moment | None:
        source = self._source
        frames = source.frames.of(case.participant, case.camera)
        used = source.references.rows.query("participant == @case.participant and camera == @case.camera")
        reference = case.reference or (str(used["frame_id"].iloc[0]) if len(used) else "")
        person = Person.of(frames, reference, source.standing(case.participant))
        person = replace(person, ncg=source.without_reference(frames, watch))
        if reference:
            alone = ReferenceTable.empty().with_reference(case.participant, case.camera, reference, "person")
            person = replace(person, calibrated=source.with_reference(frames, alone, watch))
        row = person.worst(case.au, case.first, case.last)
        return None if row is None else Moment(person, row, case.au)

    def _show(self, case: Case, found: Moment | None) -> None:
        if found is None:
            self._sentence.value = f"{escape(case.participant)}: no frame here has a usable face."
            return
        self._now = found
        person, row = found.person, found.row
        self._sentence.value = escape(sentence(found.told, None))
        standing = person.standing.sentence
        self._note.value = escape(" ".join(words for words in (case.note, standing) if words))
        referred = person.frames.row_of(person.reference) if person.reference else row
        crops = person.frames.crops([row, referred])
        numbers = person.number(row), person.number(referred)
        self._faces.show(crops[0], crops[1] if person.reference else None, numbers)
        self._ask(found, 0)

    def _ask(self, moment: Moment, place: int) -> None:
        """Asks one question after the other, then looks inside."""
        wording, column = ASKED[place], self._columns[place]
        if wording.needs_reference and not moment.person.reference:
            column.say(NO_REFERENCE)
            self._meaning.value = NO_REFERENCE
            return
        question = moment.question(wording)

        def arrived(answer: Attribution) -> None:
            if moment is not self._now:
                return
            column.show(answer, moment)
            if wording is WHY_NCG:
                self._sentence.value = escape(sentence(moment.told, answer))
                self._offer(moment, answer)
            self._ask(moment, place + 1) if place + 1 < len(ASKED) else self._look_inside(moment)

        self.network.submit("ask", wording.ask, lambda watch: self._source.explain(question, watch), arrived)

    def _look_inside(self, moment: Moment) -> None:
        question = moment.question(CANCELLED)

        def arrived(found: tuple[Inside, Sequence[int]]) -> None:
            if moment is self._now:
                self._figure.children = (_live(inside_figure(*found)),)
                self._meaning.value = _inside_words(found[0])

        self.network.submit("inside", "looking inside", lambda _: self._inside(question), arrived)

    # ---- what if -----------------------------------------------------------------------------------------------------
    def _offer(self, moment: Moment, answer: Attribution) -> None:
        if self._source.changes is None:
            self._what_if.offer(())
            return
        person, parts = moment.person, answer.by_region or {}
        offered = fitting_changes(self._source.changes(person.frame_id(moment.row)), parts, bool(person.reference))
        self._what_if.offer(offered)
        if offered:
            self._attempt(offered[0])

    def _attempt(self, change: Change) -> None:
        moment, what_if = self._now, self._source.what_if
        if moment is None or what_if is None:
            return
        person = moment.person
        asked = WhatIf(moment.au, person.frame_id(moment.row), person.reference, change.key)

        def arrived(changed: Changed) -> None:
            if moment is self._now:
                number = person.number(moment.row)
                self._changed.show(person.frames.crops([moment.row])[0], None, (number, number))
                self._changed.show_changed(changed.picture)
                self._what_if.show(changed, change)

        self.network.submit("what if", change.words, lambda watch: what_if(asked, watch), arrived)

    def _say(self, words: str) -> None:
        self._busy.value = f'<span class="csn-spinner"></span>{escape(words)}' if words else ""

    def _fail(self, words: str) -> None:
        self._note.value = f'<span class="csn-cautions" role="alert">{escape(words)}</span>'


class _Answer:
    """One question's column: its words, the coloured face, and the bars by part."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        head, self._words, self._bars = _html("csn-story-question"), _html("csn-note"), _html("csn-why-bars")
        head.value = f"<b>{escape(wording.ask)}</b> {escape(wording.meaning)}"
        self._face = WhyFaces()
        self.widget = ipywidgets.VBox([head, self._face, self._bars, self._words])
        self.widget.add_class(BESIDE)

    def show(self, answer: Attribution, moment: Moment) -> None:
        """The answer: the face that it is about alone."""
        person = moment.person
        about = person.frames.row_of(person.reference) if answer.about == "reference" else moment.row
        number = person.number(about)
        self._face.show(person.frames.crops([about])[0], None, (number, number))
        if answer.about == "reference":
            self._face.titles = {**self._face.titles, "image": f"Reference: {number}"}
        self._face.colour("image", colours_png(signed_map(answer.values)), caution(answer), answer.parts)
        self._bars.value = part_bars(answer.by_region) if answer.by_region else ""
        self.say(f"Starts at {answer.start}; {answer.algorithm}. {gap_words(answer)}")

    def say(self, words: str) -> None:
        """What there is to say in small print."""
        self._words.value = escape(words)

    def clear(self) -> None:
        """Nothing is known yet."""
        self._face.clear()
        self._words.value = self._bars.value = ""


def refused(sentence_: str) -> ipywidgets.Widget:
    """One sentence in place of the story."""
    words = _html("csn-error")
    words.value = f"<p role='alert'>{escape(sentence_)}</p>"
    return words


def _cases(source: Source) -> list[Case]:
    """Where nobody has found cases: each person before each camera, and the AU that the page opens on."""
    frames = source.frames
    au = source.opening[1] if source.opening else frames.aus.numbers[0]
    return [
        Case(f"{who}, {camera} camera: {unit_of(au).title}", who, camera, au)
        for who in frames.participants
        for camera in frames.cameras(who)
    ]


def _inside_words(seen: Inside) -> str:
    first, last = (f"{100 * stage.apart:.0f} %" for stage in (seen.stages[0], seen.stages[-1]))
    return (
        f"Image and reference lie {first} apart before the first stage and {last} in the output (0 %: the same, 200 %: opposites). "
        "What follows the merge sees the difference alone; the lower rows say which of its channels make the estimate."
    )


def _live(figure: go.Figure) -> ipywidgets.Widget:
    return live_figure(figure, "What the network holds before each stage", nullcontext())


def _html(name: str) -> ipywidgets.HTML:
    words = ipywidgets.HTML()
    words.add_class(name)
    return words


def _row(name: str, *children: ipywidgets.Widget) -> ipywidgets.HBox:
    box = ipywidgets.HBox(list(children))
    box.add_class(name)
    return box


def _part(*children: ipywidgets.Widget) -> ipywidgets.VBox:
    box = ipywidgets.VBox(list(children))
    for name in ("csn-page", "csn-story"):
        box.add_class(name)
    return box
