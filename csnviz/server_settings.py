"""What a page's server is told: where it listens, who may ask, what a page may load, how many there are, and when they end."""

import os
import re
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from csnviz.errors import InputError

HOST = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - to be told apart, and listened on by those who ask for it
PAGE_BYTES = 450_000_000
"""What one open page takes: a kernel with two drawn people of 60 frames held 435 MB (PSS). More people and frames take more."""
KEPT_BYTES = 4_000_000_000
"""What is left to the machine itself."""
MOST = 100

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_PATH = re.compile(r"/([A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*")


@dataclass(frozen=True)
class Door:
    """Where a page is served and to whom; as it is made, to one person on this machine.

    port: 0 = a free one. ip: the address to listen on. names: under which hosts, beside this machine's own, the page may be
    asked for. path: where it begins, "/" or "/some/path/". idle_seconds: how long nobody uses a page before its kernel ends;
    while_open: also where a browser still shows it. ready: kernels that are started before somebody comes; ready_again: also in
    place of one that a visitor got. InputError for a name, a path or an address that is none, or for an address that nobody could
    ask.
    """

    port: int = 0
    ip: str = HOST
    names: tuple[str, ...] = ()
    path: str = "/"
    idle_seconds: float = 600.0
    while_open: bool = False
    ready: int = 0
    ready_again: bool = True

    def __post_init__(self) -> None:
        for name in self.names:
            if not _NAME.fullmatch(name):
                raise InputError(f"--allow-host {name}: a host's name alone is meant, such as faces.example.org.")
        if not _PATH.fullmatch(self.path):
            raise InputError(f"--base-url {self.path}: a path is meant that begins and ends with /, such as /faces/.")
        if self.idle_seconds <= 0:
            raise InputError(f"--idle {self.idle_seconds / 60:g}: minutes are meant, more than 0.")
        if self.ready < 0:
            raise InputError(f"--kernels {self.ready}: a number is meant, 0 or more.")
        if _ip(self.ip).is_unspecified and not self.names:
            raise InputError(
                f"--ip {self.ip} lets other machines ask, but no host is named that they may ask for. "
                "Name it with --allow-host."
            )

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts beside this machine's own that are answered: the names, and the address itself where it is one machine's."""
        return self.names if self.ip in EVERYWHERE or self.only_here else (*self.names, _bracketed(self.ip))

    @property
    def only_here(self) -> bool:
        """Whether no other machine can reach the port."""
        return _ip(self.ip).is_loopback

    @property
    def nearest(self) -> str:
        """The host in an address that leads here from this machine."""
        return {"0.0.0.0": HOST, "::": "[::1]"}.get(self.ip, _bracketed(self.ip))  # noqa: S104


def _ip(text: str) -> Any:
    try:
        return ip_address(text)
    except ValueError:
        raise InputError(f"--ip {text}: the address of a network card is meant, such as {HOST}.") from None


def _bracketed(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip


def voila(door: Door, served: Path, debug: bool) -> dict[str, Any]:
    """The settings of Voila with the notebook in a folder of its own."""
    pages = {
        "most_pages": most_pages(memory_bytes()),
        "ready_again": door.ready_again,
        "root_dir": str(served),
        "base_url": door.path,
    }
    pool = {"preheat_kernel": door.ready > 0, "default_pool_size": door.ready}
    page = _page(door, debug)
    return {
        "GuardedVoila": {**_address(door), **pages},
        "VoilaConfiguration": {**page, **pool},
        **_kernels(door, debug),
        # A kernel that broke down has forgotten the page: started again it would only look alive.
        "KernelRestarter": {"restart_limit": 0},
        **_guard(door),
    }


def lab(door: Door, folder: Path) -> dict[str, Any]:
    """The settings of JupyterLab with the notebooks of a folder."""
    return {
        # Whoever started csnviz as root meant to; it listens on this machine only either way.
        "ServerApp": {
            **_address(door),
            "root_dir": str(folder),
            "base_url": door.path,
            "allow_root": True,
            "jpserver_extensions": {"csnviz.host_guard": True},
        },
        "LabApp": {
            "news_url": None,
            "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "extension_manager": "readonly",
        },
        **_kernels(door, debug=True),
        **_guard(door),
    }


def voila_in_lab(door: Door, debug: bool) -> dict[str, Any]:
    """The settings of the Voila that JupyterLab carries: it would serve pictures without the token, too."""
    return {"VoilaConfiguration": _page(door, debug)}


def kernel_environment(door: Door) -> dict[str, str]:
    """How a kernel reaches its own server, past any proxy that this machine uses for others."""
    here = [HOST, "localhost", door.nearest.strip("[]")]
    known = [name for key in ("no_proxy", "NO_PROXY") if (name := os.environ.get(key))]
    apart = ",".join(dict.fromkeys([*known, *here]))
    return {"no_proxy": apart, "NO_PROXY": apart, "VOILA_APP_IP": door.nearest}


def policy(hosts: Iterable[str]) -> str:
    """What a page may load: from its own server alone. Widgets are compiled in the browser (unsafe-eval), imported from blobs.

    Sockets are named one by one, since browsers differ in whether 'self' means them; wss stands for a server behind TLS.
    """
    # An address in brackets cannot be written in a policy; 'self' has to do there.
    named = [host for host in (HOST, "localhost", *hosts) if not host.startswith("[")]
    sockets = " ".join(f"ws://{host}:* wss://{host}:*" for host in named)
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' blob: 'unsafe-inline' 'unsafe-eval'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self' blob: data: {sockets}",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )


def most_pages(memory: int) -> int:
    """How many pages fit into this many bytes of memory beside everything else, at most 100.

    >>> most_pages(16_000_000_000)
    26
    >>> most_pages(2_000_000_000)
    1
    """
    return max(1, min(MOST, (memory - KEPT_BYTES) // PAGE_BYTES))


def memory_bytes() -> int:
    """The memory of this machine, or of the container that we are in; 8 GB where neither can be asked."""
    found = []
    with suppress(AttributeError, OSError, ValueError):
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    with suppress(OSError, ValueError):
        found.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return min(found, default=8_000_000_000)


def check_apart(served: Path, private: Iterable[Path]) -> None:
    """InputError where a folder of faces lies in, above or linked into the folder that is served.

    served: the folder of the page's notebook. Every way into it is followed, so that also a link inside it is found.
    """
    inside = [served.resolve()]
    for parent, folders, files in os.walk(served):
        inside += [Path(parent, name).resolve() for name in (*folders, *files) if Path(parent, name).is_symlink()]
    for folder in private:
        apart = folder.resolve()
        for place in inside:
            if place.is_relative_to(apart) or apart.is_relative_to(place):
                raise InputError(
                    f"{folder} holds faces, and {place}, from where the page is served, is not apart from it. "
                    "Choose another --data-root or --root, or another folder for temporary files (TMPDIR)."
                )


def _page(door: Door, debug: bool) -> dict[str, Any]:
    minutes = f"{door.idle_seconds / 60:g} minute{'' if door.idle_seconds == 60 else 's'}"
    return {
        "template": "csnviz",
        "allow_template_override": "NO",
        "file_allowlist": [],
        "strip_sources": True,
        "show_tracebacks": debug,
        # The renderer of stored plotly charts, 5 MB that a live one does not need; and our own card in JupyterLab's launcher.
        "extension_denylist": ["jupyterlab-plotly", "csnviz"],
        "resources": {
            "csnviz": {
                "asleep": f"The page fell asleep because nobody used it for {minutes}.",
                "every": max(1, min(20, int(door.idle_seconds / 3))),  # seconds between two looks whether it did
                "debug": debug,
            }
        },
    }


def _address(door: Door) -> dict[str, Any]:
    headers = {
        "Content-Security-Policy": policy(door.hosts),
        # Not "no-referrer": a form would be sent without its origin, and whoever puts in the token would be refused.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    where = {"ip": door.ip, "port": door.port, "port_retries": 0, "open_browser": False, "log_level": 30}
    # No page here sets formulas. Left alone, Voila inside JupyterLab writes MathJax's address on another host onto the page, and
    # with none at all its plugin reports an error.
    nothing = f"{door.path}voila/templates/csnviz/static/no-formulas.js"
    return {**where, "tornado_settings": {"headers": headers, "mathjax_url": nothing}}


def _guard(door: Door) -> dict[str, Any]:
    # Whoever has the token must not lock the others out with a password of their own.
    return {"HostGuard": {"names": list(door.hosts)}, "PasswordIdentityProvider": {"allow_password_change": False}}


def _kernels(door: Door, debug: bool) -> dict[str, Any]:
    """How kernels talk (through sockets in our own folder, not over ports), and when they end."""
    talk: Mapping[str, Any] = {"KernelManager": {"transport": "ipc"}} if hasattr(socket, "AF_UNIX") else {}
    idle = {
        "cull_interval": max(1, min(60, int(door.idle_seconds / 2))),
        "cull_idle_timeout": max(1, int(door.idle_seconds)),
        "cull_connected": door.while_open,
        "allow_tracebacks": debug,
    }
    return {**talk, "MappingKernelManager": idle}
