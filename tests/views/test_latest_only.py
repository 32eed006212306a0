import threading
import time

from csnviz.errors import InputError
from csnviz.views.latest_only import LatestOnly


class Asked:
    """A thread for the network that writes down what it says, what failed and what arrived."""

    def __init__(self) -> None:
        self.said, self.failed, self.arrived = [], [], []
        self.thread = LatestOnly(self.said.append, self.failed.append)

    def ask(self, slot, work):
        self.thread.submit(slot, f"working on {slot}", work, self.arrived.append)


def test_of_many_requests_for_one_thing_the_newest_is_answered():
    asked, started, go_on = Asked(), threading.Event(), threading.Event()
    asked.ask("a", lambda _: (started.set(), go_on.wait(20), "first")[-1])
    assert started.wait(20)
    for number in range(5):
        asked.ask("a", lambda _, number=number: number)
    go_on.set()
    assert asked.thread.wait(20.0)
    assert asked.arrived == [4]


def test_a_request_for_another_thing_is_not_dropped():
    asked = Asked()
    asked.ask("a", lambda _: "a")
    asked.ask("b", lambda _: "b")
    assert asked.thread.wait(20.0)
    assert sorted(asked.arrived) == ["a", "b"]


def test_work_is_told_when_a_newer_request_waits():
    asked, started = Asked(), threading.Event()

    def stubborn(watch):
        started.set()
        while not watch.cancelled():
            time.sleep(0.001)
        raise RuntimeError("gave up")

    asked.ask("a", stubborn)
    assert started.wait(20)
    asked.ask("a", lambda _: "new")
    assert asked.thread.wait(20.0)
    assert asked.arrived == ["new"]
    assert asked.failed == []


def test_what_goes_wrong_is_one_sentence_and_the_next_request_is_answered(capfd):
    asked = Asked()

    def clumsy(_):
        raise InputError("P1: no reference frame. Name one.")

    asked.ask("a", clumsy)
    assert asked.thread.wait(20.0)
    asked.ask("a", lambda _: 1 / 0)
    assert asked.thread.wait(20.0)
    asked.ask("a", lambda _: "fine")
    assert asked.thread.wait(20.0)
    assert asked.failed[0] == "P1: no reference frame. Name one."
    assert "ZeroDivisionError" in asked.failed[1]
    assert "Traceback" not in asked.failed[1]
    assert asked.arrived == ["fine"]
    assert asked.said[-1] == ""
    assert capfd.readouterr() == ("", "")


def test_long_work_says_how_far_it_is_but_not_too_often():
    asked = Asked()

    def long(watch):
        until = time.monotonic() + 1.6
        while time.monotonic() < until:
            watch.progress(0.5)

    asked.ask("a", long)
    assert asked.thread.wait(20.0)
    assert asked.said[0] == "working on a"
    assert 1 <= asked.said.count("working on a · 50%") <= 3
    assert asked.said[-1] == ""
