"""What stands behind the ? in a page's address, as the page's kernel can know it."""

import json
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


def _wait(attempts: int = 3000) -> None:
    """Writes down what Voila tells this kernel's socket once somebody has come: the request as environment variables.

    A server that cannot be reached is tried again so many times, ten a second; somebody who comes is waited for without end.
    Voila's own `wait_for_request` imports the whole server, which takes seconds, and gives up where a busy one does not answer.
    """
    from websockets.exceptions import WebSocketException
    from websockets.sync.client import connect

    told = os.environ
    server = f"{told['VOILA_APP_IP']}:{told['VOILA_APP_PORT']}{told['VOILA_SERVER_URL']}"
    left = attempts
    while True:
        try:
            with connect(f"ws://{server}voila/query/{told['VOILA_KERNEL_ID']}") as line:
                left = attempts
                request = json.loads(line.recv())
        except (
            OSError,
            WebSocketException,
        ):  # not listening yet, too busy to answer, or the machine was asleep meanwhile
            left -= 1
            if left <= 0:
                raise
            time.sleep(0.1)
        else:
            os.environ.update(request)
            return
