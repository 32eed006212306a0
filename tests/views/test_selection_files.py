import csv
import io

import numpy as np
import pandas as pd
import pytest

from csnviz.data.tables import PredictionTable, make_rows
from csnviz.errors import InputError
from csnviz.evaluation.error_runs import error_runs
from csnviz.facs import AUSet
from csnviz.views.selection_files import FRAME_COLUMNS, errors_csv, selection_csv
from csnviz.views.source import Calibrated, Estimated


def table(method: str, shift: float, reference: str = "") -> PredictionTable:
    """P before one camera, two videos of six frames; AU12's estimate is the frame's number / 4 + shift, its label 0."""
    numbers = np.tile(np.arange(6), 2)
    rows = make_rows(
        {
            "frame_id": [f"{video}/{number}" for video, number in zip("vvvvvvwwwwww", numbers, strict=True)],
            "dataset": "made", "participant": 'P "one", old', "camera": "front", "video": list("vvvvvvwwwwww"),
            "frame_index": numbers, "timestamp": numbers / 20, "source": "",
        }
    ).assign(ref_frame_id=reference)  # fmt: skip
    estimate = np.stack([numbers / 4 + shift, numbers * 0], axis=1).astype(np.float32)
    labels = np.tile(np.float32([0, np.nan]), (12, 1))
    facts = {"network": {"name": method.lower(), "sha256": "0123456789abcdef" * 4}}
    return PredictionTable(rows, labels, estimate, AUSet((12, 25)), "intensity", method, "NCG", facts)


ESTIMATED = Estimated(table("NCG", 1.0), Calibrated(table("BS", 0.5, "v/0"), table("CSN", 0.0, "v/0")))


def stretch(video: str, au: int, first: int, last: int) -> dict[str, object]:
    return {
        "participant": 'P "one", old',
        "camera": "front",
        "video": video,
        "au": au,
        "first": first,
        "last": last,
    }


def saved(*stretches: dict[str, object], estimated: Estimated | None = ESTIMATED) -> pd.DataFrame:
    content = selection_csv(pd.DataFrame(list(stretches)), lambda *_: estimated)
    return pd.read_csv(io.BytesIO(content))


def test_a_stretch_is_saved_frame_by_frame_with_numbers_times_and_every_method():
    found = saved(stretch("w", 12, 2, 3))
    assert tuple(found.columns) == FRAME_COLUMNS
    assert found["frame_id"].tolist() == ["w/2", "w/3"]
    assert found["frame_index"].tolist() == [2, 3]
    assert found["seconds"].tolist() == pytest.approx([0.1, 0.15])
    assert found[["label", "ncg", "bs", "csn"]].to_numpy().tolist() == [[0, 1.5, 1.0, 0.5], [0, 1.75, 1.25, 0.75]]
    assert set(found["au"]) == {"AU12"}
    assert set(found["reference"]) == {"v/0"}
    assert found["networks"][0] == "ncg: NCG ncg 0123456789ab; bs: BS bs 0123456789ab; csn: CSN csn 0123456789ab"


def test_a_frame_of_two_stretches_is_saved_once_for_each_action_unit():
    found = saved(stretch("v", 12, 0, 3), stretch("v", 12, 2, 4), stretch("v", 25, 3, 3))
    assert found[["au", "frame_index"]].to_numpy().tolist() == [
        *[["AU12", frame] for frame in range(5)],
        ["AU25", 3],
    ]
    assert np.isnan(found["label"].iloc[-1])


def test_without_a_reference_the_calibrated_columns_are_there_and_empty():
    found = saved(stretch("v", 12, 0, 0), estimated=Estimated(ESTIMATED.ncg, None))
    assert tuple(found.columns) == FRAME_COLUMNS
    assert found[["bs", "csn", "reference"]].isna().all(axis=None)


def test_nothing_chosen_gives_a_file_of_one_line():
    columns = ["participant", "camera", "video", "au", "first", "last"]
    assert selection_csv(pd.DataFrame(columns=columns), lambda *_: None) == (",".join(FRAME_COLUMNS) + "\r\n").encode()


def test_files_are_read_by_any_program_that_reads_csv():
    content = selection_csv(pd.DataFrame([stretch("v", 12, 0, 1)]), lambda *_: ESTIMATED).decode("utf-8")
    assert content.count("\r\n") == content.count("\n") == 3
    lines = list(csv.reader(io.StringIO(content, newline="")))
    assert [line[0] for line in lines] == ["participant", 'P "one", old', 'P "one", old']


def test_estimates_are_written_as_they_are_and_no_longer():
    longer = Estimated(table("NCG", 0.1), None)
    content = selection_csv(pd.DataFrame([stretch("v", 12, 0, 0)]), lambda *_: longer).decode()
    assert ",0.1," in content


def test_a_person_of_whom_nothing_is_estimated_is_named():
    with pytest.raises(InputError, match="front camera: nothing has been estimated"):
        saved(stretch("v", 12, 0, 0), estimated=None)


def test_runs_are_saved_with_what_is_known_about_the_person():
    calibrated = ESTIMATED.calibrated
    errors = error_runs(ESTIMATED.ncg, calibrated.csn, calibrated.bs)
    found = pd.read_csv(io.BytesIO(errors_csv(errors, {'P "one", old': "eyeglasses"}, ['P "one", old'])))
    # NCG is 1 .. 2.25 with label 0 in both videos; CSN reaches 1 in the last two of the six frames.
    assert found.loc[found["kind"] == "overestimate", ["video", "what", "au", "first", "last", "n", "still"]].to_numpy(
        object
    ).tolist() == [["v", "removed", "AU12", 0, 5, 6, 2], ["w", "removed", "AU12", 0, 5, 6, 2]]
    assert set(found["attributes"]) == {"eyeglasses"}
    assert found["in_sample"].all()
    assert set(found["cut"]) == {2.0}
