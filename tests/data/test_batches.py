from dataclasses import replace

import numpy as np
import pytest

from csnviz.data.batches import epoch_batches, reference_rows, trainable_rows, updates_in_epoch
from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.tables import FrameTable, ReferenceTable, make_rows
from csnviz.errors import InputError
from csnviz.facs import AUSet


@pytest.fixture
def table(tmp_path) -> FrameTable:
    """Four people, ten frames each, whose crops are their row numbers and whose labels are drawn."""
    index = np.arange(40)
    with FaceImagesWriter(tmp_path / "faces") as writer:
        for row in index:
            writer.add(np.full((112, 112, 3), row, dtype=np.uint8), b"")
    columns = {
        "frame_id": [f"numbers/P{row // 10}/front/{row % 10:04d}" for row in index],
        "dataset": "numbers",
        "participant": [f"P{row // 10}" for row in index],
        "camera": "front",
        "video": "",
        "frame_index": index % 10,
        "timestamp": np.nan,
        "source": "",
        "image": index,
    }
    labels = np.random.default_rng(2).integers(0, 6, size=(40, 2)).astype(np.float32)
    return FrameTable(make_rows(columns), labels, AUSet((1, 12)), FaceImages.open(tmp_path / "faces"))


@pytest.fixture
def references(table) -> ReferenceTable:
    """Everybody's first frame."""
    chosen = ReferenceTable.empty()
    for participant in table.participants:
        chosen = chosen.with_reference(participant, "front", f"numbers/{participant}/front/0000", "labels")
    return chosen


def test_every_frame_comes_once_with_its_own_labels_crop_and_reference(table, references):
    batches = list(epoch_batches(table, references, size=7, seed=3))
    assert [len(batch.row) for batch in batches] == [7] * 5 + [5]
    assert sorted(np.concatenate([batch.row for batch in batches])) == list(range(40))
    for batch in batches:
        np.testing.assert_array_equal(batch.intensity, table.intensity[batch.row])
        np.testing.assert_array_equal(batch.image, table.crops(batch.row))
        np.testing.assert_array_equal(batch.reference, table.crops(batch.row // 10 * 10))


def test_the_order_depends_on_the_seed_alone(table, references):
    def order(seed):
        return np.concatenate([batch.row for batch in epoch_batches(table, references, 7, seed)]).tolist()

    assert order((5, 0)) == order((5, 0))
    assert order((5, 0)) != order((5, 1))


@pytest.mark.parametrize("shared", [1, 3])
def test_an_epoch_can_begin_at_any_of_its_batches(table, references, shared):
    whole = list(epoch_batches(table, references, 6, (5, 0), shared))
    for first in (0, 2, len(whole) - 1, len(whole)):
        rest = list(epoch_batches(table, references, 6, (5, 0), shared, first))
        assert [batch.row.tolist() for batch in rest] == [batch.row.tolist() for batch in whole[first:]]


def test_frames_that_share_a_reference_stand_together_and_belong_to_one_person(table, references):
    batches = list(epoch_batches(table, references, size=6, seed=3, frames_per_reference=3))
    rows = np.concatenate([batch.row for batch in batches])
    assert len(rows) == len(set(rows)) == 4 * 9
    people = rows.reshape(-1, 3) // 10
    assert (people == people[:, :1]).all()
    assert len(set(people[:, 0])) == 4
    assert (np.diff(people[:, 0]) != 0).any()
    for batch in batches:
        np.testing.assert_array_equal(batch.reference, table.crops(batch.row[::3] // 10 * 10))


@pytest.mark.parametrize(("size", "shared"), [(7, 1), (6, 3), (40, 1), (9, 3), (4, 4)])
def test_the_announced_number_of_updates_is_the_number_of_batches(table, references, size, shared):
    assert updates_in_epoch(table, size, shared) == len(list(epoch_batches(table, references, size, 0, shared)))


def test_frames_without_a_face_or_without_labels_are_left_out(table, references):
    rows = table.rows.copy()
    rows.loc[5, ["reason", "image"]] = ["no face", -1]
    labels = table.intensity.copy()
    labels[7] = np.nan
    labels[8, 0] = np.nan
    gaps = replace(table, rows=rows, intensity=labels)
    assert trainable_rows(gaps).tolist() == [row for row in range(40) if row not in (5, 7)]
    seen = np.concatenate([batch.row for batch in epoch_batches(gaps, references, 8, 0)])
    assert sorted(seen) == trainable_rows(gaps).tolist()


def test_a_reference_is_found_by_its_id_although_frames_before_it_are_gone(table, references):
    references = references.with_reference("P2", "front", "numbers/P2/front/0004", "person")
    fewer = table.select([*range(22), 24, 25, *range(30, 40)])
    found = reference_rows(fewer, references)
    assert fewer.rows["frame_id"].iloc[found[21]] == "numbers/P2/front/0004"


def test_a_participant_without_a_reference_is_named(table, references):
    others = replace(references, rows=references.rows[references.rows["participant"] != "P1"])
    with pytest.raises(InputError, match="P1, front camera: no reference frame"):
        next(epoch_batches(table, others, 8, 0))


def test_a_reference_without_a_face_is_named(table, references):
    rows = table.rows.copy()
    rows.loc[10, ["reason", "image"]] = ["no face", -1]
    faceless = replace(table, rows=rows)
    with pytest.raises(InputError, match="numbers/P1/front/0000: no face"):
        list(epoch_batches(faceless, references, 8, 0))


def test_nothing_to_train_on_and_crooked_batches_are_refused(table, references):
    unlabelled = FrameTable(table.rows, np.full_like(table.intensity, np.nan), table.aus, table.images)
    with pytest.raises(InputError, match="None of these 40 frames"):
        updates_in_epoch(unlabelled, 8)
    with pytest.raises(InputError, match="8 frames cannot be made of groups of 3"):
        next(epoch_batches(table, references, 8, 0, frames_per_reference=3))
