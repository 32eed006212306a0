import numpy as np
import pytest

from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.tables import FrameTable, ReferenceTable, make_rows
from csnviz.facs import DISFA


@pytest.fixture
def squares(monkeypatch):
    """Instead of drawn people, random squares: what a recipe does is tested, not what a network learns."""

    def load(participants, n_frames, data_root, attributes=None, **_):
        count = len(participants) * n_frames
        folder = data_root / f"squares-{participants[0]}"
        rng = np.random.default_rng(len(participants))
        with FaceImagesWriter(folder) as writer:
            for _ in range(count):
                writer.add(rng.integers(0, 256, size=(112, 112, 3), dtype=np.uint8), b"")
        who = [name for name in participants for _ in range(n_frames)]
        index = np.tile(np.arange(n_frames), len(participants))
        columns = {
            "frame_id": [f"cast/{name}/front/{frame:04d}" for name, frame in zip(who, index, strict=True)],
            "participant": who,
            "frame_index": index,
            "image": np.arange(count),
            "camera": "front",
        }
        same = {"dataset": "cast", "video": "", "timestamp": np.nan, "source": ""}
        labels = rng.integers(0, 6, size=(count, len(DISFA))).astype(np.float32)
        return FrameTable(make_rows({**columns, **same}), labels, DISFA, FaceImages.open(folder))

    def references(table):
        chosen = ReferenceTable.empty()
        for name in table.participants:
            chosen = chosen.with_reference(name, "front", f"cast/{name}/front/0000", "labels")
        return chosen

    monkeypatch.setattr("csnviz.cast.dataset.load_cast", load)
    monkeypatch.setattr("csnviz.cast.dataset.cast_references", references)
