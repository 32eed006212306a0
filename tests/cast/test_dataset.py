import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from csnviz.cast import dataset, version
from csnviz.cast.attributes import Attributes
from csnviz.cast.coders import label
from csnviz.cast.dataset import cast_references, draw_frame, load_cast, mean_neutral_face
from csnviz.cast.performance import pose_of
from csnviz.cast.scripts import expressions
from csnviz.cast.version import cast_version
from csnviz.data.images import FaceImagesWriter
from csnviz.data.tables import FrameTable
from csnviz.errors import InputError
from csnviz.faces.crop import crop_corners, crop_face

PEOPLE, FRAMES = ("C101", "C103", "C110"), 7


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data-root")


@pytest.fixture(scope="module")
def cast(root: Path) -> FrameTable:
    return load_cast(PEOPLE, FRAMES, root, workers=2, progress=False)


def must_not_draw(*_: object) -> None:
    raise AssertionError("a cached frame was drawn again")


def test_the_table_says_who_when_and_how_the_face_was_turned(cast: FrameTable) -> None:
    row = cast.rows.iloc[FRAMES + 4]
    assert row["participant"] == row["video"] == "C103"
    assert (row["dataset"], row["camera"], row["frame_index"], row["reason"]) == ("cast", "front", 4, "")
    assert row["timestamp"] == pytest.approx(4 / 20)
    assert row["yaw"] == pose_of("C103", 4).yaw
    assert (cast.rows["covered"] == 0).all()


def test_labels_are_those_of_the_performance(cast: FrameTable) -> None:
    expected = [label(expression) for name in PEOPLE for expression in expressions(name, FRAMES)]
    np.testing.assert_array_equal(cast.intensity, expected)


def test_crops_drawn_in_worker_processes_are_those_drawn_here_from_the_drawn_landmarks(cast: FrameTable) -> None:
    for row in (2, FRAMES + 5):
        image, points = draw_frame(cast.rows["participant"][row], int(cast.rows["frame_index"][row]))
        np.testing.assert_array_equal(cast.crops([row])[0], crop_face(image, points))


def test_every_crop_comes_with_a_picture(cast: FrameTable) -> None:
    pictures = [cast.picture(row) for row in range(len(cast))]
    assert all(picture is not None and picture.startswith(b"\xff\xd8") for picture in pictures)


def test_every_frame_is_kept_as_filmed_with_its_drawn_landmarks(cast: FrameTable) -> None:
    image, points = draw_frame("C103", 5)
    row = FRAMES + 5
    kept = np.array(Image.open(io.BytesIO(cast.filmed(row) or b"")))
    assert kept.shape == image.shape
    assert np.abs(kept.astype(float) - image).mean() < 4
    np.testing.assert_allclose(cast.points([row])[0], (points + 0.5) / 288, atol=1e-6)
    np.testing.assert_allclose(cast.corners([row])[0], crop_corners(points) / 288, atol=1e-6)


def test_people_drawn_before_frames_were_kept_as_filmed_are_drawn_anew(tmp_path: Path) -> None:
    with FaceImagesWriter(tmp_path / "cast" / cast_version() / "C101-1") as writer:
        writer.add(None, b"drawn before")
    assert load_cast(PEOPLE[:1], 1, tmp_path, workers=1, progress=False).filmed(0) is not None


def test_what_was_drawn_once_is_read_from_then_on(
    cast: FrameTable, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "draw_frames", must_not_draw)
    again = load_cast(PEOPLE[::-1], FRAMES, root, workers=1, progress=False)
    assert again.participants == PEOPLE[::-1]
    np.testing.assert_array_equal(again.crops([0]), cast.crops([2 * FRAMES]))


def test_another_version_of_the_drawing_is_never_served_an_old_picture(
    cast: FrameTable, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "draw_frames", must_not_draw)
    monkeypatch.setattr(dataset, "cast_version", lambda *_: "another")
    with pytest.raises(AssertionError, match="drawn again"):
        load_cast(PEOPLE[:1], FRAMES, root, workers=1, progress=False)


def test_the_version_names_the_code_of_the_drawing_modules_and_leaves_out_nothing_that_draws() -> None:
    modules = {path.stem for path in Path(version.__file__).parent.glob("*.py")}
    assert set(version.DRAWING_MODULES) == modules - {
        "__init__",
        "coders",
        "dataset",
        "demo",
        "pairs",
        "play",
        "sheet",
        "tree",
        "tree_manifest",
        "version",
    }
    assert cast_version() == cast_version()


def test_a_folder_remembers_the_version_of_just_these_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cast_version(tmp_path / "cast") == cast_version()
    (kept,) = (tmp_path / "cast").iterdir()
    kept.write_text("0123456789abcdef", encoding="ascii")
    assert cast_version(tmp_path / "cast") == "0123456789abcdef"
    kept.write_text("half a vers", encoding="ascii")
    assert cast_version(tmp_path / "cast") == cast_version() == kept.read_text(encoding="ascii")
    monkeypatch.setattr(version, "DRAWING_MODULES", version.DRAWING_MODULES[:-1])
    cast_version(tmp_path / "cast")
    assert len(list((tmp_path / "cast").iterdir())) == 2


def test_a_folder_that_cannot_be_written_to_remembers_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="ascii")
    assert cast_version(tmp_path / "file") == cast_version()


def test_how_heads_and_lids_stood_is_kept_and_found_anew_where_it_is_not(
    cast: FrameTable, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = ["yaw", "pitch", "roll", "eye_opening"]
    files = [*root.glob("cast/*/C101-*/poses.npy")]
    assert files
    for file in files:
        file.write_bytes(b"damaged")
    anew = load_cast(PEOPLE, FRAMES, root, workers=1, progress=False)
    pd.testing.assert_frame_equal(anew.rows[columns], cast.rows[columns])
    monkeypatch.setattr(dataset, "moment_of", must_not_draw)
    kept = load_cast(PEOPLE, FRAMES, root, workers=1, progress=False)
    pd.testing.assert_frame_equal(kept.rows[columns], cast.rows[columns])
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_other_attributes_are_another_recording_and_leave_the_persons_own_in_place(
    cast: FrameTable, root: Path
) -> None:
    bearded = load_cast(PEOPLE[:1], 1, root, attributes={"C101": Attributes(chin_hair=1.0)}, workers=1, progress=False)
    assert (bearded.crops([0]) != cast.crops([0])).any()
    np.testing.assert_array_equal(
        load_cast(PEOPLE, FRAMES, root, workers=1, progress=False).crops([0]), cast.crops([0])
    )


def test_a_run_that_dies_leaves_the_finished_people_and_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_frames = dataset.draw_frames

    def dies_at_the_second_person(participant: str, *asked: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for drawn, pair in enumerate(draw_frames(participant, *asked)):
            if participant == "C103" and drawn == 1:
                raise KeyboardInterrupt
            yield pair

    monkeypatch.setattr(dataset, "draw_frames", dies_at_the_second_person)
    with pytest.raises(KeyboardInterrupt):
        load_cast(("C101", "C103"), 2, tmp_path, workers=1, progress=False)
    assert [folder.name for folder in (tmp_path / "cast").glob("*/*")] == ["C101-2"]


def test_each_persons_reference_is_their_first_calm_frame_with_open_eyes(cast: FrameTable) -> None:
    references = cast_references(cast)
    assert [references.frame_id_for(name, "front") for name in PEOPLE] == [f"cast/{name}/front/0000" for name in PEOPLE]
    assert set(references.rows["chosen_by"]) == {"labels"}


def test_a_person_who_is_never_calm_has_no_reference_and_is_named(cast: FrameTable) -> None:
    busy = cast.select(np.flatnonzero((cast.intensity > 0).any(1)))
    with pytest.raises(InputError, match=busy.participants[0]):
        cast_references(busy)


def test_the_mean_neutral_face_is_the_average_of_the_reference_crops(cast: FrameTable) -> None:
    crops = cast.crops([0, FRAMES, 2 * FRAMES]).astype(float)
    np.testing.assert_array_equal(mean_neutral_face(cast), np.round(crops.mean(0)).astype(np.uint8))


@pytest.mark.parametrize(
    ("names", "frames", "found"), [(("C101", "C101"), 2, "once"), ((), 2, "at least one"), (("C101",), 0, "0 frames")]
)
def test_an_impossible_request_is_refused_in_a_sentence(
    names: tuple[str, ...], frames: int, found: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=found):
        load_cast(names, frames, tmp_path)
