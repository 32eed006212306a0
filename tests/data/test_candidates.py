import time

import numpy as np
import pytest

from csnviz.data.candidates import candidates, candidates_with_labels
from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.tables import FrameTable, make_rows
from csnviz.facs import AUSet

AUS = AUSet((1, 12))


def person(count: int = 240, labels: float = 0.0, **view: object) -> FrameTable:
    """Frames of one person without pictures, each fit unless something else is said."""
    whole = {"yaw": 0.0, "pitch": 0.0, "roll": 0.0, "eye_opening": 1.0, "covered": 0.0}
    rows = make_rows(
        {
            "frame_id": [f"P/{i}" for i in range(count)], "dataset": "made", "participant": "P", "camera": "front", "video": "v",
            "source": "", "frame_index": np.arange(count) + 5, "timestamp": np.arange(count) / 20, **whole, **view,
        }
    )  # fmt: skip
    return FrameTable(rows, np.full((count, 2), labels, np.float32), AUS)


def rows_of(found) -> list[int]:
    return [candidate.row for candidate in found]


def test_the_frame_nearest_to_the_usual_face_comes_first_and_says_so():
    likeness = np.linspace(0, 0.9, 240).astype(np.float32)
    likeness[100] = 1.0
    first = candidates(person(), likeness)[0]
    assert (first.row, first.frame_id, first.number, first.seconds) == (100, "P/100", 105, 5.0)
    assert first.reasons == ("the most usual face", "looks ahead", "eyes open", "nothing covers it")
    assert first.fit
    assert first.chosen_by == "person"


def test_candidates_lie_apart_in_time():
    likeness = np.exp(-np.abs(np.arange(240) - 60) / 30).astype(np.float32)
    rows = sorted(rows_of(candidates(person(), likeness, most=24)))
    assert len(rows) == 24
    assert min(np.diff(rows)) >= 240 // (2 * 24)


def test_a_face_that_looks_ahead_with_open_eyes_comes_before_one_that_does_not():
    yaw, opening = np.full(40, 12.0), np.full(40, 1.0)
    yaw[7], opening[30] = 0.0, 0.6
    found = candidates(person(40, yaw=yaw, eye_opening=opening), None, most=40)
    assert found[0].row == 7
    assert "looks ahead" in found[0].reasons
    assert found[-1].row == 30
    assert found[-1].doubts == ("turned 12°", "eyes half open")


def test_a_smile_is_not_refused_by_labels_that_were_not_asked():
    found = candidates(person(40, labels=3.0), None, most=40)
    assert len(found) == 40
    assert all(candidate.fit and not candidate.uses_labels for candidate in found)


def test_asked_the_labels_put_resting_faces_first_and_refuse_the_others_by_name():
    frames = person(40)
    intensity = np.zeros((40, 2), np.float32)
    intensity[:20, 1] = 3
    intensity[20:30] = np.nan
    frames = FrameTable(frames.rows, intensity, AUS)
    likeness = np.linspace(1, 0, 40).astype(np.float32)
    found = candidates_with_labels(frames, likeness, most=40)
    fit = [candidate for candidate in found if candidate.fit]
    assert rows_of(fit) == [*range(30, 40), *range(20, 30)], "labelled 0, then not labelled, the more usual first"
    assert fit[0].reasons[0] == "all AUs labelled 0"
    assert fit[-1].doubts[0] == "not all AUs labelled"
    refused = [candidate for candidate in found if not candidate.fit]
    assert len(refused) == 10, "one place in four"
    assert {candidate.faults for candidate in refused} == {("AU12 is labelled 3",)}
    assert {candidate.chosen_by for candidate in found} == {"labels"}


def test_frames_that_are_not_fit_come_last_and_say_why_and_those_without_a_face_not_at_all():
    yaw, reason = np.zeros(40), np.array([""] * 40, dtype=object)
    yaw[:20], reason[30:] = 22.4, "no face found"
    found = candidates(person(40, yaw=yaw, reason=reason), None, most=40)
    assert [candidate.fit for candidate in found] == [True] * 10 + [False] * 10
    assert found[-1].faults == ("the face is turned 22° to the picture's right",)
    assert max(rows_of(found)) < 30


def test_a_person_without_any_fit_frame_has_only_frames_that_say_why():
    found = candidates(person(40, eye_opening=0.1), None)
    assert found
    assert {candidate.faults for candidate in found} == {("the eyes are shut",)}


def test_what_nobody_knows_speaks_neither_for_nor_against_a_frame():
    nan = np.nan
    found = candidates(person(8, yaw=nan, pitch=nan, eye_opening=nan, covered=nan), None)
    assert found[0].reasons == found[0].doubts == ()
    assert found[0].merit == 0


@pytest.fixture
def pictured(tmp_path):
    """40 frames: sharp noise, but frame 5 is blurred; the mouth is closed, but in frame 9 open by a fifth of its width."""
    from csnviz.data.filmed import Filmed

    random = np.random.default_rng(3)
    noise = random.integers(0, 256, (112, 112, 3), dtype=np.uint8)
    blurred = np.kron(noise[::14, ::14], np.ones((14, 14, 1), np.uint8))
    corners = np.array([[0, 0], [0, 1], [1, 1], [1, 0]], np.float32)
    with FaceImagesWriter(tmp_path / "pictures") as writer:
        for frame in range(40):
            points = random.uniform(0.2, 0.8, (68, 2)).astype(np.float32)
            points[48], points[54] = (0.4, 0.7), (0.6, 0.7)
            points[61:64] = (0.5, 0.7)
            points[65:68] = (0.5, 0.74 if frame == 9 else 0.7)
            writer.add(blurred if frame == 5 else noise, b"jpeg", Filmed(b"jpeg", points, corners))
    frames = person(40, image=np.arange(40))
    return FrameTable(frames.rows, frames.intensity, AUS, FaceImages.open(tmp_path / "pictures"))


def test_a_blurred_face_and_an_open_mouth_come_after_the_others_and_are_named(pictured):
    found = {candidate.row: candidate for candidate in candidates(pictured, None, most=40)}
    assert found[5].doubts == ("blurred",)
    assert found[9].doubts == ("mouth open",)
    assert {"mouth closed", "sharp"} <= set(found[0].reasons)
    assert list(found)[-2:] == [5, 9] or list(found)[-2:] == [9, 5]


def test_a_recording_of_100000_frames_is_ranked_in_under_two_seconds():
    frames = person(100_000)
    began = time.monotonic()
    found = candidates(frames, np.random.default_rng(1).random(100_000).astype(np.float32))
    assert time.monotonic() - began < 2
    assert len(found) == 24
