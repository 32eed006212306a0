import numpy as np
import pytest

from csnviz.data.reference_fitness import MAX_YAW_DEGREES, fit_as_seen, fit_frames, fitness_as_seen, reference_fitness
from csnviz.data.tables import FrameTable, make_rows
from csnviz.facs import AUSet

AUS = AUSet((1, 12))


def frame(labels: tuple[float, float] = (0, 0), **view: object) -> FrameTable:
    """One frame that is fit unless something else is said."""
    whole = {"yaw": 0.0, "pitch": 0.0, "roll": 0.0, "eye_opening": 1.0, "covered": 0.0}
    identity = {"frame_id": ["P1/0"], "dataset": "made", "participant": "P1", "camera": "front", "video": "v"}
    rows = make_rows({**identity, "frame_index": 0, "timestamp": 0.0, "source": "", **whole, **view})
    return FrameTable(rows, np.array([labels], np.float32), AUS)


def test_a_resting_face_that_looks_ahead_is_fit():
    fitness = reference_fitness(frame(), 0)
    assert fitness.fit
    assert fitness.sentence.startswith("Fit:")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (frame(labels=(0, 3)), "Not fit: AU12 is labelled 3."),
        (frame(labels=(1, 2)), "Not fit: AU1 is labelled 1, AU12 is labelled 2."),
        (frame(yaw=22.4), "Not fit: the face is turned 22° to the picture's right."),
        (frame(yaw=-22.4), "Not fit: the face is turned 22° to the picture's left."),
        (frame(pitch=-21.0), "Not fit: the face is turned 21° down."),
        (frame(eye_opening=0.1), "Not fit: the eyes are shut."),
        (frame(covered=0.3), "Not fit: 30% of the face is covered."),
        (frame(reason="no face found"), "Not fit: no usable face (no face found)."),
        (frame(labels=(0, 1), eye_opening=0.0), "Not fit: AU12 is labelled 1; the eyes are shut."),
    ],
)
def test_an_unfit_frame_says_what_speaks_against_it(table, words):
    assert reference_fitness(table, 0).sentence == words
    assert not fit_frames(table)[0]


def test_a_face_turned_just_as_far_as_allowed_is_fit():
    assert reference_fitness(frame(yaw=MAX_YAW_DEGREES, pitch=-MAX_YAW_DEGREES), 0).fit
    assert not reference_fitness(frame(yaw=MAX_YAW_DEGREES + 0.1), 0).fit


def test_a_tilted_head_is_fit_because_alignment_turns_it_upright():
    assert reference_fitness(frame(roll=40.0), 0).fit


def test_an_action_unit_without_a_label_is_not_known_to_be_zero():
    fitness = reference_fitness(frame(labels=(0, np.nan)), 0)
    assert fitness.fit
    assert "AU12 lip corner puller is not labelled, so not known to be 0" in fitness.sentence


def test_several_action_units_without_a_label_are_told_by_their_numbers_alone():
    some = FrameTable(frame().rows, np.array([[0, np.nan, np.nan]], np.float32), AUSet((1, 9, 12)))
    assert "AU9, AU12 are not labelled, so not known to be 0" in reference_fitness(some, 0).sentence


def test_a_face_without_any_label_is_not_called_neutral():
    nan = np.nan
    fitness = reference_fitness(frame(labels=(nan, nan), yaw=nan, eye_opening=nan, covered=nan), 0)
    assert fitness.fit
    assert "nobody has said that this face is neutral" in fitness.sentence
    assert len(fitness.unknown) == 4


def test_the_list_of_fit_frames_agrees_with_the_sentences():
    random = np.random.default_rng(7)
    count, nan = 300, np.nan
    labels = random.choice([0, 0, 0, 0, 2, nan], (count, 2)).astype(np.float32)
    rows = make_rows(
        {
            "frame_id": [f"P1/{i}" for i in range(count)],
            "dataset": "made", "participant": "P1", "camera": "front", "video": "v", "source": "", "timestamp": 0.0,
            "frame_index": np.arange(count),
            "yaw": random.choice([0, 14, -20, nan], count),
            "pitch": random.choice([0, 3, 25, nan], count),
            "eye_opening": random.choice([1, 0.7, 0.2, nan], count),
            "covered": random.choice([0, 0.05, 0.5, nan], count),
            "reason": random.choice(["", "", "", "no face"], count),
        }
    )  # fmt: skip
    table = FrameTable(rows, labels, AUS)
    said = np.array([reference_fitness(table, row).fit for row in range(count)])
    assert said.any()
    assert not said.all()
    np.testing.assert_array_equal(fit_frames(table), said)


def test_without_the_labels_a_smile_has_nothing_against_it_and_that_is_said():
    smile = frame(labels=(0, 3))
    assert not reference_fitness(smile, 0).fit
    seen = fitness_as_seen(smile, 0)
    assert seen.fit
    assert "the labels were not asked" in seen.sentence
    assert fitness_as_seen(frame(labels=(0, 3), yaw=22.4), 0).faults == (
        "the face is turned 22° to the picture's right",
    )
    assert fit_as_seen(smile)[0]
    assert not fit_as_seen(frame(labels=(0, 0), covered=0.3))[0]
