import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from csnviz import places
from csnviz.data.filmed import NOWHERE, Filmed
from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.listing import Listing, frame_id_of
from csnviz.data.other_crops import take_crops
from csnviz.data.portion import KeptPortion, portions_of
from csnviz.data.prepared import keep_prepared, load_prepared
from csnviz.data.purge import purge, still_naming
from csnviz.data.seen import SEEN_COLUMNS, jpeg, reading_version
from csnviz.data.storage import write_arrays
from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable, join_frames, make_rows
from csnviz.errors import InputError
from csnviz.facs import AUSet

AUS = AUSet((1, 12))
VERSION = reading_version("invented")


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (112, 112, 3), dtype=np.uint8)


def picture(seed: int) -> bytes:
    return jpeg(Image.fromarray(noise(seed)))


def filmed(seed: int) -> Filmed:
    return replace(NOWHERE, jpeg=b"as filmed" + noise(seed)[0].tobytes())


def listing_of(dataset: str, root: Path, people: tuple[str, ...]) -> Listing:
    """Two stills of each."""
    rows = pd.DataFrame(
        {
            "frame_id": [frame_id_of(dataset, who, "left", "talk", index) for who in people for index in (0, 1)],
            "participant": np.repeat(people, 2),
            "camera": "left",
            "video": "talk",
            "frame_index": [0, 1] * len(people),
            "timestamp": [0.0, 0.05] * len(people),
            "source": [str(root / who / f"{index}.png") for who in people for index in (0, 1)],
            "place": -1,
        }
    )
    return Listing(dataset, root, rows, np.ones((len(rows), 2), np.float32), AUS)


def prepared_by_hand(listing: Listing, data_root: Path, first: int) -> FrameTable:
    """A dataset prepared without looking for faces: the crop of row i is noise(first + i)."""
    folder = data_root / "datasets" / listing.dataset / VERSION
    kept = []
    for portion in portions_of(listing, folder):
        with FaceImagesWriter(portion.folder) as writer:
            places_there = [
                writer.add(noise(first + row), picture(first + row), filmed(first + row)) for row in portion.rows
            ]
            sources = {"rows/source": np.array(portion.sources)}
            write_arrays(
                writer.work / "rows.npz", sources, {"table": "Portion", "stamps": dict.fromkeys(portion.sources)}
            )
        seen = pd.DataFrame({"image": places_there, "reason": ""}).reindex(columns=SEEN_COLUMNS)
        kept.append(KeptPortion(portion, seen, 1.0, ()))
    return keep_prepared(listing, folder, kept, "csnviz 1 (invented)").frames


def estimates_of(frames: FrameTable) -> PredictionTable:
    references = [
        {"whose": f"{who}, left camera", "frame_id": frame_id_of("made", who, "left", "talk", 0)}
        for who in frames.participants
    ]
    rows = frames.rows.assign(ref_frame_id=frames.rows["frame_id"].str.replace("0001", "0000"))
    estimate = np.arange(2 * len(frames), dtype=np.float32).reshape(-1, 2)
    how = ("intensity", "CSN", "OFC", {"references": references})
    return PredictionTable(rows, frames.intensity, estimate, AUS, *how)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A data root with everything that csnviz keeps, about ZQ01, ZQ02 and ZQ03; ZQ01 also is YY07 of another dataset."""
    root = places.data_root(tmp_path / "root")
    frames = prepared_by_hand(listing_of("made", tmp_path / "made", ("ZQ01", "ZQ02", "ZQ03")), root, first=0)
    prepared_by_hand(listing_of("made_plus", tmp_path / "plus", ("YY07", "ZQ02")), root, first=20)
    crops = listing_of("made", tmp_path / "made", ("ZQ01", "ZQ02"))
    for row, source in enumerate(crops.rows["source"]):
        file = tmp_path / "crops" / Path(source).relative_to(tmp_path / "made")
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise(40 + row)).save(file)
    take_crops(crops, tmp_path / "crops", root, "cut by hand", progress=False)
    with FaceImagesWriter(root / "cast" / "0123" / "ZQ01-80") as writer:
        writer.add(noise(60), picture(60), filmed(60))
    recordings = recording(root, "ab12", "ZQ01", 61), recording(root, "cd34", "Somebody", 62)
    recordings[0].save(root / "pages" / "one.npz")
    join_frames(recordings).save(root / "pages" / "both.npz")
    frames.save(root / "pages" / "all.npz")
    estimates_of(frames).save(root / "runs" / "one" / "estimates.npz")
    references = ReferenceTable.empty().with_reference("ZQ01", "left", "made/ZQ01/left/talk/0000", "person")
    references.with_reference("ZQ02", "left", "made/ZQ02/left/talk/0000", "person").save(root / "references.csv")
    (root / "runs" / "one" / "run.json").write_text(json.dumps({"settings": {"participants": ["ZQ01", "ZQ02"]}}))
    manifest = tmp_path / "manifest"
    for dataset, lines in (("made", "ZQ01,p1\nZQ02,p2\nZQ03,p3\n"), ("made_plus", "YY07,p1\nZQ02,p9\n")):
        (manifest / dataset).mkdir(parents=True)
        (manifest / dataset / "participants.csv").write_text(f"participant,person\n{lines}")
    monkeypatch.setattr(places, "manifest", lambda: manifest)
    return root


def recording(root: Path, name: str, who: str, seed: int) -> FrameTable:
    folder = root / "recordings" / name
    with FaceImagesWriter(folder) as writer:
        writer.add(noise(seed), picture(seed), filmed(seed))
    identity = {"frame_id": [f"{name}/0"], "dataset": "recording", "participant": who, "camera": "own", "video": name}
    rows = make_rows({**identity, "frame_index": 0, "timestamp": 0.0, "source": name, "image": 0})
    return FrameTable(rows, np.full((1, 2), np.nan, np.float32), AUS, FaceImages.open(folder))


def files_with(root: Path, *pieces: bytes) -> list[str]:
    """The files whose content or path holds one of these byte strings."""
    found = []
    for file in root.rglob("*"):
        content = str(file.relative_to(root)).encode() + (file.read_bytes() if file.is_file() else b"")
        if any(piece in content for piece in pieces):
            found.append(str(file.relative_to(root)))
    return found


def traces(names: tuple[str, ...], seeds: list[int]) -> list[bytes]:
    """How a person may be found: names as in texts and as in tables, the bytes of crops, of pictures and of whole frames."""
    written = [name.encode(coding) for name in names for coding in ("utf-8", "utf-32-le")]
    whole = [filmed(seed).jpeg for seed in seeds if seed not in FOREIGN]
    return written + [noise(seed).tobytes() for seed in seeds] + [picture(seed) for seed in seeds] + whole


THEIRS = [0, 1, 20, 21, 40, 41, 60, 61]
OTHERS = [2, 3, 4, 5, 22, 23, 42, 43, 62]
FOREIGN = [40, 41, 42, 43]  # of crops that were made elsewhere, nobody has the whole picture


def test_the_traces_of_a_person_are_there_before_and_nowhere_afterwards(root):
    for trace in traces(("ZQ01", "YY07"), THEIRS):
        assert files_with(root, trace), trace[:20]
    removed = purge("ZQ01", root)
    assert files_with(root, *traces(("ZQ01", "YY07"), THEIRS)) == ["runs/one/run.json"]
    assert root / "datasets" / "made" / VERSION / "ZQ01" in removed
    assert root / "recordings" / "ab12" in removed
    assert purge("ZQ01", root) == []


def test_everybody_else_stays_as_they_were(root):
    before = FrameTable.load(root / "pages" / "all.npz")
    purge("ZQ01", root)
    for trace in traces((), OTHERS):
        assert files_with(root, trace)
    for after in (load_prepared("made", root), FrameTable.load(root / "pages" / "all.npz")):
        assert after.participants == ("ZQ02", "ZQ03")
        assert after.rows["frame_id"].tolist() == before.rows["frame_id"].tolist()[2:]
        assert np.array_equal(after.crops(np.arange(4)), [noise(seed) for seed in (2, 3, 4, 5)])
        assert [after.filmed(row) for row in range(4)] == [filmed(seed).jpeg for seed in (2, 3, 4, 5)]
        assert after.alignment == "csnviz 1 (invented)"
    assert load_prepared("made_plus", root).participants == ("ZQ02",)
    assert FrameTable.load(root / "pages" / "both.npz").participants == ("Somebody",)
    assert not (root / "pages" / "one.npz").exists()
    estimates = PredictionTable.load(root / "runs" / "one" / "estimates.npz")
    assert estimates.estimate[:, 0].tolist() == [4, 6, 8, 10]
    assert [each["whose"] for each in estimates.provenance["references"]] == ["ZQ02, left camera", "ZQ03, left camera"]
    assert ReferenceTable.load(root / "references.csv").rows["participant"].tolist() == ["ZQ02"]
    report = pd.read_csv(root / "datasets" / "made" / VERSION / "report.csv")
    assert report["participant"].tolist() == ["ZQ02", "ZQ03"]


def test_one_dataset_can_be_purged_alone(root):
    purge("ZQ02", root, dataset="made")
    assert load_prepared("made", root).participants == ("ZQ01", "ZQ03")
    assert load_prepared("made_plus", root).participants == ("YY07", "ZQ02")
    assert files_with(root, noise(22).tobytes())
    assert not files_with(root, *traces((), [2, 3, 42, 43]))


def test_somebody_of_the_same_name_prefix_is_somebody_else(root):
    purge("ZQ0", root)
    assert load_prepared("made", root).participants == ("ZQ01", "ZQ02", "ZQ03")
    assert still_naming("ZQ0", root) == []


def test_networks_that_learned_from_the_person_are_named(root):
    purge("ZQ01", root)
    assert still_naming("ZQ01", root) == [root / "runs" / "one" / "run.json"]
    assert len(still_naming("ZQ02", root)) > 5


def test_a_damaged_table_that_names_the_person_goes_and_another_stays(root):
    for name, who in (("theirs", "ZQ01"), ("other", "ZQ02")):
        (root / "pages" / f"{name}.npz").write_bytes(b"PK\x03\x04 cut off " + who.encode("utf-32-le"))
    assert root / "pages" / "theirs.npz" in purge("ZQ01", root)
    assert (root / "pages" / "other.npz").exists()


def test_a_table_whose_pictures_are_gone_is_removed_rather_than_left_with_the_name(root):
    for file in (root / "datasets" / "made" / VERSION / "ZQ03").rglob("*.npy"):
        file.unlink()
    purge("ZQ01", root)
    with pytest.raises(InputError, match="made is not prepared"):
        load_prepared("made", root)
    assert files_with(root, *traces(("ZQ01",), THEIRS)) == ["runs/one/run.json"]


@pytest.mark.parametrize("name", ["..", "", "a/b"])
def test_a_name_that_leads_elsewhere_purges_nothing(root, name):
    before = files_with(root, b"")
    with pytest.raises(InputError, match="cannot name a folder"):
        purge(name, root)
    assert files_with(root, b"") == before
