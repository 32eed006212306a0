import os
import stat

import numpy as np
import pytest

from csnviz.data.filmed import FILMED_FILES, NOWHERE, Filmed
from csnviz.data.images import FaceImages, FaceImagesWriter, remove_abandoned
from csnviz.errors import InputError


def crop(shade: int) -> np.ndarray:
    return np.full((112, 112, 3), shade, np.uint8)


def filmed(number: int) -> Filmed:
    points = np.full((68, 2), number / 10, np.float32)
    return Filmed(bytes([number]) * 5, points, points[:4] / 2)


def test_pictures_come_back_in_the_order_they_were_added(tmp_path):
    with FaceImagesWriter(tmp_path / "faces") as writer:
        assert [writer.add(crop(i), b"x" * i) for i in (3, 0, 7)] == [0, 1, 2]
    images = FaceImages.open(tmp_path / "faces")
    assert [len(images.picture(i)) for i in range(3)] == [3, 0, 7]
    assert images.crops([2, 0])[:, 0, 0, 0].tolist() == [7, 3]


def test_a_run_that_fails_halfway_leaves_nothing_behind(tmp_path):
    with pytest.raises(KeyboardInterrupt), FaceImagesWriter(tmp_path / "faces") as writer:
        writer.add(crop(1), b"one")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_of_two_writers_the_first_to_finish_wins_whole(tmp_path):
    with FaceImagesWriter(tmp_path / "faces") as slow:
        slow.add(crop(1), b"slow")
        with FaceImagesWriter(tmp_path / "faces") as quick:
            quick.add(crop(2), b"quick")
    images = FaceImages.open(tmp_path / "faces")
    assert images.picture(0) == b"quick"
    assert images.crop(0)[0, 0, 0] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["faces"]


def test_faces_can_be_read_by_their_owner_alone(tmp_path):
    with FaceImagesWriter(tmp_path / "faces") as writer:
        writer.add(crop(1), b"one", filmed(1))
    assert stat.S_IMODE((tmp_path / "faces").stat().st_mode) == 0o700
    assert {file.name for file in (tmp_path / "faces").iterdir()} > set(FILMED_FILES)
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "faces").iterdir()} == {0o600}


def test_a_cut_off_picture_file_is_refused(tmp_path):
    with FaceImagesWriter(tmp_path / "faces") as writer:
        writer.add(crop(1), b"one")
    (tmp_path / "faces" / "pictures.bin").write_bytes(b"on")
    with pytest.raises(InputError, match="incomplete"):
        FaceImages.open(tmp_path / "faces")


def test_a_table_may_have_no_pictures_at_all(tmp_path):
    with FaceImagesWriter(tmp_path / "faces"):
        pass
    images = FaceImages.open(tmp_path / "faces")
    assert len(images) == 0
    with pytest.raises(InputError, match="no picture at place 0"):
        images.picture(0)


def folders_of(tmp_path, counts: list[int]) -> FaceImages:
    """Folders with so many crops each; crop i of all of them is grey i."""
    shade = 0
    for folder, count in enumerate(counts):
        with FaceImagesWriter(tmp_path / str(folder)) as writer:
            for _ in range(count):
                writer.add(crop(shade), bytes([shade]))
                shade += 1
    return FaceImages.open(*(tmp_path / str(folder) for folder in range(len(counts))))


def test_crops_gathered_from_many_folders_are_those_taken_one_by_one(tmp_path):
    images = folders_of(tmp_path, [3, 0, 1, 4])
    places = np.random.default_rng(0).integers(0, 8, 50)
    gathered = images.crops(places)
    assert gathered[:, 5, 5, 1].tolist() == places.tolist()
    assert np.array_equal(gathered, [images.crop(int(place)) for place in places])
    assert gathered.flags.writeable
    assert images.crops([]).shape == (0, 112, 112, 3)


@pytest.mark.parametrize("place", [-1, 8])
def test_a_place_that_no_folder_has_is_refused(tmp_path, place):
    images = folders_of(tmp_path, [3, 5])
    with pytest.raises(InputError, match=f"There is no picture at place {place}; this table has 8"):
        images.crops([0, place])


def test_only_the_folders_that_are_needed_are_kept(tmp_path):
    images = folders_of(tmp_path, [3, 0, 1, 4])
    chosen, moved = images.holding([7, -1, 2, 4])
    assert [path.name for path in chosen.paths] == ["0", "3"]
    assert moved.tolist() == [6, -1, 2, 3]
    assert chosen.crops(moved[[0, 2, 3]])[:, 0, 0, 0].tolist() == [7, 2, 4]
    assert len(images.holding([-1])[0]) == 0


def test_folders_above_the_crops_are_for_their_owner_alone_too(tmp_path):
    with FaceImagesWriter(tmp_path / "new" / "deeper" / "faces"):
        pass
    for folder in (tmp_path / "new", tmp_path / "new" / "deeper"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_a_killed_program_left_is_removed_but_not_what_another_is_writing(tmp_path):
    for name in (".left.0a1b.part", ".right.2c3d.part", ".old.4e5f.part"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "crops.raw").write_bytes(b"half")
    for path in (tmp_path / ".old.4e5f.part", tmp_path / ".old.4e5f.part" / "crops.raw", tmp_path / ".right.2c3d.part"):
        os.utime(path, (1, 1))
    assert remove_abandoned(tmp_path) == [tmp_path / ".old.4e5f.part"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".left.0a1b.part", ".right.2c3d.part"]


def filmed_folders(tmp_path) -> FaceImages:
    """Two frames that were kept as filmed, one crop that was made elsewhere, and a frame as filmed beside one that was not."""
    folders = ((filmed(1), filmed(2)), (NOWHERE,), (filmed(4), NOWHERE))
    for folder, frames in enumerate(folders):
        with FaceImagesWriter(tmp_path / str(folder)) as writer:
            for frame in frames:
                writer.add(crop(0), b"x", frame)
    return FaceImages.open(*(tmp_path / str(folder) for folder in range(3)))


def test_frames_as_filmed_come_back_and_are_unknown_where_nobody_kept_them(tmp_path):
    images = filmed_folders(tmp_path)
    assert [images.filmed(place) for place in range(5)] == [b"\1" * 5, b"\2" * 5, None, b"\4" * 5, None]
    assert images.points([3, 2, 0, 4])[:, 7, 1] == pytest.approx([0.4, np.nan, 0.1, np.nan], nan_ok=True)
    assert images.corners([3, 2, 0, 4])[:, 3, 0] == pytest.approx([0.2, np.nan, 0.05, np.nan], nan_ok=True)
    assert images.points([]).shape == (0, 68, 2)
    assert not set(FILMED_FILES) & {file.name for file in (tmp_path / "1").iterdir()}


def test_frames_as_filmed_follow_their_crops_into_another_table(tmp_path):
    images = filmed_folders(tmp_path)
    chosen, moved = images.holding([4, 3, 1])
    assert [chosen.filmed(int(place)) for place in moved] == [None, b"\4" * 5, b"\2" * 5]
    both = chosen.followed_by(images)
    assert both.filmed(len(chosen) + 1) == b"\2" * 5
    assert both.corners([len(chosen) + 3])[0, 0, 0] == pytest.approx(0.2)


@pytest.mark.parametrize("file", FILMED_FILES)
def test_a_folder_with_half_of_its_frames_as_filmed_is_refused(tmp_path, file):
    filmed_folders(tmp_path)
    (tmp_path / "0" / file).unlink()
    with pytest.raises(InputError, match=r"0: the frames as filmed cannot be read.*Delete the folder"):
        FaceImages.open(tmp_path / "0")
    (tmp_path / "0" / file).write_bytes((tmp_path / "2" / file).read_bytes()[:-1])
    with pytest.raises(InputError, match="the frames as filmed"):
        FaceImages.open(tmp_path / "0")
