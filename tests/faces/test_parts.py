import numpy as np
import pytest

from csnviz.cast.dataset import draw_frames
from csnviz.errors import InputError
from csnviz.faces.average_face import IN_CROP
from csnviz.faces.crop import crop_corners
from csnviz.faces.parts import KEYS, TITLES, face_parts, mask_of, points_in_crop, with_glasses


def part_at(parts, point):
    column, row = np.floor(point).astype(int)
    return KEYS[parts[row, column]]


def test_every_pixel_belongs_to_one_part_and_an_average_face_shows_all_of_them():
    parts = face_parts()
    assert parts.shape == (112, 112)
    assert [KEYS[number] for number in np.unique(parts)] == [key for key in TITLES if key != "glasses"]


def test_known_glasses_belong_to_no_other_part():
    parts, glasses = face_parts(), np.zeros((112, 112), bool)
    glasses[30:40, 30:80] = True
    worn = with_glasses(parts, glasses)
    assert np.array_equal(mask_of(worn, "glasses"), glasses)
    assert np.array_equal(worn[~glasses], parts[~glasses])


def test_an_average_face_has_both_sides_alike():
    parts = face_parts()
    assert (parts == parts[:, ::-1]).mean() > 0.98


@pytest.mark.parametrize(
    ("role", "part"),
    [
        (19, "brows"), (24, "brows"), (28, "nose_bridge"), (30, "nose_tip"), (33, "nose_tip"), (38, "lids"), (46, "lids"),
        (51, "lips"), (66, "lips"), (48, "mouth_corners"), (54, "mouth_corners"),
    ],
)  # fmt: skip
def test_a_landmark_lies_in_the_part_that_it_is_named_for(role, part):
    assert part_at(face_parts(), IN_CROP[role]) == part


def test_between_the_landmarks_lie_the_parts_that_the_scheme_has_no_points_for():
    eye, brow, lip, chin, wing = IN_CROP[42:48].mean(0), IN_CROP[24], IN_CROP[57], IN_CROP[8], IN_CROP[35]
    parts = face_parts()
    assert part_at(parts, IN_CROP[[21, 22]].mean(0)) == "glabella"
    assert part_at(parts, IN_CROP[27]) == "nose_root"
    assert part_at(parts, brow - (0, 12)) == "forehead"
    assert part_at(parts, (IN_CROP[45] + IN_CROP[16]) / 2 + (0, 2)) == "crows_feet"
    assert part_at(parts, (eye[0], wing[1] - 6)) == "cheeks"
    assert part_at(parts, (wing + IN_CROP[54]) / 2 + (4, 0)) == "folds"
    assert part_at(parts, (IN_CROP[33] + IN_CROP[51]) / 2) == "above_lips"
    assert part_at(parts, lip + 0.6 * (chin - lip)) == "chin"
    assert part_at(parts, (IN_CROP[11] + IN_CROP[54]) / 2) == "jaw"
    assert part_at(parts, (2, 2)) == "elsewhere"


def test_the_parts_move_with_the_face_whatever_its_size():
    moved = face_parts(IN_CROP * 0.5 + (20, 30))
    plain = face_parts()
    inside = moved[30:86, 20:76]
    assert (inside == plain[1::2, 1::2]).mean() > 0.95
    assert part_at(moved, IN_CROP[30] * 0.5 + (20, 30)) == "nose_tip"


def test_landmarks_of_a_picture_are_found_in_its_crop_in_pixels_and_in_shares():
    picture, points = next(draw_frames("C101", [3]))
    corners = crop_corners(points)
    found = points_in_crop(points, corners)
    size = np.array([picture.shape[1], picture.shape[0]])
    assert np.allclose(points_in_crop((points / size), (corners / size)), found, atol=1e-6)
    upper_left, lower_left, _, upper_right = corners
    back = upper_left + found / 112 @ np.stack([upper_right - upper_left, lower_left - upper_left])
    assert np.allclose(back, points)
    assert np.abs(found - IN_CROP).mean() < 6, "eyes and mouth lie about there in every crop"


def test_missing_landmarks_are_refused_in_a_sentence():
    points = IN_CROP.copy()
    points[40] = np.nan
    with pytest.raises(InputError, match="need all 68 landmarks"):
        face_parts(points)


def test_a_part_that_no_face_has_is_named():
    assert mask_of(face_parts(), "lips").sum() > 50
    with pytest.raises(InputError, match="no part 'elbow'"):
        mask_of(face_parts(), "elbow")
