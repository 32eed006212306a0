import threading

import numpy as np
import pytest
import torch

from csnviz.errors import InputError
from csnviz.inference.features import FrameFeatures, WorkCancelled, encode_frames, feature_batches, ready
from csnviz.models.images import images_of
from csnviz.models.stages import encode


def test_every_usable_face_has_features_and_no_other_frame_has(network, frames):
    features = encode_frames(network("stage4"), frames, "cpu")
    assert features.frame_ids == tuple(frames.rows["frame_id"][frames.usable])
    assert "A/4" not in features
    assert "A/5" in features


def test_features_are_looked_up_by_frame_and_not_by_place(network, frames):
    trained = network("stage4")
    features = encode_frames(trained, frames, "cpu")
    wanted = ["B/3", "A/8"]
    rows = [frames.row_of(frame_id) for frame_id in wanted]
    with torch.no_grad():
        alone = encode(trained.network, images_of(frames.crops(rows)), "stage4")
    assert torch.allclose(features.of(wanted), alone, atol=1e-5)


@pytest.mark.parametrize("batch", [1, 2, 7, 100])
def test_features_of_a_face_do_not_depend_on_who_is_in_its_batch(network, frames, batch):
    trained = network("stage3")
    sixteen, other = (encode_frames(trained, frames, "cpu", batch=size) for size in (16, batch))
    assert (sixteen.features - other.features).abs().max() <= 1e-5 * sixteen.features.abs().max()


def test_a_network_without_a_merge_keeps_its_outputs(network, frames):
    trained = network(None)
    features = encode_frames(trained, frames, "cpu")
    assert features.merge_before == "output"
    assert features.features.shape == (17, trained.config.outputs)


def test_a_table_without_any_face_gives_no_features_of_the_right_shape(network, frames):
    trained = network("stage4")
    nobody = encode_frames(trained, frames.select(~frames.usable), "cpu")
    assert nobody.features.shape == (0, *encode_frames(trained, frames, "cpu").features.shape[1:])


def test_a_frame_that_was_never_encoded_is_named(network, frames):
    features = encode_frames(network("stage4"), frames.of("A"), "cpu")
    with pytest.raises(InputError, match="B/1"):
        features.of(["A/1", "B/1"])


def test_features_for_another_number_of_frames_are_refused():
    with pytest.raises(InputError, match="2 frames need as many features; found 3"):
        FrameFeatures(("a", "b"), torch.zeros(3, 4), "sha", "stage4")


def test_kept_features_are_given_back_and_the_rest_is_made(network, frames, faces_through):
    trained = network("stage4")
    some = encode_frames(trained, frames.of("B"), "cpu")
    counted = faces_through(trained)
    parts = list(feature_batches(trained, frames, some, ready(trained, "cpu"), progress=False))
    assert counted["first"] == 8, "A has nine frames, one of them without a face"
    assert sorted(np.concatenate([rows for rows, _ in parts])) == list(np.flatnonzero(frames.usable))


def test_work_stops_before_the_next_batch_once_it_is_cancelled(network, frames, faces_through):
    trained = network("stage4")
    counted = faces_through(trained)
    with pytest.raises(WorkCancelled):
        encode_frames(trained, frames, "cpu", batch=2, cancelled=lambda: counted["first"] >= 4)
    assert counted["first"] == 4


def test_a_worker_thread_builds_no_graph(network, frames):
    made = []
    worker = threading.Thread(target=lambda: made.append(encode_frames(network("stage4"), frames, "cpu")))
    worker.start()
    worker.join()
    assert not made[0].features.requires_grad
    assert made[0].features.grad_fn is None


def test_kept_features_may_take_part_in_gradients_later(network, frames):
    kept = encode_frames(network("stage4"), frames.of("A"), "cpu").features
    weight = torch.ones(1, requires_grad=True)
    (kept * weight).sum().backward()
    assert weight.grad is not None


def test_what_was_encoded_when_it_was_cancelled_is_brought_along_and_not_made_again(network, frames, faces_through):
    trained = network("stage4")
    whole = encode_frames(trained, frames, "cpu")
    counted = faces_through(trained)
    with pytest.raises(WorkCancelled) as stopped:
        encode_frames(trained, frames, "cpu", batch=2, cancelled=lambda: counted["first"] >= 4)
    begun = stopped.value.encoded
    assert begun.frame_ids == whole.frame_ids[:4]
    with pytest.raises(WorkCancelled) as again:
        encode_frames(trained, frames, "cpu", cancelled=lambda: True, begun=begun)
    assert again.value.encoded.frame_ids == begun.frame_ids, "nothing is lost where nothing was gained"
    finished = encode_frames(trained, frames, "cpu", begun=begun)
    assert counted["first"] == 17
    assert finished.frame_ids == whole.frame_ids
    assert torch.allclose(finished.features, whole.features, atol=1e-5)


def test_what_another_network_had_begun_is_not_gone_on_with(network, frames):
    begun = encode_frames(network("stage4", seed=3), frames.of("A"), "cpu")
    with pytest.raises(InputError, match="another network"):
        encode_frames(network("stage4"), frames, "cpu", begun=begun)
