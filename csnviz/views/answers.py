"""Asking the networks for estimates: of the person looked at, of one frame at once while that lasts, and of everybody."""

from collections.abc import Callable

import numpy as np

from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable
from csnviz.views.latest_only import LatestOnly, Watch
from csnviz.views.people import Person
from csnviz.views.source import AtOnce, Calibrated, Estimated, Source
from csnviz.views.turns import Turns


class Answers:
    """Asks in threads of its own and hands over what is still wanted, one thread at a time.

    networks: what is being worked on is said on the page. quick: one frame between them, beside that work.
    """

    def __init__(self, source: Source, networks: LatestOnly, quick: LatestOnly, turns: Turns) -> None:
        self._source, self._networks, self._quick, self._turns = source, networks, quick, turns
        self._read: set[tuple[str, str]] = set()

    def estimate(self, person: Person, arrived: Callable[[FrameTable, PredictionTable], None]) -> None:
        """Asks for NCG's estimates of a person's frames."""
        frames = person.frames

        def work(watch: Watch) -> PredictionTable:
            return self._source.without_reference(frames, watch)

        words = f"Estimating {len(frames)} frames of {person.place[0]}"
        self._networks.submit("estimates", words, work, self._turns.held(lambda table: arrived(frames, table)))

    def compare(
        self, person: Person, references: ReferenceTable, arrived: Callable[[FrameTable, str, Calibrated], None]
    ) -> None:
        """Asks for the methods that use the reference, where there is one."""
        frames, chosen = person.frames, person.reference
        if not chosen:
            return

        def work(watch: Watch) -> Calibrated:
            return self._source.with_reference(frames, references, watch)

        then = self._turns.held(lambda both: arrived(frames, chosen, both))
        self._networks.submit("reference", "Comparing with the reference", work, then)

    def get_ready(self, person: Person, references: ReferenceTable) -> None:
        """Does ahead what another reference for this person would wait for; the answers to this one are known already."""
        if person.reference:
            frames = person.frames

            def work(watch: Watch) -> Calibrated:
                return self._source.with_reference(frames, references, watch)

            self._networks.submit("reference", "Getting ready", work, lambda _: None, background=True)

    def at_once(self, person: Person, row: int, arrived: Callable[[FrameTable, int, str, AtOnce], None]) -> bool:
        """Asks for one frame before all of them are there; False where that is not offered."""
        ask, frames, chosen = self._source.at_once, person.frames, person.reference
        if ask is None or not frames.usable[row]:
            return False
        then = self._turns.held(lambda values: arrived(frames, row, chosen, values))
        self._quick.submit("frame", "", lambda watch: ask(frames, row, chosen), then)
        return True

    def likeness(self, person: Person, arrived: Callable[[FrameTable, np.ndarray], None]) -> None:
        """Asks how near each frame is to the medoid of the calibrated network, where that is offered."""
        ask, frames = self._source.likeness, person.frames
        if ask is not None:
            then = self._turns.held(lambda likeness: arrived(frames, likeness))
            self._networks.submit("likeness", "Ranking frames as references", lambda watch: ask(frames, watch), then)

    def everyone(
        self, references: Callable[[], ReferenceTable], arrived: Callable[[str, str, Estimated], None]
    ) -> None:
        """Asks for everybody, one person before one camera after the other, whenever nothing else is asked."""
        ask, table = self._source.everyone, self._source.frames
        pairs = list(dict.fromkeys(zip(table.rows["participant"], table.rows["camera"], strict=True)))
        waiting = [pair for pair in pairs if pair not in self._read]
        if ask is None or not waiting:
            return
        participant, camera = waiting[0]
        frames = table.of(participant, camera)

        def work(watch: Watch) -> Estimated:
            return ask(frames, references(), watch)

        def then(estimated: Estimated) -> None:
            self._read.add((participant, camera))
            arrived(participant, camera, estimated)
            self.everyone(references, arrived)

        self._networks.submit("everyone", f"Reading {participant}", work, self._turns.held(then), background=True)
