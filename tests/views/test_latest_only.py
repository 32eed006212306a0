import threading
import time

from csnviz.errors import InputError
from csnviz.views import latest_only
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


class Waits:
    """Work that goes on until it is told to stop or allowed to end, and counts how often it was begun."""

    def __init__(self) -> None:
        self.begun, self.started, self.go_on = 0, threading.Event(), threading.Event()

    def __call__(self, watch):
        self.begun += 1
        self.started.set()
        while not self.go_on.is_set():
            if watch.cancelled():
                raise RuntimeError("gave up")
            time.sleep(0.001)
        return "done"


def behind(asked, slot, work):
    asked.thread.submit(slot, f"reading {slot}", work, asked.arrived.append, background=True)


def test_what_is_cancelled_never_arrives_is_no_failure_and_is_named():
    asked, long = Asked(), Waits()
    asked.ask("a", long)
    assert long.started.wait(20)
    assert asked.thread.cancel() == "working on a"
    assert asked.thread.wait(20.0)
    assert (asked.arrived, asked.failed) == ([], [])
    assert asked.thread.cancel() == "", "nothing is being worked on any more"
    asked.ask("a", lambda _: "again")
    assert asked.thread.wait(20.0)
    assert asked.arrived == ["again"]


def test_what_was_cancelled_is_done_when_it_is_asked_for_again():
    asked, long = Asked(), Waits()
    asked.ask("a", long)
    assert long.started.wait(20)
    asked.thread.cancel()
    assert asked.thread.wait(20.0)
    long.go_on.set()
    asked.thread.again()
    assert asked.thread.wait(20.0)
    assert asked.arrived == ["done"]
    asked.thread.again()
    assert asked.thread.wait(20.0)
    assert asked.arrived == ["done"], "once is enough"


def test_what_was_cancelled_is_not_asked_for_again_once_something_newer_was():
    asked, long = Asked(), Waits()
    asked.ask("a", long)
    assert long.started.wait(20)
    asked.thread.cancel()
    asked.ask("a", lambda _: "newer")
    assert asked.thread.wait(20.0)
    asked.thread.again()
    assert asked.thread.wait(20.0)
    assert asked.arrived == ["newer"]


def test_cancelling_leaves_what_waits_in_other_slots():
    asked, long = Asked(), Waits()
    asked.ask("a", long)
    assert long.started.wait(20)
    asked.ask("b", lambda _: "b")
    asked.thread.cancel()
    assert asked.thread.wait(20.0)
    assert asked.arrived == ["b"]


def test_work_behind_makes_way_for_whoever_waits_and_is_taken_up_again():
    asked, long = Asked(), Waits()
    behind(asked, "everyone", long)
    assert long.started.wait(20)
    asked.ask("a", lambda _: (long.go_on.set(), "a")[1])
    assert asked.thread.wait(20.0)
    assert asked.arrived == ["a", "done"]
    assert (long.begun, asked.failed) == (2, [])
    assert asked.said == ["working on a", ""], "of what nobody waits for the page says nothing"


def test_what_is_asked_comes_before_all_that_was_asked_behind_it():
    asked, first = Asked(), Waits()
    asked.ask("first", first)
    assert first.started.wait(20)
    behind(asked, "everyone", lambda _: "everyone")
    asked.ask("a", lambda _: "a")
    first.go_on.set()
    assert asked.thread.wait(20.0)
    assert asked.arrived == ["done", "a", "everyone"]


def test_a_newer_request_behind_takes_the_place_of_the_interrupted_one():
    asked, long = Asked(), Waits()
    behind(asked, "everyone", long)
    assert long.started.wait(20)
    behind(asked, "everyone", lambda _: "newer")
    assert asked.thread.wait(20.0)
    assert (asked.arrived, asked.failed, long.begun) == (["newer"], [], 1)


def test_a_result_behind_that_was_there_before_it_heard_of_anybody_waiting_is_not_lost():
    asked, finished, go_on = Asked(), threading.Event(), threading.Event()
    behind(asked, "everyone", lambda _: (finished.set(), go_on.wait(20), "everyone")[-1])
    assert finished.wait(20)
    asked.ask("a", lambda _: "a")
    go_on.set()
    assert asked.thread.wait(20.0)
    assert asked.arrived == ["everyone", "a"]


def test_what_goes_wrong_behind_is_said_once_and_not_begun_again():
    asked = Asked()
    behind(asked, "everyone", lambda _: 1 / 0)
    assert asked.thread.wait(20.0)
    assert len(asked.failed) == 1


def test_cancel_does_not_touch_what_is_worked_on_behind():
    asked, long = Asked(), Waits()
    behind(asked, "everyone", long)
    assert long.started.wait(20)
    assert asked.thread.cancel() == ""
    long.go_on.set()
    assert asked.thread.wait(20.0)
    assert asked.arrived == ["done"]


def test_work_behind_may_ask_for_more_of_itself_when_it_arrives():
    asked, people = Asked(), iter(["SN001", "SN002", "SN003"])

    def next_one():
        who = next(people, None)
        if who:
            asked.thread.submit("everyone", "", lambda _: who, lambda w: (asked.arrived.append(w), next_one()), True)

    next_one()
    deadline = time.monotonic() + 20
    while len(asked.arrived) < 3 and time.monotonic() < deadline:
        assert asked.thread.wait(20.0)
    assert asked.arrived == ["SN001", "SN002", "SN003"]


def test_what_is_worked_on_behind_is_murmured_to_whoever_asked_for_it():
    murmured, said = [], []
    thread = LatestOnly(said.append, said.append, murmured.append)
    thread.submit("everyone", "reading SN001", lambda _: 1, lambda _: None, background=True)
    assert thread.wait(20.0)
    assert (murmured, said) == (["reading SN001", ""], [])


class Paced:
    """Work that counts its steps until it is told to stop."""

    def __init__(self) -> None:
        self.steps, self.started = 0, threading.Event()

    def __call__(self, watch) -> str:
        while not watch.cancelled():
            self.steps += 1
            self.started.set()
            time.sleep(0.005)
        return "stopped"


def paced_beside_quick(monkeypatch, short: float) -> tuple[Paced, LatestOnly, LatestOnly]:
    monkeypatch.setattr(latest_only, "SHORT", short)
    monkeypatch.setattr(latest_only, "REST", 20.0)
    monkeypatch.setattr(latest_only, "PATIENCE", 20.0)
    quick, paced = LatestOnly(lambda _: None, print), Paced()
    slow = LatestOnly(lambda _: None, print, quicker=quick)
    slow.submit("a", "", paced, lambda _: None)
    assert paced.started.wait(20)
    quick.submit("frame", "", lambda _: 1, lambda _: None)
    assert quick.wait(20.0)
    time.sleep(0.05)  # the step under way ends
    return paced, slow, quick


def test_long_work_rests_after_a_quick_question_and_a_newer_request_ends_the_rest(monkeypatch):
    paced, slow, _ = paced_beside_quick(monkeypatch, 0.0)
    before = paced.steps
    time.sleep(0.2)
    assert paced.steps == before
    began = time.monotonic()
    slow.submit("a", "", lambda _: 2, lambda _: None)
    assert slow.wait(20.0)
    assert time.monotonic() - began < 10


def test_what_is_given_up_rests_no_longer(monkeypatch):
    _, slow, _ = paced_beside_quick(monkeypatch, 0.0)
    began = time.monotonic()
    slow.cancel()
    assert slow.wait(20.0)
    assert time.monotonic() - began < 10


def test_short_work_does_not_rest(monkeypatch):
    paced, slow, _ = paced_beside_quick(monkeypatch, 60.0)
    before = paced.steps
    time.sleep(0.2)
    assert paced.steps > before
    slow.cancel()
    assert slow.wait(20.0)


def test_long_work_goes_on_in_the_end_while_somebody_asks_for_ever(monkeypatch):
    paced, slow, _ = paced_beside_quick(monkeypatch, 60.0)
    monkeypatch.setattr(latest_only, "SHORT", 0.0)
    monkeypatch.setattr(latest_only, "PATIENCE", 0.05)
    time.sleep(0.1)
    before = paced.steps
    time.sleep(0.5)
    assert 1 <= paced.steps - before <= 12
    slow.cancel()
    assert slow.wait(20.0)


def test_the_first_request_waits_until_it_may_begin():
    thread, arrived = LatestOnly(lambda _: None, print, begins_within=60.0), []
    thread.submit("a", "", lambda _: 1, arrived.append)
    time.sleep(0.1)
    assert arrived == []
    thread.begin(0.05)
    assert thread.wait(20.0)
    assert arrived == [1]
    thread.submit("a", "", lambda _: 2, arrived.append)
    assert thread.wait(20.0)
    assert arrived == [1, 2]


def test_the_first_request_begins_by_itself_in_the_end():
    thread, arrived = LatestOnly(lambda _: None, print, begins_within=0.05), []
    thread.submit("a", "", lambda _: 1, arrived.append)
    assert thread.wait(20.0)
    assert arrived == [1]


def test_of_one_slot_only_the_newest_is_wanted_whether_it_is_asked_in_front_or_behind():
    asked, first = Asked(), Waits()
    asked.ask("first", first)
    assert first.started.wait(20)
    asked.ask("a", lambda _: "in front, older")
    behind(asked, "a", lambda _: "behind")
    behind(asked, "b", lambda _: "behind, older")
    asked.ask("b", lambda _: "in front")
    first.go_on.set()
    assert asked.thread.wait(20.0)
    assert asked.arrived == ["done", "in front", "behind"]
