import csv
import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from csnviz.errors import InputError
from csnviz.models.checkpoints import NetworkConfig, load_checkpoint
from csnviz.models.csn import CSN
from csnviz.models.heads import intensity
from csnviz.models.images import images_of
from csnviz.models.iresnet import IResNetSize, iresnet
from csnviz.training.augment import mirrored_together
from csnviz.training.fit import FitSettings, Learner, fit
from csnviz.training.losses import IntensityWeights, intensity_loss
from csnviz.training.optimisers import adamw_one_cycle
from csnviz.training.run_folder import RunFolder
from csnviz.training.steps import with_reference, without_reference

TINY = IResNetSize((1, 1, 1, 1), (4, 4, 8, 8))
PACE = FitSettings(epochs=2, batch_size=12, frames_per_reference=3, seed=5)


def learner_for(table, merge_before, updates, rate=3e-3):
    torch.manual_seed(0)
    config = NetworkConfig(TINY, table.aus.numbers, "intensity", merge_before, "none", "squares")
    stages = iresnet(TINY, config.outputs)
    return Learner(
        network=stages if merge_before is None else CSN(stages, merge_before),
        config=config,
        step=without_reference if merge_before is None else with_reference,
        loss_of=partial(intensity_loss, weights=IntensityWeights.of(table.intensity, 0.5)),
        augment=mirrored_together,
        optimisation=adamw_one_cycle(stages, rate, updates),
    )


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


def test_training_learns_what_lights_a_square(table, references, tmp_path):
    learner = learner_for(table, "stage4", 8 * 3, rate=2e-2)
    lines = fit(learner, table, references, replace(PACE, epochs=8), RunFolder(tmp_path / "run"), progress=False)
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


def test_a_loss_that_is_not_finite_stops_before_the_last_good_network_is_overwritten(table, references, tmp_path):
    run, learner = RunFolder(tmp_path / "run"), learner_for(table, None, 6)
    updates = iter(range(100))

    def breaking(output, labels):
        losses = learner.loss_of(output, labels)
        return {**losses, "mse": losses["mse"] * float("nan")} if next(updates) == 4 else losses

    one_epoch = RunFolder(tmp_path / "one")
    fit(learner_for(table, None, 6), table, references, replace(PACE, epochs=1), one_epoch, progress=False)
    with pytest.raises(InputError, match=r"Epoch 2, update 2: the loss is nan \(frames squares/P\d/front/"):
        fit(replace(learner, loss_of=breaking), table, references, PACE, run, progress=False)
    assert run.checkpoint.read_bytes() == one_epoch.checkpoint.read_bytes()
    assert not (run.path / "finished.json").exists()
    assert all(torch.isfinite(parameter).all() for parameter in learner.network.parameters())


def test_computing_in_bfloat16_learns_and_keeps_the_parameters_in_float32(table, references, tmp_path):
    learner = learner_for(table, "stage4", 12, rate=2e-2)
    pace = replace(PACE, epochs=4, bfloat16=True)
    lines = fit(learner, table, references, pace, RunFolder(tmp_path / "run"), progress=False)
    assert lines[-1]["loss"] < 0.8 * lines[0]["loss"]
    assert {parameter.dtype for parameter in learner.network.parameters()} == {torch.float32}
