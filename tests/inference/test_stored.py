import json
from dataclasses import replace

import numpy as np
import pytest

from csnviz.inference.predict import predict_with_reference, predict_without_reference, subtract_neutral_output
from csnviz.inference.stored import stored_with_reference, stored_without_reference
from csnviz.models.checkpoints import load_checkpoint, save_checkpoint


@pytest.fixture
def run(tmp_path, network, frames, references):
    """Two networks on disk with what each said about all frames, as a training leaves it."""

    def kept(merge_before):
        trained = network(merge_before)
        checkpoint = tmp_path / f"run-{merge_before}" / "checkpoint.safetensors"
        save_checkpoint(checkpoint, trained.network, trained.config)
        return load_checkpoint(checkpoint), checkpoint, checkpoint.parent / "predictions"

    (ncg, ncg_file, ncg_folder), (csn, csn_file, csn_folder) = kept(None), kept("stage4")
    alone = predict_without_reference(ncg, frames, device="cpu")
    alone.save(ncg_folder / "ncg.npz")
    subtract_neutral_output(alone, references).save(ncg_folder / "bs.npz")
    beside = predict_with_reference(csn, frames, references, device="cpu")
    beside.save(csn_folder / "csn.npz")
    return ncg_file, ncg_folder, alone, csn_file, csn_folder, beside


def test_what_a_run_said_about_some_of_its_people_is_given_back_as_it_was(run, frames, references):
    ncg_file, ncg_folder, alone, csn_file, csn_folder, beside = run
    for who in ("A", "B"):
        theirs = frames.of(who)
        found = stored_without_reference(ncg_file, [ncg_folder], theirs)
        np.testing.assert_array_equal(found.estimate, alone.of(who).estimate)
        np.testing.assert_array_equal(found.label, alone.of(who).label)
        assert (found.method, found.protocol) == (alone.method, "NCG"), "the subtraction beside it is another method"
        found = stored_with_reference(csn_file, [csn_folder], theirs, references)
        np.testing.assert_array_equal(found.estimate, beside.of(who).estimate)
        assert list(found.rows["ref_frame_id"]) == list(beside.of(who).rows["ref_frame_id"])
        assert [each["frame_id"] for each in found.provenance["references"]] == [references.frame_id_for(who, "front")]
        assert found.provenance["read_from"] == "run-stage4/predictions/csn.npz"


def test_the_order_of_the_frames_asked_about_is_kept(run, frames):
    ncg_file, folder, alone, *_ = run
    order = np.array([12, 3, 7, 0])
    found = stored_without_reference(ncg_file, [folder], frames.select(order))
    np.testing.assert_array_equal(found.estimate, alone.estimate[order])
    assert list(found.rows["frame_id"]) == list(frames.rows["frame_id"].iloc[order])


def test_beside_another_reference_there_is_nothing_to_give_back(run, frames, references):
    *_, csn_file, csn_folder, _ = run
    other = references.with_reference("A", "front", "A/7", "person")
    assert stored_with_reference(csn_file, [csn_folder], frames.of("A"), other) is None
    assert stored_with_reference(csn_file, [csn_folder], frames.of("B"), other) is not None, "B's has not changed"


def test_the_estimates_of_another_network_are_not_taken_for_this_ones(run, frames, network, tmp_path):
    _, folder, *_ = run
    other = network(None, seed=5)
    save_checkpoint(tmp_path / "other.safetensors", other.network, other.config)
    assert stored_without_reference(tmp_path / "other.safetensors", [folder], frames) is None


def test_a_frame_that_the_run_never_saw_makes_all_be_estimated(run, frames):
    ncg_file, folder, *_ = run
    rows = frames.rows.assign(frame_id=frames.rows["frame_id"].replace("A/3", "A/33"))
    assert stored_without_reference(ncg_file, [folder], replace(frames, rows=rows)) is None


def test_a_frame_that_has_lost_or_found_its_face_since_makes_all_be_estimated(run, frames):
    ncg_file, folder, *_ = run
    for frame_id, reason in (("A/3", "no face"), ("A/4", "")):
        reasons = frames.rows["reason"].where(frames.rows["frame_id"] != frame_id, reason)
        changed = replace(frames, rows=frames.rows.assign(reason=reasons))
        assert stored_without_reference(ncg_file, [folder], changed) is None


def test_other_crops_or_another_precision_are_other_estimates(run, frames):
    ncg_file, folder, *_ = run
    assert stored_without_reference(ncg_file, [folder], replace(frames, alignment="crops 0123: others")) is None
    file = folder / "ncg.json"
    words = json.loads(file.read_text())
    words["provenance"]["precision"] = "bfloat16"
    file.write_text(json.dumps(words))
    assert stored_without_reference(ncg_file, [folder], frames) is None


@pytest.mark.parametrize("name", ["ncg.npz", "ncg.json"])
def test_a_damaged_or_missing_file_is_passed_over(run, frames, name):
    ncg_file, folder, *_ = run
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    assert stored_without_reference(ncg_file, [folder], frames) is None
    (folder / name).unlink()
    assert stored_without_reference(ncg_file, [folder, folder / "nowhere"], frames) is None


def test_a_table_written_anew_is_read_anew(run, frames):
    ncg_file, folder, alone, *_ = run
    stored_without_reference(ncg_file, [folder], frames)
    replace(alone, estimate=alone.estimate + 1).save(folder / "ncg.npz")
    found = stored_without_reference(ncg_file, [folder], frames)
    np.testing.assert_allclose(found.estimate, alone.estimate + 1)
