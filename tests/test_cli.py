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
