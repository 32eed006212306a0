"""What a reader of faces sees: each action unit by its own signs, and a resting face that looks like one."""

import numpy as np
import pytest

from csnviz.cast.anatomy import CAST_AUS, Expression
from csnviz.cast.attributes import Attributes
from csnviz.cast.camera import Camera
from csnviz.cast.geometry import EYE_X, IRIS_RADIUS, IRIS_Y
from csnviz.cast.identity import draw_identity, generator
from csnviz.cast.render import Drawings, Moment, draw, take_picture

SIZE = 144
EYE_ROW, MIDDLE, UNIT = 0.463 * SIZE, 0.5 * SIZE, 70.5 * SIZE / 288  # where frontal faces stand in their pictures
PEOPLE = ("C142", "C168")
LEVELS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)


def drawn(participant: str, *expressions: Expression, carried: Attributes = Attributes.none()) -> Drawings:  # noqa: B008
    return draw(draw_identity(participant), [carried] * len(expressions), [Moment(each) for each in expressions], SIZE)


def seen(drawing: Drawings) -> np.ndarray:
    """Grey, as bright as an eye finds it (N, S, S)."""
    return (drawing.light.mean(1).clamp(0.0, 1.0) ** (1 / 2.2)).numpy()


def block(pictures: np.ndarray, left: float, right: float, top: float, bottom: float) -> np.ndarray:
    """The part of frontal pictures between these borders, in inter-ocular distances from the point between the eyes."""
    rows = slice(round(EYE_ROW + top * UNIT), round(EYE_ROW + bottom * UNIT))
    return pictures[..., rows, round(MIDDLE + left * UNIT) : round(MIDDLE + right * UNIT)]


@pytest.fixture(scope="module")
def levels() -> dict[str, dict[int, Drawings]]:
    """Every unit at 0 to 5, on both people."""
    return {
        participant: {au: drawn(participant, *({au: level} for level in LEVELS)) for au in CAST_AUS}
        for participant in PEOPLE
    }


def places(drawing: Drawings) -> np.ndarray:
    """Landmarks in inter-ocular distances (N, 68, 2)."""
    return drawing.points / UNIT


@pytest.mark.parametrize("au", tuple(CAST_AUS))
@pytest.mark.parametrize("participant", PEOPLE)
def test_every_step_of_intensity_from_1_to_5_shows(
    levels: dict[str, dict[int, Drawings]], participant: str, au: int
) -> None:
    pictures = seen(levels[participant][au])
    from_rest = np.abs(pictures - pictures[0]).sum((1, 2))
    assert (np.diff(from_rest) > 0.08 * from_rest[-1] / 5).all()
    assert np.abs(pictures[1] - pictures[0]).max() > 0.03


def test_what_a_unit_changes_in_one_face_names_it_in_another(levels: dict[str, dict[int, Drawings]]) -> None:
    def signs(pictures: np.ndarray) -> np.ndarray:
        """Where a face at 4 is brighter and darker than at rest, and how much is new there, in blocks of 8 pixels."""
        change = pictures[4] - pictures[0]
        return np.stack((change, np.abs(change))).reshape(2, SIZE // 8, 8, SIZE // 8, 8).mean((2, 4)).ravel()

    def of_all(participant: str) -> np.ndarray:
        each = np.stack([signs(seen(levels[participant][au])) for au in CAST_AUS])
        return each / np.linalg.norm(each, axis=1, keepdims=True)

    alike = of_all(PEOPLE[0]) @ of_all(PEOPLE[1]).T
    assert alike.argmax(1).tolist() == list(range(len(CAST_AUS.numbers)))


@pytest.mark.parametrize("participant", PEOPLE)
def test_au1_folds_the_middle_of_the_forehead_and_au2_its_sides(
    levels: dict[str, dict[int, Drawings]], participant: str
) -> None:
    for au, in_the_middle in ((1, True), (2, False)):
        change = seen(levels[participant][au])[[0, 4]]
        change = np.abs(change[1] - change[0])
        middle = block(change, -0.22, 0.22, -0.90, -0.62).mean()
        sides = np.mean([block(change, *side, -0.90, -0.62).mean() for side in ((-0.80, -0.42), (0.42, 0.80))])
        assert (middle > 3 * sides) if in_the_middle else (sides > 3 * middle)


@pytest.mark.parametrize("participant", PEOPLE)
def test_au5_bares_the_white_above_the_iris(levels: dict[str, dict[int, Drawings]], participant: str) -> None:
    lids = places(levels[participant][5])[:, 43:45, 1].mean(-1)
    assert lids[5] < lids[0] - 0.05
    wide = seen(draw(draw_identity(participant), [Attributes.none()], [Moment({5: 5.0})], 4 * SIZE))[0]
    column = 2 * SIZE + round(4 * UNIT * EYE_X)
    top_of_iris = round(4 * (EYE_ROW + UNIT * (IRIS_Y - IRIS_RADIUS)))
    assert wide[top_of_iris - 5, column] > wide[top_of_iris + 4, column] + 0.15


@pytest.mark.parametrize("participant", PEOPLE)
def test_au15_pulls_the_corners_and_au17_the_middle(levels: dict[str, dict[int, Drawings]], participant: str) -> None:
    hooked, pouting = (places(levels[participant][au]) for au in (15, 17))
    corners, lips = [48, 54], [51, 57]
    assert (hooked[5, corners, 1] - hooked[0, corners, 1] > 0.12).all()
    assert np.abs(hooked[5, 62, 1] - hooked[0, 62, 1]) < 0.02
    assert (pouting[5, lips, 1] - pouting[0, lips, 1] < -0.05).all()
    assert np.abs(pouting[5, corners, 1] - pouting[0, corners, 1]).max() < 0.03


@pytest.mark.parametrize("participant", PEOPLE)
def test_au12_lifts_the_corners_and_au20_draws_them_straight_aside_over_thin_lips(
    levels: dict[str, dict[int, Drawings]], participant: str
) -> None:
    def thickness(points: np.ndarray) -> np.ndarray:
        return points[:, 57, 1] - points[:, 51, 1]

    smiling, stretched = (places(levels[participant][au]) for au in (12, 20))
    assert (smiling[5, [48, 54], 1] < smiling[0, [48, 54], 1] - 0.14).all()
    assert np.abs(stretched[5, [48, 54], 1] - stretched[0, [48, 54], 1]).max() < 0.04
    assert thickness(stretched)[5] < 0.70 * thickness(stretched)[0]
    assert thickness(stretched)[5] < thickness(smiling)[5]


@pytest.mark.parametrize("participant", PEOPLE)
def test_a_jaw_that_drops_behind_closed_lips_lengthens_the_face_and_hollows_the_cheeks(
    levels: dict[str, dict[int, Drawings]], participant: str
) -> None:
    points, pictures = places(levels[participant][26]), seen(levels[participant][26])
    assert points[5, 8, 1] > points[0, 8, 1] + 0.20
    np.testing.assert_allclose(points[5, 61:64, 1], points[5, [67, 66, 65], 1], atol=0.01)  # no gap
    above_the_line = points[[0, 5], 62, 1] - points[[0, 5]][:, [48, 54], 1].mean(1)
    assert above_the_line[1] < above_the_line[0] + 0.005  # no smile
    cheek = [block(pictures[i], 0.56, 0.76, 0.75, 1.10).mean() for i in (0, 3, 5)]
    assert cheek[0] > cheek[1] + 0.01 > cheek[2] + 0.02


@pytest.mark.parametrize("participant", PEOPLE)
def test_au9_and_a_standing_crease_fold_the_root_of_the_nose(
    levels: dict[str, dict[int, Drawings]], participant: str
) -> None:
    def folded(picture: np.ndarray) -> float:
        down_the_middle = block(picture, -0.08, 0.08, -0.26, 0.02).mean(-1)
        return float(np.abs(np.diff(down_the_middle, 2)).max())

    smooth, wrinkled = (
        folded(seen(drawn(participant, {}, carried=Attributes(nose_root_wrinkle=dose)))[0]) for dose in (0.0, 1.0)
    )
    assert wrinkled > 2 * smooth
    assert folded(seen(levels[participant][9])[4]) > 2 * smooth


@pytest.mark.parametrize("participant", PEOPLE)
def test_a_nose_has_two_dark_nostrils_beside_a_lighter_column(participant: str) -> None:
    who, picture = draw_identity(participant), seen(drawn(participant, {}))[0]
    row = who.nose_length + 0.11
    holes = [
        block(picture, x - 0.03, x + 0.03, row - 0.02, row + 0.02).mean()
        for x in (0.47 * who.nose_width, -0.47 * who.nose_width)
    ]
    column = block(picture, -0.02, 0.02, row - 0.02, row + 0.02).mean()
    lip = block(picture, -0.1, 0.1, row + 0.14, row + 0.18).mean()
    assert max(holes) < 0.85 * column
    assert max(holes) < 0.65 * lip


def test_the_palest_skin_keeps_its_colour_in_a_photograph() -> None:
    picture = take_picture(drawn("C182", {}).light[0], Camera(), generator("C182", 30, 0)).astype(float)
    cheeks = block(np.moveaxis(picture, -1, 0), -0.8, 0.8, -0.9, 1.4)
    assert draw_identity("C182").melanin < 0.05
    assert np.quantile(cheeks[0], 0.99) < 250
    assert (cheeks[0] - cheeks[2]).mean() > 20


def test_age_roughens_the_skin() -> None:
    def roughness(participant: str) -> float:
        cheek = block(seen(drawn(participant, {}))[0], 0.40, 0.70, 0.35, 0.70)
        return float(np.abs(np.diff(cheek, 2, axis=0)).mean() / cheek.mean())

    young, old = ("C128", "C142"), ("C191", "C212")
    assert max(map(roughness, young)) < min(map(roughness, old))
