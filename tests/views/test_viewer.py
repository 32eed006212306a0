import io
import re
import threading
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from csnviz.errors import InputError
from csnviz.views.tracks import make_tracks
from csnviz.views.viewer import FACE, FILMED, MARKUP, MODULE, NETWORK, Faces, FaceViewer, signed_map


class Overheard(FaceViewer):
    """A viewer whose messages to the browser are written down."""

    def __init__(self) -> None:
        self.sent = []
        super().__init__()

    def send(self, content, buffers=None):
        self.sent.append((content, buffers or []))

    def hears(self, **message):
        """What the browser says."""
        self._handle_custom_msg(message, [])


@pytest.fixture
def viewer(frames):
    overheard = Overheard()
    overheard.show(Faces.of(frames.of("P2")))
    return overheard


def brightness(jpeg: bytes) -> float:
    return float(np.asarray(Image.open(io.BytesIO(jpeg))).mean())


def test_the_pictures_that_were_asked_for_arrive_in_order(viewer):
    viewer.hears(type="frames", generation=1, frames=[3, 0, 11])
    (words, pictures) = viewer.sent[-1]
    assert words == {"type": "frames", "generation": 1, "view": "face", "frames": [3, 0, 11]}
    # P2's frame i is picture 12 + i, drawn in grey 10 (12 + i) + 5.
    assert [brightness(picture) for picture in pictures] == pytest.approx([155, 125, 235], abs=2)


def test_a_request_from_a_former_participant_is_not_answered(viewer, frames):
    viewer.show(Faces.of(frames.of("P1")))
    viewer.hears(type="frames", generation=1, frames=[0])
    assert viewer.sent == []


def test_frames_that_do_not_exist_are_left_out(viewer):
    viewer.hears(type="frames", generation=1, frames=[-1, 99, 2, "x"])
    assert viewer.sent[-1][0]["frames"] == [2]


def test_a_request_from_another_thread_is_answered_alike(viewer):
    asking = threading.Thread(target=lambda: viewer.hears(type="frames", generation=1, frames=[1]))
    asking.start()
    asking.join(5)
    assert brightness(viewer.sent[-1][1][0]) == pytest.approx(135, abs=2)


def test_frames_carry_their_numbers_times_and_reasons(viewer):
    described = viewer.frames
    assert described["count"] == 12
    assert described["numbers"][:3] == [0, 1, 2]
    assert described["seconds"][2] == pytest.approx(0.1)
    assert described["rate"] == pytest.approx(20)
    assert described["reasons"] == {"5": "no face found"}


def test_stills_have_no_times(frames):
    rows = frames.rows.assign(timestamp=np.nan)
    viewer = Overheard()
    viewer.show(Faces.of(type(frames)(rows, frames.intensity, frames.aus, frames.images)))
    assert set(viewer.frames["seconds"]) == {None}


def test_a_page_that_is_loaded_again_gets_its_reference_and_attribution_again(viewer):
    ready = []
    viewer.on_ready(lambda: ready.append(1))
    viewer.show_reference(b"jpeg", "Reference: frame 0")
    viewer.show_attribution("image", 4, np.zeros((112, 112), np.int8))
    viewer.sent.clear()
    viewer.hears(type="ready")
    assert [words["type"] for words, _ in viewer.sent] == ["reference", "attribution"]
    assert ready == [1]


def test_another_person_takes_the_colours_off(viewer, frames):
    viewer.show_attribution("image", 4, np.zeros((112, 112), np.int8))
    viewer.show(Faces.of(frames.of("P1")))
    viewer.sent.clear()
    viewer.hears(type="ready")
    assert viewer.sent == []


def test_the_frame_that_is_seen_is_told_unless_it_is_somebody_else_s_or_not_there(viewer):
    viewer.hears(type="index", generation=1, value=7)
    assert viewer.index == 7
    for generation, row in ((0, 3), (1, 12), (1, -1), (1, None)):
        viewer.hears(type="index", generation=generation, value=row)
    assert viewer.index == 7


@pytest.fixture
def filmed(frames):
    """A viewer of P2 whose frames were kept as filmed: landmark i of row r lies at (r / 100, i / 100)."""
    faces = Faces.of(frames.of("P2"))
    points = lambda rows: np.stack([np.column_stack([np.full(68, r / 100), np.arange(68) / 100]) for r in rows])  # noqa: E731
    corners = lambda rows: np.zeros((len(rows), 4, 2), np.float32)  # noqa: E731
    overheard = Overheard()
    overheard.show(replace(faces, filmed=lambda row: b"filmed", points=points, corners=corners))
    return overheard


def test_the_network_s_crop_is_shown_where_there_is_a_face_alone(viewer):
    viewer.hears(type="frames", generation=1, view=NETWORK, frames=[4, 5])
    words, (crop, nothing) = viewer.sent[-1]
    assert words["view"] == NETWORK
    assert brightness(crop) == pytest.approx(16, abs=1)  # P2's frame 4 is crop 12 + 4, painted in its own number
    assert nothing == b""


def test_frames_as_filmed_come_with_their_landmarks_and_corners(filmed):
    filmed.hears(type="frames", generation=1, view=FILMED, frames=[2, 7])
    _, (*pictures, points, corners) = filmed.sent[-1]
    assert pictures == [b"filmed", b"filmed"]
    landmarks = np.frombuffer(points, np.float32).reshape(2, 68, 2)
    assert landmarks[1, 30] == pytest.approx([0.07, 0.3])
    assert len(corners) == 2 * 4 * 2 * 4


def test_a_view_without_pictures_says_why(viewer, filmed):
    assert "Read the recording again" in viewer.frames["lacks"][FILMED]
    assert viewer.frames["lacks"][NETWORK] == ""
    assert filmed.frames["lacks"][FILMED] == ""


def test_a_view_that_does_not_exist_is_not_sent(viewer):
    viewer.hears(type="frames", generation=1, view="secret", frames=[1])
    assert viewer.sent[-1][1] == []


def test_a_reference_among_the_frames_brings_its_other_views(filmed):
    filmed.show_reference(b"jpeg", "Reference: frame 3", row=3)
    words, buffers = filmed.sent[-1]
    assert (words["row"], words["views"]) == (3, [FACE, NETWORK, FILMED])
    assert (buffers[0], buffers[2]) == (b"jpeg", b"filmed")
    assert np.frombuffer(buffers[3], np.float32).reshape(68, 2)[0, 0] == pytest.approx(0.03)


def test_a_reference_from_elsewhere_has_its_face_alone(filmed):
    filmed.show_reference(b"jpeg", "Reference")
    assert filmed.sent[-1][1] == [b"jpeg"]
    assert (filmed.sent[-1][0]["row"], filmed.sent[-1][0]["views"]) == (-1, [FACE])


def test_what_a_person_wishes_is_told_unless_it_was_said_of_somebody_who_is_gone(viewer):
    told = []
    for listen in (viewer.on_event_step, viewer.on_drop_reference, viewer.on_letter, viewer.on_choose_unit):
        listen(told.append)
    for kind, value in (("event", -1), ("drop", 7), ("letter", "g"), ("unit", 2)):
        viewer.hears(type=kind, generation=1, value=value)
        viewer.hears(type=kind, generation=0, value=value)
    assert told == [-1, 7, "g", 2]


@pytest.mark.parametrize(
    ("kind", "value"), [("drop", 12), ("drop", -1), ("drop", "3"), ("event", 5), ("unit", -1), ("letter", 3)]
)
def test_a_wish_that_cannot_be_meant_is_not_heard(viewer, kind, value):
    told = []
    for listen in (viewer.on_event_step, viewer.on_drop_reference, viewer.on_letter, viewer.on_choose_unit):
        listen(told.append)
    viewer.hears(type=kind, generation=1, value=value)
    assert told == []


def tracks_of(count, csn=1.0):
    values = {"label": np.zeros((count, 3), np.float32), "ncg": np.full((count, 3), 2.5, np.float32)}
    return make_tracks((4, 9, 12), values | {"csn": np.full((count, 3), csn, np.float32)}, np.ones(count, bool), 2.0)


def test_a_timeline_is_sent_whole_and_after_another_reference_only_what_that_changes(viewer):
    viewer.show_tracks(tracks_of(12))
    words, buffers = viewer.sent[-1]
    assert (words["aus"], words["count"], words["whole"]) == ([4, 9, 12], 12, True)
    assert words["which"] == ["label", "ncg", "ncg_errors", "csn", "csn_errors", "usable"]
    assert [len(buffer) for buffer in buffers] == [36, 36, 36, 36, 36, 12]
    viewer.show_calibrated_tracks(tracks_of(12, 0.0))
    words, buffers = viewer.sent[-1]
    assert (words["which"], words["whole"]) == (["csn"], False)
    assert set(buffers[0]) == {42}


def test_a_page_that_is_loaded_again_gets_its_timeline_whole(viewer):
    viewer.show_tracks(tracks_of(12))
    viewer.show_calibrated_tracks(tracks_of(12, 0.0))
    viewer.sent.clear()
    viewer.hears(type="ready")
    ((words, _),) = viewer.sent
    assert words["whole"]
    assert "ncg" in words["which"]


def test_a_timeline_of_other_frames_is_refused_and_another_person_s_is_forgotten(viewer, frames):
    with pytest.raises(InputError, match="shows 12 frames, the timeline has 9"):
        viewer.show_tracks(tracks_of(9))
    viewer.show_tracks(tracks_of(12))
    viewer.show(Faces.of(frames.of("P1")))
    viewer.sent.clear()
    viewer.hears(type="ready")
    assert viewer.sent == []


def test_a_link_with_an_unknown_view_opens_on_the_usual_one():
    viewer = FaceViewer(await_selector="")
    viewer.view, viewer.compare, viewer.speed, viewer.stride = "filmed", "onion", 4.0, 25
    assert (viewer.view, viewer.compare, viewer.speed, viewer.stride) == ("filmed", "onion", 4.0, 25)
    viewer.view, viewer.compare, viewer.speed, viewer.stride = "x-ray", "", -3.0, 0
    assert (viewer.view, viewer.compare, viewer.speed, viewer.stride) == ("face", "beside", 0.1, 1)


def test_the_viewer_is_small_and_asks_nobody():
    assert len(MODULE.encode()) < 30_000
    assert "//" not in MODULE
    assert "http" not in MODULE + MARKUP


def test_every_control_has_a_name_in_its_markup():
    document = ElementTree.fromstring(
        re.sub(r"<(input|canvas)([^>]*[^/>])>(</canvas>)?", r"<\1\2/>", f"<p>{_as_xml(MARKUP)}</p>")
    )
    parents = {child: parent for parent in document.iter() for child in parent}
    controls = [element for element in document.iter() if element.tag in ("button", "input", "select")]
    assert len(controls) > 15
    for control in controls:
        label = parents[control] if parents[control].tag == "label" else control
        assert control.get("aria-label") or "".join(label.itertext()).strip(), ElementTree.tostring(control)


def _as_xml(html):
    """Attributes without a value get one, as XML wants it."""
    return re.sub(r" (hidden|data-open|data-play|data-frame|data-share)(?=[ >])", r' \1=""', html)


def test_the_coloured_map_keeps_sign_and_place():
    values = np.zeros((3, 112, 112), np.float32)
    values[:, 20:28, 30:38], values[:, 80:88, 60:68] = 0.3, -0.1
    coloured = signed_map(values)
    assert coloured.shape == (112, 112)
    assert np.unravel_index(coloured.argmax(), coloured.shape) == pytest.approx((23.5, 33.5), abs=4)
    assert np.unravel_index(coloured.argmin(), coloured.shape) == pytest.approx((83.5, 63.5), abs=4)
    assert coloured.max() == 127
    assert coloured[50, 50] == 0


def test_a_map_of_nothing_is_colourless():
    assert not signed_map(np.zeros((3, 112, 112), np.float32)).any()
