"""Voila as every page of csnviz is served, configured by voila.json.

To Voila it adds that only known hosts are answered, that there are only as many pages as the memory holds, that nothing but
widgets speaks over a page's socket, and that no token, trace or path of a file is told to anybody.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import tornado.web
from jinja2 import ChoiceLoader, FileSystemLoader
from jupyter_core.utils import ensure_async
from jupyter_server.services.kernels.handlers import KernelHandler
from jupyter_server.utils import url_path_join
from traitlets import Bool, Integer
from voila.app import Voila
from voila.request_info_handler import RequestInfoSocketHandler
from voila.static_file_handler import AllowListFileHandler
from voila.tornado.handler import TornadoVoilaHandler

from csnviz.host_guard import HostGuard
from csnviz.page_address import NOT_OURS
from csnviz.page_kernels import Kernels, Places, WidgetsAlone

_TEMPLATE = Path(__file__).parent / "views" / "jupyter" / "voila" / "templates" / "csnviz"


class Page(TornadoVoilaHandler):
    """The page itself: refused where all places are taken, and kept from knowing the token in its own address."""

    def initialize(self, places: Places, **kwargs: Any) -> None:
        """Voila's, with the places."""
        super().initialize(**kwargs)
        self.places = places

    @tornado.web.authenticated
    async def get(self, path: str | None = None) -> None:
        """Writes the page bit by bit; 404 for any other path, 503 where there is no place left."""
        if path:
            raise tornado.web.HTTPError(404)
        if self.places.all_taken(self.kernel_manager, self.notebook_path):
            raise tornado.web.HTTPError(503)
        self._forget_token()
        self.places.on_threshold += 1
        entered = False
        try:
            async for html in self.get_generator():
                if not entered:
                    # From its first words on the page has a kernel, which is counted as such.
                    entered, self.places.on_threshold = True, self.places.on_threshold - 1
                self.write(html)
                self.flush()
        finally:
            self.places.on_threshold -= not entered

    def _forget_token(self) -> None:
        """Voila puts the request's address into the environment of this page's kernel and of the next one."""
        asked = parse_qsl(self.request.query, keep_blank_values=True)
        self.request.query = urlencode([(name, value) for name, value in asked if name not in NOT_OURS])
        self.request.uri = self.request.path


class KernelAlive(KernelHandler):
    """What a page asks to know whether it still lives."""

    @tornado.web.authenticated
    async def get(self, kernel_id: str) -> None:
        """Jupyter's answer, which is 404 for a kernel that was ended; 410 for one that broke down."""
        kernels: Any = self.kernel_manager
        if await kernels.broke_down(kernel_id):
            raise tornado.web.HTTPError(410)
        await ensure_async(super().get(kernel_id))


class Addresses(RequestInfoSocketHandler):
    """Where a kernel that was made ready before asks for its visitor's address."""

    def on_close(self) -> None:
        """Forgets this kernel; Voila would forget another one where this one has come back meanwhile."""
        for kernel in [kernel for kernel, waiter in self._waiters.items() if waiter is self]:
            del self._waiters[kernel]


class GuardedVoila(Voila):
    """Voila behind the guard."""

    most_pages = Integer(20, config=True, help="How many pages may be open at a time.")
    ready_again = Bool(True, config=True, help="Whether a kernel is made ready in place of one that a visitor got.")

    def initialize(self, argv: list[str] | None = None) -> None:
        """Takes the token out of the environment, which every kernel inherits."""
        super().initialize(argv)
        self.token = os.environ.pop("JUPYTER_TOKEN")
        # A kernel that found one would not wait for its own visitor's.
        os.environ.pop("QUERY_STRING", None)
        self.voila_configuration.multi_kernel_manager_class = Kernels
        if not self.voila_configuration.show_tracebacks:
            self.kernel_websocket_connection_class = WidgetsAlone

    def init_settings(self) -> dict[str, Any]:
        """Voila's, with our own pages for signing in and for what went wrong."""
        settings = super().init_settings()
        for name in ("jinja2_env", "voila_jinja2_env"):
            settings[name].loader = ChoiceLoader([FileSystemLoader(_TEMPLATE), settings[name].loader])
        return settings

    def init_handlers(self) -> list[Any]:
        """Voila's less its server of files, each of ours in the place of the one it builds on, and all under the page's path."""
        HostGuard(config=self.config).stand_before(self.app)
        if not self.ready_again:
            # The first are being made ready by now; without others in their place whoever comes next waits for a kernel as usual.
            self.kernel_manager.kernel_pools_config = {"default": {"pool_size": 0}}
        places = Places(self.most_pages)
        handlers: list[Any] = []
        for pattern, handler, *settings in super().init_handlers():
            # Voila forgets the path where one signs in.
            whole = pattern if pattern.startswith(self.server_url) else url_path_join(self.server_url, pattern)
            if handler is TornadoVoilaHandler:
                handlers.append((whole, Page, {**settings[0], "places": places}))
            elif handler is KernelHandler:
                handlers.append((whole, KernelAlive))
            elif handler is RequestInfoSocketHandler:
                handlers.append((whole, Addresses))
            elif handler is not AllowListFileHandler:
                handlers.append((whole, handler, *settings))
        return handlers
