"""What is installed here and whether it will work: one line per thing, one sentence per problem."""

import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from csnviz import __version__, places
from csnviz.errors import InputError

DISTRIBUTIONS = (
    "torch", "numpy", "pandas", "scikit-learn", "captum", "mediapipe", "opencv-contrib-python", "av", "pillow", "plotly",
    "ipywidgets", "anywidget", "jupyterlab", "jupyter-server", "voila",
)  # fmt: skip
LAB_EXTENSIONS = {
    "csnviz": ("csnviz", "the launcher card"),
    "anywidget": ("anywidget", "the face viewer"),
    "@jupyter-widgets/jupyterlab-manager": ("jupyterlab_widgets", "every widget"),
}
"""What JupyterLab has to find beside itself: which distribution brings it, and what is missing without it."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "firefox", "safari")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what it is, what was found, and what to do if that is a problem ("" = fine)."""

    what: str
    found: str
    problem: str = ""


def examine(data_root: Path | None = None, face_model: Path | None = None) -> Iterator[Finding]:
    """Everything that csnviz needs, looked at one after the other; nothing is changed and no other host is asked."""
    yield Finding("csnviz", f"{__version__} in {Path(__file__).parent}")
    yield _python()
    yield from map(_distribution, DISTRIBUTIONS)
    yield _one_owner_of_cv2()
    looks: tuple[Callable[[], Finding], ...] = (
        _device,
        lambda: _face_model(face_model),
        _networks,
        lambda: _data_root(data_root),
        _jupyterlab,
        _browser,
    )
    for look in looks:
        try:
            yield look()
        except (ImportError, InputError, OSError) as error:
            yield Finding(look.__name__.strip("_<>"), "cannot be examined", str(error))


def report(findings: Iterator[Finding]) -> int:
    """Prints the findings and says how many are problems."""
    problems = []
    for finding in findings:
        print(f"{'!' if finding.problem else ' '} {finding.what:<22} {finding.found}", flush=True)
        if finding.problem:
            problems.append(finding)
    print()
    for finding in problems:
        print(f"{finding.what}: {finding.problem}")
    print("Nothing is wrong here." if not problems else f"{len(problems)} to mend, each with its sentence above.")
    return len(problems)


def _python() -> Finding:
    return Finding(
        "Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    )


def _distribution(name: str) -> Finding:
    try:
        return Finding(name, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, "missing", f"install it with: {sys.executable} -m pip install {name}")


def _one_owner_of_cv2() -> Finding:
    owners = sorted(importlib.metadata.packages_distributions().get("cv2", []))
    owners = [name for name in dict.fromkeys(owners) if name.startswith("opencv")]
    if len(owners) == 1:
        return Finding("owner of cv2", owners[0])
    if not owners:
        return Finding("owner of cv2", "none", "install opencv-contrib-python.")
    mend = (
        "uninstall them all, then install opencv-contrib-python alone, because each overwrites the files of the others."
    )
    return Finding("owner of cv2", ", ".join(owners), mend)


def _device() -> Finding:
    from csnviz.inference.device import choose_device

    return Finding("device", str(choose_device("auto")))


def _face_model(face_model: Path | None) -> Finding:
    from csnviz.faces.detect import FaceFinder

    with FaceFinder(face_model) as finder:
        return Finding("face model", finder.version)


def _networks() -> Finding:
    from csnviz.models.checkpoints import load_checkpoint

    trained = [load_checkpoint(path) for path in sorted(places.checkpoints().glob("*.safetensors"))]
    if not trained:
        return Finding("networks", "none", "the package was installed without its trained networks; install it again.")
    return Finding("networks", ", ".join(f"{network.name} {network.sha256[:12]}" for network in trained))


def _data_root(chosen: Path | None) -> Finding:
    root = places.data_root(chosen)
    mode = stat.S_IMODE(root.stat().st_mode)
    free = shutil.disk_usage(root).free / 1e9
    found = f"{root}, {free:.0f} GB free"
    if mode & 0o077:
        return Finding("data root", found, f"others can look into it; close it with: chmod 700 {root}")
    if not os.access(root, os.W_OK):
        return Finding("data root", found, "it cannot be written; choose another with --data-root.")
    if free < 1:
        return Finding("data root", found, "less than 1 GB is free there; choose another with --data-root.")
    return Finding("data root", found)


def _jupyterlab() -> Finding:
    """What JupyterLab finds in our environment, and what one that a shell would start elsewhere lacks."""
    ours = Path(sys.prefix)
    there = {name: version for name in LAB_EXTENSIONS if (version := _extension_version(name, ours))}
    found = f"sees {', '.join(f'{name} {version}' for name, version in there.items()) or 'nothing that csnviz needs'}"
    found += _elsewhere(ours)
    for name, (distribution, what) in LAB_EXTENSIONS.items():
        if name not in there:
            return Finding(
                "JupyterLab", found, f"it does not find {name} and lacks {what}; install {distribution} again."
            )
    if there["csnviz"] != __version__:
        return Finding("JupyterLab", found, f"its launcher card is not of csnviz {__version__}; install csnviz again.")
    return Finding("JupyterLab", found)


def _elsewhere(ours: Path) -> str:
    """What the `jupyter lab` on the PATH would lack, where it is another one: pages of ours stay empty in it."""
    command = shutil.which("jupyter-lab")
    theirs = Path(command).parents[1] if command else ours
    lacking = [name for name in LAB_EXTENSIONS if not _extension_version(name, theirs)]
    if theirs.resolve() == ours.resolve() or not lacking:
        return ""
    start = f"start {sys.executable} -m jupyterlab instead"
    return f"; the one on the PATH, in {theirs}, lacks {' and '.join(lacking)}: {start}, or install csnviz there too"


def _extension_version(name: str, prefix: Path) -> str:
    """The version of an extension that JupyterLab finds when it runs in this environment; "" = none."""
    from jupyter_core.paths import ENV_JUPYTER_PATH, jupyter_path

    places_of_all = [folder for folder in jupyter_path() if folder not in ENV_JUPYTER_PATH]
    for folder in (*map(Path, places_of_all), prefix / "share" / "jupyter"):
        description = folder / "labextensions" / name / "package.json"
        if description.is_file():
            return str(json.loads(description.read_text(encoding="utf-8")).get("version", "of no version"))
    return ""


def _browser() -> Finding:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found or platform.system() in ("Darwin", "Windows"):
        return Finding("browser", found or "the system's own")
    return Finding("browser", "none found", "open the printed address in a browser of your own, on this machine.")
