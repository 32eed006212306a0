from dataclasses import replace

import numpy as np
import pytest
import torch

from csnviz.data.tables import PredictionTable, ReferenceTable
from csnviz.errors import InputError
from csnviz.inference.features import WorkCancelled, encode_frames
from csnviz.inference.predict import (
    NEUTRAL_RECENTRED,
    NEUTRAL_SUBTRACTED,
    WITH_REFERENCE,
    WITHOUT_REFERENCE,
    nothing_yet,
    predict_with_reference,
    predict_without_reference,
    subtract_and_recentre,
    subtract_neutral_output,
)
from csnviz.models.images import images_of
from csnviz.models.stages import MERGE_POINTS


def naive_pairs(trained, frames, references):
    """Each face and its reference through the whole network together, one pair at a time."""
    estimate = np.full((len(frames), len(trained.config.aus)), np.nan)
    for row in np.flatnonzero(frames.usable).tolist():
        who = frames.rows.iloc[row]
        neutral = frames.row_of(references.frame_id_for(who["participant"], who["camera"]))
        pair = (images_of(frames.crops([place])) for place in (neutral, row))
        with torch.no_grad():
            estimate[row] = trained.csn(*pair)[0, : len(trained.config.aus)]
    return estimate


def largest_difference(one, other):
    assert np.array_equal(np.isnan(one), np.isnan(other))
    return np.nanmax(np.abs(one - other)) / max(1, np.nanstd(other))


@pytest.mark.parametrize("merge_before", MERGE_POINTS)
def test_encoding_each_face_once_equals_every_pair_through_the_whole_network(network, frames, references, merge_before):
    trained = network(merge_before)
    expected = naive_pairs(trained, frames, references)
    features = encode_frames(trained, frames, "cpu")
    for kept in (None, features):
        table = predict_with_reference(trained, frames, references, kept, device="cpu")
        assert largest_difference(table.estimate, expected) <= 1e-5
    assert np.nanstd(expected) > 0.01, "a network that says the same of everybody would prove nothing"


def test_another_reference_decodes_again_and_encodes_nothing(network, frames, references, faces_through):
    trained = network("stage4")
    features = encode_frames(trained, frames, "cpu")
    first = predict_with_reference(trained, frames, references, features, device="cpu")
    counted = faces_through(trained)
    other = references.with_reference("A", "front", "A/7", "person")
    second = predict_with_reference(trained, frames, other, features, device="cpu")
    assert counted == {"first": 0, "last": 17}
    assert np.nanmax(np.abs(first.of("A").estimate - second.of("A").estimate)) > 0.01
    assert np.array_equal(first.of("B").estimate, second.of("B").estimate)
    assert largest_difference(second.estimate, naive_pairs(trained, frames, other)) <= 1e-5


def test_without_kept_features_every_face_still_goes_through_only_once(network, frames, references, faces_through):
    trained = network("stage4")
    counted = faces_through(trained)
    predict_with_reference(trained, frames, references, device="cpu")
    assert counted == {"first": 17, "last": 17}


@pytest.mark.parametrize("merge_before", MERGE_POINTS)
def test_a_face_against_itself_gives_the_same_estimates_for_everybody(network, frames, references, merge_before):
    table = predict_with_reference(network(merge_before), frames, references, device="cpu")
    themselves = table.estimate[[table.row_of("A/0"), table.row_of("B/2")]]
    assert np.allclose(themselves[0], themselves[1], atol=1e-6)
    if merge_before == "output":
        assert np.array_equal(themselves, np.zeros_like(themselves))


@pytest.mark.parametrize("seed", range(4))
def test_any_choice_of_frames_in_any_order_gets_the_estimates_of_the_whole_table(network, frames, references, seed):
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(frames))[: rng.integers(1, len(frames))]
    ncg, csn = network(None), network("stage4", seed=1)
    whole = predict_without_reference(ncg, frames, device="cpu").estimate[rows]
    assert largest_difference(predict_without_reference(ncg, frames.select(rows), device="cpu").estimate, whole) <= 1e-5
    whole = predict_with_reference(csn, frames, references, device="cpu").estimate[rows]
    part = predict_with_reference(csn, frames.select(rows), references, reference_frames=frames, device="cpu")
    assert largest_difference(part.estimate, whole) <= 1e-5


def test_a_frame_without_a_face_has_no_estimate_and_says_why(network, frames, references):
    for table in (
        predict_without_reference(network(None), frames, device="cpu"),
        predict_with_reference(network("stage4"), frames, references, device="cpu"),
    ):
        row = table.row_of("A/4")
        assert np.isnan(table.estimate[row]).all()
        assert table.rows["reason"][row] == "no face"
        assert np.isfinite(np.delete(table.estimate, row, axis=0)).all()


def test_estimates_without_a_reference_are_the_first_outputs_unclipped(network, frames):
    trained = network(None)
    with torch.no_grad():
        expected = trained.network(images_of(frames.crops(np.flatnonzero(frames.usable))))[:, :3].numpy()
    table = predict_without_reference(trained, frames, device="cpu")
    assert np.allclose(table.estimate[frames.usable], expected, atol=1e-5)
    assert (expected < 0).any(), "an estimate below 0 would show clipping"


def test_kept_outputs_give_the_same_estimates_without_the_network(network, frames, faces_through):
    trained = network(None)
    kept, fresh = encode_frames(trained, frames, "cpu"), predict_without_reference(trained, frames, device="cpu")
    counted = faces_through(trained)
    again = predict_without_reference(trained, frames, kept, device="cpu")
    assert counted["first"] == 0
    assert np.array_equal(again.estimate, fresh.estimate, equal_nan=True)


def test_labels_follow_the_networks_units_and_an_uncoded_one_is_nan(network, frames):
    table = predict_without_reference(network(None), frames, device="cpu")
    assert table.aus.numbers == (1, 4, 12)
    assert np.array_equal(table.label[:, 0], frames.intensity[:, 1])
    assert np.isnan(table.label[:, 1]).all()
    assert np.array_equal(table.label[:, 2], frames.intensity[:, 0])


def test_an_occurrence_network_is_judged_by_present_or_absent(network, frames):
    uncoded = frames.intensity.copy()
    uncoded[3] = np.nan
    table = predict_without_reference(
        network(None, quantity="occurrence"), replace(frames, intensity=uncoded), device="cpu"
    )
    expected = np.where(np.isnan(uncoded[:, 1]), np.nan, uncoded[:, 1] >= 2)
    assert np.array_equal(table.label[:, 0], expected, equal_nan=True)
    assert table.quantity == "occurrence"


def test_every_row_names_its_own_reference(network, frames, references):
    table = predict_with_reference(network("stage4"), frames, references, device="cpu")
    assert set(table.of("A").rows["ref_frame_id"]) == {"A/0"}
    assert set(table.of("B").rows["ref_frame_id"]) == {"B/2"}
    assert table.protocol == "OFC"
    assert table.method == WITH_REFERENCE


def test_two_cameras_have_two_references_and_may_share_one(network, frames, references):
    cameras = np.where(frames.rows["frame_index"] < 5, "left", "right")
    two = replace(frames, rows=frames.rows.assign(camera=cameras)).of("B")
    named = ReferenceTable.empty().with_reference("B", "left", "B/1", "person")
    apart = named.with_reference("B", "right", "B/6", "person")
    shared = named.with_reference("B", "right", "B/1", "person")
    trained = network("stage4")
    for table in (apart, shared):
        estimate = predict_with_reference(trained, two, table, device="cpu").estimate
        assert largest_difference(estimate, naive_pairs(trained, two, table)) <= 1e-5


def test_a_participant_without_a_reference_is_named_with_the_camera(network, frames):
    only_a = ReferenceTable.empty().with_reference("A", "front", "A/0", "person")
    with pytest.raises(InputError, match=r"B, front camera: no reference frame\. Name one"):
        predict_with_reference(network("stage4"), frames, only_a, device="cpu")


def test_a_reference_without_a_face_is_named_with_frame_reason_and_what_to_do(network, frames, references):
    faceless = references.with_reference("A", "front", "A/4", "person")
    with pytest.raises(InputError, match=r"A, front camera: the reference, frame 4 \(A/4\).*no face\. Choose a frame"):
        predict_with_reference(network("stage4"), frames, faceless, device="cpu")
    ncg = predict_without_reference(network(None), frames, device="cpu")
    with pytest.raises(InputError, match="Choose a frame that shows the neutral face"):
        subtract_neutral_output(ncg, faceless)


def test_a_reference_outside_the_table_is_named(network, frames, references):
    part = frames.select(np.asarray(frames.rows["frame_index"] > 2))
    with pytest.raises(InputError, match="A, front camera: the reference frame A/0 is not among these frames"):
        predict_with_reference(network("stage4"), part, references, device="cpu")


def test_a_network_is_not_used_for_the_other_protocol(network, frames, references):
    with pytest.raises(InputError, match="tiny-0 compares a face with its reference"):
        predict_without_reference(network("stage4"), frames, device="cpu")
    with pytest.raises(InputError, match="tiny-0 was trained without a reference"):
        predict_with_reference(network(None), frames, references, device="cpu")


def test_features_of_another_network_are_refused(network, frames, references):
    features = encode_frames(network("stage4"), frames, "cpu")
    for other in (network("stage4", seed=1), replace(network("stage3"), sha256="sha-0")):
        with pytest.raises(InputError, match="made by another network"):
            predict_with_reference(other, frames, references, features, device="cpu")


def test_prediction_stops_once_it_is_cancelled(network, frames, references):
    with pytest.raises(WorkCancelled):
        predict_with_reference(network("stage4"), frames, references, device="cpu", cancelled=lambda: True)


def test_the_table_knows_where_it_comes_from_after_a_stay_on_disk(network, frames, references, tmp_path):
    table = predict_with_reference(network("stage4"), frames, references, device="cpu")
    table.save(tmp_path / "estimates.npz")
    origin = PredictionTable.load(tmp_path / "estimates.npz").provenance
    assert origin["network"]["sha256"] == "sha-0"
    assert origin["network"]["merge_before"] == "stage4"
    assert origin["references"] == [
        {"whose": "A, front camera", "frame_id": "A/0"},
        {"whose": "B, front camera", "frame_id": "B/2"},
    ]
    assert set(origin["versions"]) == {"csnviz", "torch", "numpy"}
    assert origin["device"] == "cpu"
    assert origin["preprocessing"]


def test_after_subtraction_every_reference_is_estimated_at_0(network, frames, references):
    ncg = predict_without_reference(network(None), frames, device="cpu")
    shifted = subtract_neutral_output(ncg, references)
    assert np.array_equal(shifted.estimate[[shifted.row_of("A/0"), shifted.row_of("B/2")]], np.zeros((2, 3)))
    assert shifted.estimate[5] == pytest.approx(ncg.estimate[5] - ncg.estimate[0])
    assert (shifted.method, shifted.protocol, ncg.method) == (NEUTRAL_SUBTRACTED, "OFC", WITHOUT_REFERENCE)
    assert shifted.rows["ref_frame_id"][10] == "B/2"
    assert np.isnan(shifted.estimate[4]).all()


def test_a_method_that_is_off_by_a_constant_per_person_is_the_same_after_subtraction(network, frames, references):
    ncg = predict_without_reference(network(None), frames, device="cpu")
    bias = np.where(frames.rows["participant"] == "A", 0.5, -1.25).astype(np.float32)[:, None]
    once, biased = (subtract_neutral_output(t, references) for t in (ncg, replace(ncg, estimate=ncg.estimate + bias)))
    assert np.allclose(once.estimate, biased.estimate, atol=1e-5, equal_nan=True)


def test_the_fair_twin_ends_at_the_mean_neutral_output(network, frames, references):
    ncg = predict_without_reference(network(None), frames, device="cpu")
    neutral = np.array([0.5, -0.25, 1.0], np.float32)
    plain, fair = subtract_neutral_output(ncg, references), subtract_and_recentre(ncg, references, neutral)
    assert np.allclose(fair.estimate, plain.estimate + neutral, atol=1e-6, equal_nan=True)
    assert fair.method == NEUTRAL_RECENTRED


def test_subtraction_finds_a_reference_outside_the_chosen_frames(network, frames, references):
    ncg = predict_without_reference(network(None), frames, device="cpu")
    part = subtract_neutral_output(ncg.select([5, 6]), references, ncg)
    assert np.array_equal(part.estimate, subtract_neutral_output(ncg, references).estimate[[5, 6]])


def test_a_method_that_says_nothing_about_a_reference_cannot_be_subtracted(network, frames, references):
    ncg = predict_without_reference(network(None), frames, device="cpu")
    silent = ncg.estimate.copy()
    silent[ncg.row_of("B/2")] = np.nan
    with pytest.raises(InputError, match=r"B, front camera: IR \(NCG\) has no estimate for the reference B/2"):
        subtract_neutral_output(replace(ncg, estimate=silent), references)


def test_a_table_without_frames_gives_a_table_without_estimates(network, frames, references):
    nobody = frames.select([])
    table = predict_with_reference(network("stage4"), nobody, references, device="cpu")
    assert table.estimate.shape == (0, 3)
    assert (
        subtract_neutral_output(predict_without_reference(network(None), nobody, device="cpu"), references).aus
        == table.aus
    )


def test_bfloat16_gives_nearly_the_same_estimates_and_says_so(network, frames, references):
    trained = network("stage4")
    lower = trained.computing_in("bfloat16")
    exact = predict_with_reference(trained, frames, references, device="cpu")
    quick = predict_with_reference(lower, frames, references, device="cpu")
    assert 0 < largest_difference(quick.estimate, exact.estimate) < 0.1
    assert (exact.provenance["precision"], quick.provenance["precision"]) == ("float32", "bfloat16")


def test_features_of_one_precision_are_not_decoded_in_another(network, frames, references):
    trained = network("stage4")
    features = encode_frames(trained, frames, "cpu")
    with pytest.raises(InputError, match="another network than tiny-0, or in another precision"):
        predict_with_reference(trained.computing_in("bfloat16"), frames, references, features, device="cpu")


def test_an_unknown_precision_is_refused(network):
    with pytest.raises(InputError, match="float32 or bfloat16; found 'float16'"):
        network(None).computing_in("float16")


def test_estimates_that_were_interrupted_are_gone_on_with(network, frames, references, faces_through):
    trained = network("stage4")
    whole = predict_with_reference(trained, frames, references, device="cpu")
    begun = nothing_yet(trained, frames)
    begun[:10] = whole.estimate[:10]
    counted = faces_through(trained)
    table = predict_with_reference(trained, frames, references, device="cpu", begun=begun)
    assert largest_difference(table.estimate, whole.estimate) <= 1e-5
    assert counted == {"first": 9, "last": 8}, "eight frames are left, B's reference among them, and A's is seen again"


def test_estimates_without_a_reference_are_filled_into_what_was_begun(network, frames):
    trained = network(None)
    begun = nothing_yet(trained, frames)
    asked = iter([False, True])
    with pytest.raises(WorkCancelled):
        predict_without_reference(trained, frames, device="cpu", cancelled=lambda: next(asked), begun=begun)
    assert 0 < (~np.isnan(begun[:, 0])).sum() < frames.usable.sum()
    table = predict_without_reference(trained, frames, device="cpu", begun=begun)
    whole = predict_without_reference(trained, frames, device="cpu")
    assert largest_difference(table.estimate, whole.estimate) <= 1e-5
