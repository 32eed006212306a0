"""Voila or JupyterLab on 127.0.0.1 behind a token: started, waited for, and ended with its kernels.

Nothing is written into the home folder: configuration and connection files live in a folder of their own that goes with the server,
and what should outlive it (the notebook's copy, JupyterLab's settings) lies under the data root.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csnviz.errors import InputError

HOST = "127.0.0.1"
_TEMPLATES = Path(__file__).parent / "views" / "jupyter"

# What a page may load: from this server alone. Widgets are compiled in the browser (unsafe-eval) and imported from blobs.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' blob: 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        f"connect-src 'self' blob: data: ws://{HOST}:*",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
_HEADERS = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True)
class Server:
    """A running server: the address of the page, with its token, and the process behind it."""

    address: str
    process: "subprocess.Popen[bytes]"


@contextmanager
def start_voila(
    notebook: Path, environment: Mapping[str, str], data_root: Path, port: int = 0, debug: bool = False
) -> Iterator[Server]:
    """Voila with this notebook alone: a `with` that gives a Server that answers, and ends it with its kernels.

    No file is served beside the page, no traceback, no foreign style sheet. port 0 = a free one. InputError when the port is
    taken or the server does not start.
    """
    port = _port(port)
    with _own_folders(data_root) as (folder, folders):
        settings = {
            "Voila": {**_address(port), "root_dir": str(notebook.parent), "auto_token": True},
            "VoilaConfiguration": {
                "template": "csnviz",
                "allow_template_override": "NO",
                "file_allowlist": [],
                "show_tracebacks": debug,
                # The renderer of stored plotly charts, 5 MB that a live one does not need.
                "extension_denylist": ["jupyterlab-plotly"],
            },
        }
        _write(folder / "voila.json", {**settings, **_kernels()})
        command = [sys.executable, "-m", "voila", str(notebook)]
        known = os.environ.get("JUPYTER_PATH")
        folders["JUPYTER_PATH"] = str(_TEMPLATES) + (f"{os.pathsep}{known}" if known else "")
        with _running(command, {**environment, **folders}, folder, port, "", debug) as server:
            yield server


@contextmanager
def start_lab(
    notebook: Path, environment: Mapping[str, str], data_root: Path, port: int = 0, debug: bool = False
) -> Iterator[Server]:
    """JupyterLab with a copy of this notebook under the data root; otherwise as `start_voila`.

    It asks nobody for news, updates or extensions.
    """
    port = _port(port)
    copy = _fresh_copy(notebook, data_root / "lab")
    _ask_for_no_news(data_root / "jupyter" / "settings")
    with _own_folders(data_root) as (folder, folders):
        settings = {
            # Whoever started csnviz as root meant to; it listens on this machine only either way.
            "ServerApp": {**_address(port), "root_dir": str(copy.parent), "allow_root": True},
            "LabApp": {
                "news_url": None,
                "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
                "extension_manager": "readonly",
            },
        }
        _write(folder / "jupyter_server_config.json", {**settings, **_kernels()})
        command = [sys.executable, "-m", "jupyterlab"]
        with _running(command, {**environment, **folders}, folder, port, f"lab/tree/{copy.name}", debug) as server:
            yield server


def _address(port: int) -> dict[str, Any]:
    headers = {"tornado_settings": {"headers": _HEADERS}}
    return {"ip": HOST, "port": port, "port_retries": 0, "open_browser": False, "log_level": 30, **headers}


def _kernels() -> dict[str, Any]:
    """How kernels talk (through sockets in our own folder, not over ports), and when forgotten ones end."""
    talk = {"KernelManager": {"transport": "ipc"}} if hasattr(socket, "AF_UNIX") else {}
    forgotten = {"cull_interval": 60, "cull_idle_timeout": 600, "cull_connected": False}
    return {**talk, "MappingKernelManager": forgotten}


def _port(wanted: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except (OSError, OverflowError):
            raise InputError(f"Port {wanted} on {HOST} cannot be used, most likely because something else uses it. "
                             "Choose another with --port, or leave --port away for a free one.") from None  # fmt: skip
        return int(probe.getsockname()[1])


@contextmanager
def _own_folders(data_root: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """A private folder that goes with the server, and the environment that keeps Jupyter out of the home folder."""
    # Names of sockets may be about 100 characters long, so this is not under the data root.
    folder = Path(tempfile.mkdtemp(prefix="csnviz-"))
    kept = data_root / "jupyter"
    kept.mkdir(mode=0o700, exist_ok=True)
    try:
        yield (
            folder,
            {
                "JUPYTER_CONFIG_DIR": str(folder),
                "JUPYTER_DATA_DIR": str(folder / "data"),
                "JUPYTER_RUNTIME_DIR": str(folder / "run"),
                "IPYTHONDIR": str(folder / "ipython"),
                "TMPDIR": str(folder),
                "MPLCONFIGDIR": str(kept / "matplotlib"),
                "JUPYTERLAB_SETTINGS_DIR": str(kept / "settings"),
                "JUPYTERLAB_WORKSPACES_DIR": str(kept / "workspaces"),
            },
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fresh_copy(notebook: Path, folder: Path) -> Path:
    """The notebook's text copied where JupyterLab may write; a copy that somebody changed is kept under another name."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy, text = folder / notebook.name, notebook.read_text(encoding="utf-8")
    if copy.exists() and copy.read_text(encoding="utf-8") != text:
        copy.replace(folder / f"{notebook.stem} {time.strftime('%Y-%m-%d %H.%M.%S')}.ipynb")
    copy.write_text(text, encoding="utf-8")
    copy.chmod(0o600)
    return copy


def _ask_for_no_news(settings: Path) -> None:
    """JupyterLab asks whether it may fetch news; this is the answer, unless the person has given one."""
    answer = settings / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    if not answer.exists():
        answer.parent.mkdir(parents=True, exist_ok=True)
        _write(answer, {"fetchNews": "false", "checkForUpdates": False})


def _write(path: Path, settings: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(settings), encoding="utf-8")


@contextmanager
def _running(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, port: int, page: str, debug: bool
) -> Iterator[Server]:
    token = secrets.token_hex(32)
    # The token goes through the environment: a command line can be read by everybody on this machine.
    surroundings = {**os.environ, **environment, "JUPYTER_TOKEN": token}
    with open(folder / "server.log", "wb") as log:
        where = None if debug else log
        process = subprocess.Popen(
            command,
            env=surroundings,
            cwd=folder,
            stdout=where,
            stderr=where,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        _wait_for_answer(process, port, folder / "server.log")
        yield Server(f"http://{HOST}:{port}/{page}?token={token}", process)
    finally:
        _end(process)


def _wait_for_answer(process: "subprocess.Popen[bytes]", port: int, log: Path, seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            lines = log.read_text(errors="replace").strip().splitlines()
            raise InputError(f"The page's server did not start: {lines[-1] if lines else 'it gave no reason'}")
        try:
            urllib.request.urlopen(f"http://{HOST}:{port}/login", timeout=2).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise InputError(
        f"The page's server did not answer within {seconds:.0f} s. Start it again with --debug to see why."
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ends the server, which ends its kernels; what does not end is killed, and kernels notice and follow."""
    for order, patience in ((signal.SIGTERM, 8), (signal.SIGKILL, 5)):
        if process.poll() is not None:
            return
        try:
            os.killpg(process.pid, order)
            process.wait(patience)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
