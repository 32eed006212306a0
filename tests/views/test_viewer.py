import io
import threading

import numpy as np
import pytest
from PIL import Image

from csnviz.views.viewer import Faces, FaceViewer, signed_map


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
    assert words == {"type": "frames", "generation": 1, "frames": [3, 0, 11]}
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


def test_the_viewer_is_small():
    assert len(FaceViewer()._esm) + len(FaceViewer()._css) < 30_000


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
