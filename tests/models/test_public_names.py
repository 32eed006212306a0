import pickle

import pytest
import torch

from csnviz.errors import InputError
from csnviz.models.iresnet import IR50, SMALL, face_recognition_network, iresnet
from csnviz.models.public_names import from_public_names, read_public_parameters, start_from_public, to_public_names


def public_names_on_paper() -> set[str]:
    """The 475 names of a public iResNet-50, from the description of the format."""
    norm = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    names = {"conv1.weight", "prelu.weight", "fc.weight", "fc.bias"}
    names |= {f"{place}.{part}" for place in ("bn1", "bn2", "features") for part in norm}
    for layer, depth in enumerate((3, 4, 14, 3), start=1):
        for block in range(depth):
            here = f"layer{layer}.{block}"
            names |= {f"{here}.bn{number}.{part}" for number in (1, 2, 3) for part in norm}
            names |= {f"{here}.{part}.weight" for part in ("conv1", "prelu", "conv2")}
        names |= {f"layer{layer}.0.downsample.1.{part}" for part in norm} | {f"layer{layer}.0.downsample.0.weight"}
    return names


def test_the_475_public_names_map_to_ours_and_back():
    with torch.device("meta"):
        ours = face_recognition_network().state_dict()
    public = to_public_names(ours)
    assert set(public) == public_names_on_paper()
    assert len(public) == 475
    assert list(from_public_names(public)) == list(ours)


def public_file(folder, change=lambda parameters: None, wrap=lambda parameters: parameters):
    """A made-up public file of the small size, and its tensors under our names."""
    torch.manual_seed(11)
    source = face_recognition_network(SMALL)
    parameters = to_public_names(source.state_dict())
    change(parameters)
    path = folder / "backbone.pth"
    torch.save(wrap(parameters), path)
    return path, source.state_dict()


@pytest.mark.parametrize(
    "wrap",
    [
        lambda parameters: parameters,
        lambda parameters: {"state_dict": parameters, "epoch": 3},
        lambda parameters: {f"module.{name}": tensor for name, tensor in parameters.items()},
        lambda parameters: {"state_dict": {f"module.{name}": tensor for name, tensor in parameters.items()}},
    ],
    ids=["plain", "state_dict", "module", "both"],
)
def test_an_action_unit_network_starts_from_everything_public_but_fc(tmp_path, wrap):
    path, source = public_file(tmp_path, wrap=wrap)
    network = iresnet(SMALL, 72)
    own_fc = network.fc.weight.clone()
    report = start_from_public(network, read_public_parameters(path), "backbone.pth")
    assert report.kept == ("fc.weight", "fc.bias")
    assert (network.fc.weight == own_fc).all()
    for name, tensor in network.state_dict().items():
        assert name in report.kept or torch.equal(tensor, source[name]), name
    total = len(network.state_dict())
    assert str(report) == (
        f"backbone.pth: loaded {total - 2} of {total} tensors; fc.weight and fc.bias keep their own start; not used: fc.weight, "
        "fc.bias, features.weight, features.bias, features.running_mean, features.running_var, features.num_batches_tracked"
    )
    assert set(report.loaded) | set(report.kept) == set(network.state_dict())


def test_the_papers_network_takes_468_of_its_470_tensors_from_a_public_file_of_475(tmp_path):
    """On zeros of the full shapes, which a file holds once: 170 MB of them say no more."""
    with torch.device("meta"):
        shapes = to_public_names(face_recognition_network(IR50).state_dict())
        network = iresnet(IR50, 72)
    network = network.to_empty(device="cpu")
    zero = torch.zeros(max(tensor.numel() for tensor in shapes.values()))
    parameters = {name: zero[: tensor.numel()].view(tensor.shape) for name, tensor in shapes.items()}
    torch.save({"state_dict": parameters}, tmp_path / "backbone.pth")
    report = start_from_public(network, read_public_parameters(tmp_path / "backbone.pth"), "backbone.pth")
    assert (len(parameters), len(report.loaded), len(report.kept), len(report.unused)) == (475, 468, 2, 7)
    assert network.stage4[2].conv2.weight.abs().sum() == 0


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            lambda parameters: parameters.pop("layer3.0.conv2.weight"),
            r"of the \d+ tensors that this network needs .* 1 are missing \(stage3.0.conv2.weight\)",
        ),
        (
            lambda parameters: parameters.update({"layer3.9.bn1.bias": torch.zeros(3)}),
            r"1 are unknown \(stage3.9.bn1.bias\)",
        ),
        (
            lambda parameters: parameters.update({"bn2.bias": torch.zeros(3)}),
            r"1 have another shape \(tail.bn2.bias \(3,\) instead of \(128,\)\)",
        ),
    ],
)
def test_other_public_parameters_are_refused_whole(tmp_path, change, complaint):
    path, _ = public_file(tmp_path, change)
    network = iresnet(SMALL, 72)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with pytest.raises(InputError, match=complaint):
        start_from_public(network, read_public_parameters(path), str(path))
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


class Intruder:
    def __reduce__(self):
        return (open, (self.path, "w"))

    def __init__(self, path: str) -> None:
        self.path = path


def test_code_in_a_parameter_file_is_never_run(tmp_path):
    trace, hostile = tmp_path / "was-here", tmp_path / "hostile.pth"
    torch.save({"conv1.weight": Intruder(str(trace))}, hostile)
    with pytest.raises(InputError, match="hostile"):
        read_public_parameters(hostile)
    bare = tmp_path / "hostile.pkl"
    bare.write_bytes(pickle.dumps(Intruder(str(trace)), protocol=2))
    with pytest.raises(InputError, match="hostile"):
        read_public_parameters(bare)
    assert not trace.exists()
    torch.load(hostile, weights_only=False)
    assert trace.exists(), "the trap itself must work"


def test_real_parameters_of_other_networks_are_refused_with_what_did_not_fit(realdata):
    with torch.device("meta"):
        network = iresnet(IR50, 72)
    files = sorted((realdata / "weights").glob("*.pt*"))
    assert files
    for path in files:
        parameters = read_public_parameters(path)
        assert len(parameters) > 10, "a real state dict, not an unreadable file"
        with pytest.raises(
            InputError, match=rf"{path.name}: of the 468 .* {len(parameters)} in the file, \d+ are missing"
        ) as found:
            start_from_public(network, parameters, path.name)
        assert "are unknown (" in str(found.value)
        assert len(str(found.value)) < 900
