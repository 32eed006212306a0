"""Taking turns: callbacks come from several threads, and widgets bear one at a time."""

import functools
import threading
from collections.abc import Callable
from typing import Any

from csnviz.views.latest_only import sentence_of


class Turns:
    """One thread at a time touches the page, and what goes wrong there becomes a sentence that `fail` is given."""

    def __init__(self, fail: Callable[[str], None]) -> None:
        self.lock = threading.RLock()
        self._fail = fail

    def held(self, act: Callable[..., None]) -> Callable[..., None]:
        """The same act, alone and without an exception."""

        @functools.wraps(act)
        def acting(*arguments: Any) -> None:
            with self.lock:
                try:
                    act(*arguments)
                except Exception as error:
                    self._fail(sentence_of(error))

        return acting


def in_turn(act: Callable[..., None]) -> Callable[..., None]:
    """A method of something that has `turns`, alone and without an exception."""

    @functools.wraps(act)
    def acting(self: Any, *arguments: Any) -> None:
        self.turns.held(functools.partial(act, self))(*arguments)

    return acting
