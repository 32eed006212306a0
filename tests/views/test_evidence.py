import dataclasses
import json
import re
import stat
from html.parser import HTMLParser

import numpy as np
import pytest

from csnviz.explain.results import Attribution
from csnviz.facs import DISFA
from csnviz.facs import au as unit_of
from csnviz.views.evidence import evidence_html, evidence_name, write_evidence
from csnviz.views.evidence_record import machine_part
from csnviz.views.source import Standing
from csnviz.views.stretches import Asked, Papers, ReferenceShown, Stretch

from .conftest import jpeg_of

HOSTILE = "</script><img src=x onerror=alert(1)>'\"&$style"


def stretch_with(count: int, **changes: object) -> Stretch:
    values = {key: np.full((count, 12), place, np.float32) for place, key in enumerate(("label", "ncg", "bs", "csn"))}
    values["ncg"][2] = np.nan
    whole = Stretch(
        "P1", "front", unit_of(9), DISFA, np.arange(10, 10 + count), np.full(count, np.nan), values,
        tuple("no face found" if i == 2 else "" for i in range(count)), tuple(jpeg_of(i % 200) for i in range(count)),
        True, Papers(True, licence="Ask first.", made="2026-03-31"), 1, ReferenceShown(10, jpeg_of(250), "Reference: frame 10"),
        provenance={"CSN": {"network": {"name": "cast", "sha256": "ab12"}, "references": [{"whose": "P1", "frame_id": "P1/0"}]}},
    )  # fmt: skip
    return dataclasses.replace(whole, **changes)


class Parts(HTMLParser):
    """The elements of a page, with their attributes, and the text of its scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def machine(html: str) -> dict[str, object]:
    return json.loads(re.search(r'id="csnviz-evidence">(.*?)</script>', html, re.S)[1])


def test_the_part_for_programs_can_be_read_back_and_says_null_for_unknown():
    stretch = stretch_with(4)
    read = machine(evidence_html(stretch))
    assert read == json.loads(json.dumps(machine_part(stretch)))
    assert read["format"] == "csnviz evidence 1"
    assert read["values"]["ncg"]["AU09"] == [1.0, 1.0, None, 1.0]
    assert read["frames"] == {
        "number": [10, 11, 12, 13],
        "seconds": [None] * 4,
        "reason": ["", "", "no face found", ""],
    }
    assert read["reference"] == {"number": 10, "caution": ""}
    assert read["provenance"]["CSN"]["network"]["sha256"] == "ab12"


def test_text_from_a_file_stays_text():
    papers = Papers(True, False, HOSTILE, HOSTILE, {HOSTILE: HOSTILE}, note=HOSTILE)
    zero = np.zeros((3, 112, 112), np.float32)
    answer = Asked(11, Attribution(zero, 9, "image", HOSTILE, HOSTILE, HOSTILE, 0.0, 1.0, 0.0))
    hostile = stretch_with(
        4, participant=HOSTILE, camera=HOSTILE, papers=papers, standing=Standing(HOSTILE), reasons=(HOSTILE,) * 4,
        reference=ReferenceShown(10, jpeg_of(0), HOSTILE, HOSTILE), asked=(answer,), provenance={HOSTILE: {HOSTILE: [HOSTILE]}},
    )  # fmt: skip
    html = evidence_html(hostile)
    plain, parts = Parts(evidence_html(dataclasses.replace(stretch_with(4), asked=hostile.asked))), Parts(html)
    assert [tag for tag, _ in parts.found if tag == "script"] == ["script"] * 3
    assert {tag for tag, _ in parts.found} <= {tag for tag, _ in plain.found}
    assert not any(name.startswith("on") or name == "style" for _, attributes in parts.found for name in attributes)
    assert all(source.startswith("data:image/") for _, each in parts.found if (source := each.get("src")))
    assert machine(html)["participant"] == HOSTILE
    assert html.count(HOSTILE) == 0


def test_the_policy_lets_in_nothing_but_the_files_own_script_style_and_pictures():
    html = evidence_html(stretch_with(4))
    policy = next(a["content"] for tag, a in Parts(html).found if tag == "meta" and "http-equiv" in a)
    assert re.fullmatch(
        r"default-src 'none'; img-src data:; style-src 'sha256-\S+'; script-src 'sha256-\S+'; base-uri 'none'; form-action 'none'",
        policy,
    )
    assert not re.search(r"https?://", re.sub(r"http://www.w3.org/2000/svg", "", html))


def test_the_table_has_a_line_for_each_frame_that_can_be_copied():
    rows = re.findall(r"<tr>(<td>.*?)</tr>", evidence_html(stretch_with(4)))
    assert len(rows) == 4
    assert re.findall(r"<td>(.*?)</td>", rows[0]) == [
        "10",
        "",
        "0",
        "1",
        "2",
        "3",
        "overestimate",
        "false positive",
        "",
    ]
    assert re.findall(r"<td>(.*?)</td>", rows[2]) == [
        "12",
        "",
        "0",
        "",
        "2",
        "3",
        "",
        "false positive",
        "no face found",
    ]


def test_without_a_script_the_frame_that_is_opened_is_shown_whole():
    html = evidence_html(stretch_with(4))
    before = html.split('<script type="application/json"')[0]
    assert 'alt="face of P1, frame 11"' in before
    assert "human label 0 (absent); non-calibrated 1.0" in before
    assert "Do not pass this file on" in before


def test_equal_pictures_are_carried_once():
    many, one = stretch_with(100), stretch_with(100, pictures=(jpeg_of(7),) * 100)
    steps = json.loads(re.search(r'id="csnviz-steps">(.*?)</script>', evidence_html(one), re.S)[1])
    assert len(steps["pictures"]) == 1
    assert {frame["picture"] for frame in steps["frames"]} == {0}
    assert len(evidence_html(one)) < len(evidence_html(many))


def test_two_hundred_frames_of_twenty_kilobytes_stay_below_six_megabytes():
    random = np.random.default_rng(0)
    pictures = tuple(random.bytes(20_000) for _ in range(200))
    assert len(evidence_html(stretch_with(200, pictures=pictures)).encode()) < 6e6


def test_a_file_is_written_whole_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "new" / evidence_name(stretch_with(4))
    write_evidence(path, stretch_with(4))
    write_evidence(path, stretch_with(5))
    assert path.name == "csnviz-P1-front-AU09-frames-10-13.html"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text(encoding="utf-8") == evidence_html(stretch_with(5))
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_an_attribution_stands_over_its_face_with_its_question_start_and_gap():
    values = np.zeros((3, 112, 112), np.float32)
    values[:, 20:40, 20:40] = 0.01
    answer = Asked(
        11, Attribution(values, 9, "reference", "What did it cancel?", "by hand", "a mean face", 0.2, 1.9, -0.04)
    )
    html = evidence_html(stretch_with(4, asked=(answer,)))
    assert "What did it cancel?" in html
    assert "From 0.2 (a mean face) to 1.9; 0.04 of that is unaccounted for (completeness gap). by hand." in html
    assert html.count("data:image/png;base64,") == 1
    assert machine(html)["attributions"][0]["gap"] == -0.04


def test_a_gap_that_nobody_knows_is_null_to_a_program():
    zero = np.zeros((3, 112, 112), np.float32)
    answer = Asked(11, Attribution(zero, 9, "image", "why?", "by hand", "black", 0.5, 1.0, float("nan")))
    told = machine(evidence_html(stretch_with(4, asked=(answer,))))["attributions"][0]
    assert (told["start_estimate"], told["gap"]) == (0.5, None)


@pytest.mark.parametrize("in_sample", [True, False])
def test_estimates_of_somebody_who_was_trained_on_stand_on_hatched_ground(in_sample):
    html = evidence_html(stretch_with(4, standing=Standing("Trained on this person.", in_sample)))
    assert ('class="tiles in-sample"' in html) is in_sample
    assert ('class="card curves in-sample"' in html) is in_sample
