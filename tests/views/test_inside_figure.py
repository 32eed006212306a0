from dataclasses import replace

import numpy as np
import pytest

from csnviz.explain.inside_results import AtStage, Inside, Merged
from csnviz.views.inside_figure import inside_figure

AUS = (4, 9, 12)
SIDES = {"stage1": 8, "stage2": 4, "stage3": 4, "stage4": 2, "fc": 1}
RANDOM = np.random.default_rng(2)


def made(side: int, count: int = 1) -> np.ndarray:
    return RANDOM.normal(size=(count, side, side)).astype(np.float32)


@pytest.fixture(scope="module")
def seen() -> Inside:
    stages = [
        AtStage(name, *np.abs(made(side, 3)), apart=0.25) for name, side in SIDES.items()
    ]  # fmt: skip
    said = RANDOM.normal(size=(3, 3, 1)).astype(np.float32)
    parts = np.array([1.5, -0.5], np.float32)
    merged = Merged(np.array([7, 2]), parts, made(2, 2), made(2, 2), made(2)[0], 2.25, 0.0, 0.0)
    return Inside(9, "stage4", (*stages, AtStage("output", *said, apart=0.5)), merged)


@pytest.fixture(scope="module")
def figure(seen):
    return inside_figure(seen, AUS)


def words(figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_every_stage_shows_both_faces_and_their_difference_as_they_were_given(seen, figure):
    for place, at in enumerate(seen.stages[:-1]):
        shown = figure.data[3 * place : 3 * place + 3]
        for trace, values in zip(shown, (at.image, at.reference, at.difference), strict=True):
            assert np.array_equal(trace.z, values)


def test_the_faces_of_a_stage_share_one_scale(seen, figure):
    for place, at in enumerate(seen.stages[:-1]):
        scales = {(trace.zmin, trace.zmax) for trace in figure.data[3 * place : 3 * place + 3]}
        assert scales == {(0.0, float(max(at.image.max(), at.reference.max(), at.difference.max())))}


def test_the_last_column_has_a_bar_for_each_unit_and_the_chosen_one_in_colour(seen, figure):
    image, *_ = figure.data[15:18]
    assert list(image.y) == ["AU4", "AU9", "AU12"]
    assert np.array_equal(image.x, seen.stages[-1].image[:, 0])
    colours = image.marker.color
    assert colours[0] == colours[2] != colours[1]


def test_channels_stand_beneath_with_their_parts_on_one_scale_around_nothing(seen, figure):
    total, first, second, *differences = figure.data[18:]
    assert np.array_equal(total.z, seen.merged.total)
    assert np.array_equal(second.z, seen.merged.maps[1])
    assert first.zmax == second.zmax == -first.zmin == float(np.abs(seen.merged.maps).max())
    assert len(differences) == 2
    assert {"channel 7: +1.50", "channel 2: -0.50"} <= set(words(figure))


def test_the_place_of_the_merge_is_marked_and_what_lies_behind_it_too(figure):
    heads = [text for text in words(figure) if "apart" in text]
    assert [text.count("merges here") for text in heads] == [0, 0, 0, 1, 0, 0]
    assert [text.count("behind the merge") for text in heads] == [0, 0, 0, 0, 1, 1]


@pytest.mark.parametrize("merge_before", ["fc", "output"])
def test_a_figure_is_drawn_wherever_the_network_merges(seen, merge_before):
    side = SIDES.get(merge_before, 1)
    merged = replace(seen.merged, maps=made(side, 2), differences=made(side, 2), total=made(side)[0])
    figure = inside_figure(replace(seen, merge_before=merge_before, merged=merged), AUS)
    assert "AU9 nose wrinkler: 2.2 beside the reference" in figure.layout.title.text


def test_a_face_beside_itself_is_drawn_too(seen):
    nothing = replace(seen.merged, maps=0 * seen.merged.maps, total=0 * seen.merged.total)
    assert inside_figure(replace(seen, merged=nothing), AUS).data[18].zmax == 1
