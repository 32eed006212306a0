import torch

from csnviz.models.heads import exceedance_logits, intensity, intensity_outputs, occurrence_logits


def test_an_intensity_output_holds_the_intensities_first_and_then_five_logits_per_action_unit():
    output = torch.arange(2.0 * intensity_outputs(3)).reshape(2, 18)
    assert intensity(output, 3)[0].tolist() == [0, 1, 2]
    assert exceedance_logits(output, 3)[0].tolist() == [[3, 4, 5, 6, 7], [8, 9, 10, 11, 12], [13, 14, 15, 16, 17]]
    assert exceedance_logits(output, 3)[1, 2, 4] == 35


def test_an_occurrence_output_is_one_logit_per_action_unit():
    assert occurrence_logits(torch.tensor([[0.5, -1.0]]), 2).tolist() == [[0.5, -1.0]]
