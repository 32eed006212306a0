"""A recipe by its name: which dataset, which folds, which numbers, and where the runs go. `csnviz train` calls this."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

from csnviz.data.datasets import dataset_in
from csnviz.data.manifest import cross_fold
from csnviz.errors import InputError
from csnviz.recipes.rows import FROM_NOTHING, Order, check_start
from csnviz.recipes.settings import PaperSettings, changed, settings_for
from csnviz.recipes.splits import Split, Study, cross_split, fold_split, open_study
from csnviz.training.run_folder import RunFolder

FOR_THE_DEMO = ("cast_ncg", "cast_csn")
ROWS = ("ir50_ncg", "ir50_bs", "csn_stage1", "csn_stage2", "csn_stage3", "csn_stage4", "csn_fc", "csn_output")
CROSS = ("disfa_to_unbc", "unbc_to_disfa")
RECIPES = (*FOR_THE_DEMO, *ROWS, *CROSS)


@dataclass(frozen=True)
class Asked:
    """What the command line says about a training; None, "" and () mean: as the recipe has it.

    on: the dataset ("": the one in `root`, or else the cast). root: its folder; test_root: that of the dataset to be judged
    on. folds: their names, () = all. changes: as "epochs=1". start: a file of public parameters, or "nothing". out: the folder of
    runs (for a recipe of the demo: the run folder). crops: the first signs of the hash of crops made elsewhere.
    """

    recipe: str
    on: str = ""
    root: Path | None = None
    test_root: Path | None = None
    folds: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    start: str = ""
    out: Path | None = None
    data_root: Path | None = None
    crops: str | None = None
    device: str = "auto"
    progress: bool = True


def run_recipe(asked: Asked) -> list[RunFolder]:
    """Runs a recipe and returns its run folders, one per fold; InputError says what cannot be done and why."""
    _refuse_what_has_no_meaning(asked)
    recipe = import_module(f"csnviz.recipes.{asked.recipe}")
    if asked.recipe in FOR_THE_DEMO:
        settings = changed_seed(asked.changes)
        out = asked.out or Path("runs") / f"{asked.recipe}-{settings}"
        return [recipe.train(asked.data_root, out, seed=settings, device=asked.device, progress=asked.progress)]
    on = recipe.TRAINED_ON if asked.recipe in CROSS else _dataset(asked)
    order = Order(changed(settings_for(on), asked.changes), Path(), asked.start, asked.device, asked.progress)
    check_start(on, order)
    order = replace(order, start=asked.start or FROM_NOTHING)
    runs = []
    for split in _splits(asked, order.settings):
        runs.append(recipe.train(split, replace(order, run_folder=run_folder(asked, split, order.settings))))
    return runs


def run_folder(asked: Asked, split: Split, settings: PaperSettings) -> Path:
    """Where the run of one split goes: a name that says what it is, under `runs` or under the folder that was named."""
    parts = [split.trained_on, settings.quantity, asked.recipe, f"fold{split.fold}", f"seed{settings.seed}"]
    return (asked.out or Path("runs")) / "-".join(parts)


def changed_seed(changes: Sequence[str]) -> int:
    """The seed among the changes, 0 without one; InputError for any other change, for the demo's recipes have fixed numbers."""
    for change in changes:
        name, _, value = change.partition("=")
        if name != "seed" or not value.isdecimal():
            raise InputError(f"The networks of the demo have fixed numbers, all but the seed; found {change!r}.")
    return int(changes[-1].partition("=")[2]) if changes else 0


def _refuse_what_has_no_meaning(asked: Asked) -> None:
    """InputError for the first option that this recipe would pass over: nobody should wait for what was never done."""
    fixed = {"--on": asked.on, "--fold": asked.folds, "--crops": asked.crops}
    elsewhere = {"--test-root": asked.test_root}
    more = {"--root": asked.root, "--start": asked.start}
    given = fixed if asked.recipe in CROSS else elsewhere if asked.recipe in ROWS else {**fixed, **elsewhere, **more}
    for option, value in given.items():
        if value:
            raise InputError(f"{asked.recipe} has no use for {option}; found {value!r}. Leave it out.")


def _dataset(asked: Asked) -> str:
    """The dataset that is named, else the one that the folder holds, else the cast."""
    return asked.on or ("cast" if asked.root is None else dataset_in(asked.root))


def _splits(asked: Asked, settings: PaperSettings) -> list[Split]:
    if asked.recipe in CROSS:
        recipe = import_module(f"csnviz.recipes.{asked.recipe}")
        one = open_study(recipe.TRAINED_ON, asked.data_root, asked.root)
        other = open_study(recipe.TESTED_ON, asked.data_root, asked.test_root)
        _say(one, other)
        return [cross_split(one, other, cross_fold(one.manifest, other.manifest), settings.quantity)]
    study = open_study(_dataset(asked), asked.data_root, asked.root, asked.crops)
    _say(study)
    names = asked.folds or tuple(fold.name for fold in study.manifest.all_folds)
    return [fold_split(study, name, settings.quantity) for name in names]


def _say(*studies: Study) -> None:
    """Says which of the user's references are not used; nobody should believe that they were."""
    for study in studies:
        if study.note:
            print(f"csnviz: {study.manifest.title}: {study.note}", file=sys.stderr)
