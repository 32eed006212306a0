import io
import os
import shutil
import stat
from collections import namedtuple
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from csnviz.cast.dataset import draw_frame
from csnviz.data import prepare as preparing
from csnviz.data.alignment import alignment_of
from csnviz.data.listing import Listing, frame_id_of
from csnviz.data.other_crops import take_crops
from csnviz.data.prepare import prepare
from csnviz.data.prepared import load_prepared, prepare_report
from csnviz.data.tables import FrameTable, join_frames
from csnviz.errors import InputError
from csnviz.faces.crop import crop_corners, crop_face
from csnviz.facs import AUSet
from tests.data.test_recording import InventedFinder, InventedHands
from tests.videos import write_video

AUS = AUSet((1, 12))


def noise(seed: int, darkest: int = 60) -> np.ndarray:
    """A picture that nobody else has, bright enough for the invented finder to see a face in it."""
    return np.random.default_rng(seed).integers(darkest, 255, (48, 64, 3), dtype=np.uint8)


def crop_of(picture: np.ndarray) -> np.ndarray:
    return crop_face(picture, InventedFinder().find(picture).points68)


def rows_for(who: str, sources: list[Path], video: str | None = None, places: list[int] | None = None) -> pd.DataFrame:
    count = len(sources)
    return pd.DataFrame(
        {
            "frame_id": [frame_id_of("made", who, "left", video or who, index) for index in range(count)],
            "participant": who,
            "camera": "left",
            "video": video or who,
            "frame_index": np.arange(count),
            "timestamp": np.arange(count) / 20,
            "source": [str(source) for source in sources],
            "place": places if places is not None else [-1] * count,
        }
    )


def listing_of(root: Path, *parts: pd.DataFrame) -> Listing:
    rows = pd.concat(parts, ignore_index=True)
    labels = (np.arange(len(rows) * len(AUS)) % 6).reshape(-1, len(AUS)).astype(np.float32)
    return Listing("made", root, rows, labels, AUS)


@pytest.fixture
def made(tmp_path):
    """Two participants with four stills each, of which Image i of A is noise(i) and of B noise(10 + i)."""
    folder = tmp_path / "made"
    parts = []
    for first, who in ((0, "A"), (10, "B")):
        (folder / who).mkdir(parents=True)
        files = [folder / who / f"{index}.png" for index in range(4)]
        for index, file in enumerate(files):
            Image.fromarray(noise(first + index)).save(file)
        parts.append(rows_for(who, files))
    return listing_of(folder, *parts)


@pytest.fixture
def invented_faces(monkeypatch):
    """Replaces MediaPipe, so that what is tested is the preparing."""
    monkeypatch.setattr(preparing, "FaceFinder", InventedFinder)
    monkeypatch.setattr(preparing, "hand_finder", lambda: nullcontext(InventedHands()))
    monkeypatch.setattr(InventedFinder, "shown", 0)
    return InventedFinder


@pytest.fixture
def crop_all(tmp_path, invented_faces):
    """Prepares a listing in this process, under a data root of its own."""
    return lambda listing: prepare(listing, tmp_path / "root", workers=1, progress=False)


def test_every_frame_has_its_own_crop_name_time_and_label(made, crop_all):
    frames = crop_all(made).frames
    assert frames.rows[["frame_id", "participant", "timestamp"]].equals(
        made.rows[["frame_id", "participant", "timestamp"]]
    )
    assert np.array_equal(frames.intensity, made.intensity)
    expected = [crop_of(noise(seed)) for seed in (0, 1, 2, 3, 10, 11, 12, 13)]
    assert np.array_equal(frames.crops(np.arange(8)), expected)
    assert frames.rows[["yaw", "pitch", "roll", "covered"]].notna().all().all()
    assert set(frames.rows["dataset"]) == {"made"}


def test_frames_of_two_people_listed_in_turns_stay_with_their_faces(made, crop_all):
    order = [0, 4, 1, 5, 7, 2, 3, 6]
    mixed = replace(made, rows=made.rows.iloc[order], intensity=made.intensity[order])
    frames = crop_all(mixed).frames
    expected = [crop_of(noise(seed)) for seed in (0, 10, 1, 11, 13, 2, 3, 12)]
    assert np.array_equal(frames.crops(np.arange(8)), expected)


def break_off_in(picture: int, monkeypatch) -> None:
    whole = InventedFinder.find

    def broken(self, image):
        if InventedFinder.shown == picture:
            raise KeyboardInterrupt
        return whole(self, image)

    monkeypatch.setattr(InventedFinder, "find", broken)


def test_an_interrupted_preparation_goes_on_with_what_is_missing(made, crop_all, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        break_off_in(6, patch)
        with pytest.raises(KeyboardInterrupt):
            crop_all(made)
    assert [path.parent.parent.name for path in tmp_path.glob("root/**/crops.npy")] == ["A"]
    assert not list(tmp_path.glob("root/**/*.part"))
    with pytest.raises(InputError, match=r"made is not prepared under .*Run `csnviz prepare made --root DIR`"):
        load_prepared("made", tmp_path / "root")
    InventedFinder.shown = 0
    frames = crop_all(made).frames
    assert InventedFinder.shown == 4
    assert np.array_equal(frames.crops([3, 4]), [crop_of(noise(3)), crop_of(noise(10))])


def test_time_left_counts_only_the_frames_that_are_left(made, crop_all, monkeypatch):
    crop_all(replace(made, rows=made.rows[:4], intensity=made.intensity[:4]))
    shown, whole = [], preparing.tqdm

    def into_a_text(**how):
        shown.append((how, whole(**how | {"disable": False, "file": io.StringIO()})))
        return shown[-1][1]

    monkeypatch.setattr(preparing, "tqdm", into_a_text)
    crop_all(made)
    assert [(how["initial"], bar.n, how["total"]) for how, bar in shown] == [(4, 8, 8)]


def test_corrected_labels_are_taken_and_crops_kept(made, crop_all, tmp_path):
    crop_all(made)
    corrected = replace(made, intensity=made.intensity[::-1].copy())
    crop_all(corrected)
    assert InventedFinder.shown == 8
    assert np.array_equal(load_prepared("made", tmp_path / "root").intensity, corrected.intensity)


def test_a_changed_still_has_its_portion_cropped_again_and_no_other(made, crop_all):
    crop_all(made)
    Image.fromarray(noise(99)).save(made.root / "B" / "2.png")
    frames = crop_all(made).frames
    assert InventedFinder.shown == 8 + 4
    assert np.array_equal(frames.crops([6])[0], crop_of(noise(99)))


def test_a_copied_dataset_is_known_by_its_content(made, crop_all, tmp_path):
    crop_all(made)
    shutil.copytree(made.root, tmp_path / "copy", copy_function=shutil.copyfile)
    for file in (tmp_path / "copy").rglob("*.png"):
        os.utime(file, (1, 1))
    sources = made.rows["source"].str.replace(str(made.root), str(tmp_path / "copy"))
    copied = replace(made, root=tmp_path / "copy", rows=made.rows.assign(source=sources))
    frames = crop_all(copied).frames
    assert InventedFinder.shown == 8
    assert frames.rows["source"][0] == str(tmp_path / "copy" / "A" / "0.png")


def test_frames_are_kept_as_they_were_filmed_with_the_place_of_their_crops(made, crop_all):
    frames = crop_all(made).frames
    assert all(Image.open(io.BytesIO(frames.filmed(row))).size == (64, 48) for row in range(8))
    assert np.isfinite(frames.points(np.arange(8))).all()
    expected = crop_corners(InventedFinder().find(noise(0)).points68) / (64, 48)
    assert frames.corners([0, 7]) == pytest.approx(np.stack([expected, expected]), abs=1e-6)


@pytest.mark.parametrize("file", ["pictures.bin", "filmed.bin", "points.npy"])
def test_damaged_crops_are_made_again(made, crop_all, tmp_path, file):
    crop_all(made)
    next(tmp_path.glob(f"root/**/A/*/{file}")).write_bytes(b"cut")
    crop_all(made)
    assert InventedFinder.shown == 8 + 4


def test_a_damaged_and_a_missing_still_keep_their_rows_with_the_reason(made, crop_all):
    (made.root / "A" / "1.png").write_bytes((made.root / "A" / "1.png").read_bytes()[:200])
    (made.root / "B" / "3.png").unlink()
    Image.fromarray(np.zeros((48, 64, 3), np.uint8)).save(made.root / "A" / "2.png")
    prepared = crop_all(made)
    assert list(prepared.frames.rows["reason"]) == ["", "damaged picture", "no face", "", "", "", "", "no picture"]
    assert prepared.frames.picture(1) is None
    assert prepared.frames.picture(2) is not None
    counts = prepared.counts.set_index("participant")
    assert counts.loc["A", ["frames", "faces", "no face", "damaged picture", "no picture"]].tolist() == [4, 2, 1, 1, 0]
    assert counts.loc["B", ["frames", "faces", "no face", "damaged picture", "no picture"]].tolist() == [4, 3, 0, 0, 1]


def video_listing(folder: Path, listed: int, name: str = "A.avi") -> Listing:
    return listing_of(folder, rows_for("A", [folder / name] * listed, places=list(range(listed))))


@pytest.mark.parametrize(("listed", "reasons"), [(6, [""] * 6), (4, [""] * 4), (8, [""] * 6 + ["no picture"] * 2)])
def test_a_video_is_held_against_its_listing_and_both_counts_are_named(tmp_path, crop_all, listed, reasons):
    write_video(tmp_path / "A.avi", [noise(seed) for seed in range(6)])
    prepared = crop_all(video_listing(tmp_path, listed))
    assert list(prepared.frames.rows["reason"]) == reasons
    note = f"A, left camera, A: the listing has {listed} frames, A.avi has 6"
    assert (note in prepare_report(prepared)) == (listed != 6)


def test_a_video_that_ends_early_keeps_its_good_frames(tmp_path, crop_all):
    content = write_video(tmp_path / "whole.mkv", [noise(seed) for seed in range(40)], rate=10).read_bytes()
    (tmp_path / "A.mkv").write_bytes(content[: len(content) // 2])
    prepared = crop_all(video_listing(tmp_path, 40, "A.mkv"))
    usable = prepared.frames.usable
    good = int(usable.sum())
    assert 0 < good < 40
    assert usable.tolist() == [True] * good + [False] * (40 - good)
    has = int((prepared.frames.rows["reason"] != "no picture").sum())  # the last one that comes may be damaged itself
    assert has in (good, good + 1)
    assert f"the listing has 40 frames, A.mkv has {has} before it ends early or is damaged" in prepared.text


@pytest.mark.parametrize("name", ["nowhere.avi", "false.avi"])
def test_a_video_that_cannot_be_read_leaves_rows_without_a_picture(tmp_path, crop_all, name):
    (tmp_path / "false.avi").write_text("no video")
    prepared = crop_all(video_listing(tmp_path, 3, name))
    assert set(prepared.frames.rows["reason"]) == {"no picture"}
    assert f"{name} has 0" in prepared.text


def test_eyes_are_compared_within_a_camera_and_a_hand_speaks_for_its_neighbours(tmp_path, crop_all):
    pictures = [np.full((48, 64, 3), 120 if index == 10 else 70, np.uint8) for index in range(20)]
    files = [tmp_path / f"{index}.png" for index in range(20)]
    for file, picture in zip(files, pictures, strict=True):
        Image.fromarray(picture).save(file)
    few = rows_for("A", files[:5]).assign(camera="right").assign(frame_id=[f"right/{index}" for index in range(5)])
    rows = crop_all(listing_of(tmp_path, rows_for("A", files), few)).frames.rows
    assert rows["eye_opening"][:20].to_numpy() == pytest.approx(1)
    assert rows["eye_opening"][20:].isna().all()  # what is usual before that camera cannot be told from five frames
    # As in a video, every fifth frame is looked at, and a look speaks for the seven frames before and after it.
    assert rows["covered"][:20].tolist() == [0.2 if 3 <= index <= 17 else 0.0 for index in range(20)]


def test_a_prepared_dataset_comes_back_as_it_was_with_its_report_beside_it(made, crop_all, tmp_path):
    prepared = crop_all(made)
    again = load_prepared("made", tmp_path / "root")
    assert again.rows.astype(object).equals(prepared.frames.rows.astype(object))
    assert np.array_equal(again.crops([5]), prepared.frames.crops([5]))
    report = pd.read_csv(prepared.folder / "report.csv")
    assert report["participant"].tolist() == ["A", "B"]
    assert (report["frames"].sum(), report["faces"].sum()) == (8, 8)
    assert "made: 8 frames of 2 participants, 8 with a face." in prepare_report(prepared)


def test_what_is_made_from_faces_is_for_its_owner_alone(made, crop_all, tmp_path):
    crop_all(made)
    for path in (tmp_path / "root").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_table_says_whose_alignment_it_has_and_keeps_saying_it(made, crop_all, tmp_path):
    frames = crop_all(made).frames
    assert alignment_of(frames) == "csnviz 1 (invented)"
    for part in (
        frames.select([0]),
        frames.of("A"),
        frames.coding(AUSet((12,))),
        load_prepared("made", tmp_path / "root"),
    ):
        assert part.alignment == frames.alignment
    with pytest.raises(
        InputError, match=r"aligned differently cannot be joined: 'csnviz 1 \(invented\)' and 'not said'"
    ):
        join_frames([frames.of("A"), replace(frames.of("B"), alignment="")])
    assert join_frames([frames.of("A"), frames.of("B")]).alignment == frames.alignment


def test_a_table_of_an_earlier_csnviz_was_aligned_by_it(made, crop_all):
    prepared = crop_all(made)
    side_car = prepared.folder / "frames.json"
    side_car.write_text(side_car.read_text().replace('"alignment"', '"unknown"'))
    assert alignment_of(FrameTable.load(prepared.folder / "frames.npz")) == "csnviz 1"


@pytest.mark.parametrize("name", ["../outside", ".hidden", "a/b", ""])
def test_a_name_that_leads_out_of_the_data_root_is_refused(made, crop_all, name):
    with pytest.raises(InputError, match="cannot name a folder"):
        crop_all(replace(made, rows=made.rows.assign(participant=name)))


def test_a_disk_that_is_too_small_is_noticed_before_the_work(made, crop_all, monkeypatch):
    usage = namedtuple("usage", "free")(1000)
    monkeypatch.setattr(preparing.shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(InputError, match=r"the crops need about .* GB, and 0\.0 GB are free"):
        crop_all(made)
    assert InventedFinder.shown == 0


def test_a_killed_process_is_told_in_one_sentence(made, tmp_path, invented_faces, monkeypatch):
    class Killed(preparing.ProcessPoolExecutor):
        def submit(self, *_):
            raise BrokenProcessPool

    monkeypatch.setattr(preparing, "ProcessPoolExecutor", Killed)
    with pytest.raises(InputError, match=r"A process that finds faces was killed.*What was finished is kept"):
        prepare(made, tmp_path / "root", workers=2, progress=False)


def test_an_empty_listing_is_refused(made, crop_all):
    with pytest.raises(InputError, match="no frame of made is listed"):
        crop_all(replace(made, rows=made.rows[:0], intensity=made.intensity[:0]))


def test_one_and_two_processes_make_the_same_crops_of_drawn_faces(tmp_path):
    """With MediaPipe itself: stills of one person, a video of another."""
    stills = [draw_frame("C101", frame)[0] for frame in range(4)]
    for index, picture in enumerate(stills):
        Image.fromarray(picture).save(tmp_path / f"{index}.png")
    write_video(tmp_path / "B.avi", [draw_frame("C102", frame)[0] for frame in range(2)])
    listing = listing_of(
        tmp_path,
        rows_for("A", [tmp_path / f"{index}.png" for index in range(4)]),
        rows_for("B", [tmp_path / "B.avi"] * 2, places=[0, 1]),
    )
    one = prepare(listing, tmp_path / "one", workers=1, progress=False).frames
    two = prepare(listing, tmp_path / "two", workers=2, progress=False).frames
    assert one.usable.all()
    assert np.array_equal(one.crops(np.arange(6)), two.crops(np.arange(6)))
    assert one.rows.equals(two.rows)


def mirror(listing: Listing, folder: Path, shades: dict[int, int], ending: str = ".png", size: int = 112) -> Path:
    """Crops made elsewhere: row i of the listing is grey shades[i] all over."""
    for row, shade in shades.items():
        source = Path(listing.rows["source"][row]).relative_to(listing.root)
        place = int(listing.rows["place"][row])
        file = folder / (
            source.with_suffix(ending) if place < 0 else source.with_suffix("") / f"{place + 1:04d}{ending}"
        )
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (size, size), (shade,) * 3).save(file)
    return folder


def test_crops_made_elsewhere_stay_with_their_frames_and_missing_ones_have_a_reason(made, tmp_path):
    shades = {0: 10, 1: 20, 3: 40, 4: 50, 7: 80}
    frames = take_crops(
        made, mirror(made, tmp_path / "crops", shades), tmp_path / "root", "cut by hand", progress=False
    )
    assert frames.usable.tolist() == [row in shades for row in range(8)]
    assert set(frames.rows["reason"][~frames.usable]) == {"no crop"}
    assert frames.crops([7, 0, 3])[:, 0, 0, 0].tolist() == [80, 10, 40]
    assert np.array_equal(frames.intensity, made.intensity)


def test_the_crop_of_a_videos_frame_is_named_by_its_number_from_1(tmp_path):
    listing = video_listing(tmp_path, 3)
    frames = take_crops(
        listing, mirror(listing, tmp_path / "crops", {0: 10, 2: 30}), tmp_path / "root", "x", progress=False
    )
    assert sorted(path.name for path in (tmp_path / "crops" / "A").iterdir()) == ["0001.png", "0003.png"]
    assert frames.usable.tolist() == [True, False, True]
    assert frames.crops([2])[0, 0, 0, 0] == 30
    assert frames.filmed(0) is frames.filmed(1) is None
    assert np.isnan(frames.corners([0, 1])).all()


def test_crops_made_elsewhere_say_so_and_are_found_by_their_hash(made, tmp_path, crop_all):
    folder = mirror(made, tmp_path / "crops", {row: 10 * row for row in range(8)})
    frames = take_crops(made, folder, tmp_path / "root", "cut by hand", progress=False)
    sha256 = frames.alignment.removeprefix("crops ").partition(":")[0]
    assert frames.alignment == f"crops {sha256}: cut by hand"
    assert load_prepared("made", tmp_path / "root", crops=sha256[:6]).alignment == frames.alignment
    with pytest.raises(InputError, match=f"is not prepared .* Crops made elsewhere are there: {sha256}"):
        load_prepared("made", tmp_path / "root")
    own = crop_all(made).frames
    assert load_prepared("made", tmp_path / "root").alignment == own.alignment
    with pytest.raises(InputError, match="aligned differently"):
        join_frames([own.of("A"), frames.of("B")])


def test_the_same_crops_are_copied_once_and_others_lie_beside_them(made, tmp_path):
    folder = mirror(made, tmp_path / "crops", {row: 10 * row for row in range(8)})
    take_crops(made, folder, tmp_path / "root", "x", progress=False)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("root/**/crops.npy")}
    take_crops(made, folder, tmp_path / "root", "x", progress=False)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("root/**/crops.npy")} == before
    mirror(made, folder, {0: 99})
    other = take_crops(made, folder, tmp_path / "root", "x", progress=False)
    assert other.crops([0])[0, 0, 0, 0] == 99
    assert len(list(tmp_path.glob("root/datasets/made/crops-*"))) == 2


def test_a_crop_of_another_size_is_refused_before_anything_is_kept(made, tmp_path):
    folder = mirror(made, tmp_path / "crops", {0: 10, 1: 20})
    mirror(made, folder, {5: 60}, size=224)
    with pytest.raises(InputError, match=r"B/1\.png: a crop of 224 x 224 pixels was found, and 112 x 112 are expected"):
        take_crops(made, folder, tmp_path / "root", "x", progress=False)
    assert not list(tmp_path.glob("root/**/crops.npy"))


def test_a_damaged_crop_and_two_crops_of_one_frame_are_told_apart(made, tmp_path):
    folder = mirror(made, tmp_path / "crops", {0: 10, 1: 20})
    (folder / "A" / "1.png").write_bytes((folder / "A" / "1.png").read_bytes()[:60])
    frames = take_crops(made, folder, tmp_path / "root", "x", progress=False)
    assert list(frames.rows["reason"][:3]) == ["", "damaged picture", "no crop"]
    mirror(made, folder, {0: 10}, ending=".bmp")
    with pytest.raises(InputError, match=r"0\.png: a second crop of the same frame beside 0\.bmp"):
        take_crops(made, folder, tmp_path / "root", "x", progress=False)


def test_crops_without_an_origin_and_folders_without_a_crop_are_refused(made, tmp_path):
    with pytest.raises(InputError, match="say where these crops come from"):
        take_crops(made, mirror(made, tmp_path / "crops", {0: 10}), tmp_path / "root", " ", progress=False)
    with pytest.raises(InputError, match=r"no crop of any of 8 frames; the first would be .*A/0\.jpg"):
        take_crops(made, tmp_path / "empty", tmp_path / "root", "x", progress=False)
