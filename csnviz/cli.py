"""The `csnviz` command: parses, calls, prints; no logic of its own."""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from csnviz import __version__, places
from csnviz.cli_prepare import add_prepare
from csnviz.errors import InputError

if TYPE_CHECKING:
    from csnviz.serving import Manner

RECIPES = (
    "cast_ncg", "cast_csn", "ir50_ncg", "ir50_bs", "csn_stage1", "csn_stage2", "csn_stage3", "csn_stage4", "csn_fc",
    "csn_output", "disfa_to_unbc", "unbc_to_disfa",
)  # fmt: skip
"""Held against csnviz.recipes.command by a test: importing that would load torch before it is needed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 = done, 1 = doctor found something to mend, 2 = the input cannot be used, 130 = interrupted."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run_command(options) or 0)
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
    for add in (
        _add_demo,
        _add_open,
        _add_dashboard,
        add_prepare,
        _add_train,
        _add_evaluate,
        _add_predict,
        _add_doctor,
    ):
        add(commands, shared)
    return parser


def _add_demo(commands: "argparse._SubParsersAction", shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser("demo", parents=[shared], help="the page on invented people")
    _add_page_options(command)
    command.set_defaults(run_command=_demo)


def _add_open(commands: "argparse._SubParsersAction", shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser(
        "open", parents=[shared], help="the page on your own recording or a dataset; or the lesson"
    )
    command.add_argument(
        "source",
        help="a video, a folder of stills, one still; a dataset, such as disfa; a saved table; learn: the lesson",
    )
    _add_source_options(command)
    _add_page_options(command)
    command.set_defaults(run_command=_open)


def _add_dashboard(commands: "argparse._SubParsersAction", shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser(
        "dashboard", parents=[shared], help="the page served to others: docs/dashboard.md says how"
    )
    command.add_argument(
        "--source", default="demo", help="demo (default), learn, a dataset, a recording, a saved table"
    )
    _add_source_options(command)
    command.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a host under which others ask for the page, such as faces.example.org",
    )
    command.add_argument("--ip", default="127.0.0.1", metavar="ADDRESS", help="where to listen (default: 127.0.0.1)")
    command.add_argument("--port", type=int, default=0, help="port (default: a free one)")
    command.add_argument("--base-url", default="/", metavar="/PATH/", help="where the page begins (default: /)")
    command.add_argument("--faces", choices=("shown", "hidden"), default="", help="default: as the manifest allows")
    _add_notebook_option(command)
    command.add_argument(
        "--kernels", type=int, default=1, metavar="N", help="kernels kept ready for visitors (default: 1)"
    )
    command.add_argument(
        "--idle",
        type=float,
        default=10,
        metavar="MINUTES",
        help="end a page that nobody used for so long (default: 10)",
    )
    command.set_defaults(run_command=_dashboard)


def _add_source_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--labels", type=Path, metavar="FILE.csv", help="human labels: frame or time, au, intensity 0-5"
    )
    command.add_argument("--root", type=Path, metavar="DIR", help="a dataset's folder, where it is not prepared yet")
    command.add_argument(
        "--run",
        type=Path,
        action="append",
        default=[],
        metavar="RUN",
        help="runs trained on that dataset, or their folder",
    )
    _add_crops_option(command)
    command.add_argument("--in-sample", action="store_true", help="show people with networks that were trained on them")
    _add_reading_options(command)


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
    command.add_argument(
        "--precision", default="float32", help="float32, or bfloat16: faster for large networks on recent machines"
    )
    _add_reading_options(command)
    command.set_defaults(run_command=_predict)


def _add_train(commands: "argparse._SubParsersAction", shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser("train", parents=[shared], help="train a network by a recipe")
    command.add_argument("recipe", choices=RECIPES)
    command.add_argument(
        "--on", default="", metavar="DATASET", help="what to train on (default: what --root holds, else the drawn cast)"
    )
    command.add_argument("--root", type=Path, metavar="DIR", help="that dataset's folder, where it is not prepared yet")
    command.add_argument("--test-root", type=Path, metavar="DIR", help="the folder of the dataset to be judged on")
    _add_crops_option(command)
    command.add_argument("--fold", action="append", default=[], help="one fold (default: all, one after the other)")
    command.add_argument(
        "--set",
        dest="changes",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="another number, such as epochs=1",
    )
    command.add_argument("--start", default="", metavar="FILE", help="public face-recognition parameters, or: nothing")
    command.add_argument("--out", type=Path, help="where the run folders go (default: runs)")
    command.add_argument("--seed", type=int, help="the same as --set seed=SEED")
    command.add_argument("--device", default="auto", help="auto, cpu, cuda or mps (default: auto)")
    command.set_defaults(run_command=_train)


def _add_evaluate(commands: "argparse._SubParsersAction", shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser("evaluate", parents=[shared], help="the paper's tables from finished runs")
    command.add_argument("runs", type=Path, nargs="+", help="run folders, or folders that hold them")
    command.add_argument("--out", type=Path, default=Path("report"), metavar="DIR", help="where the report goes")
    command.set_defaults(run_command=_evaluate)


def _add_doctor(commands: "argparse._SubParsersAction", shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser("doctor", parents=[shared], help="what is installed here, and what to mend")
    command.add_argument("--face-model", type=Path, metavar="FILE", help="a face_landmarker.task")
    command.set_defaults(run_command=_doctor)


def _add_reading_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--frames", type=_frames, metavar="A:B", help="only these frames, as in Python; numbers stay the video's"
    )
    command.add_argument(
        "--face-model", type=Path, metavar="FILE", help="a face_landmarker.task (Python 3.13 and later)"
    )


def _add_crops_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("--crops", metavar="HASH", help="crops made elsewhere, by the first signs of their hash")


def _add_page_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--lab", action="store_true", help="open in JupyterLab instead of Voila")
    _add_notebook_option(command)
    command.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    command.add_argument("--no-browser", action="store_true", help="print the address only")


def _add_notebook_option(command: argparse.ArgumentParser) -> None:
    names = places.notebooks()
    command.add_argument(
        "--notebook", choices=names, default=places.EXPLORE, help="which question is asked (default: explore)"
    )


def _frames(text: str) -> slice:
    found = re.fullmatch(r"(-?\d*):(-?\d*)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"frames are A:B as in Python, such as 0:200 or 50:; found {text!r}")
    first, last = (int(part) if part else None for part in found.groups())
    return slice(first, last)


def _demo(options: argparse.Namespace) -> None:
    from csnviz import serving

    serving.serve_demo(options.data_root, _to_one_person(options))


def _open(options: argparse.Namespace) -> None:
    _serve(options, _to_one_person(options))


def _dashboard(options: argparse.Namespace) -> None:
    from csnviz.server_settings import Door
    from csnviz.serving import Manner

    door = Door(
        options.port,
        options.ip,
        tuple(options.allow_host),
        options.base_url,
        60.0 * options.idle,
        True,
        options.kernels,
    )
    manner = Manner(
        browser=False, debug=options.debug, door=door, dashboard=True, faces=options.faces, notebook=options.notebook
    )
    _serve(options, manner)


def _to_one_person(options: argparse.Namespace) -> "Manner":
    from csnviz.server_settings import Door
    from csnviz.serving import Manner

    # The kernel starts while the server and the browser do; a second one would only take memory from this person.
    door = Door(options.port, ready=1, ready_again=False)
    return Manner(options.lab, not options.no_browser, options.debug, door, notebook=options.notebook)


def _serve(options: argparse.Namespace, manner: "Manner") -> None:
    from csnviz import serving
    from csnviz.data.manifest import manifests

    kind = _kind(options.source, manifests())
    _refuse_other_options(options, kind)
    if kind == "a dataset":
        serving.serve_dataset(
            options.source, options.root, options.run, options.data_root, options.crops, options.in_sample, manner
        )
    elif kind == "the demo":
        serving.serve_demo(options.data_root, manner)
    elif kind == "the lesson":
        serving.serve_lesson(options.data_root, manner)
    elif kind == "a saved table":
        serving.serve_saved_table(Path(options.source), options.data_root, manner)
    else:
        serving.serve_recording(
            Path(options.source), options.data_root, options.frames, options.face_model, options.labels, manner
        )


def _kind(source: str, datasets: Sequence[str]) -> str:
    """What a source is: a name that is also a file is the file."""
    if Path(source).suffix == ".npz":
        return "a saved table"
    if Path(source).exists():
        return "a recording"
    return {"demo": "the demo", "learn": "the lesson"}.get(source, "a dataset" if source in datasets else "a recording")


def _refuse_other_options(options: argparse.Namespace, kind: str) -> None:
    """InputError for an option that is for another kind of source: to pass over it would show something else than was asked."""
    kinds = {
        "a dataset": {"--root": options.root, "--run": options.run, "--crops": options.crops, "--in-sample": options.in_sample},
        "a recording": {"--labels": options.labels, "--frames": options.frames, "--face-model": options.face_model},
    }  # fmt: skip
    for theirs, found in kinds.items():
        for option, value in found.items():
            if value and theirs != kind:
                raise InputError(f"{option} is for {theirs}, and {options.source} is {kind}. Leave {option} away.")


def _predict(options: argparse.Namespace) -> None:
    from csnviz.estimating import Networks, estimate_recording, write_estimates

    networks = Networks.load(options.ncg, options.csn).computing_in(options.precision)
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
    from csnviz.recipes.command import Asked, run_recipe

    changes = (*options.changes, *(() if options.seed is None else (f"seed={options.seed}",)))
    asked = Asked(
        options.recipe, options.on, options.root, options.test_root, tuple(options.fold), changes, options.start,
        options.out, options.data_root, options.crops, options.device,
    )  # fmt: skip
    for run in run_recipe(asked):
        print(run.path)


def _evaluate(options: argparse.Namespace) -> None:
    from csnviz.evaluation.report import report

    print(report(options.runs, options.out))


def _doctor(options: argparse.Namespace) -> int:
    from csnviz import doctor

    return min(doctor.report(doctor.examine(options.data_root, options.face_model)), 1)


if __name__ == "__main__":
    sys.exit(main())
