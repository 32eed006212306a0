"""The `csnviz` command: parses, calls, prints; no logic of its own."""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from csnviz import __version__
from csnviz.errors import InputError

RECIPES = ("cast_ncg", "cast_csn")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 = done, 1 = doctor found something to mend, 2 = the input cannot be used, 130 = interrupted."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except KeyboardInterrupt:
        print("csnviz: interrupted; what was finished is kept.", file=sys.stderr)
        return 130
    except InputError as error:
        if options.debug:
            raise
        print(f"csnviz: {error}", file=sys.stderr)
        return 2
    except Exception as error:
        if options.debug:
            raise
        print(f"csnviz: {type(error).__name__}: {error}. Add --debug to see where.", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--data-root", type=Path, help="folder for crops and rendered faces (default: your cache folder)"
    )
    shared.add_argument("--debug", action="store_true", help="show where an error happened")
    parser = argparse.ArgumentParser(prog="csnviz", description="Facial action units calibrated on one neutral frame.")
    parser.add_argument("--version", action="version", version=f"csnviz {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in (_add_demo, _add_open, _add_predict, _add_train, _add_doctor):
        add(commands, shared)
    return parser


def _add_demo(commands: "argparse._SubParsersAction", shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser("demo", parents=[shared], help="the page on invented people")
    _add_page_options(command)
    command.set_defaults(run=_demo)


def _add_open(commands: "argparse._SubParsersAction", shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser("open", parents=[shared], help="the page on your own recording")
    command.add_argument("recording", type=Path, help="a video, a folder of stills, or one still")
    _add_reading_options(command)
    _add_page_options(command)
    command.set_defaults(run=_open)


def _add_predict(commands: "argparse._SubParsersAction", shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser("predict", parents=[shared], help="a recording's estimates as a CSV file")
    command.add_argument("recording", type=Path, help="a video, a folder of stills, or one still")
    command.add_argument("--reference", type=int, metavar="FRAME", help="the neutral frame, counted from 0")
    command.add_argument(
        "--out", type=Path, required=True, metavar="FILE.csv", help="where to write; a .json goes beside it"
    )
    command.add_argument("--ncg", type=Path, metavar="FILE", help="another network without calibration (.safetensors)")
    command.add_argument("--csn", type=Path, metavar="FILE", help="another calibrated network (.safetensors)")
    command.add_argument("--device", default="auto", help="auto, cpu, cuda or mps (default: auto)")
    _add_reading_options(command)
    command.set_defaults(run=_predict)


def _add_train(commands: "argparse._SubParsersAction", shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser("train", parents=[shared], help="train a network by a recipe")
    command.add_argument("recipe", choices=RECIPES)
    command.add_argument("--out", type=Path, help="the run folder (default: runs/RECIPE-SEED)")
    command.add_argument("--seed", type=int, default=0)
    command.set_defaults(run=_train)


def _add_doctor(commands: "argparse._SubParsersAction", shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser("doctor", parents=[shared], help="what is installed here, and what to mend")
    command.add_argument("--face-model", type=Path, metavar="FILE", help="a face_landmarker.task")
    command.set_defaults(run=_doctor)


def _add_reading_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--frames", type=_frames, metavar="A:B", help="only these frames, as in Python; numbers stay the video's"
    )
    command.add_argument(
        "--face-model", type=Path, metavar="FILE", help="a face_landmarker.task (Python 3.13 and later)"
    )


def _add_page_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--lab", action="store_true", help="open in JupyterLab instead of Voila")
    command.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    command.add_argument("--no-browser", action="store_true", help="print the address only")


def _frames(text: str) -> slice:
    found = re.fullmatch(r"(-?\d*):(-?\d*)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"frames are A:B as in Python, such as 0:200 or 50:; found {text!r}")
    first, last = (int(part) if part else None for part in found.groups())
    return slice(first, last)


def _demo(options: argparse.Namespace) -> None:
    from csnviz import serving

    serving.serve_demo(
        options.data_root, lab=options.lab, port=options.port, browser=not options.no_browser, debug=options.debug
    )


def _open(options: argparse.Namespace) -> None:
    from csnviz import serving

    serving.serve_recording(
        options.recording, options.data_root, options.frames, options.face_model,
        lab=options.lab, port=options.port, browser=not options.no_browser, debug=options.debug,
    )  # fmt: skip


def _predict(options: argparse.Namespace) -> None:
    from csnviz.estimating import Networks, estimate_recording, write_estimates

    networks = Networks.load(options.ncg, options.csn)
    tables = estimate_recording(
        options.recording,
        networks,
        options.reference,
        options.data_root,
        options.frames,
        options.face_model,
        options.device,
    )
    print(write_estimates(options.out, tables))


def _train(options: argparse.Namespace) -> None:
    from importlib import import_module

    recipe = import_module(f"csnviz.recipes.{options.recipe}")
    out = options.out or Path("runs") / f"{options.recipe}-{options.seed}"
    recipe.train(options.data_root, out, seed=options.seed)


def _doctor(options: argparse.Namespace) -> int:
    from csnviz import doctor

    return min(doctor.report(doctor.examine(options.data_root, options.face_model)), 1)


if __name__ == "__main__":
    sys.exit(main())
