"""A page that hides faces: no picture of one is ever asked for."""

from dataclasses import replace

import pytest

from csnviz.data.images import FaceImages
from csnviz.views.explorer import Explorer
from csnviz.views.source import WHY_NCG


@pytest.fixture
def hidden(source, monkeypatch) -> Explorer:
    """The page with every way to a picture blocked, after everything was estimated."""

    def forbidden(*_):
        raise AssertionError("a picture of a face was asked for")

    for name in ("picture", "filmed", "crop"):  # crops are read by networks and measures, which show nothing
        monkeypatch.setattr(FaceImages, name, forbidden)
    explorer = Explorer(replace(source, hidden_faces=True))
    explorer.viewer._handle_custom_msg({"type": "ready"}, [])
    assert explorer.networks.wait(60.0)
    return explorer


def sent(explorer: Explorer, monkeypatch, view: str = "face") -> list[bytes]:
    """What the browser gets when it asks for the first three frames."""
    found: list[bytes] = []
    monkeypatch.setattr(explorer.viewer, "send", lambda words, buffers=(): found.extend(buffers))
    generation = explorer.viewer.frames["generation"]
    asked = {"type": "frames", "generation": generation, "view": view, "frames": [0, 1, 2]}
    explorer.viewer._handle_custom_msg(asked, [])
    return found


def test_the_viewer_gets_drawings_that_are_nobodys(hidden, monkeypatch):
    pictures = sent(hidden, monkeypatch)
    assert len(pictures) == 3
    assert all(picture.startswith(b"\xff\xd8") for picture in pictures)
    assert hidden.viewer._reference[1][0].startswith(b"\xff\xd8")
    assert hidden.notices.failure == ""


@pytest.mark.parametrize("view", ["network", "filmed"])
def test_the_other_views_are_withheld_and_say_why(hidden, monkeypatch, view):
    assert not any(sent(hidden, monkeypatch, view))
    assert "Faces are hidden on this page." in str(hidden.viewer.frames)


def test_everything_else_goes_on(hidden):
    hidden.selection.calibrated = True
    hidden.selection.au = 12
    hidden.selection.row = 9
    hidden._use_current()
    assert hidden.networks.wait(60.0)
    hidden.selection.participant = "P2"
    assert hidden.networks.wait(60.0)
    hidden.selection.tab = "references"
    assert hidden.networks.wait(60.0)
    assert hidden.notices.failure == ""


def test_why_is_not_answered_on_a_face_that_nobody_may_see(hidden):
    hidden.why.ask(WHY_NCG)
    assert "Faces are hidden" in hidden.notices.failure
