from pathlib import Path

import numpy as np
import pytest

from csnviz.data.filmed import Filmed
from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable, join_frames, make_rows
from csnviz.errors import InputError
from csnviz.facs import AUSet

AUS = AUSet((1, 12))


def frames(
    participant: str = "P1",
    count: int = 4,
    labels: np.ndarray | None = None,
    images: FaceImages | None = None,
    images_at=None,
):
    rows = make_rows(
        {
            "frame_id": [f"{participant}/{i}" for i in range(count)],
            "dataset": "made",
            "participant": participant,
            "camera": "front",
            "video": participant,
            "frame_index": np.arange(count),
            "timestamp": np.arange(count) / 20,
            "source": "",
            "image": (np.arange(count) if images_at is None else images_at) if images is not None else -1,
        }
    )
    labels = np.zeros((count, 2), np.float32) if labels is None else labels
    return FrameTable(rows, labels, AUS, images)


def pictures(folder: Path, count: int, shade: int) -> FaceImages:
    with FaceImagesWriter(folder) as writer:
        for i in range(count):
            writer.add(np.full((112, 112, 3), shade + i, np.uint8), bytes([shade + i] * (i + 1)))
    return FaceImages.open(folder)


def test_a_label_outside_0_to_5_is_named_with_its_person_frame_and_unit():
    labels = np.zeros((4, 2), np.float32)
    labels[2, 1] = 6
    with pytest.raises(InputError, match=r"P1, front camera, frame 2, AU12: label 6 is outside 0-5"):
        frames(labels=labels)


def test_a_unit_that_nobody_coded_is_nan_and_welcome():
    labels = np.full((4, 2), np.nan, np.float32)
    assert np.isnan(frames(labels=labels).intensity).all()


def test_two_rows_with_one_frame_id_are_refused():
    table = frames()
    doubled = table.rows.assign(frame_id=["a", "b", "b", "c"])
    with pytest.raises(InputError, match="Frame b appears twice"):
        FrameTable(doubled, table.intensity, AUS)


def test_labels_of_another_shape_are_refused():
    table = frames()
    with pytest.raises(InputError, match=r"labels of shape \(4, 2\); found \(4, 3\)"):
        FrameTable(table.rows, np.zeros((4, 3), np.float32), AUS)


def test_choosing_rows_keeps_labels_and_pictures_with_their_frames(tmp_path):
    labels = np.arange(8, dtype=np.float32).reshape(4, 2) % 6
    table = frames(labels=labels, images=pictures(tmp_path / "p", 4, 10))
    chosen = table.select([3, 1])
    assert list(chosen.rows["frame_id"]) == ["P1/3", "P1/1"]
    assert np.array_equal(chosen.intensity, labels[[3, 1]])
    assert chosen.crops([0, 1])[:, 0, 0, 0].tolist() == [13, 11]
    assert chosen.picture(1) == bytes([11] * 2)


def test_tables_of_two_people_joined_show_each_their_own_face(tmp_path):
    one = frames("P1", 3, images=pictures(tmp_path / "one", 3, 10))
    two = frames("P2", 2, images=pictures(tmp_path / "two", 2, 50))
    both = join_frames([one, two])
    assert both.participants == ("P1", "P2")
    assert both.crops(np.arange(5))[:, 0, 0, 0].tolist() == [10, 11, 12, 50, 51]
    assert both.of("P2").picture(0) == bytes([50])


def test_a_frame_without_a_face_has_no_crop_and_says_why(tmp_path):
    table = frames(images=pictures(tmp_path / "p", 4, 10))
    table = FrameTable(table.rows.assign(reason=["", "no face", "", ""]), table.intensity, AUS, table.images)
    assert table.usable.tolist() == [True, False, True, True]
    with pytest.raises(InputError, match="P1/1: no face, so there is no face crop"):
        table.crops([0, 1])


def test_a_frame_table_comes_back_from_disk_as_it_was(tmp_path):
    labels = np.array([[0, 1], [np.nan, 2], [3, 4], [5, 0]], np.float32)
    table = frames(labels=labels, images=pictures(tmp_path / "p", 4, 10))
    table.save(tmp_path / "table.npz")
    again = FrameTable.load(tmp_path / "table.npz")
    assert again.rows.astype(object).equals(table.rows.astype(object))
    assert np.array_equal(again.intensity, labels, equal_nan=True)
    assert again.aus == AUS
    assert again.crops([2])[0, 0, 0, 0] == 12


def test_a_damaged_table_is_noticed_rather_than_read(tmp_path):
    path = tmp_path / "table.npz"
    frames(labels=np.ones((4, 2), np.float32)).save(path)
    content = bytearray(path.read_bytes())
    place = bytes(content).index(np.ones(8, np.float32).tobytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match="not a readable FrameTable"):
        FrameTable.load(path)


def test_a_prediction_table_is_not_taken_for_a_frame_table(tmp_path):
    table = frames()
    zeros = np.zeros((4, 2), np.float32)
    predictions = PredictionTable(table.rows, zeros, zeros, AUS, "intensity", "NCG", "NCG", {"network": "abc"})
    predictions.save(tmp_path / "p.npz")
    again = PredictionTable.load(tmp_path / "p.npz")
    assert again.provenance == {"network": "abc"}
    assert (again.rows["ref_frame_id"] == "").all()
    with pytest.raises(InputError, match="expected a FrameTable, found PredictionTable"):
        FrameTable.load(tmp_path / "p.npz")


def test_a_reference_is_found_by_person_and_camera_and_can_be_replaced(tmp_path):
    table = ReferenceTable.empty().with_reference("P1", "left", "P1/0", "labels")
    table = table.with_reference("P1", "right", "P1/7", "person", "eyes open")
    table = table.with_reference("P1", "left", "P1/3", "person")
    assert table.frame_id_for("P1", "left") == "P1/3"
    assert table.frame_id_for("P1", "right") == "P1/7"
    table.save(tmp_path / "references.csv")
    assert ReferenceTable.load(tmp_path / "references.csv").rows.equals(table.rows)


def test_a_person_without_a_reference_is_named_with_what_to_do():
    with pytest.raises(InputError, match="P9, left camera: no reference frame"):
        ReferenceTable.empty().frame_id_for("P9", "left")


def test_two_references_for_one_person_and_camera_are_refused():
    rows = ReferenceTable.empty().with_reference("P1", "left", "a", "person").rows
    with pytest.raises(InputError, match="P1, left camera: two reference frames"):
        ReferenceTable(type(rows)(np.repeat(rows.to_numpy(), 2, axis=0), columns=rows.columns))


def test_a_person_s_frames_before_one_camera_can_be_taken_alone():
    table = frames()
    table = FrameTable(table.rows.assign(camera=["left", "right", "left", "right"]), table.intensity, table.aus)
    assert list(table.of("P1", "right").rows["frame_id"]) == ["P1/1", "P1/3"]
    assert len(table.of("P1")) == 4
    with pytest.raises(InputError, match="P1, top camera: no frames here"):
        table.of("P1", "top")


def test_rows_without_an_image_or_a_table_without_any_have_no_frame_as_filmed(tmp_path):
    points = np.full((68, 2), 0.5, np.float32)
    with FaceImagesWriter(tmp_path / "faces") as writer:
        for number in range(2):
            writer.add(None, b"x", Filmed(bytes([65 + number]), points * number, points[:4]))
    table = frames(count=4, images=FaceImages.open(tmp_path / "faces"), images_at=[1, -1, 0, -1])
    assert [table.filmed(row) for row in range(4)] == [b"B", None, b"A", None]
    assert table.points([0, 1, 2])[:, 5, 0] == pytest.approx([0.5, np.nan, 0], nan_ok=True)
    assert np.isnan(table.corners([3, 1])).all()
    assert table.select([2, 0]).filmed(0) == b"A"
    bare = frames()
    assert bare.filmed(0) is None
    assert np.isnan(bare.points([0, 2])).all()
    assert bare.corners([]).shape == (0, 4, 2)
