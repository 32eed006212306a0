"""Keeps what MediaPipe's native code says about itself out of the terminal, and lets its errors through."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_CHATTER = re.compile(rb"[IW]\d{4} |INFO: |WARNING: All log messages before absl::InitializeLog")
"""Lines of glog, absl and TensorFlow Lite at the levels information and warning. Errors begin with E or F."""


@contextmanager
def without_chatter() -> Iterator[None]:
    """Holds back the standard error of the process while a model loads; passes on every line that is not chatter.

    The lines come from native code that no Python logger sees, so the file descriptor itself is set aside.
    """
    try:
        terminal = os.dup(2)
    except OSError:  # no standard error at all, as under pythonw
        yield
        return
    with tempfile.TemporaryFile() as held_back:
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
            held_back.seek(0)
            for line in held_back:
                if not _CHATTER.match(line):
                    os.write(2, line)
