import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csnviz.cast.dataset import draw_frame
from csnviz.cli import main
from csnviz.errors import InputError
from csnviz.estimating import estimate_recording
from csnviz.inference.networks import Networks
from tests.videos import write_video

FRAMES = 8
BLACK_FRAME = 5


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    """Eight frames of an invented person, the sixth of them black."""
    frames = [draw_frame("C101", frame)[0] for frame in range(FRAMES)]
    frames[BLACK_FRAME] = np.zeros_like(frames[0])
    return write_video(tmp_path_factory.mktemp("video") / "someone.mp4", frames)


@pytest.fixture(scope="module")
def networks() -> Networks:
    return Networks.load()


def predict(*words: object) -> int:
    return main(["predict", *map(str, words)])


def test_every_decoded_frame_has_a_row_and_a_frame_without_a_face_says_why(video, tmp_path):
    assert predict(video, "--reference", 0, "--out", tmp_path / "e.csv") == 0
    rows = pd.read_csv(tmp_path / "e.csv", keep_default_na=True)
    assert list(rows.columns[:9]) == [
        "input", "frame", "timestamp", "success", "reason", "ref_frame", "AU01_ncg", "AU01_bs", "AU01_ofc",
    ]  # fmt: skip
    assert len(rows.columns) == 6 + 12 * 3
    assert rows["frame"].tolist() == list(range(FRAMES))
    assert np.allclose(rows["timestamp"], np.arange(FRAMES) / 20)
    assert rows["success"].tolist() == [int(frame != BLACK_FRAME) for frame in range(FRAMES)]
    assert rows["reason"][BLACK_FRAME] == "no face"
    estimates = rows.filter(like="AU")
    assert estimates.loc[BLACK_FRAME].isna().all()
    assert estimates.drop(index=BLACK_FRAME).notna().all(axis=None)
    assert (rows["ref_frame"] == 0).all()


def test_the_reference_subtracted_from_itself_is_zero_and_calibrated_to_a_constant(video, networks):
    tables = estimate_recording(video, networks, reference=1)
    assert np.abs(tables["bs"].estimate[1]).max() == 0
    other = estimate_recording(video, networks, reference=3)
    assert np.abs(tables["ofc"].estimate[1] - other["ofc"].estimate[3]).max() <= 1e-5


def test_a_range_of_frames_equals_the_whole_and_its_reference_may_lie_outside(video, networks):
    whole = estimate_recording(video, networks, reference=0)
    part = estimate_recording(video, networks, reference=0, frames=slice(2, 5))
    assert part["ofc"].rows["frame_index"].tolist() == [2, 3, 4]
    for suffix, table in part.items():
        assert np.abs(table.estimate - whole[suffix].estimate[2:5]).max() <= 1e-5


def test_without_a_reference_there_is_one_column_per_unit(video, tmp_path):
    assert predict(video, "--out", tmp_path / "e.csv") == 0
    columns = pd.read_csv(tmp_path / "e.csv").filter(like="AU").columns
    assert len(columns) == 12
    assert all(column.endswith("_ncg") for column in columns)


def test_the_side_car_names_networks_preprocessing_reference_and_versions(video, tmp_path, networks):
    assert predict(video, "--reference", 0, "--out", tmp_path / "e.csv") == 0
    methods = json.loads((tmp_path / "e.json").read_text())["methods"]
    assert methods["ncg"]["network"]["sha256"] == networks.ncg.sha256
    assert methods["ofc"]["network"]["sha256"] == networks.csn.sha256
    assert methods["ofc"]["references"][0]["frame_id"].endswith("/0")
    assert {"preprocessing", "versions", "device"} <= set(methods["ofc"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--reference", BLACK_FRAME), "reference frame 5 cannot be used: no face"),
        (("--reference", FRAMES), "reference frame 8 is out of range: the last frame is 7"),
        (("--reference", FRAMES, "--frames", "0:4"), "there is no frame in 8:9; the last is 7"),
        (("--frames", "5:6"), "no face was found in any of 1 frames"),
        (("--frames", "20:30"), "there is no frame in 20:30; the last is 7"),
        (("--ncg", "csn"), "merges with a reference, so it is not a network without calibration"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_leaves_nothing_behind(
    video, tmp_path, capsys, networks, words, sentence
):
    from csnviz import places

    shipped = {"csn": places.checkpoints() / "cast_csn.safetensors"}
    assert predict(video, *(shipped.get(str(word), word) for word in words), "--out", tmp_path / "e.csv") == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir() if path.name != "data-root"] == []


def test_a_text_file_is_not_a_recording(tmp_path, capsys):
    (tmp_path / "words.mp4").write_text("not a video at all, whatever its name says")
    assert predict(tmp_path / "words.mp4", "--out", tmp_path / "e.csv") == 2
    assert "neither a video" in capsys.readouterr().err


def test_debug_shows_where_it_happened(tmp_path):
    with pytest.raises(InputError):
        predict(tmp_path / "missing.mp4", "--out", tmp_path / "e.csv", "--debug")


def test_estimates_are_written_as_csv_alone(video, tmp_path, capsys):
    assert predict(video, "--out", tmp_path / "e.xlsx") == 2
    assert "ends in .csv" in capsys.readouterr().err


REAL = [
    # name, rows, last second, rows with a face
    ("pyfeat_single_face.mp4", 72, 2.3667, 72),
    ("pyfeat_face_noface.mov", 169, 6.360, 72),
]


@pytest.mark.parametrize(("name", "count", "last", "faces"), REAL)
def test_real_videos_give_their_rows_times_and_gaps(realdata, tmp_path, name, count, last, faces):
    assert predict(realdata / "video" / name, "--reference", 0, "--out", tmp_path / "e.csv") == 0
    rows = pd.read_csv(tmp_path / "e.csv")
    assert len(rows) == count
    assert rows["timestamp"].iloc[-1] == pytest.approx(last, abs=5e-4)
    assert rows["success"].tolist() == [1] * faces + [0] * (count - faces)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("pyfeat_no_face.mp4", "no face was found in any of 95 frames"),
        ("openmpf_corrupt.mp4", "damaged, or not a video after all"),
    ],
)
def test_real_files_that_cannot_be_used_are_named_in_a_sentence(realdata, tmp_path, capsys, name, sentence):
    assert predict(realdata / "video" / name, "--reference", 0, "--out", tmp_path / "e.csv") == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "e.csv").exists()
