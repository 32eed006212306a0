import json
import socket
import threading
from contextlib import contextmanager

import pytest
from websockets.sync.server import serve

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
def voila(monkeypatch, late):
    """A server that tells a kernel's socket of its visitor, and is so many seconds late; the addresses that it was asked under."""
    asked = []

    def tell(line):
        asked.append(line.request.path)
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


@pytest.mark.parametrize("late", [0.0, 1.0])
def test_a_kernel_made_ready_before_waits_once_for_its_visitor_and_for_a_server_that_is_late(monkeypatch, late):
    monkeypatch.setenv("QUERY_STRING", "")
    monkeypatch.delenv("QUERY_STRING")
    with voila(monkeypatch, late) as asked:
        for _ in range(2):
            assert query({"VOILA_PREHEAT": "True"}) == {"au": "12"}
    assert asked == ["/faces/voila/query/k1"]
