import numpy as np
import pytest

from csnviz.data.tables import FrameTable, make_rows
from csnviz.errors import InputError
from csnviz.facs import AUSet
from csnviz.recipes.seen_events import read_events, reference_row, shown_in

HEAD = "file,kind,aus,first,last,basis"
LINES = """
video/one.mp4,neutral,,0,4,seen on every 2nd frame; frame 0 is smeared
video/one.mp4,event,6;12,6,8,seen; blendshape mouthSmile > .5
video/one.mp4,event,1;2,9,10,blendshape browInnerUp > .5; while talking
video/one.mp4,event,4,3,12,seen; with gaps; blendshape browDown
video/one.mp4,neutral,,11,13,seen; overlaps the gaps of AU4
video/one.mp4,event,25,12,15,seen
video/two.mov,face,,0,71,face mesh
video/two.mov,no_face,,72,168,seen; the detector alone has false hits at 161
video/three.mp4,event,43,5,5,seen
video/three.mp4,neutral,,0,0,seen
"""


@pytest.fixture
def write(tmp_path):
    def write_lines(*lines, head=HEAD):
        (tmp_path / "EVENTS.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
        return tmp_path

    return write_lines


@pytest.fixture
def one(write):
    return read_events(write(*LINES.strip().splitlines()))[0]


def frames(count=17, **columns):
    ids = [f"one/{index}" for index in range(count)]
    identity = {"frame_id": ids, "frame_index": np.arange(count), "participant": "one", "camera": "own"}
    other = {"dataset": "recording", "video": "one.mp4", "timestamp": np.nan, "source": ""}
    return FrameTable(make_rows(identity | other | columns), np.full((count, 1), np.nan, np.float32), AUSet((12,)))


def test_stretches_are_read_as_they_are_written(write):
    one, two, three = read_events(write(*LINES.strip().splitlines()))
    assert [(s.first, s.last) for s in one.neutral] == [(0, 4), (11, 13)]
    assert [(s.aus, s.seen) for s in one.events] == [((6, 12), True), ((1, 2), False), ((4,), False), ((25,), True)]
    assert one.last == 15
    assert (two.neutral, two.events) == ((), ())
    assert [clip.tells_of(AUSet((1, 2, 4, 12))) for clip in (one, two, three)] == [True, False, False]
    assert not one.tells_of(AUSet((1, 2, 4))), "a blendshape alone is not seen by eye, and gaps are not the event"
    assert three.tells_of(AUSet((43,)))


def test_what_a_frame_shows_is_an_event_neutral_or_nobody_can_say(one):
    shown = shown_in(one, frames(), AUSet((1, 4, 12, 25)), reference=2)
    neutral = [0, 1, 3, 4, 11, 12, 13]
    expected = np.full((17, 4), np.nan)
    expected[neutral] = 0
    expected[[6, 7, 8], 2] = 1
    expected[[3, 4, 11, 12], 1] = np.nan  # neutral, and yet within the event of AU4
    expected[[12, 13], 3] = np.nan
    expected[[14, 15], 3] = 1
    assert np.array_equal(shown, expected, equal_nan=True)


def test_the_reference_is_the_middle_fit_frame_of_the_first_neutral_stretch(one):
    assert reference_row(one, frames()) == 2
    blink = np.where(np.arange(17) == 2, 0.1, 1.0)
    assert reference_row(one, frames(eye_opening=blink)) == 1, "of 0, 1, 3, 4 the earlier of the middle two"
    assert reference_row(one, frames(yaw=np.where(np.arange(17) < 5, 40.0, 0.0))) == 12, (
        "the second stretch looks ahead"
    )
    assert reference_row(one, frames(yaw=np.full(17, 40.0))) == 2, "nothing is fit, so any face does"
    faceless = np.where(np.isin(np.arange(17), [0, 2, 4]), "no face", "")
    assert reference_row(one, frames(reason=faceless)) == 1
    with pytest.raises(InputError, match=r"video/one\.mp4: no frame that EVENTS\.csv calls neutral has a usable face"):
        reference_row(one, frames(reason=np.full(17, "no face")))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("a.mp4,nuetral,,0,4,seen", r"line 2: a stretch is one of neutral, event, .*; found 'nuetral'"),
        ("a.mp4,event,twelve,0,4,seen", "line 2: action units and frames are whole numbers"),
        ("a.mp4,event,12,0,,seen", "line 2: action units and frames are whole numbers"),
        ("a.mp4,event,12,5,4,seen", "the last is not before the first; found 5 to 4"),
        ("a.mp4,event,,0,4,seen", "an event names its action units"),
        ("a.mp4,neutral,12,0,4,seen", "an event names its action units, and nothing else does; found '12'"),
    ],
)
def test_a_line_that_cannot_be_is_named(write, line, sentence):
    with pytest.raises(InputError, match=sentence):
        read_events(write(line))


def test_a_missing_list_or_column_is_one_sentence(write, tmp_path):
    with pytest.raises(InputError, match=r"EVENTS\.csv: the list of neutral frames and events cannot be read"):
        read_events(tmp_path)
    with pytest.raises(InputError, match="the column basis is missing"):
        read_events(write("a.mp4,neutral,,0,4", head=HEAD.removesuffix(",basis")))
