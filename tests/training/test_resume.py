"""A killed training goes on as if nothing had happened."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import count

import pytest
import torch

from csnviz.models.iresnet import IResNetSize
from csnviz.training.fit import fit
from csnviz.training.resume import Moving, ResumeFile, SaveEvery, Standing
from csnviz.training.run_folder import RunFolder
from tests.training.tiny_run import ASKED, EVERY_UPDATE, LONG, PACE, TINY, first_frames, learner_for, train


class Killed(BaseException):
    """Nothing in the project catches it."""


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def unbroken(table, one_thread, tmp_path_factory) -> RunFolder:
    """The run that nobody interrupted."""
    return train(table, tmp_path_factory.mktemp("unbroken"))


def without_seconds(path):
    lines = [line.split(",") for line in path.read_text().splitlines()]
    column = lines[0].index("seconds")
    return [[*line[:column], *line[column + 1 :]] for line in lines]


def check_same(run: RunFolder, unbroken: RunFolder) -> None:
    assert run.checkpoint.read_bytes() == unbroken.checkpoint.read_bytes()
    assert without_seconds(run.losses) == without_seconds(unbroken.losses)
    assert without_seconds(run.updates) == without_seconds(unbroken.updates)
    assert (run.path / "finished.json").is_file()
    assert not run.resume.exists()


def killed_in_update(table, monkeypatch, number):
    """The loss of the call's update `number`, counted from 0, is the last thing that happens."""
    learner, updates = learner_for(table, "stage4", 6), count()

    def loss_of(output, labels):
        if next(updates) == number:
            raise Killed
        return learner.loss_of(output, labels)

    return {"loss_of": loss_of}


def killed_while_saving(table, monkeypatch, number):
    """The call's whole file `number` is written beside its place and never gets there; what a killed process leaves stays."""
    moves, move = count(), os.replace

    def replacing(source, place):
        if next(moves) == number:
            os.link(source, f"{source}.left.part")
            raise Killed
        move(source, place)

    monkeypatch.setattr("os.replace", replacing)
    return {}


def killed_half_way(table, monkeypatch, number):
    """Of the call's durable file `number` only the beginning reaches the disk."""
    writes = count()

    def flushing(descriptor):
        if next(writes) == number:
            os.ftruncate(descriptor, 70)
            raise Killed

    monkeypatch.setattr("os.fsync", flushing)
    return {}


def test_ten_interruptions_anywhere_change_no_bit_of_the_result(table, tmp_path, unbroken, monkeypatch, capsys):
    draw, interruptions = random.Random(7), 0
    while interruptions < 10:
        folder = tmp_path / f"after {interruptions}"
        for _ in range(4):
            kill = draw.choice([killed_in_update, killed_while_saving, killed_half_way])
            with monkeypatch.context() as patch:
                changes = kill(table, patch, draw.randrange(5))
                try:
                    train(table, folder, every=SaveEvery(updates=draw.choice([1, 2])), **changes)
                    break
                except Killed:
                    interruptions += 1
        check_same(train(table, folder), unbroken)
        assert not list(folder.glob(".*"))
    assert capsys.readouterr().err == "", "no file was ever damaged"


def test_a_process_that_is_killed_by_the_system_goes_on_in_another_one(table, tmp_path):
    table.save(tmp_path / "faces.npz")
    # Killed anywhere between the end of one update and the middle of another, however late this process looks.
    run, lines, last = RunFolder(tmp_path / "run"), random.randrange(3, 20), 20
    command = [sys.executable, "-m", "tests.training.tiny_run", str(tmp_path / "faces.npz"), str(run.path), str(last)]
    process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"})
    latest = time.monotonic() + 60
    while not run.updates.is_file() or run.updates.read_bytes().count(b"\n") < lines:
        assert process.poll() is None
        assert time.monotonic() < latest
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert run.resume.is_file()
    assert not (run.path / "finished.json").exists()
    check_same(train(table, run.path, pace=LONG), train(table, tmp_path / "unbroken", pace=LONG))


def interrupted(table, folder, pace=PACE, size=TINY) -> RunFolder:
    """Killed in its fifth update, which is the second of the second epoch."""
    learner, updates = learner_for(table, "stage4", 3 * pace.epochs, size=size), count()

    def loss_of(output, labels):
        if next(updates) == 4:
            raise Killed
        return learner.loss_of(output, labels)

    with pytest.raises(Killed):
        train(table, folder, pace=pace, size=size, loss_of=loss_of)
    return RunFolder(folder)


def moving_for(table) -> Moving:
    learner = learner_for(table, "stage4", 6)
    return Moving(learner.stages, learner.optimisation, torch.Generator())


def counted_updates(table, folder, **how) -> int:
    learner, updates = learner_for(table, "stage4", 6), []

    def loss_of(output, labels):
        updates.append(1)
        return learner.loss_of(output, labels)

    train(table, folder, loss_of=loss_of, **how)
    return len(updates)


def test_what_was_saved_is_not_computed_again_and_the_bar_begins_there(table, tmp_path, capsys):
    run = interrupted(table, tmp_path / "run")
    assert counted_updates(table, run.path) == 2
    run = interrupted(table, tmp_path / "other")
    run.begin(ASKED)
    fit(learner_for(table, "stage4", 6), table, first_frames(table), PACE, run)
    assert "4/6" in capsys.readouterr().err


def test_the_order_of_numbers_in_memory_and_bfloat16_change_nothing_about_it(table, tmp_path):
    wide = IResNetSize((1, 1, 1, 1), (16, 16, 16, 16))
    pace = replace(PACE, precision="bfloat16", channels_last=True)
    run = interrupted(table, tmp_path / "run", pace, wide)
    resumed, whole = (train(table, folder, pace=pace, size=wide) for folder in (run.path, tmp_path / "unbroken"))
    check_same(resumed, whole)


def test_a_run_that_was_asked_for_something_else_starts_from_the_beginning(table, tmp_path, unbroken):
    run = interrupted(table, tmp_path / "run")
    assert counted_updates(table, run.path, asked={**ASKED, "seed": 6}) == 6
    run = interrupted(table, tmp_path / "other")
    assert counted_updates(table, run.path, pace=replace(PACE, seed=6)) == 6


def test_a_corrected_label_makes_another_run_and_says_so(table, tmp_path, capsys):
    run = interrupted(table, tmp_path / "run")
    labels = table.intensity.copy()
    labels[3, 1] = 5 - labels[3, 1]
    assert counted_updates(replace(table, intensity=labels), run.path) == 6
    assert "belongs to a run with other settings or frames, so the training starts" in capsys.readouterr().err


def test_no_byte_of_the_file_can_change_unnoticed_and_the_training_says_so_and_starts_anew(
    table, tmp_path, unbroken, capsys
):
    run = interrupted(table, tmp_path / "run")
    content, file = run.resume.read_bytes(), ResumeFile(run.resume, "", moving_for(table), EVERY_UPDATE)
    for place in (0, 63, 64, 65, 70, 90, 300, 2000, *range(4000, len(content), 5000), len(content) - 1):
        damaged = bytearray(content)
        damaged[place] ^= 0x04
        run.resume.write_bytes(damaged)
        assert file.read() == Standing()
        assert (
            capsys.readouterr().err == f"csnviz: {run.resume} is damaged, so the training starts from the beginning.\n"
        )
    run.resume.write_bytes(content[:5000])
    check_same(train(table, run.path), unbroken)
    assert "is damaged" in capsys.readouterr().err


def test_a_line_that_was_cut_off_and_lines_after_the_last_save_are_written_again(table, tmp_path, unbroken):
    run = interrupted(table, tmp_path / "run")
    with open(run.updates, "ab") as file:
        file.write(b"5,2,0.1,9,9,9,9,9\n6,2,0.")
    check_same(train(table, run.path), unbroken)


def test_saves_are_as_far_apart_as_asked_and_further_where_the_disk_is_slow(table, tmp_path, monkeypatch):
    saved, clock = [], [0.0]

    def slow(path, words, tensors):
        saved.append(clock[0])
        clock[0] += 5

    monkeypatch.setattr("csnviz.training.resume.time.monotonic", lambda: clock[0])
    monkeypatch.setattr("csnviz.training.resume._write", slow)
    file = ResumeFile(tmp_path / "resume.state", "", moving_for(table), SaveEvery(seconds=60.0))
    while clock[0] < 300:
        file.save_if_due(Standing())
        clock[0] += 1
    assert saved == [60, 60 + 5 + 20 * 5, 165 + 5 + 20 * 5]
