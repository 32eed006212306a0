"""A network as an explanation needs it: asked by one thread at a time, with nothing in it that moves."""

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

_locks: weakref.WeakKeyDictionary[nn.Module, threading.RLock] = weakref.WeakKeyDictionary()
_locks_lock = threading.Lock()


@contextmanager
def held_still(network: nn.Module) -> Iterator[None]:
    """One thread at a time, stored statistics in force, parameters without gradients; afterwards as it was before.

    Whoever holds several networks takes the one without a reference first, so that two threads never wait for each other.
    """
    with _locks_lock:
        lock = _locks.setdefault(network, threading.RLock())
    # A caller may be in inference mode, in which no gradient can be had.
    with lock, torch.inference_mode(False), torch.enable_grad():
        wanted = [(parameter, parameter.requires_grad) for parameter in network.parameters()]
        training = network.training
        network.eval().requires_grad_(False)
        try:
            yield
        finally:
            network.train(training)
            for parameter, flag in wanted:
                parameter.requires_grad_(flag)
