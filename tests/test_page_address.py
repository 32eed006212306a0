import json
import socket
import threading
from contextlib import contextmanager

import pytest
from websockets.sync.server import serve

from csnviz import page_address
from csnviz.page_address import query


def test_outside_voila_a_page_has_no_address_even_if_a_query_is_in_the_environment():
    assert query({"QUERY_STRING": "frame=disfa/SN001"}) == {}


def test_in_voila_the_address_says_what_it_says_and_nothing_of_the_server_s_own():
    asked = "frame=disfa/SN001/left/0047&token=secret&theme=dark&case=a+b%26c&empty="
    found = query({"VOILA_PREHEAT": "False", "QUERY_STRING": asked})
    assert found == {"frame": "disfa/SN001/left/0047", "case": "a b&c", "empty": ""}


def test_the_last_word_counts_where_a_name_is_said_twice():
    assert query({"VOILA_PREHEAT": "False", "QUERY_STRING": "au=4&au=12"}) == {"au": "12"}


@contextmanager
def voila(monkeypatch, late, drops):
    """A server that tells a kernel's socket of its visitor, so many seconds late, and after it has dropped so many lines before.

    The addresses that it was asked under.
    """
    asked = []

    def tell(line):
        asked.append(line.request.path)
        if len(asked) <= drops:
            return
        line.send(json.dumps({"QUERY_STRING": "au=12"}))

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = {
        "VOILA_APP_IP": "127.0.0.1",
        "VOILA_APP_PORT": str(port),
        "VOILA_SERVER_URL": "/faces/",
        "VOILA_KERNEL_ID": "k1",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    servers = []

    def begin():
        servers.append(serve(tell, "127.0.0.1", port))
        servers[0].serve_forever()

    begun = threading.Timer(late, begin)
    begun.start()
    yield asked
    servers[0].shutdown()
    begun.join()


@pytest.mark.parametrize(("late", "drops"), [(0.0, 0), (1.0, 0), (0.0, 2)])
def test_a_kernel_made_ready_before_waits_once_for_its_visitor_whatever_the_server_does(monkeypatch, late, drops):
    monkeypatch.setenv("QUERY_STRING", "")
    monkeypatch.delenv("QUERY_STRING")
    with voila(monkeypatch, late, drops) as asked:
        for _ in range(2):
            assert query({"VOILA_PREHEAT": "True"}) == {"au": "12"}
    assert asked == ["/faces/voila/query/k1"] * (1 + drops)


def test_a_server_that_stays_away_is_not_waited_for_without_end(monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        for name, value in {"APP_IP": "127.0.0.1", "APP_PORT": str(probe.getsockname()[1]), "SERVER_URL": "/"}.items():
            monkeypatch.setenv(f"VOILA_{name}", value)
        monkeypatch.setenv("VOILA_KERNEL_ID", "k1")
        with pytest.raises(OSError, match="refused"):
            page_address._wait(attempts=2)
