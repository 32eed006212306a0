import subprocess
import sys

import pytest

from csnviz import doctor
from csnviz.cli import main


def test_importing_csnviz_loads_neither_torch_nor_mediapipe_nor_plotly():
    heavy = "{'torch', 'mediapipe', 'plotly', 'captum', 'cv2', 'pandas'} & set(sys.modules)"
    program = f"import sys, csnviz; csnviz.InputError; assert not {heavy}, {heavy}"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_every_public_name_is_there():
    import csnviz

    for name in csnviz.__all__:
        assert getattr(csnviz, name) is not None
    with pytest.raises(AttributeError):
        _ = csnviz.nothing_of_this_name


def test_doctor_names_versions_device_face_model_networks_and_browser(capsys):
    main(["doctor"])
    said = capsys.readouterr().out
    for what in (
        "csnviz",
        "Python",
        "torch",
        "device",
        "owner of cv2",
        "face model",
        "networks",
        "data root",
        "browser",
    ):
        assert f" {what} " in said


def test_doctor_gives_each_problem_its_sentence(capsys):
    findings = [doctor.Finding("torch", "2.11"), doctor.Finding("anywidget", "missing", "install it with: pip")]
    assert doctor.report(iter(findings)) == 1
    said = capsys.readouterr().out
    assert "! anywidget" in said
    assert "anywidget: install it with: pip" in said
    assert "1 to mend" in said


def test_doctor_minds_a_data_root_that_others_can_read(tmp_path, monkeypatch):
    tmp_path.chmod(0o755)
    monkeypatch.setenv("CSNVIZ_DATA_ROOT", str(tmp_path))
    found = next(finding for finding in doctor.examine() if finding.what == "data root")
    assert "others can look into it" in found.problem


def test_frames_are_a_slice_as_in_python(capsys):
    from csnviz.cli import _frames

    assert _frames("3:10") == slice(3, 10)
    assert _frames(":5") == slice(None, 5)
    assert _frames("-2:") == slice(-2, None)
    with pytest.raises(SystemExit) as ended:
        main(["predict", "x.mp4", "--out", "e.csv", "--frames", "7"])
    assert ended.value.code == 2
    assert "such as 0:200" in capsys.readouterr().err


@pytest.fixture
def served(monkeypatch):
    """What would be served, and how, without a server."""
    from csnviz import serving

    found = []
    for name in ("demo", "recording", "saved_table", "dataset", "lesson"):
        monkeypatch.setattr(serving, f"serve_{name}", lambda *given, name=name: found.append((name, *given)))
    return found


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("open disfa --labels a.csv", "--labels is for a recording, and disfa is a dataset"),
        ("open disfa --frames 0:9", "--frames is for a recording, and disfa is a dataset"),
        ("open video.mp4 --run runs", "--run is for a dataset, and video.mp4 is a recording"),
        ("open video.mp4 --root DISFA", "--root is for a dataset, and video.mp4 is a recording"),
        ("open video.mp4 --crops abc", "--crops is for a dataset, and video.mp4 is a recording"),
        ("open video.mp4 --in-sample", "--in-sample is for a dataset, and video.mp4 is a recording"),
        ("open table.npz --labels a.csv", "--labels is for a recording, and table.npz is a saved table"),
        ("open learn --labels a.csv", "--labels is for a recording, and learn is the lesson"),
        ("dashboard --run runs", "--run is for a dataset, and demo is the demo"),
        ("dashboard --source disfa --face-model f", "--face-model is for a recording, and disfa is a dataset"),
    ],
)
def test_an_option_for_another_kind_of_source_is_one_sentence_and_nothing_is_served(words, sentence, served, capsys):
    assert main(words.split()) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert served == []


def test_a_source_is_a_file_before_it_is_a_name(tmp_path, monkeypatch, served):
    monkeypatch.chdir(tmp_path)
    assert main(["open", "disfa", "--run", "runs"]) == 0
    (tmp_path / "disfa").mkdir()
    assert main(["open", "disfa"]) == 0
    assert main(["open", "table.npz"]) == 0
    assert main(["dashboard"]) == 0
    assert main(["open", "learn"]) == 0
    assert [kind for kind, *_ in served] == ["dataset", "recording", "saved_table", "demo", "lesson"]


def test_open_and_demo_serve_one_person_and_dashboard_whoever_it_is_told(served):
    main(["demo", "--port", "8000", "--no-browser"])
    where = ["--allow-host", "a.org", "--allow-host", "b.org", "--base-url", "/faces/"]
    main(["dashboard", *where, "--idle", "5", "--kernels", "3", "--faces", "hidden"])
    one, others = (given[-1] for given in served)
    assert one.door.hosts == ()
    assert (one.door.port, one.browser, one.dashboard, one.door.while_open) == (8000, False, False, False)
    assert (one.door.ready, one.door.ready_again, others.door.ready_again) == (1, False, True)
    assert others.door.hosts == ("a.org", "b.org")
    assert (others.door.path, others.door.idle_seconds, others.door.ready) == ("/faces/", 300, 3)
    assert (others.dashboard, others.faces, others.door.while_open, others.browser) == (True, "hidden", True, False)


def test_the_notebook_that_is_named_is_served_and_explore_where_none_is(served, capsys):
    main(["demo"])
    main(["open", "video.mp4", "--notebook", "reference"])
    main(["dashboard", "--notebook", "reference"])
    assert [given[-1].notebook for given in served] == ["explore", "reference", "reference"]
    with pytest.raises(SystemExit):
        main(["demo", "--notebook", "nothing"])
    assert "'explore'" in capsys.readouterr().err


def test_a_host_that_is_none_is_one_sentence(served, capsys):
    assert main(["dashboard", "--allow-host", "https://a.org"]) == 2
    assert "--allow-host https://a.org: a host's name alone" in capsys.readouterr().err
    assert served == []
