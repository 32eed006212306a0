"""Voila or JupyterLab behind a token and a door: started, waited for, and ended with its kernels.

Nothing is written into the home folder: configuration and connection files live in a folder of their own that goes with the server,
and what should outlive it (the notebook's copy, JupyterLab's settings) lies under the data root.
"""

import http.client
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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from csnviz import server_settings
from csnviz.errors import InputError
from csnviz.server_settings import Door

_TEMPLATES = Path(__file__).parent / "views" / "jupyter"
_START = (sys.executable, "-m", "csnviz.start_jupyter")
ONE_PERSON = Door()


@dataclass(frozen=True)
class Server:
    """A running server: the address of the page, with its token, and the process behind it."""

    address: str
    process: "subprocess.Popen[bytes]"


@contextmanager
def start_voila(
    notebook: Path,
    environment: Mapping[str, str],
    data_root: Path,
    door: Door = ONE_PERSON,
    debug: bool = False,
    private: Sequence[Path] = (),
) -> Iterator[Server]:
    """Voila with this notebook alone: a `with` that gives a Server that answers, and ends it with its kernels.

    The folder that is served holds a copy of the notebook and nothing else, no file is served beside the page, and no request is
    answered that does not come through the door. private: folders of faces beside the data root. InputError when one of them or
    the data root is not apart from the served folder, the port is taken, or the server does not start.
    """
    door = _with_port(door)
    with _own_folders(data_root) as (folder, folders):
        served = folder / "page"
        served.mkdir()
        server_settings.check_apart(served, (data_root, *private))
        page = served / notebook.name
        if notebook.is_file():
            shutil.copyfile(notebook, page)
        _write(folder / "voila.json", server_settings.voila(door, served, debug))
        command = [*_START, "voila", str(page)]
        surroundings = {**environment, **folders, **server_settings.kernel_environment(door)}
        with _running(command, surroundings, folder, door, "", debug) as server:
            yield server


@contextmanager
def start_lab(
    notebook: Path,
    environment: Mapping[str, str],
    data_root: Path,
    door: Door = ONE_PERSON,
    debug: bool = False,
    private: Sequence[Path] = (),
) -> Iterator[Server]:
    """JupyterLab with a copy of this notebook under the data root; otherwise as `start_voila`.

    It asks nobody for news, updates or extensions. It is for one person, who may read the data root anyway: private is not asked.
    """
    door = _with_port(door)
    copy = _fresh_copy(notebook, data_root / "lab")
    _ask_for_no_news(data_root / "jupyter" / "settings")
    with _own_folders(data_root) as (folder, folders):
        _write(folder / "jupyter_server_config.json", server_settings.lab(door, copy.parent))
        _write(folder / "voila.json", server_settings.voila_in_lab(door, debug))
        command = [*_START, "lab"]
        with _running(command, {**environment, **folders}, folder, door, f"lab/tree/{copy.name}", debug) as server:
            yield server


def _with_port(door: Door) -> Door:
    kind = socket.AF_INET6 if ":" in door.ip else socket.AF_INET
    with socket.socket(kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((door.ip, door.port))
        except (OSError, OverflowError):
            raise InputError(f"Port {door.port} on {door.ip} cannot be used, most likely because something else uses it. "
                             "Choose another with --port, or leave --port away for a free one.") from None  # fmt: skip
        return replace(door, port=int(probe.getsockname()[1]))


@contextmanager
def _own_folders(data_root: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """A private folder that goes with the server, and the environment that keeps Jupyter out of the home folder."""
    # Names of sockets may be about 100 characters long, so this is not under the data root.
    folder = Path(tempfile.mkdtemp(prefix="csnviz-"))
    kept = data_root / "jupyter"
    kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield (
            folder,
            {
                "JUPYTER_PATH": os.pathsep.join(filter(None, (str(_TEMPLATES), os.environ.get("JUPYTER_PATH")))),
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
    command: Sequence[str], environment: Mapping[str, str], folder: Path, door: Door, page: str, debug: bool
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
        _wait_for_answer(process, door, folder / "server.log")
        yield Server(f"http://{door.nearest}:{door.port}{door.path}{page}?token={token}", process)
    finally:
        _end(process)


def _wait_for_answer(process: "subprocess.Popen[bytes]", door: Door, log: Path, seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            lines = log.read_text(errors="replace").strip().splitlines()
            raise InputError(f"The page's server did not start: {lines[-1] if lines else 'it gave no reason'}")
        if _answers(door):
            return
        time.sleep(0.1)
    raise InputError(
        f"The page's server did not answer within {seconds:.0f} s. Start it again with --debug to see why."
    )


def _answers(door: Door) -> bool:
    # Not urllib, which would ask this machine's proxy for this machine.
    connection = http.client.HTTPConnection(door.nearest.strip("[]"), door.port, timeout=2)
    try:
        connection.request("GET", f"{door.path}login")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


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
