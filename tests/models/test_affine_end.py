import pytest
import torch

from csnviz.models.affine_end import AffineEnd, with_affine_end
from csnviz.models.csn import CSN
from csnviz.models.iresnet import IResNetSize
from csnviz.models.stages import MERGE_POINTS, begin, decode, encode
from tests.models.conftest import as_trained


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_a_last_stage_of_one_block_gives_the_same_outputs_from_the_bend_on_as_one_matrix(network, faces, memory_format):
    network.double().to(memory_format=memory_format)
    with torch.no_grad():
        features = encode(network, faces.double(), "stage4").contiguous(memory_format=memory_format)
        short = with_affine_end(network, "stage4", features[:1])
        assert isinstance(short.stage4, AffineEnd)
        torch.testing.assert_close(short(faces.double()), network(faces.double()), rtol=0, atol=1e-12)
        begun = tuple(begin(short, each, "stage4") for each in (features[:1], features, torch.zeros_like(features[:1])))
        found = CSN(short, "stage4").decode_begun(*begun)
        torch.testing.assert_close(found, decode(network, features[:1] - features, "stage4"), rtol=0, atol=1e-12)


@pytest.mark.parametrize("merge_before", [*MERGE_POINTS, "tail"])
def test_a_network_that_bends_again_or_has_no_bend_after_the_cut_stays_as_it_is(network, faces, merge_before):
    deeper = as_trained(IResNetSize((1, 1, 1, 2), (4, 8, 8, 16)))
    for each in (deeper, network) if merge_before != "stage4" else (deeper,):
        with torch.no_grad():
            assert with_affine_end(each, merge_before, encode(each, faces[:1], merge_before)) is each


def test_the_matrices_build_no_graph_and_leave_the_network_as_it_was(network, faces):
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    features = encode(network, faces[:1], "stage4").detach()
    assert not any(buffer.requires_grad for buffer in with_affine_end(network, "stage4", features).buffers())
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())
