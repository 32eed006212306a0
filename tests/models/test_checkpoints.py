import json
from dataclasses import replace

import pytest
import safetensors.torch
import torch

from csnviz.errors import InputError
from csnviz.models.checkpoints import NetworkConfig, load_checkpoint, save_checkpoint
from csnviz.models.csn import CSN
from csnviz.models.iresnet import IResNetSize, iresnet

TINY = IResNetSize((1, 1, 1, 1), (4, 8, 8, 16))
CONFIG = NetworkConfig(TINY, (1, 4, 12), "intensity", "stage4", "crop-1", "27 drawn people", 0.5, 7)


def test_a_saved_network_comes_back_the_same(network, faces, tmp_path):
    path = tmp_path / "cast_csn.safetensors"
    sha256 = save_checkpoint(path, network, CONFIG)
    loaded = load_checkpoint(path)
    assert (loaded.config, loaded.sha256, loaded.name) == (CONFIG, sha256, "cast_csn")
    with torch.no_grad():
        assert torch.equal(loaded.csn(faces[:2], faces[2:]), CSN(network, "stage4")(faces[:2], faces[2:]))
    assert not loaded.network.training
    assert all(parameter.requires_grad for parameter in loaded.network.parameters())


def test_half_the_bytes_give_nearly_the_same_estimates_in_float32(network, faces, tmp_path):
    whole, half = tmp_path / "whole.safetensors", tmp_path / "half.safetensors"
    save_checkpoint(whole, network, CONFIG)
    save_checkpoint(half, network, CONFIG, half=True)
    numbers = sum(tensor.numel() for tensor in network.state_dict().values() if tensor.is_floating_point())
    assert whole.stat().st_size - half.stat().st_size == pytest.approx(2 * numbers, rel=0.02)
    restored = load_checkpoint(half).network
    assert {parameter.dtype for parameter in restored.parameters()} == {torch.float32}
    with torch.no_grad():
        expected = network(faces)
        torch.testing.assert_close(restored(faces), expected, rtol=0, atol=float(0.01 * expected.std()))


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("size", IResNetSize((1, 1, 2, 1), (4, 8, 8, 16))),
        ("aus", (1, 2, 4)),
        ("quantity", "occurrence"),
        ("merge_before", None),
    ],
)
def test_a_checkpoint_of_another_shape_is_refused_by_the_name_of_the_field(network, tmp_path, field, wanted):
    path = tmp_path / "csn.safetensors"
    save_checkpoint(path, network, CONFIG)
    with pytest.raises(InputError, match=f"csn.safetensors: {field} is "):
        load_checkpoint(path, replace(CONFIG, **{field: wanted}))


def test_no_byte_of_a_checkpoint_can_change_unnoticed(network, tmp_path):
    path = tmp_path / "csn.safetensors"
    save_checkpoint(path, network, CONFIG, half=True)
    content = path.read_bytes()
    header = 8 + int.from_bytes(content[:8], "little")
    places = [
        0,
        3,
        9,
        40,
        100,
        header // 2,
        header - 40,
        *range(header, len(content), len(content) // 60),
        len(content) - 1,
    ]
    for place in places:
        damaged = bytearray(content)
        damaged[place] ^= 0x04
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"csn\.safetensors"):
            load_checkpoint(path)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=r"csn\.safetensors"):
        load_checkpoint(path)


def test_a_checkpoint_without_one_of_its_tensors_is_refused_although_its_digest_fits(network, tmp_path, monkeypatch):
    path = tmp_path / "csn.safetensors"
    monkeypatch.setattr("csnviz.models.checkpoints.check_fit", lambda *_: None)
    del network.stage2[0].bn1
    save_checkpoint(path, network, CONFIG)
    monkeypatch.undo()
    with pytest.raises(InputError, match=r"5 tensors do not fit .*stage2\.0\.bn1\.weight is missing, expected \(4,\)"):
        load_checkpoint(path)


def test_a_file_cannot_ask_for_a_network_larger_than_itself(network, tmp_path, monkeypatch):
    path = tmp_path / "csn.safetensors"
    monkeypatch.setattr("csnviz.models.checkpoints.check_fit", lambda *_: None)
    save_checkpoint(path, network, replace(CONFIG, size=IResNetSize((1, 1, 10**9, 1), (4, 8, 8, 10**6))))
    monkeypatch.undo()
    with pytest.raises(InputError, match=r"its tensors are of .*16\)\), but its configuration says .*1000000000"):
        load_checkpoint(path)


def test_files_that_are_no_checkpoint_are_named(tmp_path):
    with pytest.raises(InputError, match=r"gone.safetensors: not a readable checkpoint"):
        load_checkpoint(tmp_path / "gone.safetensors")
    (tmp_path / "text.safetensors").write_text("hello")
    with pytest.raises(InputError, match=r"text.safetensors: not a readable checkpoint"):
        load_checkpoint(tmp_path / "text.safetensors")
    safetensors.torch.save_file({"x": torch.zeros(2)}, tmp_path / "foreign.safetensors")
    with pytest.raises(InputError, match=r"foreign.safetensors: a safetensors file, but not a checkpoint of csnviz"):
        load_checkpoint(tmp_path / "foreign.safetensors")


def test_a_network_that_is_not_what_its_configuration_says_is_not_saved(tmp_path):
    with pytest.raises(InputError, match=r"fc.weight is \(12, 784\), expected \(18, 784\)"):
        save_checkpoint(tmp_path / "csn.safetensors", iresnet(TINY, 12), CONFIG)
    assert not list(tmp_path.iterdir())


def test_a_number_that_is_not_finite_keeps_the_checkpoint_that_was_there(network, tmp_path):
    path = tmp_path / "csn.safetensors"
    save_checkpoint(path, network, CONFIG)
    before = path.read_bytes()
    with torch.no_grad():
        network.fc.bias[0] = 1e5
    with pytest.raises(InputError, match=r"fc.bias holds a number that is not finite"):
        save_checkpoint(path, network, CONFIG, half=True)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["csn.safetensors"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quantity", "mood"),
        ("aus", ()),
        ("merge_before", "layer4"),
        ("size", IResNetSize((1, 1, 0, 1), (4, 8, 8, 16))),
    ],
)
def test_a_configuration_that_cannot_be_is_refused_by_the_name_of_the_field(field, value):
    with pytest.raises(InputError, match=f"{field} = "):
        replace(CONFIG, **{field: value})


def test_a_network_without_a_reference_is_no_csn(network, tmp_path):
    path = tmp_path / "cast_ncg.safetensors"
    save_checkpoint(path, network, replace(CONFIG, merge_before=None))
    with pytest.raises(InputError, match="cast_ncg was trained without a reference"):
        _ = load_checkpoint(path).csn


def test_the_metadata_can_be_read_by_eye(network, tmp_path):
    path = tmp_path / "csn.safetensors"
    save_checkpoint(path, network, CONFIG)
    with safetensors.safe_open(path, "pt") as file:
        words = json.loads(json.loads(file.metadata()["csnviz"])["config"])
    assert words["aus"] == [1, 4, 12]
    assert words["merge_before"] == "stage4"
