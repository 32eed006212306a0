"""What stands behind the ? in a page's address, as the page's kernel can know it."""

import os
import time
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import parse_qsl

NOT_OURS = ("token", "theme", "template")
"""What the server reads for itself."""


def query(environment: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """The parameters in the address of this page, the last of each name; none outside Voila.

    In a kernel that Voila started before anybody asked for a page, this waits until somebody does. So whatever takes long and is
    the same for everybody (imports, the table of frames, the networks) comes before it, and what depends on the address after.
    """
    if "VOILA_PREHEAT" not in environment:
        return MappingProxyType({})
    # The server answers a kernel once: whoever asks again reads what the first time was written down.
    if environment["VOILA_PREHEAT"] == "True" and "QUERY_STRING" not in os.environ:
        _wait()
    text = environment.get("QUERY_STRING") or os.environ.get("QUERY_STRING", "")
    found = parse_qsl(text, keep_blank_values=True)
    return MappingProxyType({name: value for name, value in found if name not in NOT_OURS})


def _wait(attempts: int = 60) -> None:
    from voila.utils import wait_for_request

    # Voila gives up after five seconds where a busy server does not answer, and the visitor's link would open something else.
    for _ in range(attempts):
        wait_for_request()
        if "QUERY_STRING" in os.environ:
            return
        time.sleep(0.5)
