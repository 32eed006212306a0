from csnviz.models.checkpoints import NetworkConfig
from csnviz.models.iresnet import IResNetSize, iresnet
from csnviz.training.run_folder import RunFolder

TINY = IResNetSize((1, 1, 1, 1), (4, 4, 8, 8))
SETTINGS = {"seed": 1, "people": ("P1", "P2"), "rate": 3e-3}


def finished(path) -> RunFolder:
    run = RunFolder(path / "run")
    run.begin(SETTINGS)
    run.keep(iresnet(TINY, 12), NetworkConfig(TINY, (1, 12), "intensity", None, "none", "squares"), [{"epoch": 1}])
    run.finish(seconds=3.21, updates=7)
    return run


def test_a_run_counts_as_finished_only_with_the_same_settings_and_its_checkpoint(tmp_path):
    run = finished(tmp_path)
    assert run.is_finished(SETTINGS)
    assert not run.is_finished({**SETTINGS, "seed": 2})
    run.checkpoint.unlink()
    assert not run.is_finished(SETTINGS)


def test_a_run_that_never_was_or_began_again_is_not_finished(tmp_path):
    assert not RunFolder(tmp_path / "never").is_finished(SETTINGS)
    run = finished(tmp_path)
    (run.path / ".checkpoint.safetensors.12ab.part").write_bytes(b"left by a killed run")
    run.begin(SETTINGS)
    assert not run.is_finished(SETTINGS)
    assert not list(run.path.glob(".*.part"))
