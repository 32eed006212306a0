"""Where things are: the data root, and what travels inside the package."""

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent

EXPLORE = "explore"
"""The notebook that is opened where none is named."""


def data_root(chosen: str | Path | None = None) -> Path:
    """The folder for everything made from faces, created for this user alone (0700).

    It is the folder chosen with `--data-root`, else CSNVIZ_DATA_ROOT, else the user's cache folder. Crops of faces are
    biometric: they never lie beside a recording or in a notebook's folder unless somebody asks for that.
    """
    root = Path(chosen or os.environ.get("CSNVIZ_DATA_ROOT") or _cache()).expanduser()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    return root.resolve()


def _cache() -> str:
    import platformdirs  # only needed here: whoever names a folder can do without it

    return platformdirs.user_cache_dir("csnviz")


def notebook(name: str) -> Path:
    """A notebook by name, from the installed package or the source tree."""
    return _travelling("notebooks") / f"{name}.ipynb"


def notebooks() -> tuple[str, ...]:
    """The names of all notebooks; the one that is opened where none is named comes first."""
    names = sorted(path.stem for path in _travelling("notebooks").glob("*.ipynb"))
    return tuple(sorted(names, key=lambda name: name != EXPLORE))


def manifest() -> Path:
    """The folder of the data manifest: CSNVIZ_MANIFEST, else that of the installed package or the source tree.

    Another folder holds every dataset that is to be known: copy the package's, then add or change.
    """
    return Path(os.environ.get("CSNVIZ_MANIFEST") or _travelling("data_manifest")).expanduser()


def checkpoints() -> Path:
    """The folder of the trained demonstration networks."""
    return _PACKAGE / "models" / "weights"


def _travelling(folder: str) -> Path:
    packed = _PACKAGE / "_travelling" / folder
    return packed if packed.is_dir() else _PACKAGE.parent / folder
