from pathlib import Path

import numpy as np
from PIL import Image

from csnviz.cast.sheet import Page, lay, save_sheet

RED, BLUE = (np.full((40, 40, 3), colour, np.uint8) for colour in ((200, 0, 0), (0, 0, 200)))


def left_edges(sheet: Image.Image, colour: tuple[int, int, int]) -> list[int]:
    """Where pictures of this colour begin, from the left."""
    present = (np.asarray(sheet) == colour).all(-1).any(0)
    return list(np.flatnonzero(np.diff(present.astype(int), prepend=0) == 1))


def test_pictures_stand_untouched_on_white_in_their_order() -> None:
    sheet = np.asarray(lay(Page("", pictures=[[RED, BLUE], [BLUE, RED]])))
    rows, columns = np.nonzero((sheet != 255).any(-1))
    inside = sheet[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert (inside[:40, :40] == RED).all()
    assert (inside[:40, -40:] == BLUE).all()
    assert (inside[-40:, :40] == BLUE).all()
    assert (inside[-40:, -40:] == RED).all()
    assert (inside == 255).all(-1).any()  # a gutter


def test_columns_that_belong_together_stand_closer() -> None:
    plain = left_edges(lay(Page("", pictures=[[RED] * 4])), (200, 0, 0))
    in_pairs = left_edges(lay(Page("", pictures=[[RED] * 4], together=2)), (200, 0, 0))
    assert np.diff(plain)[0] == np.diff(plain)[1]
    assert np.diff(in_pairs)[0] == np.diff(in_pairs)[2] < np.diff(in_pairs)[1]


def test_a_long_caption_takes_more_lines_and_never_lies_on_a_picture() -> None:
    short, long = (
        lay(Page("", below=[[caption]], pictures=[[RED]])) for caption in ("none", "glasses and a long beard")
    )
    assert long.height > short.height
    for sheet in (short, long):
        assert (np.asarray(sheet) == (200, 0, 0)).all(-1).sum() == 40 * 40


def test_captions_stand_beside_their_row_and_above_their_column() -> None:
    bare = np.asarray(lay(Page("", pictures=[[RED]])))
    captioned = np.asarray(lay(Page("", columns=["yaw"], rows=["AU12"], pictures=[[RED]])))
    y, x = (int(axis.min()) for axis in np.nonzero((captioned == (200, 0, 0)).all(-1)))
    assert captioned.shape > bare.shape
    assert (captioned[y : y + 40, :x] < 128).any()
    assert (captioned[:y, x : x + 40] < 128).any()


def test_a_sheet_is_a_progressive_jpeg_file(tmp_path: Path) -> None:
    save_sheet(Page("People", pictures=[[RED]]), tmp_path / "people.jpg")
    with Image.open(tmp_path / "people.jpg") as image:
        assert image.format == "JPEG"
        assert image.info["progressive"]
