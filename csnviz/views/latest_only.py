"""One thread for the network: of several requests for the same thing only the newest is worth an answer.

What nobody waits for (everybody's estimates, say) is worked on behind: whenever nothing else is asked, and given way at once.
"""

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from csnviz.errors import InputError

_log = logging.getLogger(__name__)
# Silent unless somebody listens: on its own, logging would print a trace under the page.
_log.addHandler(logging.NullHandler())


SHORT, REST, PATIENCE = 0.5, 0.25, 0.4
"""Seconds: work that has taken longer than this rests so long after a quick question, until its answer is drawn; at each step at
the most for the last."""


def _unheard(words: str) -> None:
    """Nobody is told."""


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


@dataclass(eq=False)
class _Request:
    """What is asked. behind: nobody waits for it. given_up: somebody has cancelled it. told: it has heard that it should stop.
    begun: when the work on it was, in seconds of the machine's clock; still that time after it made way and went on."""

    slot: str
    words: str
    work: Callable[[Watch], Any]
    then: Callable[[Any], None]
    behind: bool
    given_up: bool = field(default=False)
    told: bool = field(default=False)
    begun: float = field(default=math.inf)


class LatestOnly:
    """Works in one thread of its own; a newer request in the same slot takes the place of an older one.

    `say` is told what is being worked on, and "" when nothing is; `fail` gets one sentence when a request went wrong; `murmur` is
    told, as `say`, of what is worked on behind. All of them, and every `then`, run in that thread. `work` is handed a Watch,
    which answers True once its result is not wanted, or not now. Long work rests while something is asked of `quicker`, so that a
    small machine has its processors for that. begins_within: seconds that the first request waits, unless `begin` is called.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        fail: Callable[[str], None],
        murmur: Callable[[str], None] = _unheard,
        quicker: "LatestOnly | None" = None,
        begins_within: float = 0.0,
    ) -> None:
        self._say, self._fail, self._murmur, self._quicker = say, fail, murmur, quicker
        self._asked = -math.inf  # when somebody last did
        self._begins = time.monotonic() + begins_within
        self._waiting: dict[str, _Request] = {}
        self._behind: dict[str, _Request] = {}
        self._changed = threading.Condition()
        self._now: _Request | None = None
        self._cancelled: _Request | None = None  # the last, while nothing newer was asked for in its slot
        threading.Thread(target=self._run, name="csnviz networks", daemon=True).start()

    def submit(
        self,
        slot: str,
        words: str,
        work: Callable[[Watch], Any],
        then: Callable[[Any], None],
        background: bool = False,
    ) -> None:
        """Asks for `work`, whose result goes to `then` unless something newer was asked for in the same slot meanwhile.

        background: it is begun when nothing else is asked, interrupted when something is (the Watch says so; whatever it then
        raises is no failure), and begun again afterwards; work that keeps what it has found goes on where it was.
        """
        with self._changed:
            queue, other = (self._behind, self._waiting) if background else (self._waiting, self._behind)
            other.pop(slot, None)
            queue[slot] = _Request(slot, words, work, then, background)
            if self._cancelled is not None and self._cancelled.slot == slot:
                self._cancelled = None
            self._asked = time.monotonic()
            self._changed.notify_all()

    def begin(self, seconds: float = 0.0) -> None:
        """Whatever the first request waits for, it need wait no longer than so many seconds from now."""
        with self._changed:
            self._begins = min(self._begins, time.monotonic() + seconds)
            self._changed.notify_all()

    def cancel(self) -> str:
        """Gives up what somebody waits for now; says what that was, "" when there was nothing.

        Its `then` is not called, and what it raises on its way out is no failure. Work behind is not touched.
        """
        with self._changed:
            if self._now is None or self._now.behind:
                return ""
            self._now.given_up = True
            self._cancelled = self._now
            self._changed.notify_all()
            return self._now.words

    def again(self) -> None:
        """Asks once more for what was cancelled last; nothing where something newer was asked for in its slot since."""
        with self._changed:
            request = self._cancelled
        if request is not None:
            self.submit(request.slot, request.words, request.work, request.then)

    def wait(self, seconds: float = 60.0) -> bool:
        """Waits until nothing is left to do; False when that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queued() and self._now is None, seconds)

    def _asked_until(self) -> float:
        """Until when others had better leave the machine to what is asked here; endless while that is worked on."""
        at_work = self._now is not None or self._queued()
        return math.inf if at_work else self._asked + REST

    def _queued(self) -> bool:
        return bool(self._waiting or self._behind)

    def _run(self) -> None:
        with self._changed:
            while (left := self._begins - time.monotonic()) > 0:
                self._changed.wait(left)
        while True:
            with self._changed:
                self._now = None
                self._changed.notify_all()
                self._changed.wait_for(self._queued)
                queue = self._waiting or self._behind
                self._now = request = queue.pop(next(iter(queue)))
            self._answer(request)

    def _unwanted(self, request: _Request) -> bool:
        return request.given_up or request.slot in self._waiting or request.slot in self._behind

    def _not_now(self, request: _Request) -> bool:
        return self._unwanted(request) or (request.behind and bool(self._waiting))

    def _rest(self, request: _Request) -> None:
        now = time.monotonic()
        if self._quicker is None or now - request.begun < SHORT:
            return
        at_most = now + PATIENCE
        with self._changed:
            while (left := min(self._quicker._asked_until(), at_most) - time.monotonic()) > 0:
                # A short while at a time: the quicker one tells nobody when it has answered.
                if self._changed.wait_for(lambda: self._not_now(request), min(left, 0.05)):
                    return

    def _answer(self, request: _Request) -> None:
        say = self._murmur if request.behind else self._say

        def stop() -> bool:
            self._rest(request)
            request.told = request.told or self._not_now(request)
            return request.told

        request.begun = min(request.begun, time.monotonic())
        say(request.words)
        try:
            result = request.work(Watch(stop, lambda share: say(f"{request.words} · {share:.0%}")))
            if not self._unwanted(request):
                request.then(result)
        except Exception as error:
            self._excuse(request, error)
        say("")

    def _excuse(self, request: _Request, error: Exception) -> None:
        """Work that gave up because it was told to has not failed; what made way for somebody who waits is begun again."""
        if self._unwanted(request):
            return
        if not request.told:
            self._fail(sentence_of(error))
            return
        with self._changed:
            request.told = False
            self._behind = {request.slot: request} | self._behind  # unless something newer has come in its slot


def sentence_of(error: Exception) -> str:
    """An error as the page says it: the person's own mistakes in full, ours by kind; the trace goes to the log."""
    if isinstance(error, InputError):
        return str(error)
    _log.error("the page met an error", exc_info=error)
    return f"That did not work ({type(error).__name__}: {error}). Started with --debug, csnviz prints where."
