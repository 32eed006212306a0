"""One thread for the network: of several requests for the same thing only the newest is worth an answer."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from csnviz.errors import InputError

_log = logging.getLogger(__name__)
# Silent unless somebody listens: on its own, logging would print a trace under the page.
_log.addHandler(logging.NullHandler())


class Watch:
    """What slow work is handed: it may ask whether its result is still wanted, and say how far it is."""

    def __init__(self, cancelled: Callable[[], bool], say: Callable[[float], None]) -> None:
        self.cancelled = cancelled
        self._say = say
        self._next = time.monotonic() + 1.0

    def progress(self, share: float) -> None:
        """Says how much is done, 0 to 1: not in the first second, and then a few times a second."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 0.25
            self._say(min(share, 1.0))


@dataclass(frozen=True)
class _Request:
    slot: str
    words: str
    work: Callable[[Watch], Any]
    then: Callable[[Any], None]


class LatestOnly:
    """Works in one thread of its own; a newer request in the same slot takes the place of an older one.

    `say` is told what is being worked on, and "" when nothing is; `fail` gets one sentence when a request went wrong. Both, and
    every `then`, run in that thread. `work` is handed a Watch, which answers True once a newer request waits.
    """

    def __init__(self, say: Callable[[str], None], fail: Callable[[str], None]) -> None:
        self._say, self._fail = say, fail
        self._waiting: dict[str, _Request] = {}
        self._changed = threading.Condition()
        self._busy = False
        threading.Thread(target=self._run, name="csnviz networks", daemon=True).start()

    def submit(self, slot: str, words: str, work: Callable[[Watch], Any], then: Callable[[Any], None]) -> None:
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
            watch = Watch(outdated, lambda share: self._say(f"{request.words} · {share:.0%}"))
            result = request.work(watch)
            if not outdated():
                request.then(result)
        except Exception as error:
            # A request that gave up because a newer one waits has not failed.
            if not outdated():
                self._fail(sentence_of(error))
        self._say("")


def sentence_of(error: Exception) -> str:
    """An error as the page says it: the person's own mistakes in full, ours by kind; the trace goes to the log."""
    if isinstance(error, InputError):
        return str(error)
    _log.error("the page met an error", exc_info=error)
    return f"That did not work ({type(error).__name__}: {error}). Started with --debug, csnviz prints where."
