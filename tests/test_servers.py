import http.client
import os
import socket
import urllib.parse
from pathlib import Path

import pytest

from csnviz import places, servers
from csnviz.errors import InputError
from csnviz.server_settings import Door
from tests.small_pages import PICTURE, ask, notebook, with_token


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Voila with a notebook of one word beside a picture, with an empty home folder."""
    home, root = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("root")
    notebook = root / "word.ipynb"
    notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    (root / "face.png").write_bytes(b"\x89PNG")
    environment = {"HOME": str(home), "XDG_CACHE_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    with servers.start_voila(notebook, environment, root) as server:
        yield server, home


def answer(address: str, path: str, token: bool) -> tuple[int, bytes, dict[str, str]]:
    parts = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    connection.request("GET", f"{path}?{parts.query}" if token else path)
    reply = connection.getresponse()
    return reply.status, reply.read(), dict(reply.getheaders())


def test_the_page_is_on_this_machine_alone_and_its_token_is_long(served):
    parts = urllib.parse.urlsplit(served[0].address)
    assert parts.hostname == "127.0.0.1"
    assert len(urllib.parse.parse_qs(parts.query)["token"][0]) == 64


def test_without_the_token_there_is_no_page(served):
    status, body, _ = answer(served[0].address, "/", token=False)
    assert status in (302, 403)
    assert b"rendered_cells" not in body


@pytest.mark.parametrize("token", [True, False])
@pytest.mark.parametrize("name", ["face.png", "word.ipynb", "FACE.PNG", "..%2fface.png"])
def test_no_file_beside_the_notebook_is_served(served, name, token):
    status, body, _ = answer(served[0].address, f"/voila/files/{name}", token)
    assert status in (302, 403, 404)
    assert b"\x89PNG" not in body


def test_the_page_may_load_from_this_server_only(served):
    status, body, headers = answer(served[0].address, "/", token=True)
    assert status == 200
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert b"https://" not in body.replace(b"https://www.w3.org", b"")


def test_the_token_is_not_on_the_command_line(served):
    token = served[0].address.rpartition("token=")[2]
    assert token not in " ".join(served[0].process.args)


def test_the_home_folder_stays_empty(served):
    assert list(served[1].rglob("*")) == []


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        start = servers.start_voila(places.notebook("explore"), {}, tmp_path, Door(port))
        with pytest.raises(InputError, match=f"Port {port} .* --port"), start:
            pass


def test_the_server_and_its_folder_end_together(tmp_path):
    notebook = tmp_path / "word.ipynb"
    notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    with servers.start_voila(notebook, {}, tmp_path) as server:
        folder = Path(os.readlink(f"/proc/{server.process.pid}/cwd")) if Path("/proc").is_dir() else None
    assert server.process.poll() is not None
    assert folder is None or not folder.exists()


def test_a_server_that_cannot_start_says_why_in_one_sentence(tmp_path):
    missing = tmp_path / "missing.ipynb"
    with pytest.raises(InputError, match="did not start"), servers.start_voila(missing, {}, tmp_path):
        pass


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab with the page's notebook, and a picture beside it."""
    root = tmp_path_factory.mktemp("root")
    page = notebook(tmp_path_factory.mktemp("page") / "page.ipynb", "print('word' * 2)", "'shown'")
    (root / "lab").mkdir()
    for name in ("face.png", "face.jpg", "FACE.PNG", "face.svg"):
        (root / "lab" / name).write_bytes(PICTURE)
    with servers.start_lab(page, {}, root) as server:
        yield server


@pytest.mark.parametrize("name", ["face.png", "face.jpg", "FACE.PNG", "face.svg", "..%2flab/face.png", "%2e/face.png"])
@pytest.mark.parametrize("door", ["voila/files", "voila/render", "voila/tree", "voila/api/contents", "files", "api/contents",
                                  "view", "nbconvert/html"])  # fmt: skip
def test_inside_jupyterlab_no_picture_is_served_without_the_token(lab, door, name):
    status, body, _ = ask(lab, f"/{door}/{name}")
    assert status in (302, 403, 404)
    assert PICTURE[8:28] not in body


def test_inside_jupyterlab_voila_serves_no_file_with_the_token_either_and_shows_the_page_by_our_template(lab):
    status, body, _ = ask(lab, "/voila/files/face.png", with_token(lab))
    assert (status, PICTURE[8:28] in body) == (403, False)
    status, body, _ = ask(lab, "/voila/render/page.ipynb", with_token(lab))
    assert (status, b"Opening the page" in body, b"wordword" in body) == (200, True, False)
    assert b"https://" not in body.replace(b"https://www.w3.org", b"")


@pytest.mark.parametrize("path", ["/lab", "/api/status", "/voila/static/voila.js", "/static/favicons/favicon.ico"])
def test_a_foreign_host_gets_nothing_from_jupyterlab_even_with_the_token(lab, path):
    status, body, _ = ask(lab, path, {"Host": "evil.example", **with_token(lab)})
    assert (status, b"not served under the name" in body) == (403, True)


def test_a_notebook_that_somebody_changed_is_kept_beside_a_fresh_copy(tmp_path):
    shipped, folder = tmp_path / "explore.ipynb", tmp_path / "lab"
    shipped.write_text("first")
    servers._fresh_copy(shipped, folder).write_text("changed by hand")
    copy = servers._fresh_copy(shipped, folder)
    assert copy.read_text() == "first"
    kept = [file for file in folder.iterdir() if file != copy]
    assert [file.read_text() for file in kept] == ["changed by hand"]
    servers._fresh_copy(shipped, folder)
    assert len(list(folder.iterdir())) == 2
