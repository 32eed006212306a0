"""Our networks, balancing and losses against outputs of the authors' own code on parameters that anybody can make.

parity.npz holds those outputs (numbers only). How the parameters, pictures and labels are made is written out here.
"""

import copy
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

from csnviz.models.csn import CSN
from csnviz.models.iresnet import IR50, iresnet
from csnviz.models.public_names import from_public_names, to_public_names
from csnviz.training.class_weights import exceedance_weights, label_counts, mse_weights
from csnviz.training.losses import IntensityWeights, intensity_loss

TOLERANCE = 1e-4
"""Of the standard deviation of the authors' numbers; a wrong sign or stride is more than 1."""


@pytest.fixture(scope="module")
def theirs():
    with np.load(Path(__file__).parent / "parity.npz") as file:
        return {name: file[name] for name in file.files}


def made_entry(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    """One entry of the public state dict, from normal draws that its name alone decides."""
    if name.endswith("num_batches_tracked"):
        return torch.tensor(0)
    n = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape).astype(np.float32)
    f = np.float32
    if name.endswith("running_mean"):
        made = f(0.1) * n
    elif name.endswith("running_var"):
        made = 1 + f(0.1) * np.abs(n)
    elif len(shape) == 4:
        made = n * f(np.sqrt(1 / np.prod(shape[1:])))
    elif name == "fc.weight":
        made = f(0.01) * n
    elif "prelu" in name:
        made = f(0.25) + f(0.05) * n
    else:
        made = f(0.1) * n if name.endswith("bias") else 1 + f(0.1) * n
    return torch.from_numpy(np.asarray(made, dtype=np.float32))


@pytest.fixture(scope="module")
def network():
    with torch.random.fork_rng():
        network = iresnet(IR50, 72)
    public = to_public_names(network.state_dict())
    made = {name: made_entry(name, tuple(tensor.shape)) for name, tensor in public.items()}
    network.load_state_dict(from_public_names(made))
    return network.eval()


@pytest.fixture
def reference_and_image():
    pictures = torch.from_numpy(np.random.default_rng(7).random((3, 2, 3, 112, 112)).astype(np.float32))
    return pictures[:, 0], pictures[:, 1]


@pytest.fixture(scope="module")
def labels():
    drawn = np.random.default_rng(11).choice([0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5], size=(500, 12))
    return drawn.astype(np.float32)


def check(name: str, ours, theirs) -> None:
    difference = np.abs(np.asarray(ours) - theirs[name]).max() / theirs[name].std()
    print(f"{name}: largest difference {difference:.1e} standard deviations")
    assert difference <= TOLERANCE


def test_the_networks_estimate_what_the_authors_networks_estimate(network, reference_and_image, theirs):
    reference, image = reference_and_image
    with torch.inference_mode():
        check("ncg", network(image), theirs)
        check("csn_stage4", CSN(network)(reference, image), theirs)


def test_in_training_the_outputs_and_losses_are_the_authors(network, reference_and_image, labels, theirs):
    reference, image = reference_and_image
    with torch.no_grad():
        output = CSN(copy.deepcopy(network)).train()(reference, image)
    losses = intensity_loss(output, torch.from_numpy(labels[:3]), IntensityWeights.of(labels))
    check("train_output", output, theirs)
    check("train_losses", [losses["mse"], losses["cosine"], losses["exceedance"]], theirs)


def test_class_weights_are_the_authors(labels, theirs):
    counts = label_counts(labels)
    check("mse_weights", mse_weights(counts), theirs)
    check("class_weights", exceedance_weights(counts), theirs)
