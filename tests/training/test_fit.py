import csv
import errno
import json
import os
from dataclasses import replace

import numpy as np
import pytest
import torch

from csnviz.errors import InputError
from csnviz.models.checkpoints import load_checkpoint
from csnviz.models.heads import intensity
from csnviz.models.images import images_of
from csnviz.models.iresnet import IResNetSize
from csnviz.training.fit import FitSettings, fit
from csnviz.training.resume import SaveEvery
from csnviz.training.run_folder import RunFolder
from tests.training.conftest import write_faces
from tests.training.tiny_run import PACE, first_frames, learner_for, train


@pytest.mark.parametrize("merge_before", [None, "stage4"])
def test_a_run_folder_holds_the_losses_and_the_network_of_the_last_epoch(table, references, tmp_path, merge_before):
    run, learner = RunFolder(tmp_path / "run"), learner_for(table, merge_before, updates=6)
    run.begin({"seed": 5})
    lines = fit(learner, table, references, PACE, run, progress=False)
    with open(run.path / "losses.csv", encoding="utf-8") as file:
        written = list(csv.DictReader(file))
    assert [float(line["loss"]) for line in written] == [line["loss"] for line in lines]
    assert [line["updates"] for line in written] == ["3", "6"]
    assert float(written[1]["mse"]) + float(written[1]["cosine"]) + float(written[1]["exceedance"]) == pytest.approx(
        lines[1]["loss"], rel=1e-5
    )
    kept = load_checkpoint(run.checkpoint, learner.config)
    for name, tensor in learner.stages.state_dict().items():
        assert torch.equal(tensor, kept.network.state_dict()[name]), name
    assert json.loads((run.path / "finished.json").read_text())["updates"] == 6
    assert not list(run.path.glob(".*"))


def test_the_same_seed_trains_the_same_network_and_another_seed_another(table, references, tmp_path):
    def trained(name, seed):
        run = RunFolder(tmp_path / name)
        fit(learner_for(table, "stage4", 6), table, references, replace(PACE, seed=seed), run, progress=False)
        return run.checkpoint.read_bytes()

    assert trained("one", 5) == trained("again", 5)
    assert trained("one", 5) != trained("other", 6)


def test_both_methods_see_the_same_frames_in_the_same_order(table, references, tmp_path):
    seen = {}

    def spy(merge_before):
        learner = learner_for(table, merge_before, 6)
        rows = seen.setdefault(merge_before, [])

        def loss_of(output, labels):
            rows.append(labels.clone())
            return learner.loss_of(output, labels)

        return replace(learner, loss_of=loss_of)

    for merge_before in (None, "stage4"):
        fit(spy(merge_before), table, references, PACE, RunFolder(tmp_path / str(merge_before)), progress=False)
    torch.testing.assert_close(seen[None], seen["stage4"], rtol=0, atol=0)


def test_training_learns_what_lights_a_square(tmp_path):
    table = write_faces(tmp_path / "faces", people=4, frames=10)
    learner, pace = learner_for(table, "stage4", 8 * 3, rate=2e-2), replace(PACE, epochs=8, batch_size=12)
    lines = fit(learner, table, first_frames(table), pace, RunFolder(tmp_path / "run"), progress=False)
    assert lines[-1]["loss"] < 0.5 * lines[0]["loss"]
    rows = np.arange(40)
    with torch.no_grad():
        output = learner.network.eval()(images_of(table.crops(rows // 10 * 10)), images_of(table.crops(rows)))
    estimate = intensity(output, 2).numpy()
    for unit in range(2):
        assert np.corrcoef(estimate[:, unit], table.intensity[:, unit])[0, 1] > 0.8


def test_validation_is_asked_after_every_epoch_in_eval_mode_and_written_beside_the_losses(table, references, tmp_path):
    learner, run = learner_for(table, None, 6), RunFolder(tmp_path / "run")
    lines = fit(
        learner, table, references, PACE, run, lambda: {"in_training": float(learner.network.training)}, progress=False
    )
    assert [line["in_training"] for line in lines] == [0.0, 0.0]
    assert "in_training" in (run.path / "losses.csv").read_text().splitlines()[0]


def breaking_at(learner, update, broken):
    """The learner's loss, which `broken` changes at this update of the call, counted from 0."""
    updates = iter(range(1000))

    def loss_of(output, labels):
        losses = learner.loss_of(output, labels)
        return broken(losses) if next(updates) == update else losses

    return loss_of


def to_nan(losses):
    return {**losses, "mse": losses["mse"] * float("nan")}


def test_a_loss_that_is_not_finite_stops_before_the_last_good_network_is_overwritten(table, references, tmp_path):
    run, learner = RunFolder(tmp_path / "run"), learner_for(table, None, 6)
    one_epoch = RunFolder(tmp_path / "one")
    fit(learner_for(table, None, 6), table, references, replace(PACE, epochs=1), one_epoch, progress=False)
    with pytest.raises(InputError, match=r"Epoch 2, update 2: the loss is nan \(frames squares/P\d/front/"):
        fit(
            replace(learner, loss_of=breaking_at(learner, 4, to_nan)), table, references, PACE, run, progress=False,
            save_every=SaveEvery(updates=1),
        )  # fmt: skip
    assert run.checkpoint.read_bytes() == one_epoch.checkpoint.read_bytes()
    assert not (run.path / "finished.json").exists()
    assert all(torch.isfinite(parameter).all() for parameter in learner.network.parameters())
    assert run.resume.is_file()


def test_all_frames_of_a_batch_whose_loss_is_not_finite_are_written_down(table, references, tmp_path):
    seen, learner, run = [], learner_for(table, None, 6), RunFolder(tmp_path / "run")

    def loss_of(output, labels):
        seen.append(labels)
        return to_nan(learner.loss_of(output, labels)) if len(seen) == 2 else learner.loss_of(output, labels)

    with pytest.raises(InputError, match=r"Nothing was overwritten; look at the 6 frames in .*not_finite\.json"):
        fit(replace(learner, loss_of=loss_of), table, references, PACE, run, progress=False)
    words = json.loads(run.not_finite.read_text())
    assert (words["epoch"], words["update"], words["losses"]["mse"]) == (1, 2, "nan")
    rows = [table.row_of(frame_id) for frame_id in words["frame_ids"]]
    np.testing.assert_array_equal(table.intensity[rows], seen[1].numpy())
    run.begin({})
    assert not run.not_finite.exists()


def test_a_gradient_that_is_not_finite_is_never_saved_to_go_on_from(table, tmp_path):
    """The loss itself is finite, so that only the parameters show it."""
    learner = learner_for(table, "stage4", 6)

    def square_root_of_nothing(losses):
        return {**losses, "mse": (losses["mse"] * 0).sqrt()}

    with pytest.raises(InputError, match=r"resume.state: .* not finite, so this state was not saved"):
        train(table, tmp_path / "run", loss_of=breaking_at(learner, 3, square_root_of_nothing))
    assert load_checkpoint(tmp_path / "run" / "checkpoint.safetensors")
    with pytest.raises(InputError, match="not finite"):
        train(table, tmp_path / "run", loss_of=breaking_at(learner, 0, square_root_of_nothing))


OUT_OF_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    RuntimeError("[enforce fail at alloc_cpu.cpp:121] . DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."),
    MemoryError(),
]  # fmt: skip


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=["gpu", "cpu", "python"])
def test_a_batch_that_does_not_fit_into_memory_says_what_to_do_and_keeps_what_was_saved(table, tmp_path, error):
    learner = learner_for(table, "stage4", 6)

    def raising(losses):
        raise error

    with pytest.raises(
        InputError, match=r"a batch of 6 frames does not fit into memory.* smaller batch_size, such as 3"
    ):
        train(table, tmp_path / "run", loss_of=breaking_at(learner, 3, raising))
    assert load_checkpoint(tmp_path / "run" / "checkpoint.safetensors")
    assert (tmp_path / "run" / "resume.state").is_file()


def test_another_runtime_error_is_not_taken_for_a_full_memory(table, tmp_path):
    learner = learner_for(table, "stage4", 6)

    def raising(losses):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        train(table, tmp_path / "run", loss_of=breaking_at(learner, 0, raising))


@pytest.mark.parametrize(
    ("act", "number"), [("fsync", 0), ("fsync", 1), ("replace", 0)], ids=["checkpoint", "resume file", "any file"]
)
def test_a_full_disk_says_how_much_to_free_and_keeps_what_was_there(table, tmp_path, monkeypatch, act, number):
    run = train(table, tmp_path / "run", pace=replace(PACE, epochs=1))
    good, calls, done = run.checkpoint.read_bytes(), iter(range(1000)), getattr(os, act)

    def full(*arguments):
        if next(calls) >= number:
            raise OSError(errno.ENOSPC, "No space left on device")
        done(*arguments)

    monkeypatch.setattr(os, act, full)
    with pytest.raises(InputError, match=r"the disk is full\. Free 1 MB there and give the same command again"):
        fit(learner_for(table, "stage4", 6), table, first_frames(table), PACE, run, progress=False)
    assert (run.checkpoint.read_bytes() == good) == (number == 0)
    assert load_checkpoint(run.checkpoint)
    assert not run.resume.exists()
    assert not list(run.path.glob(".*.part"))


def test_updates_csv_has_a_line_of_losses_and_rates_for_every_update(table, tmp_path):
    run = train(table, tmp_path / "run")
    with open(run.updates, encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    with open(run.losses, encoding="utf-8") as file:
        epochs = list(csv.DictReader(file))
    assert [line["update"] for line in lines] == ["1", "2", "3", "4", "5", "6"]
    assert [line["epoch"] for line in lines] == ["1"] * 3 + ["2"] * 3
    for part in ("loss", "mse", "cosine", "exceedance"):
        second = np.mean([float(line[part]) for line in lines[3:]])
        assert second == pytest.approx(float(epochs[1][part]), rel=1e-6)
    rates = [float(line["learning_rate_all"]) for line in lines]
    assert max(rates) == rates[1] or max(rates) == rates[0]
    assert rates[-1] < rates[2]
    seconds = [float(line["seconds"]) for line in lines]
    assert seconds == sorted(seconds)


def test_the_bar_shows_every_part_of_the_loss(table, references, tmp_path, capsys):
    fit(learner_for(table, None, 3), table, references, replace(PACE, epochs=1), RunFolder(tmp_path / "run"))
    shown = capsys.readouterr().err
    assert "3/3" in shown
    assert all(part in shown for part in ("epoch 1, loss ", "= mse ", " + cosine ", " + exceedance "))


def test_computing_in_bfloat16_learns_and_keeps_the_parameters_in_float32(table, references, tmp_path):
    learner = learner_for(table, "stage4", 12, rate=2e-2)
    pace = replace(PACE, epochs=4, precision="bfloat16", channels_last=True)
    lines = fit(learner, table, references, pace, RunFolder(tmp_path / "run"), progress=False)
    assert lines[-1]["loss"] < 0.8 * lines[0]["loss"]
    assert {parameter.dtype for parameter in learner.network.parameters()} == {torch.float32}


def test_a_narrow_network_keeps_the_usual_order_in_memory_because_torch_crashes_otherwise(table, references, tmp_path):
    def is_channels_last(width):
        learner = learner_for(table, None, 1, size=IResNetSize((1, 1, 1, 1), (width, 16, 16, 16)))
        pace = replace(PACE, epochs=0, channels_last=True)
        fit(learner, table, references, pace, RunFolder(tmp_path / "run"), progress=False)
        return learner.stages.stage1[0].conv2.weight.is_contiguous(memory_format=torch.channels_last)

    assert is_channels_last(16)
    assert not is_channels_last(15)


def test_a_precision_that_no_network_trains_in_is_refused():
    with pytest.raises(InputError, match=r"one of the precisions .*found 'float16'"):
        FitSettings(precision="float16")
