import os
import stat

import numpy as np
import pytest

from csnviz.data.images import FaceImages, FaceImagesWriter, remove_abandoned
from csnviz.errors import InputError


def crop(shade: int) -> np.ndarray:
    return np.full((112, 112, 3), shade, np.uint8)


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
        writer.add(crop(1), b"one")
    assert stat.S_IMODE((tmp_path / "faces").stat().st_mode) == 0o700
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
