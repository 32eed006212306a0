import itertools
import json
import re
import socket
import time
import urllib.parse
import uuid

import pytest
import tornado.web
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from csnviz import server_settings, servers
from csnviz.errors import InputError
from csnviz.guarded_voila import GuardedVoila
from csnviz.server_settings import Door
from tests.small_pages import PICTURE, ask, kernel_of, notebook, token, with_token

NAME = "faces.example.org"
DOOR = Door(names=(NAME,), path="/faces/", while_open=True)

NAMES = (
    "face.png",
    "FACE.PNG",
    "face.jpg",
    "face.jpeg",
    "face.gif",
    "face.svg",
    "face.npz",
    "page.ipynb",
    "voila.json",
)
TRAVERSALS = ("", "../", "../../", "%2e%2e/", "..%2f", "..%5c", "%252e%252e%252f", "....//", "./", "/")
ENCODED = ("face%2epng", "f%61ce.png", "face.png%00", "face.png%20", "face.png/", "face.png?x=.css", "face.png%23")
OPEN_TO_ALL = ("/faces/login", "/faces/logout", "/faces/voila/static/", "/faces/voila/templates/", "/faces/voila/labextensions/",
               "/faces/voila/api/themes/")  # fmt: skip
"""What every visitor's browser needs before it has shown a token: the program of the page, and nothing of anybody's."""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A data root with pictures in it and around the notebook."""
    root = tmp_path_factory.mktemp("root")
    for folder in ("", "crops", "source"):
        (root / folder).mkdir(exist_ok=True)
        for name in NAMES[:-2]:
            (root / folder / name).write_bytes(PICTURE)
    return root


@pytest.fixture(scope="module")
def dashboard(root):
    """A dashboard whose page shows what the address asked for, and has a button that fails."""
    page = notebook(
        root / "source" / "page.ipynb",
        "import os, warnings, ipywidgets",
        "from csnviz import page_address",
        "print('printed /data/DISFA/SN001'); warnings.warn('warned /data/DISFA/SN001')",
        "known = [name for name in ('CSNVIZ_READ_ONLY', 'JUPYTER_TOKEN') if name in os.environ]",
        "known += [name for name, value in os.environ.items() if 'token=' in value]",
        "said = ipywidgets.HTML(f'asked for {sorted(page_address.query())} in {known}')",
        "button = ipywidgets.Button()",
        "def fail(_):",
        "    print('SN001'); raise ValueError('/data/DISFA/SN001')",
        "button.on_click(fail)",
        "ipywidgets.VBox([said, button])",
    )
    with servers.start_voila(page, {"CSNVIZ_READ_ONLY": "1"}, root, DOOR) as server:
        yield server


@pytest.fixture(scope="module")
def opened(dashboard):
    """The page, opened once with the token."""
    status, body, _ = ask(dashboard, f"/faces/?frame=cast/C112&token={token(dashboard)}")
    assert status == 200
    return body


def routes(root) -> list[str]:
    """Every route that Voila has with these settings, asked of Voila itself."""
    settings = server_settings.voila(DOOR, root, debug=False)
    app = GuardedVoila(config=_as_config({**settings, "Voila": {"config_file_paths": []}}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_TOKEN", "another")
        app.initialize([str(notebook(root / "routes" / "page.ipynb"))])
    app.connection_dir = str(root)
    app.app = tornado.web.Application(**app.init_settings())
    return [pattern for pattern, *_ in app.init_handlers()]


def _as_config(settings):
    from traitlets.config import Config

    return Config(settings)


def probes(patterns: list[str]) -> list[str]:
    """Paths that a stranger may try: each route, with names, encodings and ways out in the place of what it takes."""
    tried = [way + name for way, name in itertools.product(TRAVERSALS, NAMES)] + list(ENCODED)
    tried += [f"static/{way}{name}" for way in TRAVERSALS[1:5] for name in NAMES[:2]]
    found = set()
    for pattern in patterns:
        kernel = re.sub(r"\(\?P<kernel_id>[^)]*\)", str(uuid.uuid4()), pattern)
        plain = re.sub(r"\(\?P<path>.*\)$|\(\.\*\)", "\0", kernel)
        found |= {plain.replace("\0", name) for name in tried} if "\0" in plain else {plain}
    return sorted(
        found | {f"/faces/voila/files/{name}" for name in tried} | {f"/faces/voila/render/{n}" for n in NAMES}
    )


@pytest.mark.parametrize("credential", ["none", "wrong", "wrong in the address"])
def test_no_probe_without_the_token_gets_a_byte_of_a_picture_or_anything_but_the_page_s_program(
    dashboard, root, credential
):
    paths = probes(routes(root))
    assert len(paths) >= 200
    headers = {"Authorization": "token " + "0" * 64} if credential == "wrong" else {}
    for path in paths:
        asked = f"{path}{'&' if '?' in path else '?'}token={'0' * 64}" if credential == "wrong in the address" else path
        status, body, answered = ask(dashboard, asked, headers)
        assert PICTURE[8:28] not in body, path
        assert str(root).encode() not in body, path
        assert b"Traceback" not in body, path
        if status == 302:
            assert urllib.parse.urlsplit(answered["Location"]).path in ("/faces/login", "/faces/"), path
        elif status == 200:
            assert urllib.parse.unquote(path).startswith(OPEN_TO_ALL), path


def test_with_the_token_too_there_is_the_page_and_no_file(dashboard, root):
    for path in probes(["/faces/voila/files/(.*)", "/faces/(.*)"]):
        status, body, _ = ask(dashboard, path, with_token(dashboard))
        assert PICTURE[8:28] not in body, path
        assert status in (400, 403, 404), path


@pytest.mark.parametrize(
    "host", ["evil.example", f"{NAME}.evil.example", "127.0.0.1.evil.example", f"{NAME}.", "", "[::2]", "127.1"]
)
@pytest.mark.parametrize(
    "path", ["/faces/", "/faces/login", "/faces/voila/static/voila.js", "/faces/api/kernels/x/channels"]
)
def test_a_foreign_host_is_refused_before_anything_else_even_with_the_token(dashboard, host, path):
    status, body, _ = ask(dashboard, path, {"Host": host, **with_token(dashboard)})
    assert (status, b"not served under the name" in body) == (403, True)


@pytest.mark.parametrize("host", [f"{NAME}, evil.example", f"{NAME}@evil.example", "evil.example/", "a\tb"])
def test_a_host_that_is_none_is_refused_too(dashboard, host):
    assert ask(dashboard, "/faces/login", {"Host": host})[0] in (400, 403)


@pytest.mark.parametrize("host", [NAME, NAME.upper(), f"{NAME}:8443", "localhost:80", "127.0.0.1", "[::1]:8888"])
def test_this_machine_and_an_allowed_host_are_answered_on_every_port(dashboard, host):
    assert ask(dashboard, "/faces/login", {"Host": host})[0] == 200


def test_a_socket_is_refused_to_a_foreign_host(dashboard, opened):
    here = urllib.parse.urlsplit(dashboard.address)
    address = _socket_address(dashboard, opened).replace(here.netloc, "evil.example")
    line = socket.create_connection((here.hostname, here.port))
    with pytest.raises(InvalidStatus, match="403"), connect(f"{address}&token={token(dashboard)}", sock=line):
        pass


def test_the_page_knows_what_its_address_asked_for_and_neither_it_nor_its_kernel_the_token(dashboard, opened):
    assert b"asked for [\\u0027frame\\u0027] in [\\u0027CSNVIZ_READ_ONLY\\u0027]" in opened
    assert token(dashboard).encode() not in opened


def test_what_a_cell_prints_or_warns_is_not_on_the_page_and_neither_is_its_source(opened):
    assert b"SN001" not in opened
    assert b"import os" not in opened


def test_a_failing_page_says_so_in_one_sentence_without_trace_path_or_participant(tmp_path):
    page = notebook(tmp_path / "page.ipynb", "print('SN001')", f"raise ValueError('SN001 in {tmp_path}')")
    with servers.start_voila(page, {}, tmp_path / "root", DOOR) as server:
        status, body, _ = ask(server, "/faces/", with_token(server))
    assert (status, b"The page could not be opened." in body) == (200, True)
    for leaked in (b"SN001", str(tmp_path).encode(), b"Traceback", b"ValueError", b"show_tracebacks", b"/tmp/"):
        assert leaked not in body


def _socket_address(server, page: bytes) -> str:
    kernel = kernel_of(page)
    host = urllib.parse.urlsplit(server.address).netloc
    return f"ws://{host}/faces/api/kernels/{kernel}/channels?session_id=probe"


def _message(kind: str, content: dict) -> str:
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": kind,
        "session": "probe",
        "username": "",
        "version": "5.3",
        "date": "",
    }
    return json.dumps({"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content})


def _until(line, kind: str) -> list[str]:
    """The messages until one of this kind has come, and whatever follows within a second."""
    found: list[str] = []
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            text = line.recv(timeout=1)
        except TimeoutError:
            if any(json.loads(text)["header"]["msg_type"] == kind for text in found):
                return found
            continue
        found.append(text)
    raise AssertionError(f"no {kind}: {found}")


def test_over_the_socket_of_a_page_nothing_can_be_run_and_nothing_that_was_printed_comes_back(
    dashboard, opened, tmp_path
):
    written = tmp_path / "written"
    clicked = re.search(rb'"model_id": "(\w+)"', opened)
    with connect(_socket_address(dashboard, opened), additional_headers=with_token(dashboard)) as line:
        run = {"code": f"open({str(written)!r}, 'w')", "silent": False, "store_history": False, "allow_stdin": False}
        for kind in ("execute_request", "debug_request", "inspect_request", "complete_request", "history_request"):
            line.send(_message(kind, run))
        line.send(_message("comm_info_request", {"target_name": "jupyter.widget"}))
        said = _until(line, "comm_info_reply")
        comms = json.loads(next(text for text in said if "comm_info_reply" in text))["content"]["comms"]
        assert clicked is not None
        assert clicked[1].decode() in comms
        for comm in comms:
            line.send(
                _message("comm_msg", {"comm_id": comm, "data": {"method": "custom", "content": {"event": "click"}}})
            )
        said += _until(line, "status")
    assert not written.exists()
    assert "SN001" not in "".join(said)
    assert not {"execute_reply", "stream", "error"} & {json.loads(text)["header"]["msg_type"] for text in said}


def test_without_the_token_a_page_s_kernel_tells_nobody_anything(dashboard, opened):
    kernel = kernel_of(opened)
    assert ask(dashboard, f"/faces/api/kernels/{kernel}")[0] == 403
    assert ask(dashboard, f"/faces/api/kernels/{kernel}", with_token(dashboard))[0] == 200
    assert ask(dashboard, "/faces/api/kernels", with_token(dashboard))[0] == 404
    with pytest.raises(InvalidStatus, match="403"), connect(_socket_address(dashboard, opened)):
        pass


def test_nobody_with_the_token_locks_the_others_out_by_a_password(dashboard):
    # The browser's two proofs that a form is the server's own.
    headers = {"Cookie": "_xsrf=2|aa|aa|1", "Content-Type": "application/x-www-form-urlencoded"}
    words = urllib.parse.urlencode({"password": token(dashboard), "new_password": "mine", "_xsrf": "2|aa|aa|1"})
    ask(dashboard, "/faces/login", headers, "POST", words)
    assert ask(dashboard, "/faces/api/kernels/x", with_token(dashboard))[0] in (404, 403)
    assert ask(dashboard, "/faces/voila/static/voila.js", with_token(dashboard))[0] == 200
    assert ask(dashboard, "/faces/", with_token(dashboard))[0] == 200


def test_the_policy_names_the_sockets_of_the_allowed_hosts_behind_tls_and_no_other_host(dashboard):
    _, body, headers = ask(dashboard, "/faces/login")
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert f"wss://{NAME}:*" in policy["connect-src"].split()
    hosts = re.findall(r"wss?://([^:\s]+)", policy["connect-src"])
    assert set(hosts) == {"127.0.0.1", "localhost", NAME}
    assert headers["Referrer-Policy"] == "same-origin"
    assert b"http" not in body


def test_the_next_visitor_gets_a_sentence_when_all_places_are_taken_and_a_place_when_one_is_free(tmp_path, monkeypatch):
    monkeypatch.setattr(server_settings, "memory_bytes", lambda: 0)
    page = notebook(tmp_path / "page.ipynb", "import ipywidgets", "ipywidgets.HTML('here')")
    with servers.start_voila(page, {}, tmp_path / "root", DOOR) as server:
        status, body, _ = ask(server, "/faces/", with_token(server))
        assert status == 200
        began = time.monotonic()
        status, sentence, _ = ask(server, "/faces/", with_token(server))
        assert (status, b"All places on this page" in sentence) == (503, True)
        assert time.monotonic() - began < 1
        # The page ends its kernel when it is closed.
        headers = {**with_token(server), "Content-Type": "application/json"}
        assert ask(server, f"/faces/voila/api/shutdown/{kernel_of(body)}", headers, "POST")[0] == 204
        assert ask(server, "/faces/", with_token(server))[0] == 200


@pytest.mark.parametrize("again", [True, False])
def test_a_kernel_made_ready_before_knows_the_address_of_the_visitor_whom_it_got(tmp_path, again):
    lines = ("import ipywidgets, os", "from csnviz import page_address", "before = os.environ['VOILA_PREHEAT']",
             "ipywidgets.HTML(f'ready {before}: {dict(page_address.query())} again {dict(page_address.query())}')")  # fmt: skip
    page = notebook(tmp_path / "page.ipynb", *lines)
    notebook(tmp_path / "other.ipynb", "raise SystemExit")
    environment = {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    door = Door(ready=1, ready_again=again, while_open=True)
    with servers.start_voila(page, environment, tmp_path / "root", door) as server:
        time.sleep(4)
        seen = [ask(server, f"/?frame=f{visitor}&token={token(server)}")[1] for visitor in range(2)]
    for visitor, body in enumerate(seen):
        assert f"\\u0027frame\\u0027: \\u0027f{visitor}\\u0027".encode() in body
        assert f"f{1 - visitor}".encode() not in body.split(b"again")[1][:80]
    assert b"ready True" in seen[0]
    assert (b"ready True" in seen[1]) == again, "whoever comes to one person's page later waits for a kernel"


def test_a_kernel_that_broke_down_is_told_from_one_that_was_never_there(tmp_path):
    page = notebook(tmp_path / "page.ipynb", "import os, threading", "threading.Timer(1, os._exit, [1]).start()")
    with servers.start_voila(page, {}, tmp_path / "root", Door(while_open=True)) as server:
        kernel = kernel_of(ask(server, "/", with_token(server))[1])
        time.sleep(3)
        assert ask(server, f"/api/kernels/{kernel}", with_token(server))[0] == 410
        assert ask(server, f"/api/kernels/{uuid.uuid4()}", with_token(server))[0] == 404


@pytest.fixture
def served(tmp_path):
    """A served folder with a page in it, and a data root beside it whose name begins the same."""
    for name in ("page", "page-data", "page-data/crops"):
        (tmp_path / name).mkdir()
    (tmp_path / "page" / "page.ipynb").touch()
    return tmp_path / "page"


def test_a_data_root_beside_the_served_folder_is_apart_from_it(served):
    server_settings.check_apart(served, [served.parent / "page-data", served.parent / "missing"])


def _refused(served, private):
    with pytest.raises(InputError, match=r"holds faces, and .* is not apart from it\. Choose another"):
        server_settings.check_apart(served, [served.parent / "page-data", private])


def test_the_served_folder_itself_is_refused_as_a_data_root(served):
    _refused(served, served)


def test_a_data_root_inside_the_served_folder_is_refused(served):
    _refused(served, served / "deep" / "faces")


def test_a_data_root_above_the_served_folder_is_refused(served):
    _refused(served, served.parent)


def test_a_data_root_that_is_written_roundabout_is_refused(served):
    _refused(served, served.parent / "page-data" / ".." / "page")


def test_a_link_in_the_served_folder_to_the_data_root_is_refused(served):
    (served / "link").symlink_to(served.parent / "page-data")
    _refused(served, served.parent / "page-data")


def test_a_deep_link_in_the_served_folder_to_one_picture_is_refused(served):
    (served / "deep").mkdir()
    (served.parent / "page-data" / "face.png").touch()
    (served / "deep" / "face.png").symlink_to(served.parent / "page-data" / "face.png")
    _refused(served, served.parent / "page-data")


def test_a_link_in_the_served_folder_to_what_holds_the_data_root_is_refused(served):
    (served / "link").symlink_to(served.parent)
    _refused(served, served.parent / "page-data")


def test_a_data_root_that_is_a_link_into_the_served_folder_is_refused(served):
    (served.parent / "link").symlink_to(served)
    _refused(served, served.parent / "link" / "crops")


def test_a_served_folder_that_is_a_link_into_the_data_root_is_refused(served):
    (served.parent / "other").symlink_to(served.parent / "page-data" / "crops")
    with pytest.raises(InputError, match="is not apart"):
        server_settings.check_apart(served.parent / "other", [served.parent / "page-data"])


def test_nothing_is_served_out_of_a_data_root_that_holds_the_folder_for_temporary_files(tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    start = servers.start_voila(notebook(tmp_path / "page.ipynb"), {}, tmp_path, DOOR)
    with pytest.raises(InputError, match="TMPDIR"), start:
        pass


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"names": ("https://a.org",)}, "a host's name alone"),
        ({"names": ("a.org; script-src *",)}, "a host's name alone"),
        ({"names": ("*",)}, "a host's name alone"),
        ({"path": "faces"}, "begins and ends with /"),
        ({"path": "/../"}, "begins and ends with /"),
        ({"idle_seconds": 0.0}, "minutes are meant"),
        ({"ready": -1}, "0 or more"),
        ({"ip": "faces.example.org"}, "address of a network card"),
        ({"ip": "0.0.0.0"}, "no host is named"),
    ],
)
def test_a_door_that_leads_nowhere_is_one_sentence(wrong, sentence):
    with pytest.raises(InputError, match=sentence):
        Door(**wrong)


def test_an_address_of_this_machine_on_a_network_may_be_asked_for_by_its_number():
    assert Door(ip="192.0.2.7").hosts == ("192.0.2.7",)
    assert Door(ip="0.0.0.0", names=(NAME,)).hosts == (NAME,)
    assert Door().hosts == ()
