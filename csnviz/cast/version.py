"""What names the drawings of the cast: the code that makes them."""

import ast
import hashlib
import re
from contextlib import suppress
from functools import cache
from pathlib import Path

from csnviz.data.images import make_private
from csnviz.data.storage import replacing
from csnviz.faces.crop import PREPROCESSING_VERSION

DRAWING_MODULES = (
    "anatomy", "attributes", "backdrop", "body", "brows", "camera", "canvas", "colours", "eyes", "furrows", "geometry", "glasses",
    "hair", "hairstyles", "head", "identity", "landmarks", "light", "locks", "mouth", "performance", "render", "rims", "scripts",
    "skin", "texture",
)  # fmt: skip


def cast_version(folder: Path | None = None) -> str:
    """Names the pixels: a hash of the code of every drawing module and of the preprocessing version, 16 hexadecimal digits.

    Comments, docstrings and line breaks do not count, so that explaining the code better draws nobody anew. Leaving them out takes
    half a second and more, so that a `folder` may remember the answer for files of just these bytes.
    """
    if folder is None:
        return _version()
    digest = hashlib.sha256(PREPROCESSING_VERSION.encode())
    for module in DRAWING_MODULES:
        digest.update(_file(module).read_bytes())
    kept = Path(folder) / f"version-of-{digest.hexdigest()[:32]}"
    with suppress(OSError, UnicodeDecodeError):
        found = kept.read_text(encoding="ascii")
        if re.fullmatch("[0-9a-f]{16}", found):
            return found
    with suppress(OSError):  # a folder that cannot be written to remembers nothing
        make_private(kept.parent)
        with replacing(kept) as part:
            part.write_text(_version(), encoding="ascii")
            part.chmod(0o600)
    return _version()


@cache
def _version() -> str:
    digest = hashlib.sha256(PREPROCESSING_VERSION.encode())
    for module in DRAWING_MODULES:
        digest.update(ast.unparse(_without_docstrings(ast.parse(_file(module).read_text(encoding="utf-8")))).encode())
    return digest.hexdigest()[:16]


def _file(module: str) -> Path:
    return Path(__file__).parent / f"{module}.py"


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [part for part in node.body if not _is_text(part)] or [ast.Pass()]
    return tree


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
