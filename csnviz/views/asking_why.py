"""Asking the networks why: for the frame, action unit and reference looked at, and showing what they answer."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Int8

from csnviz.data.tables import FrameTable
from csnviz.explain.results import Attribution
from csnviz.explain.sentence import Told, sentence
from csnviz.views.docket import Entry
from csnviz.views.fitting_question import fitting_question
from csnviz.views.latest_only import LatestOnly, Watch
from csnviz.views.notices import Notices
from csnviz.views.people import Person
from csnviz.views.selection import Selection
from csnviz.views.signed_map import colours_png, lowering, raising, signed_map
from csnviz.views.source import WHY_NCG, Question, Source, Wording
from csnviz.views.stretches import Asked
from csnviz.views.trying_changes import TryingChanges
from csnviz.views.turns import Turns, in_turn
from csnviz.views.viewer import FaceViewer
from csnviz.views.why_card import WHY, WhyCard
from csnviz.views.why_choices import LOWERS, RAISES, WhyChoices
from csnviz.views.why_panel import WhyPanel
from csnviz.views.why_words import caution

HIDDEN = "Faces are hidden on this page, and the answer would be drawn on a face. Ask where faces are shown."


class AskingWhy:
    """`ask` asks, `look` is told whenever something else may be looked at. `answer` is what is shown, or None; `heard` is called
    whenever that becomes another.

    panel: the question beside the faces. card: the whole answer, in a tab of its own.
    """

    answer: tuple[Question, Wording, Attribution] | None

    def __init__(
        self,
        source: Source,
        selection: Selection,
        person: Callable[[], Person],
        viewer: FaceViewer,
        networks: LatestOnly,
        notices: Notices,
        turns: Turns,
    ) -> None:
        self.turns, self.answer = turns, None
        self.heard: Callable[[], None] = lambda: None
        self._frames: FrameTable | None = None  # of the person whom the answer is about
        self._source, self._selection, self._person = source, selection, person
        self._viewer, self._networks, self._notices = viewer, networks, notices
        refusal = HIDDEN if source.hidden_faces else ""
        self.choices = WhyChoices(turns.held(self.forget), turns.held(self._colour))
        self.panel = WhyPanel(self.choices, self._ask_chosen, self._open_card, self._fade, source.start_note, refusal)
        self.card = WhyCard(self.choices, self._ask_chosen, lambda change: self.trying.attempt(change), refusal)
        self.trying = TryingChanges(source, self.card, networks, turns)

    def get_ready(self) -> None:
        """What the first answer takes beside the answer itself is done as soon as nobody waits for something else.

        Ahead it is done for the person's reference, which questions about any of the frames may be about.
        """
        get_ready = self._source.get_ready_to_explain
        if get_ready is None or self._source.hidden_faces:
            return

        def work(watch: Watch) -> None:
            person = self._person()
            get_ready(person.reference or person.frame_id(self._selection.row), watch)

        self._networks.submit("ready", "Getting ready to explain", work, lambda _: None, background=True)

    @in_turn
    def ask(self, wording: Wording) -> None:
        """Asks in the network's thread; the newest question wins; answers about what is no longer looked at are dropped."""
        person, selection, row = self._person(), self._selection, self._selection.row
        if self._source.hidden_faces:
            self._notices.fail(HIDDEN)
            return
        if wording.needs_reference and not person.reference:
            self._notices.fail(
                "That question needs a reference. Choose a frame with a resting face as reference first."
            )
            return
        self.choices.question.value = wording
        question = self.choices.question_about(selection.au, person.frame_id(row), person.reference)

        def work(watch: Watch) -> Attribution:
            return self._source.explain(question, watch)

        def arrived(attribution: Attribution) -> None:
            if self._still_about(question, person.frames) and selection.row == row:
                self.answer, self._frames = (question, wording, attribution), person.frames
                self._show(question, wording, attribution)

        words = f"Asking about frame {person.number(row)}: {wording.ask}"
        self._networks.submit("why", words, work, self.turns.held(arrived))

    @in_turn
    def ask_about(self, entry: Entry) -> None:
        """Asks what fits a run of errors that is looked at, and opens the card."""
        self._selection.tab = WHY
        self.ask(fitting_question(entry.kind, entry.what, bool(self._person().reference)))

    def ask_linked(self, link: str) -> None:
        """Asks what a link names, about what is looked at."""
        if self.choices.choose(link):
            self.ask(self.choices.question.value)
        else:
            self._notices.fail(
                f"This link asks {link!r}, which this page does not know. Choose a question in the tab Why."
            )

    @property
    def link(self) -> str:
        """The answer that is shown, for a link; "" where there is none, or it is about another frame than the one looked at."""
        if self.answer is None or self.answer[0].frame_id != self._person().frame_id(self._selection.row):
            return ""
        return self.choices.in_a_link

    def answers(self) -> tuple[Asked, ...]:
        """What is coloured now, for a file; nothing where nothing is."""
        if self.answer is None:
            return ()
        question, _, attribution = self.answer
        person = self._person()
        return (Asked(person.number(person.frames.row_of(question.frame_id)), attribution),)

    def look(self) -> None:
        """An answer about another person, action unit or reference goes; one about another frame stays, and says so.

        What is known about its frame by now is told.
        """
        if self.answer is None:
            return
        question, person = self.answer[0], self._person()
        if self._frames is None or not self._still_about(question, self._frames):
            self.forget()
            return
        row = person.frames.row_of(question.frame_id)
        self.card.tell(self._sentence(), person.number(row), elsewhere=row != self._selection.row)

    def forget(self) -> None:
        """Nothing is answered any more."""
        self.answer = self._frames = None
        self._viewer.clear_attribution()
        self.panel.clear()
        self.card.clear()
        self.trying.forget()
        self.heard()

    def _still_about(self, question: Question, frames: FrameTable) -> bool:
        """Whether the person, the reference and the action unit are those of a question about one of these frames."""
        person = self._person()
        now = (person.reference, self._selection.au)
        return person.frames is frames and now == (question.reference_id, question.au)

    def _ask_chosen(self) -> None:
        self.ask(self.choices.question.value)

    def _open_card(self) -> None:
        self._selection.tab = WHY

    def _fade(self, opacity: float) -> None:
        self._viewer.opacity = self.card.faces.opacity = opacity

    def _show(self, question: Question, wording: Wording, attribution: Attribution) -> None:
        self.panel.show(wording, attribution)
        self.card.show(attribution)
        self._show_faces(self._person(), self._person().frames.row_of(question.frame_id))
        self.trying.offer(question, attribution)
        self.look()
        self.heard()

    def _sentence(self) -> str:
        """The answer in a sentence, with what the methods say of its frame."""
        if self.answer is None:
            return ""
        question, wording, attribution = self.answer
        person = self._person()
        row = person.frames.row_of(question.frame_id)
        ncg, csn, label = (float(person.column(key, question.au)[row]) for key in ("ncg", "csn", "label"))
        told = Told(question.au, person.number(row), ncg, csn, label)
        return sentence(told, attribution if wording is WHY_NCG else None)

    def _show_faces(self, person: Person, row: int) -> None:
        referred = person.frames.row_of(person.reference) if person.reference else -1
        reference = person.frames.crops([referred])[0] if person.reference else None
        numbers = (person.number(row), person.number(referred))
        self.card.faces.show(person.frames.crops([row])[0], reference, numbers)
        self._colour()

    def _colour(self) -> None:
        """Lays the colours of the chosen signs over the faces."""
        if self.answer is None:
            return
        question, _, attribution = self.answer
        values = self._of_sign(signed_map(attribution.values))
        self._viewer.show_attribution(attribution.about, self._person().frames.row_of(question.frame_id), values)
        self.card.faces.colour(attribution.about, colours_png(values), caution(attribution), attribution.parts)

    def _of_sign(self, values: Int8[np.ndarray, "S S"]) -> Int8[np.ndarray, "S S"]:
        chosen = self.choices.sign.value
        return raising(values) if chosen == RAISES else lowering(values) if chosen == LOWERS else values
