import numpy as np
import pytest
import torch

from csnviz.errors import InputError
from csnviz.inference.affine import affine_bytes, affine_features, predict_from_affine
from csnviz.inference.features import WorkCancelled, encode_frames
from csnviz.inference.predict import nothing_yet, predict_with_reference
from csnviz.models.stages import MERGE_POINTS


def kept_of(trained, frames):
    return affine_features(trained, encode_frames(trained, frames, "cpu"))


def one_pass_each(monkeypatch, size=2):
    """Few frames a pass, so that there are several."""
    from csnviz.inference import affine

    monkeypatch.setattr(affine, "KEPT_BATCH", size)


@pytest.mark.parametrize("merge_before", MERGE_POINTS)
def test_every_reference_gives_the_table_that_subtracting_at_the_merge_gives(
    network, frames, references, merge_before, monkeypatch
):
    one_pass_each(monkeypatch, 3)
    trained, some = network(merge_before), frames.of("A")
    kept = kept_of(trained, some)
    for name in ("A/7", "A/0", "A/8"):
        named = references.with_reference("A", "front", name, "person")
        expected = predict_with_reference(trained, some, named, kept.features, device="cpu")
        found = predict_from_affine(trained, some, named, kept, device="cpu")
        assert np.array_equal(np.isnan(found.estimate), np.isnan(expected.estimate))
        assert np.nanmax(np.abs(found.estimate - expected.estimate)) <= 1e-4 * np.nanstd(expected.estimate)
        assert np.isnan(found.estimate[4]).all()
        assert (found.provenance, found.method, found.protocol) == (
            expected.provenance, expected.method, expected.protocol,
        )  # fmt: skip
        assert found.rows.equals(expected.rows)
        assert np.array_equal(found.label, expected.label, equal_nan=True)


@pytest.mark.parametrize("merge_before", MERGE_POINTS)
def test_a_face_against_itself_gives_the_same_estimates_for_everybody(network, frames, references, merge_before):
    trained, themselves = network(merge_before), []
    for who, place in (("A", 0), ("B", 2)):
        some = frames.of(who)
        themselves.append(predict_from_affine(trained, some, references, kept_of(trained, some), "cpu").estimate[place])
    assert np.allclose(*themselves, atol=1e-6)
    if merge_before == "output":
        assert np.array_equal(themselves, np.zeros_like(themselves))


def test_each_face_begins_once_whatever_the_reference(network, frames, references):
    trained, some = network("stage4"), frames.of("A")
    kept, begun = kept_of(trained, some), []
    hook = trained.network.get_submodule("stage4.0.conv1").register_forward_hook(
        lambda module, given, gave: begun.append(len(given[0]))
    )
    for name in ("A/7", "A/0", "A/8"):
        named = references.with_reference("A", "front", name, "person")
        predict_from_affine(trained, some, named, kept, device="cpu")
    hook.remove()
    assert sum(begun) == 8, "nine frames, one of them without a face"
    assert kept.made.all()


def test_frames_in_any_order_and_only_some_of_them_get_their_own_estimates(network, frames, references):
    trained = network("stage3")
    kept = kept_of(trained, frames)
    rows = [17, 11, 9, 14]
    whole = predict_with_reference(trained, frames, references, device="cpu").estimate[rows]
    part = predict_from_affine(trained, frames.select(rows), references, kept, device="cpu").estimate
    assert np.abs(part - whole).max() <= 1e-4 * whole.std()


def test_memory_is_what_was_said_before_and_nothing_where_nothing_is_gained(network, frames):
    for merge_before in MERGE_POINTS:
        trained = network(merge_before)
        features = encode_frames(trained, frames, "cpu")
        if merge_before in ("fc", "output"):
            assert affine_bytes(trained, features) == 0
        else:
            assert affine_bytes(trained, features) == affine_features(trained, features).nbytes > 0
    lower = network("stage4").computing_in("bfloat16")
    assert affine_bytes(lower, encode_frames(lower, frames, "cpu")) == 0


def test_work_stops_before_the_next_pass_once_it_is_cancelled_and_is_gone_on_with(
    network, frames, references, monkeypatch
):
    one_pass_each(monkeypatch)
    trained, some = network("stage4"), frames.of("A")
    expected = predict_with_reference(trained, some, references, device="cpu").estimate
    kept, begun, bent = kept_of(trained, some), nothing_yet(trained, some), []
    bend = trained.network.get_submodule("stage4.0.prelu")
    bend.register_forward_hook(lambda module, given, gave: bent.append(len(gave)))
    with pytest.raises(WorkCancelled):
        predict_from_affine(trained, some, references, kept, "cpu", cancelled=lambda: sum(bent) >= 4, begun=begun)
    assert sum(bent) == 4 == (~np.isnan(begun[:, 0])).sum()
    assert kept.made.sum() == 4
    table = predict_from_affine(trained, some, references, kept, "cpu", begun=begun)
    assert sum(bent) == 8
    assert np.nanmax(np.abs(table.estimate - expected)) <= 1e-4 * np.nanstd(expected)


def test_what_cannot_be_answered_is_refused(network, frames, references):
    trained, some = network("stage4"), frames.of("A")
    kept = kept_of(trained, some)
    with pytest.raises(InputError, match=r"A, front camera, B, front camera have one each"):
        predict_from_affine(trained, frames, references, kept, "cpu")
    with pytest.raises(InputError, match=r"Frame B/2 has not been through"):
        predict_from_affine(trained, frames.of("B"), references, kept, "cpu")
    with pytest.raises(InputError, match="another network"):
        predict_from_affine(network("stage4", seed=1), some, references, kept, "cpu")
    with pytest.raises(InputError, match="has no usable face: no face"):
        faceless = references.with_reference("A", "front", "A/4", "person")
        predict_from_affine(trained, some, faceless, kept, "cpu")
    lower = trained.computing_in("bfloat16")
    with pytest.raises(InputError, match="bfloat16, too coarse"):
        affine_features(lower, encode_frames(lower, some, "cpu"))


def test_what_is_kept_builds_no_graph(network, frames, references):
    trained, some = network("stage4"), frames.of("A")
    kept = kept_of(trained, some)
    with torch.enable_grad():
        predict_from_affine(trained, some, references, kept, "cpu")
    assert not any(part.requires_grad for part in kept.parts)
