import pytest
import torch

from csnviz.errors import InputError
from csnviz.models.iresnet import IR50, SMALL, iresnet
from csnviz.models.stages import MERGE_POINTS, decode, encode


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
