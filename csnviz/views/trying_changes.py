"""Trying what the methods say of a changed face: which changes are offered beside an answer, and asking for one of them."""

from collections.abc import Mapping

from csnviz.errors import InputError
from csnviz.explain.results import Attribution, Changed
from csnviz.views.latest_only import LatestOnly, Watch
from csnviz.views.part_bars import largest_parts
from csnviz.views.source import Change, Question, Source, WhatIf
from csnviz.views.turns import Turns, in_turn
from csnviz.views.why_card import WhyCard

PARTS_OFFERED = 2
"""Parts of the face that can be filled: those that count most."""


class TryingChanges:
    """Offers changes beside an answer, and asks for one in the networks' thread; the newest wins.

    What arrives about an answer that is no longer shown is dropped.
    """

    def __init__(self, source: Source, card: WhyCard, networks: LatestOnly, turns: Turns) -> None:
        self.turns, self._source, self._card, self._networks = turns, source, card, networks
        self._question: Question | None = None

    def offer(self, question: Question, attribution: Attribution) -> None:
        """Offers what can be changed on the face that was asked about: its attributes, and the parts that count most."""
        self._question = question
        if self._source.changes is None or self._source.what_if is None:
            self._card.changes.offer(())
            return
        try:
            changes = self._source.changes(question.frame_id)
        except InputError as error:  # the answer stands all the same
            self._card.changes.refuse(str(error))
        else:
            referred = bool(question.reference_id)
            self._card.changes.offer(fitting_changes(changes, attribution.by_region or {}, referred))

    def forget(self) -> None:
        """No answer is shown any more."""
        self._question = None

    @in_turn
    def attempt(self, change: Change) -> None:
        """Asks the methods about the changed face."""
        question, what_if = self._question, self._source.what_if
        if question is None or what_if is None:
            return
        asked = WhatIf(question.au, question.frame_id, question.reference_id, change.key)

        def work(watch: Watch) -> Changed:
            return what_if(asked, watch)

        def arrived(changed: Changed) -> None:
            if self._question is question:
                self._card.changes.show(changed, change)
                self._card.faces.show_changed(changed.picture)

        self._networks.submit("what if", f"Trying: {change.words}", work, self.turns.held(arrived))


def fitting_changes(changes: tuple[Change, ...], by_part: Mapping[str, float], referred: bool) -> tuple[Change, ...]:
    """The changes of attributes, then those of the parts that count most among the parts that can be changed.

    referred: there is a reference; without one nothing can be taken from it.
    """
    changes = tuple(change for change in changes if referred or not change.needs_reference)
    whole = [change for change in changes if not change.part]
    changeable = {change.part for change in changes}
    parts = largest_parts({part: by_part[part] for part in by_part if part in changeable}, PARTS_OFFERED)
    return (*whole, *(change for part in parts for change in changes if change.part == part))
