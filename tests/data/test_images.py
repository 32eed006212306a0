import stat

import numpy as np
import pytest

from csnviz.data.images import FaceImages, FaceImagesWriter
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
