"""updates.csv: one line per update, written as it happens, so that a run that was killed shows how far it came."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from torch.optim import Optimizer

from csnviz.data.storage import replacing


class UpdateLog:
    """The log of one run, open for writing. Lines after update `done` are dropped: the resumed run writes them again."""

    def __init__(self, path: Path, done: int) -> None:
        with replacing(path) as part:
            part.write_bytes(_kept(path, done))
        self._file = open(path, "ab")  # noqa: SIM115 - closed by __exit__
        self._empty = done == 0 or path.stat().st_size == 0

    def __enter__(self) -> "UpdateLog":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, line: Mapping[str, int | float]) -> None:
        """Appends one line, whole; the first one is preceded by the names of its columns."""
        text = ",".join(_written(value) for value in line.values()) + "\n"
        self._file.write((",".join(line) + "\n" + text if self._empty else text).encode())
        self._file.flush()
        self._empty = False


def learning_rates(optimiser: Optimizer) -> dict[str, float]:
    """The rate of each group of parameters by the name of its column: learning_rate_fc, learning_rate_others ..."""
    groups = optimiser.param_groups
    return {f"learning_rate_{group.get('name', number)}": float(group["lr"]) for number, group in enumerate(groups, 1)}


def _kept(path: Path, done: int) -> bytes:
    """The names of the columns and the whole lines of the first `done` updates."""
    if not done or not path.exists():
        return b""
    lines = path.read_bytes().splitlines(keepends=True)
    whole = [line for line in lines[1:] if line.endswith(b"\n") and int(line.split(b",")[0]) <= done]
    return b"".join([*lines[:1], *whole])


def _written(value: object) -> str:
    return f"{value:.8g}" if isinstance(value, float) else str(value)
