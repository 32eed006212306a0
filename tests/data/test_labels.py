import numpy as np
import pytest

from csnviz.data.labels import labelled, read_labels
from csnviz.data.tables import FrameTable, make_rows
from csnviz.errors import InputError
from csnviz.facs import AUSet

AUS = AUSet((1, 12))


def recording(count: int = 10, first: int = 0, seconds: float = 0.04) -> FrameTable:
    """A recording without labels, 25 frames a second."""
    number = np.arange(first, first + count)
    rows = make_rows(
        {
            "frame_id": [f"v/{i}" for i in number], "dataset": "recording", "participant": "P", "camera": "own",
            "video": "v", "source": "v", "frame_index": number, "timestamp": number * seconds,
        }
    )  # fmt: skip
    return FrameTable(rows, np.full((count, 2), np.nan, np.float32), AUS)


def laid(tmp_path, text: str, table: FrameTable | None = None, part: slice | None = None) -> np.ndarray:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return labelled(recording() if table is None else table, read_labels(path), part).intensity


def test_one_line_per_label_is_read_and_everything_else_stays_uncoded(tmp_path):
    intensity = laid(tmp_path, "frame,au,intensity\n0,12,0\n3,AU12,2\n3,AU01,4.5\n")
    assert intensity[0, 1] == 0
    np.testing.assert_array_equal(intensity[3], [4.5, 2])
    assert np.isnan(intensity).sum() == 20 - 3


def test_one_line_per_frame_is_read_and_an_empty_cell_stays_uncoded(tmp_path):
    intensity = laid(tmp_path, "coder,frame,AU01,AU12\nEva,2,0,\nEva,4,,5\n")
    np.testing.assert_array_equal(intensity[[2, 4]], [[0, np.nan], [np.nan, 5]])
    assert np.isnan(intensity).sum() == 20 - 2


@pytest.mark.parametrize("time", ["0.12", "0:00.12", "00:00:00.13", "0.139"])
def test_a_time_is_that_of_the_nearest_frame(tmp_path, time):
    intensity = laid(tmp_path, f"time,au,intensity\n{time},12,3\n")
    assert list(np.flatnonzero(~np.isnan(intensity[:, 1]))) == [3]


def test_hours_and_minutes_count(tmp_path):
    table = recording(4, seconds=1830.0)
    intensity = laid(tmp_path, "time,AU12\n1:31:30,3\n", table)
    assert intensity[3, 1] == 3


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_tabs_and_a_byte_order_mark_are_read(tmp_path, delimiter):
    intensity = laid(tmp_path, f"\ufeffFrame{delimiter}AU{delimiter}Intensity\n3{delimiter}12{delimiter}2\n")
    assert intensity[3, 1] == 2


def test_a_unit_that_the_networks_do_not_estimate_is_left_out_aloud(tmp_path, capsys):
    intensity = laid(tmp_path, "frame,au,intensity\n3,43,1\n3,7,2\n3,12,2\n")
    assert intensity[3, 1] == 2
    assert "AU7, AU43 left out" in capsys.readouterr().err


def test_labels_beyond_the_part_that_was_read_are_left_out(tmp_path):
    text = "frame,au,intensity\n2,12,1\n7,12,2\n12,12,3\n"
    intensity = laid(tmp_path, text, recording(5, first=5), slice(5, 10))
    assert intensity[2, 1] == 2
    assert np.isnan(intensity).sum() == 10 - 1
    with pytest.raises(InputError, match=r"line 2: there is no frame 2; frames go from 5"):
        laid(tmp_path, text, recording(5, first=5))
    with pytest.raises(InputError, match=r"line 4: there is no frame 12"):
        laid(tmp_path, text, recording(5, first=5), slice(5, None))


@pytest.mark.parametrize(("text", "sentence"), [
    ("frame,au,intensity\n1,12,7\n", "line 2: the label of AU12 is a number from 0 to 5 .* found '7'"),
    ("frame,au,intensity\n1,12,B\n", "line 2: the label of AU12 .*found 'B'"),
    ("frame,au,intensity\n1,12,nan\n", "line 2: the label of AU12 .*found 'nan'"),
    ("frame,au,intensity\n1,12,\n", "line 2: the label of AU12 .*found ''"),
    ("frame,au,intensity\n1,12,2\n1,99,2\n", "line 3: '99' is no action unit"),
    ("frame,au,intensity\n1,smile,2\n", "line 2: 'smile' is no action unit"),
    ("frame,AU99\n1,2\n", "line 1: 'au99' is no action unit"),
    ("frame,au,intensity\n10,12,2\n", "line 2: there is no frame 10; frames go from 0 to 9, counted from 0"),
    ("frame,au,intensity\n-1,12,2\n", "line 2: a frame is a whole number from 0; found '-1'"),
    ("time,au,intensity\n0.5,12,2\n", r"line 2: there is no frame at 0.5 s; the nearest is at 0.360 s"),
    ("time,au,intensity\nsoon,12,2\n", "line 2: a time is seconds such as 2.5, or hh:mm:ss; found 'soon'"),
    ("frame,au,intensity\n1,12,2\n2,12,1\n1,AU12,2\n", "line 4: frame 1, AU12 is labelled already in line 2"),
    ("time,au,intensity\n0.04,12,2\n0.05,12,2\n", "line 3: frame 1, AU12 is labelled already in line 2"),
    ("second,au,intensity\n1,12,2\n", "neither a frame column nor a time column; found second, au, intensity"),
    ("frame,au,intensity\n1,12\n", "line 2: 2 cells, but 3 columns"),
    ("frame,AU12,AU12\n1,2,3\n", "line 1: two columns are called 'au12'"),
    ("frame,smile\n1,2\n", "there is no label in it"),
    ("", "neither a frame column nor a time column"),
])  # fmt: skip
def test_what_is_no_label_is_one_sentence_with_its_line(tmp_path, text, sentence):
    with pytest.raises(InputError, match=sentence) as error:
        laid(tmp_path, text)
    assert "labels.csv" in str(error.value)


def test_stills_are_labelled_by_frame_alone(tmp_path):
    stills = recording(seconds=np.nan)
    assert laid(tmp_path, "frame,AU12\n9,1\n", stills)[9, 1] == 1
    with pytest.raises(InputError, match="line 2: these stills have no times"):
        laid(tmp_path, "time,AU12\n0,1\n", stills)


def test_a_file_that_is_not_there_or_is_no_text_is_one_sentence(tmp_path):
    (tmp_path / "picture.csv").write_bytes(b"\xff\xd8\xff\xe0\x00")
    for name in ("missing.csv", "picture.csv"):
        with pytest.raises(InputError, match=f"{name}: cannot be read as a CSV file"):
            read_labels(tmp_path / name)
