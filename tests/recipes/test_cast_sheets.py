from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path

import pytest

from csnviz.cast.anatomy import CAST_AUS
from csnviz.cast.attributes import Attributes
from csnviz.recipes.cast_sheets import (
    PLAYERS,
    Sheet,
    action_units,
    attributes,
    combinations,
    draw_sheet,
    every_sheet,
    people,
    poses,
)


@pytest.mark.parametrize("sheet", every_sheet(), ids=lambda sheet: sheet.name)
def test_every_row_and_column_of_a_sheet_has_its_caption(sheet: Sheet) -> None:
    assert {len(row) for row in sheet.shots} == {len(sheet.shots[0])}
    if sheet.page.below:
        assert [len(row) for row in sheet.page.below] == [len(row) for row in sheet.shots]
    else:
        assert len(sheet.page.rows) == len(sheet.shots)
        assert len(sheet.page.columns) == len(sheet.shots[0])


def test_three_people_show_every_unit_from_neutral_to_its_maximum() -> None:
    for number, who in enumerate(PLAYERS, 1):
        sheet = action_units(number)
        assert [[dict(shot.moment.expression) for shot in row] for row in sheet.shots] == [
            [{au: intensity} for intensity in range(6)] for au in CAST_AUS
        ]
        assert {shot.participant for row in sheet.shots for shot in row} == {who}


def test_every_attribute_is_shown_absent_half_and_whole() -> None:
    rows = {caption.split(",")[0]: row for caption, row in zip(attributes().page.rows, attributes().shots, strict=True)}
    for each in fields(Attributes):
        strengths = [abs(getattr(shot.attributes, each.name)) for shot in rows[each.name.replace("_", " ")]]
        assert strengths == [0.0, 0.5, 1.0] * 3


def test_a_caption_of_units_together_names_those_that_are_shown() -> None:
    sheet = combinations()
    for caption, row in zip(sheet.page.rows, sheet.shots, strict=True):
        assert caption.split("\n")[0] == "AU" + "+".join(str(au) for au in row[1].moment.expression)
        assert set(row[0].moment.expression.values()) == {0.0}


def test_heads_turn_to_thirty_degrees_and_nod_to_twenty_with_and_without_glasses() -> None:
    shots = [shot for row in poses().shots for shot in row]
    for glasses in (False, True):
        mine = [shot.moment.pose for shot in shots if (shot.attributes.eyeglasses > 0) == glasses]
        assert {pose.yaw for pose in mine} >= {-30.0, 0.0, 30.0}
        assert {pose.pitch for pose in mine} == {-20.0, 0.0, 20.0}


def test_twenty_four_people_each_appear_once_under_their_name() -> None:
    sheet = people()
    names = [shot.participant for row in sheet.shots for shot in row]
    assert len(set(names)) == len(names) == 24
    assert [caption.split(",")[0] for row in sheet.page.below for caption in row] == names


def test_a_sheet_drawn_twice_is_the_same_file(tmp_path: Path) -> None:
    sheet = people()
    shots = [sheet.shots[0][:2]]
    small = replace(sheet, side=64, shots=shots, page=replace(sheet.page, below=[sheet.page.below[0][:2]]))
    files = []
    for folder in (tmp_path / "one", tmp_path / "other"):
        folder.mkdir()
        with ThreadPoolExecutor(1) as pool:
            files.append(draw_sheet(small, folder, pool).read_bytes())
    assert files[0] == files[1]
