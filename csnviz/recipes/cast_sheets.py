"""Sheets of the invented people: who they are, every action unit at every intensity, attributes, poses and lights.

For people to look at: can an action unit and an attribute be named without its caption? Nobody on them exists.

Command  python -m csnviz.recipes.cast_sheets [--out docs/cast] [--workers 2]
Time     about two minutes on two cores; the same files on every run
"""

import argparse
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from csnviz import facs
from csnviz.cast.anatomy import CAST_AUS, Expression
from csnviz.cast.attributes import Attributes, draw_attributes
from csnviz.cast.camera import Camera
from csnviz.cast.geometry import Pose
from csnviz.cast.identity import draw_identity, generator
from csnviz.cast.light import Light
from csnviz.cast.render import Moment, draw, take_picture
from csnviz.cast.sheet import Page, save_sheet
from csnviz.errors import InputError

PEOPLE = tuple(f"C{number}" for number in range(101, 125))
PLAYERS = ("C110", "C103", "C101")
"""Those who show the action units and the attributes: unlike each other in age, skin and hair."""
COMBINATIONS = (
    (1, 4), (6, 12), (15, 17), (25, 26), (1, 2, 5, 25, 26), (6, 12, 25), (1, 4, 15, 17), (4, 9, 17), (4, 5, 17),
    (1, 2, 4, 5, 20, 25),
)  # fmt: skip
CLOSE = Pose(y=-0.18, size=1.12)
"""A face that fills its picture."""
_TOGETHER = 8
BARE = Attributes.none()


@dataclass(frozen=True)
class Shot:
    """One picture: who, carrying what, when."""

    participant: str
    attributes: Attributes
    moment: Moment


@dataclass(frozen=True)
class Sheet:
    """One file: its shots row by row, pictures of `side` pixels, and the page that they go on."""

    name: str
    side: int
    shots: Sequence[Sequence[Shot]]
    page: Page


def _close(expression: Expression, pose: Pose = CLOSE, light: Light = Light()) -> Moment:  # noqa: B008 -- frozen
    return Moment(expression, pose, light=light, camera=Camera(blur=0.3, noise=0.8, jpeg_quality=96))


def people() -> Sheet:
    """Twenty-four of them, at rest, with what they carry."""
    moment = _close({}, Pose())
    rows = [PEOPLE[first : first + 6] for first in range(0, len(PEOPLE), 6)]
    shots = [[Shot(who, draw_attributes(who), moment) for who in row] for row in rows]
    below = [[_carried(who) for who in row] for row in rows]
    return Sheet("people", 200, shots, Page("People at rest, with their attributes", below=below))


def _carried(participant: str) -> str:
    """What a person carries, in words, with its strength; glasses' shape is left to the eye."""
    attributes = draw_attributes(participant)
    strengths = {each.name: getattr(attributes, each.name) for each in fields(Attributes)}
    said = [
        f"{_words(name)} {strength:+.1f}" if _signed(name) else f"{_words(name)} {strength:.1f}"
        for name, strength in strengths.items()
        if strength and not _of_glasses(name)
    ]
    age = draw_identity(participant).age
    return f"{participant}, {age:.0f} years\n{', '.join(said) or 'no attribute'}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _signed(name: str) -> bool:
    """Whether an attribute goes both ways."""
    try:
        Attributes(**{name: -1.0})
    except InputError:
        return False
    return True


def _of_glasses(name: str) -> bool:
    """Whether an attribute says only what the glasses look like."""
    return name.startswith("eyeglasses_")


def action_units(number: int) -> Sheet:
    """One player's twelve action units, each from neutral to its maximum."""
    who = PLAYERS[number - 1]
    shots = [[Shot(who, BARE, _close({au: float(intensity)})) for intensity in range(6)] for au in CAST_AUS]
    columns = ["neutral", *(f"{i} ({facs.INTENSITY_LETTERS[i - 1]}), {facs.INTENSITY_WORDS[i]}" for i in range(1, 6))]
    rows = [f"AU{unit.number}\n{unit.name}" for unit in CAST_AUS.units]
    return Sheet(
        f"action_units_{number}", 168, shots, Page(f"Action units from neutral to their maximum: {who}", columns, rows)
    )


def combinations() -> Sheet:
    """Units that occur together, neutral and at intensity 4, by three players."""
    shots = [
        [Shot(who, BARE, _close(dict.fromkeys(aus, level))) for who in PLAYERS for level in (0.0, 4.0)]
        for aus in COMBINATIONS
    ]
    columns = [caption for who in PLAYERS for caption in (f"{who}\nneutral", "\nall at 4")]
    rows = [f"AU{'+'.join(map(str, aus))}\n{', '.join(facs.au(au).name for au in aus)}" for aus in COMBINATIONS]
    return Sheet("combinations", 168, shots, Page("Action units together", columns, rows, together=2))


def attributes() -> Sheet:
    """Every attribute absent, half and whole, on three players; what goes both ways has two rows."""
    steps = [
        (each.name, sign)
        for each in fields(Attributes)
        for sign in ((1.0, -1.0) if _signed(each.name) else (1.0,))
    ]  # fmt: skip
    shots = [
        [Shot(who, _carrying(name, sign * part), _close({})) for who in PLAYERS for part in (0.0, 0.5, 1.0)]
        for name, sign in steps
    ]
    columns = [caption for who in PLAYERS for caption in (f"{who}\n0", "\nhalf", "\nwhole")]
    rows = [f"{_words(name)}{', to ' + format(sign, '+.0f') if _signed(name) else ''}" for name, sign in steps]
    return Sheet("attributes", 128, shots, Page("Attributes of a face at rest", columns, rows, together=3))


def _carrying(name: str, strength: float) -> Attributes:
    """This attribute alone, but the shape of glasses on glasses."""
    return replace(BARE, **{"eyeglasses": 0.8, name: strength} if _of_glasses(name) else {name: strength})


def poses() -> Sheet:
    """Two players turn and nod, without and with glasses."""
    turns = (-30.0, -20.0, -10.0, 0.0, 10.0, 20.0, 30.0)
    kinds = [
        (who, glasses, pitch) for who in PLAYERS[::2] for glasses in (0.0, 0.8) for pitch in (20.0, 0.0, -20.0)
    ]  # fmt: skip
    shots = [
        [
            Shot(who, replace(BARE, eyeglasses=glasses), _close({}, replace(CLOSE, size=1.05, yaw=yaw, pitch=pitch)))
            for yaw in turns
        ]
        for who, glasses, pitch in kinds
    ]
    rows = [
        f"{who}, {'glasses' if glasses else 'no glasses'}\npitch {_degrees(pitch)}" for who, glasses, pitch in kinds
    ]
    return Sheet("poses", 144, shots, Page("Poses", [f"yaw {_degrees(yaw)}" for yaw in turns], rows))


def _degrees(angle: float) -> str:
    return f"{angle:+.0f}°" if angle else "0°"


def lights() -> Sheet:
    """Where the lamp stands, its colour and its strength, on a dark and a pale face."""
    azimuths = (-60.0, -30.0, 0.0, 30.0, 60.0)
    special = {
        "cold": Light(warmth=-1.0), "as usual": Light(), "warm": Light(warmth=1.0),
        "dim": Light(key=0.45, ambient=0.16), "flat": Light(key=0.55, ambient=0.70),
    }  # fmt: skip
    by_height = [[Light(azimuth, elevation) for azimuth in azimuths] for elevation in (65.0, 35.0, 5.0)]
    shots = [
        [Shot(who, BARE, _close({}, light=light)) for who in PLAYERS[:2] for light in row]
        for row in (*by_height, list(special.values()))
    ]
    columns = [
        f"{who if not i else ''}\nazimuth {_degrees(azimuth)}"
        for who in PLAYERS[:2]
        for i, azimuth in enumerate(azimuths)
    ]
    rows = [f"lamp {elevation:.0f}° above the eyes" for elevation in (65, 35, 5)] + [", ".join(special)]
    return Sheet("lights", 128, shots, Page("Lights", columns, rows, together=5))


def every_sheet() -> list[Sheet]:
    """All sheets, in the order in which docs/cast/README.md names them."""
    numbers = range(1, len(PLAYERS) + 1)
    return [people(), *map(action_units, numbers), combinations(), attributes(), poses(), lights()]


def photographs(side: int, shots: Sequence[Shot]) -> list[UInt8[np.ndarray, "S S 3"]]:
    """The pictures of shots that are all of one person."""
    identity, pictures = draw_identity(shots[0].participant), []
    for first in range(0, len(shots), _TOGETHER):
        some = shots[first : first + _TOGETHER]
        drawn = draw(identity, [shot.attributes for shot in some], [shot.moment for shot in some], side)
        pictures += [
            take_picture(light, shot.moment.camera, generator(identity.participant, 30, 0))
            for light, shot in zip(drawn.light, some, strict=True)
        ]
    return pictures


def _jobs(sheet: Sheet) -> Iterator[list[tuple[int, int]]]:
    """Places (row, column) whose pictures one process draws at a time: some of one person's."""
    places: dict[str, list[tuple[int, int]]] = {}
    for i, row in enumerate(sheet.shots):
        for j, shot in enumerate(row):
            places.setdefault(shot.participant, []).append((i, j))
    for mine in places.values():
        yield from (mine[first : first + 2 * _TOGETHER] for first in range(0, len(mine), 2 * _TOGETHER))


def draw_sheet(sheet: Sheet, folder: Path, pool: Executor) -> Path:
    """Draws one sheet and writes its file."""
    jobs = list(_jobs(sheet))
    shots = [[sheet.shots[i][j] for i, j in places] for places in jobs]
    drawn: dict[tuple[int, int], UInt8[np.ndarray, "S S 3"]] = {}
    for places, pictures in zip(jobs, pool.map(photographs, [sheet.side] * len(jobs), shots), strict=True):
        drawn.update(zip(places, pictures, strict=True))
    rows = [[drawn[i, j] for j in range(len(row))] for i, row in enumerate(sheet.shots)]
    path = folder / f"{sheet.name}.jpg"
    save_sheet(replace(sheet.page, pictures=rows), path)
    return path


def main(arguments: Sequence[str] | None = None) -> None:
    """The command: writes every sheet and prints its name and size."""
    parser = argparse.ArgumentParser(prog="python -m csnviz.recipes.cast_sheets", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/cast"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these sheets alone, such as people")
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(asked.workers, mp_context=spawn) as pool:
        for sheet in every_sheet():
            if not asked.only or sheet.name in asked.only:
                path = draw_sheet(sheet, asked.out, pool)
                print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
