import numpy as np
import pytest

from csnviz.errors import InputError
from csnviz.faces.doors import landmark_model_sha256, named_face_model
from tests.cast.detection import FARTHEST, LARGEST_YAW, LEAST_FOUND, distances, look_at, random_frames


def test_mediapipe_sees_a_face_in_the_drawings_where_it_was_drawn() -> None:
    # The face model is no part of the cast: this asks only whether a stranger takes the drawings for faces.
    # `python -m tests.check_detection` asks the same of 2,000 frames.
    try:
        landmark_model_sha256(named_face_model(None))
    except InputError as absent:
        pytest.skip(str(absent))
    seen = look_at(random_frames(6, 4, seed=24))
    assert seen.found.shape == (24,)
    assert seen.found.mean() >= LEAST_FOUND, [n for n, found in zip(seen.names, seen.found, strict=True) if not found]
    assert np.nanmean(distances(seen.apart)) <= FARTHEST
    # Nor do the constant offsets hide a face that was found elsewhere: eyes and lip corners are the same in both schemes.
    assert np.abs(np.nanmean(seen.apart, axis=0)[[36, 39, 42, 45, 48, 54]]).max() < 0.12


def test_a_landmark_that_is_always_off_by_the_same_is_at_no_distance() -> None:
    rng = np.random.default_rng(1)
    offsets = np.broadcast_to(rng.standard_normal((68, 2)), (5, 68, 2))
    assert distances(offsets) == pytest.approx(0.0)
    # In one frame of five, one landmark is 1 further to the right: its mean moves by 1/5, leaving 4/5 there and 1/5 elsewhere.
    moved = offsets.copy()
    moved[2, 30, 0] += 1.0
    assert distances(moved)[:, 30] == pytest.approx([0.2, 0.2, 0.8, 0.2, 0.2])


def test_a_frame_without_a_face_has_no_distance_and_changes_no_other() -> None:
    apart = np.zeros((3, 68, 2))
    apart[1] = np.nan
    assert np.isnan(distances(apart)[1]).all()
    assert distances(apart)[[0, 2]] == pytest.approx(0.0)


def test_random_frames_are_of_strangers_who_face_the_camera() -> None:
    from csnviz.cast.performance import moment_of

    chosen = random_frames(3, 5, seed=7)
    assert chosen == random_frames(3, 5, seed=7)
    assert len(chosen) == 3
    for participant, frames in chosen.items():
        assert 200 <= int(participant[1:]) <= 999
        assert len(set(frames)) == 5
        assert all(abs(moment_of(participant, frame, {}).pose.yaw) <= LARGEST_YAW for frame in frames)
