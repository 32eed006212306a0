from dataclasses import replace

import numpy as np
import pytest

from csnviz import reference_study
from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable, make_rows
from csnviz.errors import InputError
from csnviz.evaluation.metrics import icc31
from csnviz.facs import AUSet
from csnviz.views.latest_only import Watch
from csnviz.views.source import Calibrated, Source

AUS = AUSet((4, 12))
UNWATCHED = Watch(lambda: False, lambda share: None)
SMILE = np.array([0, 0, 2, 4, 0, 0], np.float32)
WITHOUT_FACE = 4
OFFSET = np.float32(1.5)
"""What the network without a reference reads too much into this face."""


@pytest.fixture
def source() -> Source:
    """One smile in six frames, and networks that subtract exactly what the reference shows."""
    rows = make_rows(
        {
            "frame_id": [f"P/{i}" for i in range(6)],
            "dataset": "recording", "participant": "P", "camera": "own", "video": "v", "source": "", "timestamp": np.nan,
            "frame_index": np.arange(10, 16), "reason": ["no face found" if i == WITHOUT_FACE else "" for i in range(6)],
        }
    )  # fmt: skip
    frames = FrameTable(rows, np.stack([np.zeros(6, np.float32), SMILE], axis=1), AUS)

    def estimates(table: FrameTable, shift: np.ndarray) -> PredictionTable:
        estimate = np.where(table.usable[:, None], table.intensity + shift, np.nan).astype(np.float32)
        return PredictionTable(table.rows, table.intensity, estimate, AUS, "intensity", "drawn", "NCG", {})

    def with_reference(table: FrameTable, references: ReferenceTable, watch: Watch) -> Calibrated:
        shown = table.intensity[table.row_of(references.frame_id_for("P", "own"))]
        csn = estimates(table, -shown)
        return Calibrated(csn, csn)

    references = ReferenceTable.empty().with_reference("P", "own", "P/1", "authors")
    return Source(
        "a smile", "drawn", frames, references, lambda table, watch: estimates(table, OFFSET), with_reference, lambda *_: None
    )  # fmt: skip


def test_every_frame_with_a_face_stands_in_once_and_is_as_wrong_as_what_it_shows(source):
    strip = reference_study.compare_references(source, "P", "own", UNWATCHED)
    assert list(strip.frames) == [10, 11, 12, 13, 15]
    # A reference that shows a smile of 4 takes 4 off AU12 and nothing off AU4: 2 on average over the two.
    np.testing.assert_allclose(strip.error, np.array([0, 0, 2, 4, 0]) / 2)
    assert list(strip.fit) == [True, True, False, False, True]
    assert strip.alone_error == pytest.approx(OFFSET)


def test_a_constant_shift_leaves_the_icc_of_the_unit_that_varies_alone(source):
    strip = reference_study.compare_references(source, "P", "own", UNWATCHED)
    seen = np.delete(SMILE, WITHOUT_FACE)
    np.testing.assert_allclose(strip.icc, icc31(seen - 4, seen))
    assert strip.alone_icc == pytest.approx(1.0)


def test_the_reference_in_use_is_named_by_who_chose_it(source):
    strip = reference_study.compare_references(source, "P", "own", UNWATCHED)
    assert (strip.frames[strip.chosen], strip.chosen_by) == (11, "the authors' choice")
    nobody = reference_study.compare_references(
        replace(source, references=ReferenceTable.empty()), "P", "own", UNWATCHED
    )
    assert (nobody.chosen, nobody.chosen_by) == (None, "")


def test_the_answer_says_what_fit_frames_and_all_frames_reach(source):
    words = reference_study.answer(reference_study.compare_references(source, "P", "own", UNWATCHED))
    assert "without a reference the estimates are 1.50 steps off" in words
    assert "each of 5 frames, 0.00 to 2.00" in words
    assert "With the 3 fit frames among them it is 0.00 to 0.00" in words
    assert "The authors' choice: 0.00" in words


def test_of_a_long_recording_only_some_frames_are_tried_and_the_one_in_use(source, monkeypatch):
    monkeypatch.setattr(reference_study, "MOST_CANDIDATES", 2)
    strip = reference_study.compare_references(source, "P", "own", UNWATCHED)
    assert list(strip.frames) == [10, 11, 15]


def test_nobody_without_labels_can_be_studied(source):
    unlabelled = replace(source.frames, intensity=np.full((6, 2), np.nan, np.float32))
    with pytest.raises(InputError, match="P, own camera: no usable frame has human labels"):
        reference_study.compare_references(replace(source, frames=unlabelled), "P", "own", UNWATCHED)


def test_the_page_shows_the_strip_with_its_answer_and_that_labels_did_the_judging(source):
    study = reference_study.ReferenceStudy(source)
    assert study.network.wait(60.0)
    assert "1.50 steps off" in study._answer.value
    assert study._plot.ground.layout.visibility == "visible"
    study._plot.connect()
    assert any("chosen_by = labels" in words.text for words in study._plot.figure.layout.annotations)


def test_the_networks_wait_until_a_browser_has_drawn_the_page(source):
    study = reference_study.ReferenceStudy(source, networks_wait=60.0)
    assert not study.network.wait(0.3)
    study._plot.connect()
    assert study.network.wait(30.0)
    assert "1.50 steps off" in study._answer.value


def test_who_has_no_labels_gets_a_sentence_in_place_of_the_strip(source):
    unlabelled = replace(source.frames, intensity=np.full((6, 2), np.nan, np.float32))
    study = reference_study.ReferenceStudy(replace(source, frames=unlabelled))
    assert study.network.wait(60.0)
    assert "no usable frame has human labels" in study._answer.value
    assert study._plot.ground.layout.visibility == "hidden"


def test_a_source_that_is_not_there_is_a_sentence(tmp_path):
    page = reference_study.open_study(
        {"CSNVIZ_SOURCE": str(tmp_path / "nothing.mp4"), "CSNVIZ_DATA_ROOT": str(tmp_path)}
    )
    assert "nothing.mp4" in page.value
