"""`csnviz prepare`: its options, those of reading a dataset and those of drawing one."""

import argparse
from pathlib import Path
from typing import Any

from csnviz.errors import InputError


def add_prepare(commands: "argparse._SubParsersAction", shared: argparse.ArgumentParser) -> None:
    """The command and its options."""
    command = commands.add_parser("prepare", parents=[shared], help="check a dataset's folder, and crop its faces once")
    command.add_argument("dataset", help="disfa, disfa_plus or unbc_mcmaster; or cast, which is drawn into a folder")
    command.add_argument(
        "--root", type=Path, metavar="DIR", help="the folder that holds the dataset, or gets the drawn people"
    )
    command.add_argument("--check", action="store_true", help="only compare the folder with the manifest")
    command.add_argument("--findings", type=Path, metavar="FILE.csv", help="with --check: write all findings there")
    command.add_argument("--crops", type=Path, metavar="DIR", help="take 112 x 112 crops made elsewhere")
    command.add_argument("--origin", default="", metavar="WORDS", help="with --crops: who aligned them, and how")
    command.add_argument("--purge", metavar="PARTICIPANT", help="remove everything made from this person's faces")
    command.add_argument("--people", type=int, metavar="N", help="of the cast: how many people (default: 36)")
    command.add_argument("--frames", type=int, metavar="N", help="of the cast: frames of each (default: 80)")
    command.add_argument(
        "--shape", choices=("plain", "disfa"), help="of the cast: files as csnviz likes them, or as DISFA"
    )
    command.add_argument(
        "--script", choices=("mixed", "posed", "spontaneous"), help="of the cast: what people do (default: mixed)"
    )
    command.add_argument(
        "--coder-noise",
        type=float,
        metavar="STEPS",
        help="of the cast: labels of a coder who errs so far (.6, as people do)",
    )
    command.add_argument(
        "--non-additivity",
        type=float,
        metavar="DIAL",
        help="of the cast: 0 attributes only add .. 1 as on faces (default)",
    )
    command.add_argument("--workers", type=int, help="how many processes find or draw faces (default: all cores)")
    command.add_argument(
        "--face-model", type=Path, metavar="FILE", help="a face_landmarker.task (Python 3.13 and later)"
    )
    command.set_defaults(run_command=_prepare)


def _prepare(options: argparse.Namespace) -> int:
    from csnviz.data import preparing

    _refuse_what_is_not_of(options)
    if options.purge:
        print(preparing.purge_person(options.purge, options.dataset, options.data_root))
        return 0
    if options.root is None:
        raise InputError(f"Name the folder of {options.dataset} with --root DIR.")
    if options.dataset == "cast":
        print(_draw(options))
        return 0
    if options.check:
        found = preparing.check_dataset(options.dataset, options.root, options.findings)
        print(found.text)
        return 1 if found.findings else 0
    print(
        preparing.prepare_dataset(
            options.dataset,
            options.root,
            options.data_root,
            options.crops,
            options.origin,
            options.face_model,
            options.workers,
        ).text
    )
    return 0


def _draw(options: argparse.Namespace) -> str:
    from csnviz.cast.play import Play
    from csnviz.cast.tree import draw_tree

    def given(*names: str) -> dict[str, Any]:
        return {name: getattr(options, name) for name in names if getattr(options, name) is not None}

    play = Play(**given("script", "coder_noise", "non_additivity"))
    return draw_tree(options.root, play=play, **given("people", "frames", "shape", "data_root", "workers"))


def _refuse_what_is_not_of(options: argparse.Namespace) -> None:
    """InputError for an option of `prepare` that means nothing for this dataset, which is read from a folder or drawn into one."""
    of_reading = {
        "--check": options.check, "--findings": options.findings, "--crops": options.crops, "--origin": options.origin,
        "--face-model": options.face_model,
    }  # fmt: skip
    of_drawing = {
        "--people": options.people, "--frames": options.frames, "--shape": options.shape, "--script": options.script,
        "--coder-noise": options.coder_noise, "--non-additivity": options.non_additivity,
    }  # fmt: skip
    drawn = options.dataset == "cast"
    for option, value in (of_reading if drawn else of_drawing).items():
        if value not in (None, False, ""):
            kind = "that is read from a folder, and the cast is drawn" if drawn else "that is drawn: the cast"
            raise InputError(f"{option} is for a dataset {kind}. Leave {option} away.")
