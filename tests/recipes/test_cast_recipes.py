import json
from concurrent.futures import Future

import numpy as np
import pytest

from csnviz.cast.dataset import DEMO_PARTICIPANTS, VALIDATION_PARTICIPANTS
from csnviz.facs import DISFA
from csnviz.models.checkpoints import load_checkpoint
from csnviz.models.iresnet import IResNetSize
from csnviz.recipes import cast_comparison, cast_csn, cast_ncg, cast_release, cast_sizes
from csnviz.recipes.cast_comparison import ComparisonSettings, compare, table_of
from csnviz.recipes.cast_settings import CastSettings
from csnviz.recipes.cast_sizes import Pair, compare_sizes

TINY = CastSettings(size=IResNetSize((1, 1, 1, 1), (16, 16, 16, 16)), frames=4, epochs=1, batch_size=6)


@pytest.fixture
def cast(squares, monkeypatch, tmp_path):
    """A handful of people, each of the three parts under a letter of its own."""
    for people, count in (("TRAINING", 4), ("VALIDATION", 2), ("DEMO", 3)):
        names = tuple(f"{people[0]}{number}" for number in range(count))
        monkeypatch.setattr(f"csnviz.cast.dataset.{people}_PARTICIPANTS", names)
    return tmp_path


@pytest.mark.parametrize(("recipe", "merge_before"), [(cast_ncg, None), (cast_csn, "stage4")])
def test_a_recipe_leaves_a_network_that_says_who_it_was_trained_on(cast, recipe, merge_before):
    run = recipe.train(cast, cast / "run", seed=3, settings=TINY, device="cpu", progress=False)
    config = load_checkpoint(run.checkpoint).config
    assert (config.merge_before, config.seed, config.aus) == (merge_before, 3, DISFA.numbers)
    assert config.class_weight_power == 0.5
    assert "4 drawn people of the cast (T0 to T3), 16 frames" in config.trained_on
    asked = json.loads((run.path / "run.json").read_text())["settings"]
    assert asked["peak_learning_rate"] == 3e-3


def test_a_finished_run_is_not_trained_again_unless_asked_for_something_else(cast):
    run = cast_ncg.train(cast, cast / "run", settings=TINY, device="cpu", progress=False)
    written = run.checkpoint.stat().st_mtime_ns
    cast_ncg.train(cast, cast / "run", settings=TINY, device="cpu", progress=False)
    assert run.checkpoint.stat().st_mtime_ns == written
    cast_ncg.train(cast, cast / "run", seed=1, settings=TINY, device="cpu", progress=False)
    assert run.checkpoint.stat().st_mtime_ns != written


def test_the_comparison_trains_every_seed_of_both_methods_and_reports_each_with_its_interval(cast, monkeypatch):
    def one_after_the_other(runs, out, root, workers, settings):
        for run in runs:
            cast_comparison._train(run, out, root, settings)

    monkeypatch.setattr(cast_comparison, "_train_all", one_after_the_other)
    settings = ComparisonSettings(seeds=(1, 2), learning_rates=(1e-3, 1e-2), draws=20, training=TINY)
    report = compare(cast / "out", cast, 1, settings)
    assert json.loads((cast / "out" / "comparison.json").read_text())["mean"] == report["mean"]
    tried = {name: score for name, score in report["validation_icc31"].items() if name.startswith("csn-seed1")}
    best = max(tried, key=tried.get)
    assert best == f"csn-seed1-lr{report['learning_rates']['csn']:g}"
    runs = {path.name for path in (cast / "out").iterdir() if path.is_dir()}
    assert len(runs) == 2 * 2 + 2
    rates, scores = report["learning_rates"], report["validation_icc31"]
    pairs = [[f"{kind}-seed{seed}-lr{rates[kind]:g}" for kind in ("ncg", "csn")] for seed in (1, 2)]
    assert report["best_pair"] == max(pairs, key=lambda pair: scores[pair[0]] + scores[pair[1]])
    for seed in report["seeds"]:
        assert seed["CSN - NCG"]["value"] == pytest.approx(seed["CSN"]["value"] - seed["NCG"]["value"])
        assert seed["CSN - BS"]["value"] == pytest.approx(seed["CSN"]["value"] - seed["BS"]["value"])
        assert seed["NCG"]["low"] <= seed["NCG"]["high"]
    text = table_of(report)
    assert "no evidence about people" in text
    assert f"{report['seeds'][1]['BS']['value']:.3f}" in text


def test_one_command_ships_the_pair_that_did_best_on_the_validation_people(cast, monkeypatch, capsys):
    def compared(out, root, workers, settings):
        for recipe, name in ((cast_ncg, "ncg-seed2"), (cast_csn, "csn-seed2")):
            recipe.train(cast, out / name, seed=2, settings=TINY, device="cpu", progress=False)
        return {"best_pair": ["ncg-seed2", "csn-seed2"], "mean": {}, "seeds": [], "caveat": ""}

    resting = np.full((4, 112, 112, 3), 128, dtype=np.uint8)  # squares never rest
    monkeypatch.setattr(cast_release, "_bare_neutral_faces", lambda root: resting)
    monkeypatch.setattr(cast_release, "compare", compared)
    cast_release.main(["--runs", str(cast / "runs"), "--out", str(cast / "shipped"), "--data-root", str(cast)])
    assert {path.name for path in (cast / "shipped").iterdir()} == {
        "cast_ncg.safetensors", "cast_csn.safetensors", "mean_neutral.png", "mean_neutral.json",
    }  # fmt: skip
    shipped = load_checkpoint(cast / "shipped" / "cast_csn.safetensors")
    assert (shipped.config.seed, shipped.config.merge_before) == (2, "stage4")
    assert "cast_csn.safetensors" in capsys.readouterr().out


def test_sizes_are_compared_on_people_whom_none_of_the_networks_saw(cast, monkeypatch):
    class Here:
        """Runs jobs in this process, where the people are those of the test."""

        def __init__(self, *asked):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *why):
            pass

        def submit(self, job, *asked):
            done = Future()
            done.set_result(job(*asked))
            return done

    monkeypatch.setattr(cast_sizes, "ProcessPoolExecutor", Here)
    size = IResNetSize((1, 1, 1, 1), (16, 16, 16, 16))
    pairs = (Pair("few", size, frames=4, epochs=1), Pair("one, other", size, ("T0",), frames=4, epochs=1))
    lines = compare_sizes(pairs, cast / "out", cast, "cpu", 1)
    assert (cast / "out" / "sizes.md").read_text().splitlines() == lines
    assert [line.split(" | ")[0] for line in lines[-2:]] == ["| few", "| one, other"]
    assert "4 drawn people" in load_checkpoint(cast / "out" / "few-csn" / "checkpoint.safetensors").config.trained_on
    assert (
        "1 drawn people" in load_checkpoint(cast / "out" / "one-other-ncg" / "checkpoint.safetensors").config.trained_on
    )


def test_nobody_of_the_many_is_judged():
    judged = {*VALIDATION_PARTICIPANTS, *DEMO_PARTICIPANTS}
    assert not judged & {who for pair in cast_sizes.PAIRS for who in pair.participants()}
    assert len(cast_sizes.MANY) == 500
