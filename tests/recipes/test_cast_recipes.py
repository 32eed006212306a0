import json

import pytest

from csnviz.facs import DISFA
from csnviz.models.checkpoints import load_checkpoint
from csnviz.models.iresnet import IResNetSize
from csnviz.recipes import cast_comparison, cast_csn, cast_ncg
from csnviz.recipes.cast_comparison import ComparisonSettings, compare, table_of
from csnviz.recipes.cast_settings import CastSettings

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
    tried = {name: score for name, score in report["validation_icc31"].items() if name.startswith("csn")}
    best = max(tried, key=tried.get)
    assert best == f"csn-seed1-lr{report['learning_rates']['csn']:g}"
    runs = {path.name for path in (cast / "out").iterdir() if path.is_dir()}
    assert len(runs) == 2 * 2 + 2
    for seed in report["seeds"]:
        assert seed["CSN - NCG"]["value"] == pytest.approx(seed["CSN"]["value"] - seed["NCG"]["value"])
        assert seed["CSN - BS"]["value"] == pytest.approx(seed["CSN"]["value"] - seed["BS"]["value"])
        assert seed["NCG"]["low"] <= seed["NCG"]["high"]
    text = table_of(report)
    assert "no evidence about people" in text
    assert f"{report['seeds'][1]['BS']['value']:.3f}" in text
