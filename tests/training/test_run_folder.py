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


def interrupted(path) -> RunFolder:
    run = RunFolder(path / "run")
    run.begin(SETTINGS)
    for left in (run.resume, run.updates):
        left.write_text("left by a killed run")
    return run


def test_what_an_interrupted_run_left_stays_for_the_same_settings_only(tmp_path):
    run = interrupted(tmp_path)
    run.begin(SETTINGS)
    assert run.resume.exists()
    assert run.updates.exists()
    run.begin({**SETTINGS, "rate": 1e-3})
    assert not run.resume.exists()
    assert not run.updates.exists()


def test_another_version_of_torch_does_not_go_on_because_it_may_compute_other_numbers(tmp_path, monkeypatch):
    run = interrupted(tmp_path)
    monkeypatch.setattr("torch.__version__", "9.9.9")
    run.begin(SETTINGS)
    assert not run.resume.exists()


def test_a_finished_run_has_nothing_to_go_on_from(tmp_path):
    run = interrupted(tmp_path)
    run.finish(seconds=3.21, updates=7)
    assert not run.resume.exists()
    assert run.updates.exists()


def test_a_run_folder_knows_where_its_files_are(tmp_path):
    run = finished(tmp_path)
    assert run.losses.read_text() == "epoch\n1\n"
    assert run.predictions == run.path / "predictions"
    assert run.asked()["settings"]["people"] == ["P1", "P2"]
    assert RunFolder(tmp_path / "never").asked() is None
