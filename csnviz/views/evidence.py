"""The evidence file: a stretch of frames as one HTML file that opens offline, steps, prints, and can be read by a program.

It asks nobody for anything: its policy lets nothing in but its own pictures, its own style and its own script, the latter two by
their hashes, so that no text that came from a file could ever run. What it says to programs is in `evidence_record`.
"""

import base64
import hashlib
import io
import json
import os
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from jaxtyping import Int8
from PIL import Image

from csnviz.data.storage import replacing
from csnviz.views.download import safe_name
from csnviz.views.evidence_curves import curves_svg, errors, frame_places
from csnviz.views.evidence_record import machine_part
from csnviz.views.methods import CSN, ESTIMATORS, LABEL, NCG
from csnviz.views.provenance import facts_of
from csnviz.views.stretches import KEYS, Asked, Stretch, shown_number, tile_texts
from csnviz.views.viewer import signed_map
from csnviz.views.words import Reading, escape, number, reading

MEDIA_TYPE = "text/html"

_HERE = Path(__file__).parent
_RAISES, _LOWERS = np.array((213, 94, 0), np.uint8), np.array((0, 114, 178), np.uint8)


def evidence_name(stretch: Stretch) -> str:
    """A name for the file, such as "csnviz-SN004-left-AU09-frames-12-80.html"."""
    return safe_name(f"csnviz {stretch.participant} {stretch.camera} {stretch.unit.column} {stretch.span}") + ".html"


def write_evidence(path: Path, stretch: Stretch) -> None:
    """Writes the file whole or not at all, readable by its owner alone (0600)."""
    content = evidence_html(stretch).encode()
    with replacing(path) as part, os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def evidence_html(stretch: Stretch) -> str:
    """The whole file."""
    style, script = ((_HERE / name).read_text(encoding="utf-8") for name in ("evidence.css", "evidence.js"))
    own = f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    policy = f"default-src 'none'; img-src data:; {own}; base-uri 'none'; form-action 'none'"
    return Template((_HERE / "evidence.html").read_text(encoding="utf-8")).substitute(
        policy=policy, style=style, script=script, evidence=_json(machine_part(stretch)), steps=_json(_steps(stretch)),
        **_head(stretch), **_faces(stretch), **_numbers(stretch), curves=curves_svg(stretch), legend=_legend(stretch),
        attributions=_attributions(stretch), table=_table(stretch), provenance=_provenance(stretch), span=stretch.span,
    )  # fmt: skip


def _steps(stretch: Stretch) -> dict[str, Any]:
    """What the script steps through; equal pictures are carried once."""
    unique = list(dict.fromkeys(picture for picture in stretch.pictures if picture))
    place_of = {picture: place for place, picture in enumerate(unique)}
    frames = []
    for place, picture in enumerate(stretch.pictures):
        said = _reading(stretch, place)
        frames.append({
            "where": _where(stretch, place), "sentence": said.sentence, "mood": said.mood, "tiles": tile_texts(stretch, place),
            "reason": stretch.reasons[place], "picture": place_of[picture] if picture else None,
        })  # fmt: skip
    steps = np.diff(stretch.seconds)
    steps = steps[steps > 0]
    rate = float(np.clip(1 / np.median(steps), 1, 60)) if len(steps) else 20.0
    return {
        "frames": frames, "pictures": [base64.b64encode(picture).decode() for picture in unique], "rate": round(rate, 2),
        "xs": [round(float(x), 1) for x in frame_places(stretch)], "opened": stretch.at, "what": _what(stretch),
    }  # fmt: skip


def _reading(stretch: Stretch, place: int) -> Reading:
    """The page's sentence about one frame."""
    label, ncg, csn = (float(stretch.column(key)[place]) for key in (LABEL.key, NCG.key, CSN.key))
    reference, proviso = stretch.reference, ""
    if reference is not None:
        proviso = "Mind that the reference is not fit." if reference.caution else ""
        proviso = "This frame is the reference itself." if reference.number == stretch.numbers[place] else proviso
    return reading(stretch.unit, label, ncg, csn, True, stretch.reasons[place], proviso, stretch.papers.cut)


def _head(stretch: Stretch) -> dict[str, str]:
    papers = stretch.papers
    camera = f", {stretch.camera} camera" if stretch.camera else ""
    return {
        "title": escape(f"{stretch.participant}, {stretch.unit.title}, {stretch.span}"),
        "heading": escape(stretch.unit.title),
        "whose": escape(f"{stretch.participant}{camera}"),
        "about": escape(f"{stretch.span[0].upper()}{stretch.span[1:]}, cut out with csnviz on {papers.made}."),
        "note": f'<p class="note">{escape(papers.note)}</p>' if papers.note else "",
        "permission": escape(stretch.permission),
        "mood": "careful" if stretch.careful else "",
    }


def _faces(stretch: Stretch) -> dict[str, str]:
    place, reference = stretch.at, stretch.reference
    reason = stretch.reasons[place]
    picture = stretch.pictures[place]
    caption = "No reference" if reference is None else reference.caption
    if reference is not None and reference.caution:
        caption = f"⚠ {caption}, not fit: {reference.caution}"
    source = f' src="{_data(picture, "jpeg")}"' if picture else " hidden"
    shown = reference is not None and reference.picture
    return {
        "picture": f'<img id="face" alt="{escape(f"{_what(stretch)}, {_where(stretch, place)}")}"{source}>',
        "reason": escape(reason),
        "reason_hidden": "" if reason else " hidden",
        "reference_picture": f'<img alt="{escape(caption)}" src="{_data(shown, "jpeg")}">' if shown else "",
        "reference_caption": escape(caption),
        "reference_mood": "caution" if reference is not None and reference.caution else "",
        "where": escape(_where(stretch, place)),
        "last": str(len(stretch) - 1),
        "at": str(place),
    }


def _numbers(stretch: Stretch) -> dict[str, str]:
    said, papers, standing = _reading(stretch, stretch.at), stretch.papers, stretch.standing
    tiles = "".join(
        f'<div class="tile {method.key}"><div><i></i>{escape(method.title)}</div><output>{text}</output></div>'
        for method, text in zip((LABEL, *ESTIMATORS), tile_texts(stretch, stretch.at), strict=True)
    )
    facts = [("Action unit", f"{stretch.unit.looks} ({stretch.unit.muscle})")]
    facts += [(name, value) for name, value in papers.attributes.items()]
    facts += [("Networks trained on", papers.trained_on)] if papers.trained_on else []
    facts.append(("Present from", f"{papers.cut:g} on (0 to 5)"))
    mark = '<p class="standing in-sample">⚠ ' if standing.in_sample else '<p class="standing">'
    return {
        "sentence": escape(said.sentence),
        "sentence_mood": said.mood,
        "tiles": tiles,
        "in_sample": " in-sample" if standing.in_sample else "",
        "standing": f"{mark}{escape(standing.sentence)}</p>" if standing.sentence else "",
        "facts": "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts),
    }


def _legend(stretch: Stretch) -> str:
    keys = [f'<li class="{method.key}"><i></i>{escape(method.title)}</li>' for method in (LABEL, *ESTIMATORS)]
    keys.append('<li class="high"><i class="key"></i>too high: false positive or overestimate</li>')
    return "".join((*keys, '<li class="low"><i class="key"></i>too low: false negative</li>'))


def _attributions(stretch: Stretch) -> str:
    if not stretch.asked:
        return ""
    answers = "".join(_answer(stretch, asked) for asked in stretch.asked)
    key = '<p class="keys"><span class="raises">raises the estimate</span><span class="lowers">lowers it</span></p>'
    return f'<section class="card why"><h2>Why</h2><div class="answers">{answers}</div>{key}</section>'


def _answer(stretch: Stretch, asked: Asked) -> str:
    found = asked.attribution
    there = np.flatnonzero(stretch.numbers == asked.frame)
    behind = stretch.pictures[int(there[0])] if len(there) else None
    if found.about == "reference":
        behind = None if stretch.reference is None else stretch.reference.picture
    under = f'<img alt="" src="{_data(behind, "jpeg")}">' if behind else ""
    over = f'<img alt="{escape(found.question)}" src="{_data(_coloured(signed_map(found.values)), "png")}">'
    start, end = number(found.start_estimate), number(found.estimate)
    left = "is unaccounted for (completeness gap)" if found.adds_up else "is not the parts' sum, which need not add up"
    words = (
        f"{stretch.participant}, frame {asked.frame}, AU{found.au}. From {start} ({found.start}) to {end}; "
        f"{abs(found.gap):.2f} of that {left}. {found.algorithm}."
    )
    go = f'<button type="button" data-place="{int(there[0])}">Go to frame {asked.frame}</button>' if len(there) else ""
    caption = f"<figcaption><b>{escape(found.question)}</b><p>{escape(words)}</p>{go}</figcaption>"
    return f'<figure><div class="stage">{under}{over}</div>{caption}</figure>'


def _coloured(values: Int8[np.ndarray, "S S"]) -> bytes:
    """A signed map as a PNG that lets a face shine through where nothing is."""
    colours = np.where(values[:, :, None] > 0, _RAISES, _LOWERS)
    alpha = np.round(np.abs(values.astype(np.float32)) / 127 * 215).astype(np.uint8)
    picture = Image.fromarray(np.dstack((colours, alpha)), "RGBA").resize((336, 336), Image.Resampling.BILINEAR)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _table(stretch: Stretch) -> str:
    names = (
        "frame",
        "seconds",
        *(method.short for method in (LABEL, *ESTIMATORS)),
        "NCG errs",
        "CSN errs",
        "no face because",
    )
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    columns = [
        list(map(str, stretch.numbers.tolist())),
        [shown_number(float(second)) for second in stretch.seconds],
        *([shown_number(float(value)) for value in stretch.column(key)] for key in KEYS),
        errors(stretch, NCG),
        errors(stretch, CSN),
        stretch.reasons,
    ]
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in zip(*columns, strict=True)
    )
    return f'<table class="frames"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _provenance(stretch: Stretch) -> str:
    return "".join(
        f"<section><h3>{escape(method)}</h3><table>{_facts(facts)}</table></section>"
        for method, facts in stretch.provenance.items()
    )


def _facts(facts: Any) -> str:
    return "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in facts_of(facts)
    )


def _what(stretch: Stretch) -> str:
    return f"face of {stretch.participant}" if stretch.faces_shown else "schematic, no face shown"


def _where(stretch: Stretch, place: int) -> str:
    second = float(stretch.seconds[place])
    return f"frame {stretch.numbers[place]}" + ("" if np.isnan(second) else f" · {second:.2f} s")


def _data(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _json(content: dict[str, Any]) -> str:
    """JSON that cannot end the element it stands in."""
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
