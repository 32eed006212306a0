"""Where the arithmetic runs: chosen once, said aloud once."""

import sys

import torch

from csnviz.errors import InputError

DEVICES = ("auto", "cuda", "mps", "cpu")

_said: set[str] = set()


def choose_device(wanted: str = "auto") -> torch.device:
    """The device for a network: CUDA, else Apple's MPS, else the CPU; or the one that is asked for.

    The first time a device is chosen in a process, one line on the error stream says which. InputError when the one asked for
    is unknown or not there.
    """
    if wanted not in DEVICES:
        raise InputError(f"A device is one of {', '.join(DEVICES)}; found {wanted!r}.")
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    name = next(name for name in there if there[name]) if wanted == "auto" else wanted
    if not there[name]:
        raise InputError(f"This machine has no {name} device that torch can use. Choose auto or cpu.")
    _say(name)
    return torch.device(name)


def _say(name: str) -> None:
    if name not in _said:
        _said.add(name)
        what = torch.cuda.get_device_name() if name == "cuda" else f"{torch.get_num_threads()} threads"
        print(
            f"csnviz: networks run on {name} ({what})" if name != "mps" else "csnviz: networks run on mps",
            file=sys.stderr,
        )
