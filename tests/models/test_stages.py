import pytest
import torch

from csnviz.errors import InputError
from csnviz.models.iresnet import IR50, SMALL, iresnet
from csnviz.models.stages import MERGE_POINTS, begin, begins_affinely, decode, encode, finish


@pytest.mark.parametrize("merge_before", MERGE_POINTS)
def test_a_face_encoded_and_then_decoded_gives_what_the_whole_network_gives(network, faces, merge_before):
    with torch.no_grad():
        whole = network(faces)
        halves = decode(network, encode(network, faces, merge_before), merge_before)
    torch.testing.assert_close(halves, whole, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("merge_before", "shape"),
    [
        ("stage1", (64, 112, 112)),
        ("stage2", (64, 56, 56)),
        ("stage3", (128, 28, 28)),
        ("stage4", (256, 14, 14)),
        ("tail", (512, 7, 7)),
        ("fc", (25088,)),
        ("output", (72,)),
    ],
)
def test_each_cut_of_ir50_carries_the_map_that_the_paper_draws(merge_before, shape):
    with torch.device("meta"):
        network = iresnet(IR50, 72)
        face = torch.zeros(2, 3, 112, 112)
    assert encode(network, face, merge_before).shape == (2, *shape)


def test_an_unknown_stage_is_named_together_with_the_known_ones():
    network = iresnet(SMALL, 6)
    with pytest.raises(InputError, match=r"stage4.*'output'.*found 'stage5'"):
        encode(network, torch.zeros(1, 3, 112, 112), "stage5")


every_cut = pytest.mark.parametrize("merge_before", [*MERGE_POINTS, "tail"])


@every_cut
def test_what_is_begun_and_then_finished_is_what_decode_gives(network, faces, merge_before):
    with torch.no_grad():
        features = encode(network, faces, merge_before)
        halves = finish(network, begin(network, features, merge_before), merge_before)
        torch.testing.assert_close(halves, decode(network, features, merge_before), rtol=0, atol=0)


@every_cut
def test_the_beginning_is_affine_with_stored_statistics(network, faces, merge_before):
    network.double()
    with torch.no_grad():
        one, other = (
            encode(network, faces[:2].double(), merge_before),
            encode(network, faces[2:].double(), merge_before),
        )
        features = (2.5 * one - 0.75 * other, one, other, torch.zeros_like(one))
        for mixed, a, b, nothing in zip(*(begin(network, each, merge_before) for each in features), strict=True):
            torch.testing.assert_close(mixed, 2.5 * a - 0.75 * b - 0.75 * nothing, rtol=0, atol=1e-12)


def test_only_stages_of_blocks_have_an_affine_beginning(network):
    found = [name for name in (*network.names[1:], "output") if begins_affinely(network, name)]
    assert found == ["stage1", "stage2", "stage3", "stage4"]
