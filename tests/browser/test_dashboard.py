"""The dashboard in a real browser: behind a proxy with TLS, for two people at once, and when its kernel is gone."""

import asyncio
import runpy
import shutil
import ssl
import subprocess
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from csnviz import servers
from csnviz.server_settings import Door
from tests.small_pages import ask, notebook

pytestmark = pytest.mark.browser

NAME = "faces.example.org"
PATIENCE = 60_000
LINES = (
    "import os, ipywidgets",
    "from csnviz import page_address",
    "asked = page_address.query().get('participant', 'nobody')",
    "said, go, end = ipywidgets.Text(asked), ipywidgets.Button(description='go'), ipywidgets.Button(description='end')",
    "go.on_click(lambda _: setattr(said, 'value', said.value + '!'))",
    "end.on_click(lambda _: os._exit(1))",
    "ipywidgets.VBox([said, go, end])",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A notebook that shows whom the address asks for, and a data root."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "root").mkdir()
    return notebook(folder / "page.ipynb", *LINES), folder / "root"


@contextmanager
def served(place, door: Door) -> Iterator[servers.Server]:
    with servers.start_voila(place[0], {}, place[1], door) as server:
        yield server


class Visitor:
    """One person's browser, and what it asked other hosts for."""

    def __init__(self, browser: object, hosts: tuple[str, ...] = ("127.0.0.1",), **settings: object) -> None:
        self.context = browser.new_context(viewport={"width": 1000, "height": 500}, **settings)
        self.page = self.context.new_page()
        self.outside: list[str] = []
        self.refused: list[str] = []
        for kind in ("request", "websocket"):
            self.page.on(kind, lambda asked: self._note(asked.url, hosts))
        self.page.on("console", lambda said: "Content Security" in said.text and self.refused.append(said.text))

    def _note(self, address: str, hosts: tuple[str, ...]) -> None:
        parts = urllib.parse.urlsplit(address)
        if parts.scheme not in ("data", "blob") and parts.hostname not in hosts:
            self.outside.append(address)

    def open(self, address: str) -> None:
        self.page.goto(address, timeout=PATIENCE)
        self.page.wait_for_selector("input[type=text]", timeout=PATIENCE)

    def shows(self, words: str) -> None:
        self.page.wait_for_function(
            "words => document.querySelector('input[type=text]')?.value === words", arg=words, timeout=PATIENCE
        )

    def press(self, name: str) -> None:
        self.page.click(f"button:text-is('{name}')", timeout=PATIENCE)

    def gone(self, sentence: str) -> object:
        note = self.page.wait_for_selector(".csn-asleep", timeout=PATIENCE)
        assert note.query_selector("p").inner_text() == sentence
        assert [button.inner_text() for button in note.query_selector_all("button")] == ["Open the page again"]
        assert self.page.query_selector(".jp-Dialog") is None
        return note


@contextmanager
def visiting(browser: object, *hosts: str, **settings: object) -> Iterator[Visitor]:
    visitor = Visitor(browser, hosts or ("127.0.0.1",), **settings)
    try:
        yield visitor
    finally:
        visitor.context.close()


def test_two_people_on_one_server_see_nothing_of_each_other_and_nothing_asks_another_host(chromium, place):
    door = Door(ready=1, while_open=True)
    with served(place, door) as server, visiting(chromium) as one, visiting(chromium) as two:
        one.open(f"{server.address}&participant=A")
        two.open(f"{server.address}&participant=B")
        one.shows("A")
        two.shows("B")
        one.press("go")
        one.shows("A!")
        two.press("go")
        two.press("go")
        two.shows("B!!")
        one.shows("A!")
        for mine, other in ((one, "participant=B"), (two, "participant=A")):
            assert other not in mine.page.content()
            assert mine.outside == []
            assert mine.refused == []
        names = [visitor.page.evaluate(_KERNEL) for visitor in (one, two)]
        assert names[0] != names[1]


_KERNEL = "() => JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId"


def test_a_page_that_nobody_used_says_that_it_fell_asleep_and_one_button_opens_the_same_state_again(
    chromium, place, tmp_path
):
    door = Door(idle_seconds=12.0, while_open=True)  # longer than a busy machine takes to open three pages
    with (
        served(place, door) as server,
        visiting(chromium) as light,
        visiting(chromium) as dark,
        visiting(chromium) as used,
    ):
        sleepers = {"light": light, "dark": dark}
        first = {}
        for theme, visitor in {**sleepers, "used": used}.items():
            visitor.open(f"{server.address}&participant=A&theme={theme if theme in sleepers else 'light'}")
            visitor.shows("A")
            first[theme] = visitor.page.evaluate(_KERNEL)
        for visitor in sleepers.values():
            # As the page does when somebody chooses another participant.
            visitor.page.evaluate(
                "() => history.replaceState({}, '', location.href.replace('=A', '=B&frame=disfa/B/7'))"
            )
        # Whoever uses the page keeps it awake, for longer than the others' pages stay so.
        presses, deadline = 0, time.monotonic() + PATIENCE / 1000
        while not all(visitor.page.query_selector(".csn-asleep") for visitor in sleepers.values()):
            assert time.monotonic() < deadline
            used.press("go")
            presses += 1
            used.shows("A" + presses * "!")
            used.page.wait_for_timeout(1000)
        assert presses >= 3
        assert used.page.query_selector(".csn-asleep") is None
        for theme, visitor in sleepers.items():
            address = visitor.page.url
            note = visitor.gone("The page fell asleep because nobody used it for 0.2 minutes.")
            visitor.page.screenshot(path=str(tmp_path / f"asleep-{theme}.png"))
            words, ground = note.query_selector("p"), note.query_selector("div")
            pairs = ([words, "color"], [ground, "backgroundColor"])
            colours = [visitor.page.evaluate(_COLOUR, pair) for pair in pairs]
            assert (sum(colours[1]) > 600) is (theme == "light")
            assert _contrast(*colours) > 7
            assert visitor.page.evaluate("() => document.activeElement.textContent") == "Open the page again"
            visitor.page.keyboard.press("Enter")
            visitor.shows("B")
            assert visitor.page.url == address
            assert visitor.page.evaluate(_KERNEL) != first[theme]


_COLOUR = "([element, name]) => getComputedStyle(element)[name].match(/\\d+/g).slice(0, 3).map(Number)"


def _contrast(one: list[int], other: list[int]) -> float:
    def luminance(colour: list[int]) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_a_kernel_that_broke_down_and_a_server_that_is_gone_are_said_each_in_its_sentence(chromium, place):
    with served(place, Door(while_open=True)) as server, visiting(chromium) as visitor:
        visitor.open(f"{server.address}&participant=A")
        visitor.shows("A")
        visitor.press("end")
        # The server notices within seconds; a page looks when its network is back.
        visitor.page.evaluate("() => setInterval(() => dispatchEvent(new Event('online')), 500)")
        visitor.gone("What computes this page has stopped.")
        visitor.press("Open the page again")
        visitor.shows("A")
        server.process.kill()
        visitor.gone("The connection to the server was lost.")


@contextmanager
def proxy(port: int, certificate: tuple[str, str]) -> Iterator[int]:
    """A proxy with TLS, as nginx or Caddy would be: it unpacks, and passes everything on with the Host that was asked for."""
    ready, ports = threading.Event(), []
    loop = asyncio.new_event_loop()
    settings = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    settings.load_cert_chain(*certificate)

    async def pour(source: asyncio.StreamReader, drain: asyncio.StreamWriter) -> None:
        try:
            while some := await source.read(65536):
                drain.write(some)
                await drain.drain()
        except OSError:
            pass
        finally:
            drain.close()

    async def pass_on(outer: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        inner, forth = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pour(outer, forth), pour(inner, back))

    async def listen() -> None:
        server = await asyncio.start_server(pass_on, "127.0.0.1", 0, ssl=settings)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(listen(), loop)
    assert ready.wait(10)
    try:
        yield ports[0]
    finally:
        asyncio.run_coroutine_threadsafe(_end_all(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _end_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@pytest.fixture
def certificate(tmp_path):
    """A certificate that signs itself, made for this test alone."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl here, which makes the proxy's certificate")
    key, signed = str(tmp_path / "key.pem"), str(tmp_path / "signed.pem")
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={NAME}"]
    subprocess.run(["openssl", *made, "-keyout", key, "-out", signed], check=True, capture_output=True)
    return signed, key


def test_behind_a_proxy_with_tls_the_page_lives_under_the_allowed_host_and_under_no_other(chromium, place, certificate):
    arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP *.example.org 127.0.0.1"]
    browser = chromium.browser_type.launch(executable_path=_path_of(chromium), args=arguments)
    door = Door(names=(NAME,), path="/faces/", ready=1, while_open=True)
    try:
        with served(place, door) as server, proxy(urllib.parse.urlsplit(server.address).port, certificate) as port:
            link = urllib.parse.urlsplit(server.address)._replace(scheme="https", netloc=f"{NAME}:{port}").geturl()
            with visiting(browser, NAME, ignore_https_errors=True) as visitor:
                visitor.open(f"{link}&participant=A")
                visitor.shows("A")
                visitor.press("go")
                visitor.shows("A!")
                assert (visitor.outside, visitor.refused) == ([], [])
                # The link has let the browser in; its address does not need the token again.
                visitor.open(f"https://{NAME}:{port}/faces/?participant=B")
                visitor.shows("B")
            with visiting(browser, ignore_https_errors=True) as visitor:
                answer = visitor.page.goto(link.replace(NAME, "evil.example.org"))
                assert answer.status == 403
                assert "not served under the name" in visitor.page.inner_text("body")
            with visiting(browser, NAME, ignore_https_errors=True) as visitor:
                visitor.page.goto(f"https://{NAME}:{port}/faces/?participant=A")
                assert "whole link that you were given" in visitor.page.inner_text("body")
                visitor.page.fill("input[type=password]", link.rpartition("token=")[2])
                visitor.press("Open the page")
                visitor.shows("A")
            assert ask(server, "/faces/login", {"Host": "evil.example.org"})[0] == 403
    finally:
        browser.close()


def _path_of(chromium: object) -> str:
    return runpy.run_path(str(Path(__file__).parents[1] / "setup_browser.py"))["find_browser"]()
