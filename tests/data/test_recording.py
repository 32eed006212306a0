import io
import os
import stat
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from csnviz.data import recording
from csnviz.data.recording import read_recording
from csnviz.data.tables import join_frames
from csnviz.errors import InputError
from csnviz.faces.crop import crop_corners
from csnviz.faces.detect import FaceFinder, FoundFace, NoFace
from csnviz.facs import DISFA


class InventedFinder(FaceFinder):
    """Sees a face wherever the picture is brighter than 40, always in the same place; counts the pictures it was shown."""

    shown = 0

    def __init__(self, face_model: Path | None = None) -> None:
        pass

    @property
    def version(self) -> str:
        return "invented"

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        pass

    def find(self, image):
        InventedFinder.shown += 1
        if image.mean() < 40:
            return NoFace("no face")
        mesh = np.zeros((478, 3))
        mesh[[33, 127]], mesh[[263, 356]] = (20, 20, 0), (44, 20, 0)
        mesh[10], mesh[152] = (32, 5, 0), (32, 40, 0)
        points = np.full((68, 2), np.nan)
        points[0], points[16], points[9] = (18, 20), (46, 20), (32, 40)
        points[36:42], points[42:48] = (27, 20), (37, 20)
        points[[36, 39, 42, 45]] = (25, 20), (29, 20), (35, 20), (39, 20)
        points[[37, 38, 43, 44]] = (26, 19), (28, 19), (36, 19), (38, 19)
        points[[41, 40, 47, 46]] = (26, 21), (28, 21), (36, 21), (38, 21)
        points[48], points[54] = (28, 32), (36, 32)
        return FoundFace((18, 5, 28, 38), mesh, points)


class InventedHands:
    """Sees a hand before a fifth of the face wherever the picture is brighter than 90."""

    def covered(self, image, points478):
        return 0.2 if image.mean() > 90 else 0.0


@pytest.fixture
def invented_faces(monkeypatch):
    """Replaces MediaPipe, so that what is tested is the reading."""
    monkeypatch.setattr(recording, "FaceFinder", InventedFinder)
    monkeypatch.setattr(recording, "hand_finder", lambda: nullcontext(InventedHands()))
    monkeypatch.setattr(InventedFinder, "shown", 0)
    return InventedFinder


@pytest.fixture
def root(tmp_path):
    return tmp_path / "root"


@pytest.fixture
def video(tmp_path, write_video, grey_frames):
    """20 frames of grey 10, 15, 20 ...: no face in the first six, one in the others (frame 6 is grey 40, frame 7 is 45)."""
    return write_video(tmp_path / "someone.mkv", grey_frames(20))


def files_in(folder):
    return sorted(path.relative_to(folder) for path in folder.rglob("*"))


def test_every_decoded_frame_has_a_row_and_one_without_a_face_has_a_reason(video, root, invented_faces):
    table = read_recording(video, root)
    rows = table.rows
    assert rows["frame_index"].tolist() == list(range(20))
    assert rows["timestamp"].to_numpy() == pytest.approx(np.arange(20) / 10)
    assert table.usable.tolist() == [False] * 7 + [True] * 13
    assert set(rows["reason"][:7]) == {"no face"}
    assert (table.participants, table.cameras("someone")) == (("someone",), ("own",))
    assert set(rows["source"]) == {str(video)}
    assert rows["frame_id"].is_unique


def test_a_recording_has_the_units_of_disfa_and_no_label(video, root, invented_faces):
    table = read_recording(video, root)
    assert table.aus == DISFA
    assert np.isnan(table.intensity).all()


def test_a_frame_with_a_face_has_a_crop_and_a_picture_and_one_without_shows_the_whole_frame(
    video, root, invented_faces
):
    table = read_recording(video, root)
    assert table.crops([10]).shape == (1, 112, 112, 3)
    assert Image.open(io.BytesIO(table.picture(10))).size == (336, 336)
    assert Image.open(io.BytesIO(table.picture(2))).size == (64, 48)
    with pytest.raises(InputError, match="no face"):
        table.crops([2])


def test_every_frame_is_kept_as_filmed_with_or_without_a_face(video, root, invented_faces):
    table = read_recording(video, root)
    greys = [np.array(Image.open(io.BytesIO(table.filmed(row)))).mean() for row in range(20)]
    assert greys == pytest.approx([10 + 5 * row for row in range(20)], abs=5)
    corners = crop_corners(InventedFinder().find(np.full((48, 64, 3), 99, np.uint8)).points68) / (64, 48)
    assert table.corners([10])[0] == pytest.approx(corners, abs=1e-6)
    assert np.isnan(table.corners([2])).all()
    assert np.isnan(table.points([2])).all()
    # The chin of the invented mesh lies at (32, 40).
    assert table.points([10])[0, 8] == pytest.approx((32.5 / 64, 40.5 / 48))


def test_what_an_earlier_version_kept_is_read_again(video, root, invented_faces):
    read_recording(video, root)
    (folder,) = (root / "recordings").iterdir()
    folder.rename(folder.with_name(folder.name.replace("-v1.2-", "-v1.1-")))
    read_recording(video, root)
    assert invented_faces.shown == 40


@pytest.mark.parametrize(
    "frames", [slice(8, 12), slice(-5, None), slice(12, None), slice(0, 3), slice(-9, -4), slice(0, 99)]
)
def test_a_range_has_the_frames_that_python_would_give_with_the_videos_own_numbers(video, root, invented_faces, frames):
    part = read_recording(video, root, frames=frames)
    whole = read_recording(video, root)
    expected = list(range(20))[frames]
    assert part.rows["frame_index"].tolist() == expected
    for column in ("frame_id", "timestamp", "reason", "yaw", "pitch", "roll"):
        assert part.rows[column].equals(whole.rows[column][expected].reset_index(drop=True)), column
    both = np.flatnonzero(part.usable)
    assert np.array_equal(part.crops(both), whole.crops(np.array(expected)[both]))


def test_a_range_of_a_whole_that_was_read_before_is_taken_from_it(video, root, invented_faces):
    read_recording(video, root)
    shown = invented_faces.shown
    assert len(read_recording(video, root, frames=slice(3, 5))) == 2
    assert invented_faces.shown == shown == 20


def test_only_the_frames_of_a_range_are_searched_for_faces(video, root, invented_faces):
    read_recording(video, root, frames=slice(10, 14))
    assert invented_faces.shown == 4


@pytest.mark.parametrize("frames", [slice(20, 25), slice(5, 5), slice(9, 3), slice(-5, -9)])
def test_a_range_without_a_frame_is_refused(video, root, invented_faces, frames):
    with pytest.raises(InputError, match=r"there is no frame in .*; the last is 19"):
        read_recording(video, root, frames=frames)


def test_a_range_without_a_frame_is_refused_after_the_whole_was_read(video, root, invented_faces):
    read_recording(video, root)
    with pytest.raises(InputError, match="there is no frame in 30:31; the last is 19"):
        read_recording(video, root, frames=slice(30, 31))


def test_a_step_is_refused(video, root, invented_faces):
    with pytest.raises(InputError, match="step of 2"):
        read_recording(video, root, frames=slice(0, 10, 2))


def test_a_second_reading_finds_no_face_anew_and_gives_the_same(video, root, invented_faces):
    first = read_recording(video, root)
    again = read_recording(video, root)
    assert invented_faces.shown == 20
    assert first.rows.equals(again.rows)
    assert np.array_equal(first.crops([7, 19]), again.crops([7, 19]))


def test_a_renamed_recording_is_the_same_recording_under_its_new_name(video, root, invented_faces):
    read_recording(video, root)
    renamed = video.rename(video.with_name("other.mkv"))
    table = read_recording(renamed, root)
    assert invented_faces.shown == 20
    assert table.participants == ("other",)
    assert set(table.rows["source"]) == {str(renamed)}


def test_crops_are_for_their_owner_alone_and_lie_under_the_data_root(video, root, invented_faces):
    before = files_in(video.parent)
    read_recording(video, root)
    new = [path for path in files_in(video.parent) if path not in before]
    assert {path.parts[0] for path in new} == {"root"}
    for path in root.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_nothing_half_written_is_left_when_reading_is_broken_off(video, root, invented_faces, monkeypatch, error):
    def break_off(self, image):
        raise error

    monkeypatch.setattr(InventedFinder, "find", break_off)
    with pytest.raises(error):
        read_recording(video, root)
    assert files_in(root) == [Path("recordings")]


def test_a_recording_that_ends_early_leaves_nothing_and_its_good_part_can_be_read(
    tmp_path, root, write_video, invented_faces
):
    noise = np.random.default_rng(0).integers(0, 255, (40, 48, 64, 3), dtype=np.uint8)
    content = write_video(tmp_path / "whole.mkv", noise).read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=r"cut\.mkv ends early.*`--frames 0:(\d+)` reads that part") as caught:
        read_recording(cut, root)
    assert files_in(root) == [Path("recordings")]
    good = int(str(caught.value).split("`--frames 0:")[1].split("`")[0])
    assert len(read_recording(cut, root, frames=slice(0, good))) == good
    with pytest.raises(InputError, match="ends early"):
        read_recording(cut, root, frames=slice(0, good + 1))


def test_a_damaged_frame_has_a_row_and_no_face(video, root, invented_faces, monkeypatch):
    whole = recording.decode_video

    def with_damage(path, first=0):
        for frame in whole(path, first):
            yield recording.DecodedFrame(frame.index, frame.seconds, frame.image, damaged=frame.index == 9)

    monkeypatch.setattr(recording, "decode_video", with_damage)
    table = read_recording(video, root)
    assert table.rows["reason"][9] == "damaged picture"
    assert table.usable[[8, 10]].all()


def test_stills_come_in_natural_order_without_times(tmp_path, root, invented_faces):
    folder = tmp_path / "stills"
    folder.mkdir()
    for number in (10, 2, 1):
        Image.new("RGB", (64, 48), (50 + number,) * 3).save(folder / f"face{number}.png")
    (folder / ".hidden.png").write_text("no picture")
    (folder / "notes.txt").write_text("notes")
    table = read_recording(folder, root)
    assert [Path(source).name for source in table.rows["source"]] == ["face1.png", "face2.png", "face10.png"]
    assert table.rows["timestamp"].isna().all()
    assert table.rows["frame_index"].tolist() == [0, 1, 2]
    assert table.participants == ("stills",)


def test_one_still_is_a_recording_of_one_frame(tmp_path, root, invented_faces):
    Image.new("RGB", (64, 48), (90,) * 3).save(tmp_path / "me.jpg")
    table = read_recording(tmp_path / "me.jpg", root)
    assert len(table) == 1
    assert table.usable.all()
    assert table.rows["eye_opening"].isna().all()  # what is usual cannot be told from one frame


def test_a_still_can_stand_beside_a_video_as_its_reference(video, tmp_path, root, invented_faces):
    Image.new("RGB", (64, 48), (90,) * 3).save(tmp_path / "neutral.png")
    still = read_recording(tmp_path / "neutral.png", root, participant="someone")
    both = join_frames([read_recording(video, root), still])
    assert both.participants == ("someone",)
    assert np.array_equal(both.crops([20]), still.crops([0]))


def test_eyes_are_measured_against_the_persons_own_usual_opening(video, root, invented_faces):
    opening = read_recording(video, root).rows["eye_opening"]
    assert opening[:7].isna().all()
    assert opening[7:].to_numpy() == pytest.approx(1)


def test_a_hand_found_in_one_frame_speaks_for_its_neighbours(tmp_path, root, write_video, invented_faces):
    frames = [np.full((48, 64, 3), 120 if index == 10 else 70, np.uint8) for index in range(25)]
    video = write_video(tmp_path / "hand.mov", frames, codec="png")
    covered = read_recording(video, root).rows["covered"]
    # Every fifth frame is looked at, frame 10 among them; a look speaks for the seven frames before and after it.
    assert covered.tolist() == [0.2 if 3 <= index <= 17 else 0.0 for index in range(25)]


def test_a_file_that_is_neither_video_nor_still_is_refused(tmp_path, root):
    (tmp_path / "talk.mp4").write_text("#EXTM3U\nsecret.mp4\n")
    with pytest.raises(InputError, match=r"talk\.mp4: neither a video .* nor a still"):
        read_recording(tmp_path / "talk.mp4", root)


@pytest.mark.parametrize("path", ["nowhere.mp4", "https://example.org/a.mp4", "concat:a.mp4|b.mp4"])
def test_what_is_no_file_is_refused(root, path):
    with pytest.raises(InputError, match="there is no such file or folder"):
        read_recording(Path(path), root)


def test_a_folder_without_stills_is_refused(tmp_path, root):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no stills"):
        read_recording(tmp_path / "empty", root)


def test_a_false_still_among_stills_is_named(tmp_path, root):
    folder = tmp_path / "stills"
    folder.mkdir()
    Image.new("RGB", (64, 48)).save(folder / "a.png")
    (folder / "b.png").write_text("<html>not found</html>")
    with pytest.raises(InputError, match=r"b\.png: not a still by its first bytes"):
        read_recording(folder, root)


def test_a_file_called_after_an_address_is_only_a_file(
    tmp_path, root, invented_faces, monkeypatch, write_video, grey_frames
):
    monkeypatch.chdir(tmp_path)
    os.rename(write_video(tmp_path / "a.mkv", grey_frames(3)), tmp_path / "subfile,,start,0,end,9,,:a.mkv")
    assert len(read_recording(Path("subfile,,start,0,end,9,,:a.mkv"), root)) == 3


@pytest.fixture(scope="module")
def real(realdata, tmp_path_factory):
    """Reads real recordings into one data root."""
    shared = tmp_path_factory.mktemp("real-root")
    return lambda name, **how: read_recording(realdata / "video" / name, shared, **how)


def test_a_face_that_leaves_the_picture_leaves_rows_with_a_reason(real):
    table = real("pyfeat_face_noface.mov", frames=slice(68, 76))
    assert table.usable.tolist() == [True] * 4 + [False] * 4
    assert table.rows["reason"].tolist() == [""] * 4 + ["no face"] * 4
    assert table.rows["timestamp"].is_monotonic_increasing


def test_a_blink_in_a_smile_is_seen(real):
    rows = real("pyfeat_single_face.mp4", frames=slice(10, 34)).rows
    assert rows["eye_opening"][[16, 17]].max() < 0.5  # frames 26 and 27
    assert rows["eye_opening"][:10].min() > 0.8
    assert rows[["yaw", "roll"]].abs().max().max() < 6
    assert (rows["covered"].isna() | (rows["covered"] == 0)).all()


def test_lettering_is_no_usable_face(real):
    table = real("pyfeat_no_face.mp4", frames=slice(86, 93))
    assert not table.usable.any()
    assert set(table.rows["reason"]) == {"no face", "detector without landmarks"}


def test_a_video_without_its_index_is_refused(realdata, root):
    with pytest.raises(InputError, match=r"openmpf_corrupt\.mp4: damaged, or not a video after all"):
        read_recording(realdata / "video" / "openmpf_corrupt.mp4", root)
