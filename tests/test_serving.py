import http.client
import os
import socket
import subprocess
import time
import urllib.parse
from pathlib import Path

import numpy as np
import pytest

from csnviz import places, serving
from csnviz.errors import InputError
from csnviz.facs import DISFA
from tests import small_disfa


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Voila with a notebook of one word beside a picture, with an empty home folder."""
    home, root = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("root")
    notebook = root / "word.ipynb"
    notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    (root / "face.png").write_bytes(b"\x89PNG")
    environment = {"HOME": str(home), "XDG_CACHE_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    with serving.start_voila(notebook, environment, root) as server:
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
        start = serving.start_voila(places.notebook("explore"), {}, tmp_path, port)
        with pytest.raises(InputError, match=f"Port {port} .* --port"), start:
            pass


def test_the_server_and_its_folder_end_together(tmp_path):
    notebook = tmp_path / "word.ipynb"
    notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    with serving.start_voila(notebook, {}, tmp_path) as server:
        folder = Path(os.readlink(f"/proc/{server.process.pid}/cwd")) if Path("/proc").is_dir() else None
    assert server.process.poll() is not None
    assert folder is None or not folder.exists()


def test_a_server_that_cannot_start_says_why_in_one_sentence(tmp_path):
    missing = tmp_path / "missing.ipynb"
    with pytest.raises(InputError, match="did not start"), serving.start_voila(missing, {}, tmp_path):
        pass


def test_a_notebook_that_somebody_changed_is_kept_beside_a_fresh_copy(tmp_path):
    shipped, folder = tmp_path / "explore.ipynb", tmp_path / "lab"
    shipped.write_text("first")
    serving._fresh_copy(shipped, folder).write_text("changed by hand")
    copy = serving._fresh_copy(shipped, folder)
    assert copy.read_text() == "first"
    kept = [file for file in folder.iterdir() if file != copy]
    assert [file.read_text() for file in kept] == ["changed by hand"]
    serving._fresh_copy(shipped, folder)
    assert len(list(folder.iterdir())) == 2


@pytest.fixture
def handed_over(monkeypatch):
    """What would be served, without a server."""
    found = []
    monkeypatch.setattr(serving, "_serve", lambda source, *_: found.append((source, _[-1])))
    return found


def test_a_dataset_is_loaded_by_the_page_itself_with_the_runs_that_were_checked_before(tmp_path, handed_over):
    runs = small_disfa.fold_runs(tmp_path / "runs")
    small_disfa.keep(small_disfa.table(tmp_path / "crops"), tmp_path / "root")
    serving.serve_dataset("disfa", None, [runs], tmp_path / "root")
    assert handed_over == [
        ("dataset:disfa", {"CSNVIZ_RUNS": str(runs.resolve()), "CSNVIZ_IN_SAMPLE": "", "CSNVIZ_CROPS": ""})
    ]
    assert not (tmp_path / "root" / "pages").exists()


def test_a_dataset_that_cannot_be_shown_is_a_sentence_before_any_server(tmp_path, handed_over):
    small_disfa.keep(small_disfa.table(tmp_path / "crops"), tmp_path / "root")
    with pytest.raises(InputError, match="Name the runs that were trained for disfa with --run"):
        serving.serve_dataset("disfa", None, [], tmp_path / "root")
    with pytest.raises(InputError, match="no such folder"):
        serving.serve_dataset("disfa", None, [tmp_path / "missing"], tmp_path / "root")
    with pytest.raises(InputError, match="csnviz prepare disfa --root DIR"):
        serving.serve_dataset("disfa", None, [tmp_path], tmp_path / "empty")
    assert handed_over == []


def test_a_recording_is_served_with_the_labels_that_were_named_and_wrong_ones_are_told_first(
    tmp_path, monkeypatch, handed_over
):
    table = small_disfa.table(tmp_path / "crops").select(np.arange(6))
    read, served = [], []
    monkeypatch.setattr("csnviz.data.recording.read_recording", lambda *given: read.append(given) or table)
    monkeypatch.setattr(serving, "_serve_table", lambda table, *_: served.append(table))
    labels = tmp_path / "labels.csv"
    labels.write_text(f"frame,AU12\n{small_disfa.first_index('SN010')},7\n")
    with pytest.raises(InputError, match=r"labels.csv, line 2: the label of AU12"):
        serving.serve_recording(tmp_path / "video.mp4", tmp_path, labels=labels)
    assert read == [], "before minutes of finding faces"
    labels.write_text(f"frame,AU12\n{small_disfa.first_index('SN010')},4\n")
    serving.serve_recording(tmp_path / "video.mp4", tmp_path, labels=labels)
    assert served[0].intensity[0, DISFA.column_of(12)] == 4
    assert np.isnan(served[0].intensity).sum() == served[0].intensity.size - 1


def test_being_told_to_end_is_the_same_as_an_interrupt():
    with pytest.raises(KeyboardInterrupt), serving._terminated_as_interrupt():
        subprocess.run(["kill", str(os.getpid())], check=True)
        time.sleep(5)
