import pytest
import torch
from torch import nn

from csnviz.errors import InputError
from csnviz.models.csn import CSN
from csnviz.models.iresnet import IResNetSize
from csnviz.models.stages import MERGE_POINTS, StagedNetwork, decode, encode
from tests.models.conftest import as_trained

every_merge_point = pytest.mark.parametrize("merge_before", MERGE_POINTS)


@every_merge_point
def test_a_face_against_itself_gives_the_same_outputs_for_everyone(network, faces, merge_before):
    csn = CSN(network, merge_before)
    with torch.no_grad():
        outputs = csn(faces, faces)
        others = csn(faces[[0, 0, 0, 0]], faces)
    torch.testing.assert_close(outputs, outputs[:1].expand_as(outputs), rtol=0, atol=1e-5)
    assert (outputs == 0).all() == (merge_before == "output")
    assert (others[1:] - outputs[1:]).abs().max() > 1e-3


@every_merge_point
def test_a_face_against_itself_gives_no_difference_in_training_either(network, faces, merge_before):
    csn = CSN(network, merge_before).train()
    with torch.no_grad():
        difference = csn.difference(csn.encode(faces), csn.encode(faces))
    assert (difference == 0).all()


@every_merge_point
def test_a_face_encoded_once_serves_every_reference(network, faces, merge_before):
    csn = CSN(network, merge_before)
    with torch.no_grad():
        kept = csn.encode(faces)
        for reference in range(len(faces)):
            once = csn.decode(csn.difference(kept[reference : reference + 1], kept))
            each_time = csn(faces[[reference] * len(faces)], faces)
            torch.testing.assert_close(once, each_time, rtol=1e-5, atol=1e-5)


@every_merge_point
def test_csn_is_decode_of_reference_minus_image_and_at_the_output_the_reverse(network, faces, merge_before):
    references, images = faces[:2], faces[2:]
    with torch.no_grad():
        difference = encode(network, references, merge_before) - encode(network, images, merge_before)
        expected = -difference if merge_before == "output" else decode(network, difference, merge_before)
        torch.testing.assert_close(CSN(network, merge_before)(references, images), expected, rtol=0, atol=0)


def test_merging_before_fc_and_at_the_output_are_the_same_function_up_to_sign_and_bias(network, faces):
    references, images = faces[:2], faces[2:]
    with torch.no_grad():
        before_fc = CSN(network, "fc")(references, images)
        at_output = CSN(network, "output")(references, images)
    torch.testing.assert_close(before_fc, network.fc.bias - at_output, rtol=1e-5, atol=1e-5)


def test_in_training_the_stored_statistics_move_twice_before_the_merge_and_once_after_it(network, faces):
    csn = CSN(network, "stage3").train()
    csn(faces[:2], faces[2:])
    moves = {name: int(steps) for name, steps in network.state_dict().items() if name.endswith("num_batches_tracked")}
    before = [steps for name, steps in moves.items() if name.split(".")[0] in ("stem", "stage1", "stage2")]
    after = [steps for name, steps in moves.items() if name.split(".")[0] in ("stage3", "stage4", "tail")]
    assert before == [2] * len(before)
    assert after == [1] * len(after)


def test_in_training_the_reference_pass_comes_first(network, faces):
    """Stored statistics are a moving average, so the later pass weighs more: 0.9 of the earlier one's share is left."""
    references, images = faces[:2], faces[2:] * 0.5
    norm = network.stem.bn1
    norm.running_mean.zero_()
    with torch.no_grad():
        means = [network.stem.conv1(seen).mean(dim=(0, 2, 3)) for seen in (references, images)]
    CSN(network, "stage4").train()(references, images)
    torch.testing.assert_close(norm.running_mean, 0.1 * 0.9 * means[0] + 0.1 * means[1], rtol=1e-4, atol=1e-6)


def test_any_staged_network_can_be_calibrated():
    stages = StagedNetwork({"body": nn.Flatten(), "head": nn.Linear(12, 2)})
    face = torch.rand(3, 3, 2, 2)
    expected = stages.head.bias.expand(3, 2)
    torch.testing.assert_close(CSN(stages, "head")(face, face), expected)


def test_a_merge_point_that_the_network_lacks_is_refused_before_any_face(network):
    with pytest.raises(InputError, match="found 'layer4'"):
        CSN(network, "layer4")


@pytest.mark.parametrize(("dtype", "within"), [(torch.float32, 1e-4), (torch.float64, 1e-10)])
@pytest.mark.parametrize("size", [IResNetSize((1, 1, 1, 1), (4, 8, 8, 16)), IResNetSize((2, 1, 3, 3), (4, 4, 8, 8))])
@every_merge_point
def test_what_decoding_begins_with_may_be_subtracted_instead_of_the_features(faces, merge_before, size, dtype, within):
    csn, faces = CSN(as_trained(size).to(dtype), merge_before), faces.to(dtype)
    with torch.no_grad():
        features = csn.encode(faces)
        begun, nothing = csn.begin(features), csn.begin(torch.zeros_like(features[:1]))
        for place in range(len(faces)):
            expected = csn.decode(csn.difference(features[place : place + 1], features))
            found = csn.decode_begun(tuple(part[place : place + 1] for part in begun), begun, nothing)
            assert (found - expected).abs().max() <= within * expected.std()


@every_merge_point
def test_a_face_against_itself_begins_as_nothing_does_to_the_last_bit(network, faces, merge_before):
    csn = CSN(network, merge_before)
    with torch.no_grad():
        features = csn.encode(faces)
        begun, nothing = csn.begin(features), csn.begin(torch.zeros_like(features))
        outputs, of_nothing = csn.decode_begun(begun, begun, nothing), csn.decode(torch.zeros_like(features))
    assert torch.equal(outputs, of_nothing)
