import numpy as np
import pytest

from csnviz.errors import InputError
from csnviz.faces.align import align, cut_out, face_quad


def face_points(width=80.0, eyes_to_chin=60.0, centre=(150.0, 140.0), turn=0.0, size=1.0):
    """An invented face: eyes level at `centre`, jaw points at the same height, chin below; turned clockwise by `turn`."""
    points = np.full((68, 2), np.nan)
    points[0], points[16] = (-width / 2, 0), (width / 2, 0)
    points[36:42], points[42:48] = (-15, 0), (15, 0)
    points[48], points[54] = (-12, 30), (12, 30)
    points[9] = (0, eyes_to_chin)
    angle = np.radians(turn)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return points @ rotation.T * size + np.array(centre)


def smooth_picture(height=300, width=320):
    """Colours that change slowly, so that half a pixel makes less than one grey level."""
    y, x = np.mgrid[:height, :width]
    return (
        np.stack([x * 0.7, y * 0.7, 90 + 60 * np.sin(x / 60) * np.cos(y / 60)], axis=-1).clip(0, 255).astype(np.uint8)
    )


def test_the_quadrilateral_reaches_from_jaw_to_jaw_and_from_forehead_to_below_the_chin():
    quad = face_quad(face_points(width=80, eyes_to_chin=60, centre=(150, 140)))
    left, right = 150 - 40, 150 + 40
    top, bottom = 140 - 60 / 2, 140 + 60 * 1.05
    assert np.allclose(quad.corners, [(left, top), (left, bottom), (right, bottom), (right, top)])
    assert quad.rectangle == (112, int(112 * 80 / (60 * 1.55)))


def test_a_wide_face_fills_the_width_and_a_long_one_the_height():
    assert align(smooth_picture(), face_points(width=120)).shape == (int(112 * 93 / 120), 112, 3)
    assert align(smooth_picture(), face_points(width=60)).shape == (112, int(112 * 60 / 93), 3)


def test_an_upright_face_is_the_picture_itself_at_its_own_size():
    picture = np.random.default_rng(1).integers(0, 255, (300, 320, 3), dtype=np.uint8)
    # Eyes to chin 80 px: the quadrilateral is 112 wide and 124 high, so that at size 124 a pixel stays a pixel. Its corner
    # is half a pixel before the centre of pixel (94, 100), which is where that pixel begins.
    aligned = align(picture, face_points(width=112, eyes_to_chin=80, centre=(149.5, 139.5)), size=124)
    assert np.array_equal(aligned, picture[100:224, 94:206])


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_face_turned_with_its_picture_is_aligned_alike(turn):
    picture, points = smooth_picture(), face_points()
    upright = align(picture, points).astype(int)
    turned = picture
    for _ in range(turn // 90):  # clockwise: (x, y) goes to (height - 1 - y, x)
        points = np.stack([turned.shape[0] - 1 - points[:, 1], points[:, 0]], axis=1)
        turned = np.rot90(turned, -1)
    assert np.abs(align(turned, points).astype(int) - upright).max() <= 1


def test_a_tilted_head_comes_out_upright():
    points = face_points(turn=25)
    picture = np.zeros((300, 320, 3), dtype=np.uint8)
    for colour, eye in ((0, points[36]), (1, points[42])):
        y, x = np.mgrid[:300, :320]
        picture[..., colour] = 255 * np.exp(-((x - eye[0]) ** 2 + (y - eye[1]) ** 2) / 20)
    aligned = align(picture, points).astype(int)
    one_eye, other_eye = (np.unravel_index(aligned[..., c].argmax(), aligned.shape[:2]) for c in (0, 1))
    assert abs(one_eye[0] - other_eye[0]) <= 1
    assert other_eye[1] - one_eye[1] == pytest.approx(30 * 112 / 93, abs=1.5)


def test_a_face_at_the_edge_is_black_beyond_it():
    aligned = align(np.full((300, 320, 3), 200, dtype=np.uint8), face_points(centre=(10, 140)))
    missing = (40 - 10) / 80  # 40 px of face to the left of a centre at column 10
    black = (aligned == 0).all(axis=(0, 2)).mean()
    assert black == pytest.approx(missing, abs=0.02)
    assert (aligned[:, -20:] == 200).all()


@pytest.mark.parametrize("size", [5.0, 8.1])
def test_a_large_face_is_made_smaller_before_it_is_resampled(size):
    picture = np.random.default_rng(2).integers(0, 255, (900, 900, 3), dtype=np.uint8)
    points = face_points(centre=(450, 400), size=size)
    assert face_quad(points).shrink() == int(93 * size / 112 / 2)
    # Noise averaged over n x n pixels has its spread divided by about n; plain bilinear would keep more than half.
    assert align(picture, points).std() < picture.std() / 2


def test_pixels_far_from_the_face_cannot_change_it():
    inside = np.random.default_rng(3).integers(0, 255, (600, 600, 3), dtype=np.uint8)
    wider = np.pad(inside, ((0, 200), (0, 400), (0, 0)), constant_values=255)
    points = face_points(centre=(300, 280), size=5.0)
    assert face_quad(points).shrink() == 2
    assert np.abs(align(inside, points).astype(int) - align(wider, points)).max() <= 1


@pytest.mark.parametrize("size", [0.7, 2.0, 5.0, 12.0])
def test_a_block_of_the_larger_cut_shows_what_a_pixel_of_the_smaller_shows(size):
    picture = np.repeat((np.mgrid[:1600, :1500].sum(axis=0)[..., None] // 13).astype(np.uint8), 3, axis=2)
    quad = face_quad(face_points(centre=(750, 640), size=size, turn=12))
    small = cut_out(picture, quad).astype(float)
    large = cut_out(picture, quad, 3).astype(float)
    blocks = large.reshape(small.shape[0], 3, small.shape[1], 3, 3).mean(axis=(1, 3))
    assert np.abs(blocks - small)[2:-2, 2:-2].max() < 1.5


def test_landmarks_in_one_place_are_no_face():
    with pytest.raises(InputError, match="do not span a face"):
        align(smooth_picture(), np.full((68, 2), 100.0))


def test_missing_landmarks_are_no_face():
    points = face_points()
    points[9] = np.nan
    with pytest.raises(InputError, match="do not span a face"):
        align(smooth_picture(), points)
