import csv
import tomllib

from csnviz import places
from csnviz.cast import dataset as cast
from csnviz.facs import DISFA


def test_the_manifest_says_of_the_cast_what_the_code_draws():
    folder = places.manifest() / "cast"
    words = tomllib.loads((folder / "dataset.toml").read_text())
    assert tuple(words["intensity"]) == DISFA.numbers
    assert words["frames_per_participant"] == cast.DEMO_FRAMES
    assert words["frames_per_second"] == cast.FRAMES_PER_SECOND
    with open(folder / "participants.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert words["participants"] == len(rows)
    for part in ("training", "validation", "demo"):
        named = tuple(row["participant"] for row in rows if row["part"] == part)
        assert named == getattr(cast, f"{part.upper()}_PARTICIPANTS")


def test_nobody_in_the_demo_was_drawn_for_training():
    parts = [set(cast.TRAINING_PARTICIPANTS), set(cast.VALIDATION_PARTICIPANTS), set(cast.DEMO_PARTICIPANTS)]
    assert sum(len(part) for part in parts) == len(set.union(*parts))
