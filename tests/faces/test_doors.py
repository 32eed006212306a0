import os
from importlib import metadata

import pytest

from csnviz.errors import InputError
from csnviz.faces import doors
from csnviz.faces.detect import FaceFinder
from csnviz.faces.quiet import without_chatter


@pytest.fixture
def installed(monkeypatch):
    """Pretends that another MediaPipe is installed and no face model is named."""
    monkeypatch.delenv(doors.FACE_MODEL_VARIABLE, raising=False)
    return lambda version: monkeypatch.setattr(metadata, "version", lambda name: version)


@pytest.mark.parametrize("version", ["0.10.34", "0.10.35", "1.2.2"])
def test_a_mediapipe_that_calls_home_is_refused(installed, version):
    installed(version)
    with pytest.raises(InputError, match=f"mediapipe {version} opens a network connection"):
        FaceFinder()


@pytest.mark.parametrize("version", ["0.10.20", "0.10.22", "0.9.1"])
def test_a_mediapipe_that_was_never_tried_is_refused(installed, version):
    installed(version)
    with pytest.raises(InputError, match="has not been tried"):
        FaceFinder()


@pytest.mark.parametrize("version", ["0.10.30", "0.10.33"])
def test_a_mediapipe_without_models_asks_for_the_file(installed, version):
    installed(version)
    with pytest.raises(InputError, match="--face-model FILE"):
        FaceFinder()


def test_a_missing_mediapipe_is_named(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.delenv(doors.FACE_MODEL_VARIABLE, raising=False)
    monkeypatch.setattr(metadata, "version", missing)
    with pytest.raises(InputError, match="mediapipe is not installed"):
        FaceFinder()


def test_a_face_model_with_another_hash_is_refused(tmp_path):
    model = tmp_path / "face_landmarker.task"
    model.write_bytes(b"PK something else")
    with pytest.raises(InputError, match=r"face_landmarker\.task: not the face_landmarker\.task that csnviz knows"):
        FaceFinder(model)


def test_a_face_model_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        FaceFinder(tmp_path / "nowhere.task")


def test_the_face_model_can_be_named_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv(doors.FACE_MODEL_VARIABLE, str(tmp_path / "named.task"))
    with pytest.raises(InputError, match=r"named\.task"):
        FaceFinder()


def test_the_version_of_a_task_is_its_hash(task_finder):
    assert task_finder.version == f"mesh-{doors.FACE_LANDMARKER_SHA256[:16]}"


def test_what_a_model_says_about_itself_is_held_back_and_its_errors_are_not(capfd):
    with without_chatter():
        os.write(2, b"W0000 00:00:1795317392.868501    8122 inference_feedback_manager.cc:114] Feedback manager\n")
        os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n")
        os.write(2, b"E0000 00:00:1795317392.868501    8122 graph.cc:1] It broke\n")
    os.write(2, b"after\n")
    said = capfd.readouterr().err
    assert said.splitlines() == ["E0000 00:00:1795317392.868501    8122 graph.cc:1] It broke", "after"]


def test_what_a_model_says_before_it_breaks_is_not_lost(capfd):
    with pytest.raises(ValueError, match="broke"), without_chatter():
        os.write(2, b"F0000 fatal\n")
        raise ValueError("broke")
    assert capfd.readouterr().err == "F0000 fatal\n"
