"""A full disk and a full memory, said in one sentence that a person can act on."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from csnviz.errors import InputError
from csnviz.training.run_folder import RunFolder

_FULL = (errno.ENOSPC, errno.EDQUOT)
_MEMORY_WORDS = ("not enough memory", "can't allocate memory", "cannot allocate memory", "out of memory")


@contextmanager
def in_plain_words(run: RunFolder, batch_size: int, megabytes: int) -> Iterator[None]:
    """Turns a full disk and a full memory into an InputError; what was saved before stays, and other errors pass.

    megabytes: how much room the files of the run need beside those that they replace.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise InputError(
            f"{run.path}: the disk is full. Free {megabytes} MB there and give the same command again: it goes on from the last "
            "save, and the checkpoint of the last whole epoch is whole."
        ) from error
    except (RuntimeError, MemoryError) as error:
        if not _is_memory(error):
            raise
        raise InputError(
            f"{run.path}: a batch of {batch_size} frames does not fit into memory. Close other programs and give the same command "
            f"again, which goes on from the last save, or choose a smaller batch_size, such as {max(1, batch_size // 2)}, which "
            "is another training and starts from the beginning."
        ) from error


def _is_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return any(words in str(error).lower() for words in _MEMORY_WORDS)
