import pytest
import torch

from csnviz.errors import InputError
from csnviz.training import step_times


def test_the_table_names_every_merge_point_and_way_with_its_ratio(monkeypatch):
    monkeypatch.setattr(step_times, "_seconds", lambda way, device, precision: len(way.args[1]) * 0.024)
    times = step_times.step_times("small", ("stage1", "stage4"), 24, 1, "cpu", "float32")
    # The stand-in for a clock counts the references that a way is handed: 24, 24, 8 and 3.
    assert times["stage4"] == pytest.approx({"ncg": 24, "two passes": 24, "K = 3": 8, "K = 8": 3})
    lines = step_times.table_of(times).splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["stage1", "stage4"]
    assert "8.00 ms (0.33x)" in lines[1]


def test_frames_that_cannot_be_shared_out_are_refused():
    with pytest.raises(InputError, match=r"30 frames cannot share references by .* multiple of 24"):
        step_times.step_times("small", ("stage4",), 30, 1, "cpu", "float32")


def test_a_step_takes_seconds_and_leaves_gradients():
    layer = torch.nn.Linear(400, 400)
    assert step_times._seconds(lambda: layer(torch.ones(50, 400)), "cpu", "bfloat16") > 0
    assert layer.weight.grad.abs().sum() > 0


def test_the_command_prints_the_merge_points_that_it_is_asked_for(monkeypatch, capsys):
    monkeypatch.setattr(step_times, "_seconds", lambda way, device, precision: 0.024)
    step_times.main(["--merge-before", "stage4", "output", "--precision", "bfloat16"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "small, 24 frames, cpu, bfloat16"
    assert [line.split()[0] for line in lines[3:]] == ["stage4", "output"]
