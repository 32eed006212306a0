from dataclasses import replace

import numpy as np
import pytest

from csnviz.cast.anatomy import CAST_AUS
from csnviz.cast.dataset import DEMO_PARTICIPANTS, TRAINING_PARTICIPANTS, VALIDATION_PARTICIPANTS
from csnviz.cast.performance import NEUTRAL_START, expressions, label, moment_of

EVERYONE = (*TRAINING_PARTICIPANTS, *VALIDATION_PARTICIPANTS, *DEMO_PARTICIPANTS)


def labels_of(participant: str, n_frames: int) -> np.ndarray:
    return np.array([label(expression) for expression in expressions(participant, n_frames)])


@pytest.mark.parametrize("participant", EVERYONE)
def test_a_performance_begins_with_a_face_that_does_nothing_and_looks_out_of_open_eyes(participant: str) -> None:
    for frame, expression in enumerate(expressions(participant, NEUTRAL_START)):
        assert not any(expression.values())
        assert moment_of(participant, frame, expression).openness == 1.0


def test_the_label_is_the_drawn_intensity_to_the_nearest_letter() -> None:
    assert label({1: 0.49, 2: 0.5, 12: 3.4, 26: 4.6}) == (0, 1, 0, 0, 0, 0, 3, 0, 0, 0, 0, 5)


def test_labels_are_whole_numbers_from_0_to_5_and_at_most_half_a_step_from_what_is_drawn() -> None:
    for participant in EVERYONE:
        for expression in expressions(participant, 80):
            drawn = np.array([expression.get(au, 0.0) for au in CAST_AUS])
            assert drawn.min() >= 0
            assert drawn.max() <= 5
            assert np.abs(drawn - label(expression)).max() <= 0.5


def test_a_longer_performance_begins_with_the_shorter_one() -> None:
    assert expressions("C104", 80)[:23] == expressions("C104", 23)


def test_an_expression_rises_holds_and_falls_without_a_jump_of_more_than_a_half_cosine_in_two_frames() -> None:
    drawn = np.array([[frame.get(au, 0.0) for au in CAST_AUS] for frame in expressions("C101", 200)])
    # Two frames from 0 to 5: 0, 2.5, 5.
    assert np.abs(np.diff(drawn, axis=0)).max() <= 2.5 + 1e-9


def test_what_a_face_does_changes_neither_pose_nor_gaze_nor_light_nor_camera() -> None:
    calm, smiling = (moment_of("C107", 31, expression) for expression in ({}, {6: 4.0, 12: 5.0}))
    assert replace(smiling, expression={}) == calm


def test_each_action_unit_is_marked_in_three_to_twenty_of_a_hundred_frames() -> None:
    for group in (TRAINING_PARTICIPANTS, VALIDATION_PARTICIPANTS, DEMO_PARTICIPANTS):
        marked = np.concatenate([labels_of(name, 80) >= 2 for name in group]).mean(0)
        assert marked.min() > 0.03
        assert marked.max() < 0.20


def test_a_third_of_the_frames_show_nothing_at_all() -> None:
    assert np.concatenate([(labels_of(name, 80) == 0).all(1) for name in EVERYONE]).mean() > 0.3


def test_the_frames_of_one_person_differ_in_pose_and_light_as_those_of_a_recording_do() -> None:
    moments = [moment_of("C110", frame, {}) for frame in range(0, 80, 4)]
    assert np.ptp([moment.pose.yaw for moment in moments]) > 2.0
    assert np.ptp([moment.light.azimuth for moment in moments]) > 2.0
    assert max(abs(moment.pose.yaw) for moment in moments) < 25.0


def test_people_blink_now_and_then() -> None:
    shut = [moment_of(name, frame, {}).openness == 0.0 for name in DEMO_PARTICIPANTS[:4] for frame in range(80)]
    assert 0.005 < np.mean(shut) < 0.06
