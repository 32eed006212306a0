import numpy as np
import pytest

from csnviz.errors import InputError
from csnviz.training.class_weights import label_counts


def test_labels_are_counted_per_action_unit_without_the_uncoded():
    labels = np.array([[0, 5], [0, np.nan], [3, 5]], dtype=np.float32)
    assert label_counts(labels).tolist() == [[2, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 2]]


@pytest.mark.parametrize("wrong", [6.0, -6.0, 2.5])
def test_a_label_that_no_coder_gives_is_named_by_row_and_column(wrong):
    labels = np.zeros((4, 3), dtype=np.float32)
    labels[2, 1] = wrong
    with pytest.raises(InputError, match=f"Row 2, AU column 1: the label {wrong:g}"):
        label_counts(labels)
