"""What the page's networks say of changed faces, on two small networks and made-up pictures."""

import math

import numpy as np
import pytest

from csnviz.errors import InputError
from csnviz.explain.starts import Start
from csnviz.faces.parts import KEYS, TITLES
from csnviz.inference.features import WorkCancelled
from csnviz.page_networks import PageNetworks
from csnviz.page_starts import starting_references
from csnviz.views.latest_only import Watch
from csnviz.views.source import WhatIf
from tests import small_disfa

UNWATCHED = Watch(lambda: False, lambda share: None)


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("disfa")
    table, runs = small_disfa.table(folder / "crops"), small_disfa.fold_runs(folder / "runs")
    shown = small_disfa.shown_with(runs, Start(np.full((112, 112, 3), 90, np.uint8), "a grey face"))
    return PageNetworks(table, shown.__getitem__)


@pytest.fixture
def frame(networks):
    table, references = networks.frames, starting_references(networks.frames)
    ids = table.rows.loc[(table.rows["participant"] == "SN010") & (table.rows["camera"] == "left"), "frame_id"]
    return str(ids.iloc[5]), str(references.frame_id_for("SN010", "left"))


def asked(networks, frame, change, reference=None):
    au = networks.frames.aus.numbers[0]
    return networks.what_if(WhatIf(au, frame[0], frame[1] if reference is None else reference, change), UNWATCHED)


def crop(networks, frame_id):
    return networks.frames.crops([networks.frames.row_of(frame_id)])[0]


def test_every_part_is_offered_in_face_order_in_three_ways_and_nothing_can_be_taken_off_a_filmed_face(networks, frame):
    offered = networks.changes(frame[0])
    assert [change.part for change in offered[::3]] == [
        TITLES[key] for key in KEYS if key not in ("glasses", "elsewhere")
    ]
    assert [change.key for change in offered if change.part == "the nose bridge"] == [
        "around:nose_bridge", "mean:nose_bridge", "own:nose_bridge",
    ]  # fmt: skip
    assert all(change.approximate for change in offered)
    assert "did it move" in offered[2].question


def test_before_is_what_the_page_says_of_that_frame_and_after_is_what_it_says_of_the_picture(networks, frame):
    found = asked(networks, frame, "mean:lips")
    frames = networks.frames.of("SN010", "left")
    said = networks.at_once(frames, frames.row_of(frame[0]), frame[1])
    assert found.before == pytest.approx({method: float(values[0]) for method, values in said.items()}, abs=1e-5)
    assert found.on_reference
    changed = np.abs(found.picture.astype(int) - crop(networks, frame[0])).max(axis=2) > 0
    rows, columns = np.nonzero(changed)
    assert rows.min() > 70
    assert rows.max() < 98, "about the lips alone"
    assert 30 < columns.min() < columns.max() < 82
    assert all(found.after[method] != found.before[method] for method in ("ncg", "bs", "csn"))


def test_the_references_pixels_go_onto_the_image_alone(networks, frame):
    found = asked(networks, frame, "own:lips")
    assert not found.on_reference
    assert found.approximate, "the head may have turned since"
    neutral_offset = found.before["ncg"] - found.before["bs"]
    assert found.after["bs"] == pytest.approx(found.after["ncg"] - neutral_offset, abs=1e-5)


def test_a_frame_that_is_its_own_reference_stays_as_it_is_with_its_own_pixels(networks, frame):
    found = asked(networks, (frame[1], frame[1]), "own:lips")
    assert np.array_equal(found.picture, crop(networks, frame[1]))
    assert found.after == pytest.approx(found.before)


def test_without_a_reference_only_the_network_that_needs_none_answers(networks, frame):
    found = asked(networks, frame, "around:brows", reference="")
    assert not found.on_reference
    assert all(math.isnan(said[method]) for said in (found.before, found.after) for method in ("bs", "csn"))
    assert not math.isnan(found.after["ncg"])
    with pytest.raises(InputError, match="Choose a reference first"):
        asked(networks, frame, "own:brows", reference="")


def test_a_change_that_is_not_offered_is_named(networks, frame):
    with pytest.raises(InputError, match="cannot be changed by 'without:eyeglasses'"):
        asked(networks, frame, "without:eyeglasses")


def test_a_change_that_nobody_waits_for_is_given_up(networks, frame):
    with pytest.raises(WorkCancelled):
        networks.what_if(WhatIf(4, *frame, "around:brows"), Watch(lambda: True, lambda share: None))
