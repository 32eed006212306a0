"""One thread for the network: of several requests for the same thing only the newest is worth an answer."""

import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from csnviz.errors import InputError

Cancelled = Callable[[], bool]


@dataclass(frozen=True)
class _Request:
    slot: str
    words: str
    work: Callable[[Cancelled], Any]
    then: Callable[[Any], None]


class LatestOnly:
    """Works in one thread of its own; a newer request in the same slot takes the place of an older one.

    `say` is told what is being worked on, and "" when nothing is; `fail` gets one sentence when a request went wrong. Both, and
    every `then`, run in that thread. `work` is handed a callable that answers True once a newer request waits.
    """

    def __init__(self, say: Callable[[str], None], fail: Callable[[str], None]) -> None:
        self._say, self._fail = say, fail
        self._waiting: dict[str, _Request] = {}
        self._changed = threading.Condition()
        self._busy = False
        threading.Thread(target=self._run, name="csnviz networks", daemon=True).start()

    def submit(self, slot: str, words: str, work: Callable[[Cancelled], Any], then: Callable[[Any], None]) -> None:
        """Asks for `work`, whose result goes to `then` unless something newer was asked for in the same slot meanwhile."""
        with self._changed:
            self._waiting[slot] = _Request(slot, words, work, then)
            self._changed.notify_all()

    def wait(self, seconds: float = 60.0) -> bool:
        """Waits until nothing is left to do; False when that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._busy, seconds)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting)
                request = self._waiting.pop(next(iter(self._waiting)))
                self._busy = True
            self._answer(request)

    def _answer(self, request: _Request) -> None:
        def outdated() -> bool:
            return request.slot in self._waiting

        self._say(request.words)
        try:
            result = request.work(outdated)
            if not outdated():
                request.then(result)
        except Exception as error:
            # A request that gave up because a newer one waits has not failed.
            if not outdated():
                self._fail(sentence_of(error))
        self._say("")


def sentence_of(error: Exception) -> str:
    """An error as the page says it: the person's own mistakes in full, ours by kind, with the trace in the server's log."""
    if isinstance(error, InputError):
        return str(error)
    traceback.print_exception(error, file=sys.__stderr__)
    return f"That did not work ({type(error).__name__}: {error}). Started with --debug, csnviz prints where."
