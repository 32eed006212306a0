import resource
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from csnviz.data.tables import FrameTable, make_rows
from csnviz.errors import InputError
from csnviz.facs import AUSet
from csnviz.inference.features import FrameFeatures, WorkCancelled, encode_frames
from csnviz.inference.likeness import likeness


def person(count: int, **view: object) -> FrameTable:
    """Frames of one person, of whose faces nothing but features is known."""
    whole = {"yaw": 0.0, "pitch": 0.0, "eye_opening": 1.0, "covered": 0.0}
    rows = make_rows(
        {
            "frame_id": [f"A/{i:05d}" for i in range(count)], "dataset": "made", "participant": "A", "camera": "front",
            "video": "A", "source": "", "frame_index": np.arange(count), "timestamp": 0.0, **whole, **view,
        }
    )  # fmt: skip
    return FrameTable(rows, np.zeros((count, 1), np.float32), AUSet((12,)))


def said(frames: FrameTable, features: torch.Tensor) -> FrameFeatures:
    """Features as a network with these names would have made them."""
    usable = frames.usable
    return FrameFeatures(
        tuple(frames.rows["frame_id"][usable]), features[torch.from_numpy(usable.copy())], "sha-0", "stage4"
    )


@pytest.fixture
def csn(network):
    return network("stage4")


def test_the_medoid_is_1_the_middle_distance_a_half_and_the_formula_holds(csn):
    frames, random = person(41), np.random.default_rng(2)
    maps = torch.tensor(random.normal(size=(41, 3, 4, 4)), dtype=torch.float32)
    flat = maps.flatten(1).numpy().astype(np.float64)
    distances = np.linalg.norm(flat[:, None] - flat[None], axis=2)
    medoid = distances.mean(axis=1).argmin()
    found = likeness(csn, frames, said(frames, maps))
    assert found.argmax() == medoid
    assert found[medoid] == 1
    np.testing.assert_allclose(found, 2 ** (-distances[medoid] / np.median(distances[medoid])), rtol=1e-5)


def test_a_face_unlike_all_others_is_the_last(csn):
    frames = person(60)
    maps = torch.tensor(np.random.default_rng(5).normal(size=(60, 4, 14, 14)), dtype=torch.float32)
    maps[23] += 2.0
    assert likeness(csn, frames, said(frames, maps)).argmin() == 23


def test_the_order_of_the_frames_plays_no_part(csn):
    count = 1300  # more than are compared
    frames, random = person(count), np.random.default_rng(7)
    maps = torch.tensor(random.normal(size=(count, 2, 7, 7)), dtype=torch.float32)
    features, order = said(frames, maps), random.permutation(count)
    np.testing.assert_allclose(
        likeness(csn, frames.select(order), features), likeness(csn, frames, features)[order], atol=1e-6
    )


def test_frames_that_are_not_fit_have_a_likeness_but_no_say_in_what_is_usual(csn):
    turned = np.where(np.arange(30) < 20, 40.0, 0.0)
    frames = person(30, yaw=turned)
    maps = torch.zeros(30, 1, 4, 4)
    maps[:20] += 10
    maps[20:] += torch.linspace(-1, 1, 10)[:, None, None, None]
    found = likeness(csn, frames, said(frames, maps))
    assert found.argmax() in range(20, 30)
    assert (found[:20] < found[20:].min()).all()
    assert not np.isnan(found).any()


def test_where_no_frame_is_fit_the_usual_face_is_that_of_all(csn):
    frames = person(5, eye_opening=0.1)
    maps = torch.tensor([0.0, 1, 2, 3, 4]).reshape(5, 1, 1, 1)
    assert likeness(csn, frames, said(frames, maps)).tolist() == pytest.approx([0.25, 0.5, 1, 0.5, 0.25])


def test_labels_are_not_asked(csn):
    frames = person(30)
    smiling = replace(frames, intensity=np.full((30, 1), 4, np.float32))
    maps = torch.tensor(np.random.default_rng(1).normal(size=(30, 2, 4, 4)), dtype=torch.float32)
    assert np.array_equal(likeness(csn, frames, said(frames, maps)), likeness(csn, smiling, said(smiling, maps)))


def test_a_frame_without_a_face_has_no_likeness_and_a_person_without_any_neither(csn):
    reason = np.array(["", "no face", ""], dtype=object)
    frames, maps = person(3, reason=reason), torch.zeros(3, 1, 4, 4)
    assert np.isnan(likeness(csn, frames, said(frames, maps))).tolist() == [False, True, False]
    nobody = person(3, reason="no face")
    assert np.isnan(likeness(csn, nobody, said(nobody, maps))).all()


def test_it_reads_what_a_network_says_about_faces(csn, frames):
    theirs = frames.of("A")
    found = likeness(csn, theirs, encode_frames(csn, theirs, progress=False))
    assert np.isnan(found).tolist() == (~theirs.usable).tolist()
    assert np.nanmax(found) == 1


def test_features_of_another_network_are_refused(csn, network):
    frames = person(3)
    with pytest.raises(InputError, match="made by another network than tiny-1"):
        likeness(network("stage4", seed=1), frames, said(frames, torch.zeros(3, 1, 4, 4)))


def test_it_stops_when_something_newer_is_wanted(csn):
    frames = person(3)
    with pytest.raises(WorkCancelled):
        likeness(csn, frames, said(frames, torch.zeros(3, 1, 4, 4)), cancelled=lambda: True)


def test_4845_frames_of_ir50_take_a_few_seconds_and_little_memory(csn):
    frames = person(4845)
    maps = torch.zeros(1, 256, 14, 14).normal_(generator=torch.Generator().manual_seed(0))
    features = said(frames, maps.expand(4845, -1, -1, -1))  # one face 4,845 times needs no gigabyte here
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    assert (likeness(csn, frames, features) == 1).all()
    assert time.monotonic() - began < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 600 * 1024  # kB
