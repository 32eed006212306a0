import time

from csnviz.views import notices as module
from csnviz.views.notices import Notices


def shown(notices):
    return "csn-hidden" not in notices.cancel._dom_classes


def soon(true):
    deadline = time.monotonic() + 10
    while not true() and time.monotonic() < deadline:
        time.sleep(0.005)
    return true()


def test_what_lasts_gets_a_button_that_stops_it_and_goes_when_it_is_done(monkeypatch):
    monkeypatch.setattr(module, "SECONDS_BEFORE_CANCEL", 0.05)
    notices = Notices(cancel=lambda: "Estimating 4845 frames")
    notices.say("Estimating 4845 frames")
    assert not shown(notices)
    assert soon(lambda: shown(notices))
    notices.say("")
    assert not shown(notices)


def test_what_is_quick_never_shows_a_button(monkeypatch):
    monkeypatch.setattr(module, "SECONDS_BEFORE_CANCEL", 0.1)
    notices = Notices(cancel=lambda: "")
    for _ in range(5):
        notices.say("Comparing")
        time.sleep(0.03)
        notices.say("")
    time.sleep(0.15)
    assert not shown(notices)


def test_progress_does_not_start_the_second_anew(monkeypatch):
    monkeypatch.setattr(module, "SECONDS_BEFORE_CANCEL", 0.1)
    notices = Notices(cancel=lambda: "")
    deadline = time.monotonic() + 10
    while not shown(notices) and time.monotonic() < deadline:
        notices.say("Comparing · 10%")
        time.sleep(0.02)
    assert shown(notices)


def test_the_page_says_what_is_being_stopped_and_then_what_was_given_up(monkeypatch):
    monkeypatch.setattr(module, "SECONDS_BEFORE_CANCEL", 0.01)
    notices = Notices(cancel=lambda: "Estimating <SN001>")
    notices.say("Estimating <SN001>")
    assert soon(lambda: shown(notices))
    notices.cancel.click()
    assert "Stopping: Estimating &lt;SN001&gt;" in notices.busy.value
    assert not shown(notices)
    notices.say("Estimating <SN001> · 40%")
    assert "Stopping" in notices.busy.value
    notices.say("")
    assert notices.busy.value == '<span role="status">Given up: Estimating &lt;SN001&gt;</span>'
    notices.say("Comparing")
    assert "Given up" not in notices.busy.value
    notices.say("")
    assert notices.busy.value == '<span role="status"></span>'


def test_a_page_whose_work_cannot_be_stopped_offers_no_button(monkeypatch):
    monkeypatch.setattr(module, "SECONDS_BEFORE_CANCEL", 0.01)
    notices = Notices()
    notices.say("Working")
    time.sleep(0.1)
    assert not shown(notices)


def test_what_was_given_up_can_be_asked_for_again_until_something_else_is_worked_on(monkeypatch):
    monkeypatch.setattr(module, "SECONDS_BEFORE_CANCEL", 0.01)
    asked = []
    notices = Notices(lambda: "Estimating", lambda: asked.append("again"))
    notices.say("Estimating")
    assert soon(lambda: shown(notices))
    notices.cancel.click()
    assert "csn-hidden" in notices.again._dom_classes, "it is not given up yet"
    notices.say("")
    assert "csn-hidden" not in notices.again._dom_classes
    notices.again.click()
    assert asked == ["again"]
    notices.say("Estimating")
    assert "csn-hidden" in notices.again._dom_classes
    notices.say("")
    assert "csn-hidden" in notices.again._dom_classes
