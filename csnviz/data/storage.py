"""Arrays on disk: a .npz file, whose members carry checksums, and a JSON side-car with the words.

A bare column file with a flipped bit reads back as other numbers; a zip member with a flipped bit does not read at all.
Both files are written beside their place and moved into it, so that a killed run leaves the old ones whole.
"""

import json
import os
import secrets
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csnviz.errors import InputError


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray], words: Mapping[str, Any]) -> None:
    """Writes `path` (.npz) and `path` with the ending .json, each whole or not at all."""
    path = Path(path)
    with replacing(path) as part, open(part, "wb") as file:
        np.savez(file, **{name: np.asarray(value) for name, value in arrays.items()})
    with replacing(path.with_suffix(".json")) as part:
        part.write_text(json.dumps(dict(words), indent=1, allow_nan=False) + "\n", encoding="utf-8")


def read_arrays(path: Path, table: str) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays and words of a table of this kind; InputError when a file is missing, damaged or of another kind."""
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        words = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{path}: not a readable {table} with its .json beside it ({error}). Make it again."
        ) from error
    kind = words.get("table") if isinstance(words, dict) else None
    if kind != table:
        raise InputError(f"{path}: expected a {table}, found {kind or 'something else'}.")
    return arrays, words


def rows_to_arrays(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """The columns of a frame as arrays named "rows/<column>", texts as fixed-width Unicode."""
    arrays = {}
    for name in rows.columns:
        column = rows[name]
        numeric = pd.api.types.is_numeric_dtype(column.dtype)
        arrays[f"rows/{name}"] = column.to_numpy() if numeric else column.to_numpy(dtype=object).astype(str)
    return arrays


def rows_from_arrays(arrays: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """The frame that `rows_to_arrays` took apart."""
    return pd.DataFrame({name.removeprefix("rows/"): arrays[name] for name in arrays if name.startswith("rows/")})


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a path to write to, and moves it to `path` when the block ends well; else removes it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / f".{path.name}.{secrets.token_hex(4)}.part"
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def plain_name(name: str) -> str:
    """The name itself, if a folder can have it and it leads nowhere else; InputError otherwise."""
    if not name or name.startswith(".") or "/" in name or "\\" in name or "\0" in name:
        raise InputError(f"{name!r} cannot name a folder. Use a name without slashes that does not begin with a dot.")
    return name
