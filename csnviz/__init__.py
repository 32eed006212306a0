"""csnviz: action units calibrated on one neutral frame (arXiv 2409.00240), and the pictures that show why it helps.

Names are loaded when they are first used, so that `import csnviz` loads neither torch nor mediapipe nor plotly.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "AUSet": "csnviz.facs",
    "CSN": "csnviz.models.csn",
    "FrameTable": "csnviz.data.tables",
    "InputError": "csnviz.errors",
    "Networks": "csnviz.inference.networks",
    "PredictionTable": "csnviz.data.tables",
    "ReferenceTable": "csnviz.data.tables",
    "au": "csnviz.facs",
    "estimate_recording": "csnviz.estimating",
    "load_cast": "csnviz.cast.dataset",
    "load_checkpoint": "csnviz.models.checkpoints",
    "open_page": "csnviz.workbench",
    "predict_with_reference": "csnviz.inference.predict",
    "predict_without_reference": "csnviz.inference.predict",
    "read_recording": "csnviz.data.recording",
    "subtract_neutral_output": "csnviz.inference.predict",
    "summarise": "csnviz.evaluation.summary",
    "wide_estimates": "csnviz.estimating",
}

__all__ = sorted([*_HOMES, "__version__"])


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'csnviz' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
