"""Only requests that name a known host are answered; every other one gets 403 before any handler has seen it.

Without this a page of somebody else's, whose name is made to lead to this machine (DNS rebinding), could ask our server as if
it were the server's own. Voila checks no Host at all, and its handlers of files are not even JupyterLab's.
"""

import re
from collections.abc import Iterable
from typing import Any

from jupyter_server.serverapp import ServerApp
from tornado.httputil import HTTPServerRequest
from tornado.web import Application, RequestHandler
from traitlets import List, Unicode
from traitlets.config import Configurable

THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[0-9a-z._-]+)(:[0-9]{1,5})?")


class HostGuard(Configurable):
    """The names, beside this machine's own, under which a server may be asked."""

    names = List(Unicode(), config=True)

    def stand_before(self, application: Application) -> None:
        """From now on the application answers requests alone that name this machine or one of the names."""
        allowed, find = frozenset(THIS_MACHINE) | {name.lower() for name in self.names}, application.find_handler

        def find_handler(request: HTTPServerRequest, **kwargs: Any) -> Any:
            if named_host(request.headers.get_list("Host")) in allowed:
                return find(request, **kwargs)
            return application.get_handler_delegate(request, ForeignHost)

        # Every request comes through here, also those for files and web sockets, which no handler of ours stands behind.
        application.find_handler = find_handler  # type: ignore[method-assign]


class ForeignHost(RequestHandler):
    """Says in one sentence that this name is not known here, whatever is asked and however."""

    def prepare(self) -> None:
        """Ends the request."""
        self.set_status(403)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(
            "This page is not served under the name in your address bar. Use the whole link that you were given.\n"
        )


def named_host(headers: Iterable[str]) -> str:
    """The host of a request's Host headers in lower case, without its port; "" where there is not exactly one that is one."""
    lines = list(headers)
    found = _HOST.fullmatch(lines[0].strip().lower()) if len(lines) == 1 else None
    return found["name"] if found else ""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    """JupyterLab's way in: csnviz names this module in the server's own configuration, and nowhere else."""
    HostGuard(config=server.config).stand_before(server.web_app)
