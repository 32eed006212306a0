"""Asking the networks why: for the frame, action unit and reference looked at, and colouring the face when they answer."""

from collections.abc import Callable

from csnviz.explain.results import Attribution
from csnviz.views.latest_only import LatestOnly, Watch
from csnviz.views.notices import Notices
from csnviz.views.people import Person
from csnviz.views.selection import Selection
from csnviz.views.source import Question, Source, Wording
from csnviz.views.stretches import Asked
from csnviz.views.turns import Turns, in_turn
from csnviz.views.viewer import FaceViewer, signed_map
from csnviz.views.why_panel import WhyPanel

HIDDEN = "Faces are hidden on this page, and the answer would be drawn on a face. Ask where faces are shown."


class AskingWhy:
    """`ask` asks; `forget` takes the colours away, because something else is looked at. `answer` is what is shown, or None."""

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
        self._source, self._selection, self._person = source, selection, person
        self._viewer, self._networks, self._notices = viewer, networks, notices
        self.panel = WhyPanel(self.ask, self._fade, source.start_note, HIDDEN if source.hidden_faces else "")

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
        question = Question(wording.key, selection.au, person.frame_id(row), person.reference)

        def work(watch: Watch) -> Attribution:
            return self._source.explain(question, watch)

        def arrived(attribution: Attribution) -> None:
            now = (self._person().frames, self._person().reference, selection.au)
            if now == (person.frames, question.reference_id, question.au):
                self.answer = (question, wording, attribution)
                self._viewer.show_attribution(attribution.about, row, signed_map(attribution.values))
                self.panel.show(wording, attribution)

        words = f"Asking about frame {person.number(row)}: {wording.ask}"
        self._networks.submit("why", words, work, self.turns.held(arrived))

    def answers(self) -> tuple[Asked, ...]:
        """What is coloured now, for a file; nothing where nothing is."""
        if self.answer is None:
            return ()
        question, _, attribution = self.answer
        person = self._person()
        return (Asked(person.number(person.frames.row_of(question.frame_id)), attribution),)

    def forget(self) -> None:
        """Nothing is coloured any more."""
        self.answer = None
        self._viewer.clear_attribution()
        self.panel.clear()

    def _fade(self, opacity: float) -> None:
        self._viewer.opacity = opacity
