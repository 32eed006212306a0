import pytest

from csnviz.errors import InputError
from csnviz.models.iresnet import IR50, SMALL
from csnviz.recipes.settings import PaperSettings, changed, settings_for


def test_the_defaults_are_the_paper_s_numbers():
    paper = PaperSettings()
    assert (paper.size, paper.epochs, paper.batch_size, paper.seed) == (IR50, 3, 64, 42)
    assert (paper.fc_learning_rate, paper.learning_rate, paper.class_weight_power) == (1e-4, 1e-5, 1.0)
    assert (paper.frames_per_reference, paper.peak_learning_rate, paper.batch_norm) == (1, 0.0, "two_passes")
    assert settings_for("disfa") == paper
    assert settings_for("cast").size == SMALL


def test_a_change_keeps_the_kind_of_the_number():
    new = changed(
        PaperSettings(),
        ["epochs=1", "learning_rate=2e-5", "channels_last=true", "size=IR-small", "quantity=occurrence"],
    )
    assert (new.epochs, new.learning_rate, new.channels_last, new.size, new.quantity) == (
        1,
        2e-5,
        True,
        SMALL,
        "occurrence",
    )
    assert new.backbone == "IR-small"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("epoch=1", "NAME one of quantity, size, epochs"),
        ("epochs", "found 'epochs'"),
        ("epochs=two", "epochs is a number like 3; found 'two'"),
        ("channels_last=perhaps", "true or false; found 'perhaps'"),
        ("size=IR100", "size is one of IR50, IR-small; found 'IR100'"),
        ("quantity=both", "quantity is one of intensity, occurrence; found 'both'"),
        ("batch_norm=none", "two_passes, frozen, one_pass; found 'none'"),
        ("precision=float16", "found 'float16'"),
        ("epochs=0", "1 or more; found 0"),
    ],
)
def test_a_change_that_cannot_be_is_refused_in_a_sentence(change, says):
    with pytest.raises(InputError, match=says):
        changed(PaperSettings(), [change])
