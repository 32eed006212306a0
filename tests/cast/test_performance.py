from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import pytest

from csnviz.cast.anatomy import CAST_AUS
from csnviz.cast.coders import label
from csnviz.cast.dataset import DEMO_PARTICIPANTS, TRAINING_PARTICIPANTS, VALIDATION_PARTICIPANTS
from csnviz.cast.performance import gains, moment_of
from csnviz.cast.scripts import MIXED, NEUTRAL_START, POSED, SPONTANEOUS, Script, events, expressions
from csnviz.errors import InputError

EVERYONE = (*TRAINING_PARTICIPANTS, *VALIDATION_PARTICIPANTS, *DEMO_PARTICIPANTS)


def labels_of(participant: str, n_frames: int) -> np.ndarray:
    return np.array([label(expression) for expression in expressions(participant, n_frames)])


@pytest.mark.parametrize("participant", EVERYONE)
def test_a_performance_begins_with_a_face_that_does_nothing_and_looks_out_of_open_eyes(participant: str) -> None:
    for frame, expression in enumerate(expressions(participant, NEUTRAL_START)):
        assert not any(expression.values())
        assert moment_of(participant, frame, expression).openness == 1.0


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


def test_a_face_goes_as_far_as_its_own_gain_of_the_unit_and_never_beyond_5() -> None:
    reach = dict(zip(CAST_AUS, gains("C107"), strict=True))
    assert moment_of("C107", 31, {6: 3.0, 12: 2.0}).expression == {6: 3.0 * reach[6], 12: 2.0 * reach[12]}
    assert max(moment_of(name, 31, {12: 5.0}).expression[12] for name in EVERYONE) == 5.0


def test_gains_differ_between_people_and_units_and_are_one_on_average() -> None:
    everyone = np.array([gains(name) for name in EVERYONE])
    assert everyone.mean() == pytest.approx(1.0, abs=0.02)
    assert 0.08 < everyone.std() < 0.12
    assert everyone.min() >= 0.8
    assert everyone.max() <= 1.2


@pytest.mark.parametrize("script", [MIXED, POSED, SPONTANEOUS, Script("restless", MIXED.cards, 0.1)])
def test_a_script_rests_for_the_share_of_time_that_it_says(script: Script) -> None:
    resting = np.mean([not any(frame.values()) for name in EVERYONE[:12] for frame in expressions(name, 1500, script)])
    assert resting == pytest.approx(script.neutral_share, abs=0.06)


def test_a_felt_expression_is_weaker_and_slower_than_a_posed_one() -> None:
    def of(script: Script) -> list:
        return [event for event in islice(events("C103", script), 200) if not {25, 26} >= set(event.peaks)]

    posed, felt = of(POSED), of(SPONTANEOUS)
    assert np.mean([max(e.peaks.values()) for e in felt]) < 0.75 * np.mean([max(e.peaks.values()) for e in posed])
    assert np.mean([e.onset for e in felt]) > np.mean([e.onset for e in posed]) + 1


def test_speech_parts_and_shuts_the_lips_several_times_in_a_row_and_is_marked_as_lips_and_jaw() -> None:
    syllables = [e for e in islice(events("C103", SPONTANEOUS), 200) if {25, 26} <= set(e.peaks) <= {17, 25, 26}]
    in_a_row = sum(first.end == second.start for first, second in pairwise(syllables))
    assert in_a_row > len(syllables) / 2


@pytest.mark.parametrize("share", [0.0, 1.0, -0.2])
def test_a_script_that_never_rests_or_never_begins_is_refused(share: float) -> None:
    with pytest.raises(InputError, match=f"between 0 and 1; found {share:g}"):
        Script("odd", MIXED.cards, share)


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
