"""What the networks that ship with csnviz reach on the drawn people of the demo, unit by unit, losers as plainly as winners.

The people are drawings, so this describes the demo and is no evidence about people.

Command  python -m csnviz.recipes.cast_scores
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from csnviz import places
from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable
from csnviz.evaluation.intervals import bootstrap_difference
from csnviz.evaluation.runs import overestimated_only_by
from csnviz.evaluation.summary import ACROSS, MEAN_AU, WITHIN, MetricTable, summarise
from csnviz.inference.networks import Networks
from csnviz.inference.predict import predict_with_reference, predict_without_reference, subtract_neutral_output


def estimates(networks: Networks, table: FrameTable, references: ReferenceTable) -> dict[str, PredictionTable]:
    """The three methods' estimates on the same frames: NCG, BS and CSN."""
    ncg = predict_without_reference(networks.ncg, table)
    csn = predict_with_reference(networks.csn, table, references)
    return {"NCG": ncg, "BS": subtract_neutral_output(ncg, references), "CSN": csn}


def score_lines(methods: Mapping[str, PredictionTable]) -> list[str]:
    """A Markdown table: across-participant ICC(3,1) per AU, then the means over AUs of ICC, MAE and F1."""
    scores = {name: summarise(table) for name, table in methods.items()}
    aus = next(iter(methods.values())).aus.columns
    lines = [f"| ICC(3,1) across participants | {' | '.join(methods)} |", "|---|" + "---|" * len(methods)]
    lines += [_line(au, scores, "icc31", au, ACROSS) for au in aus]
    lines.append(_line("**mean over AUs**", scores, "icc31", MEAN_AU, ACROSS))
    lines.append(_line("ICC within, mean", scores, "icc31", MEAN_AU, WITHIN))
    lines.append(_line("MAE, mean (lower is better)", scores, "mae", MEAN_AU, ACROSS))
    lines += [_line(f"{name}, mean", scores, name, MEAN_AU, ACROSS) for name in ("f1", "precision", "recall")]
    return lines


def difference_line(methods: Mapping[str, PredictionTable], one: str, other: str) -> str:
    """How much higher the one's mean ICC across participants is than the other's, with its 95 % interval over participants."""
    rows = bootstrap_difference(methods[other], methods[one])
    row = rows.query("metric == 'icc31' and au == @MEAN_AU and group_by == @ACROSS").iloc[0]
    return f"{one} - {other}: {row['difference']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"


def _line(title: str, scores: Mapping[str, MetricTable], metric: str, au: str, group_by: str) -> str:
    return f"| {title} | " + " | ".join(f"{table.value(metric, au, group_by):.2f}" for table in scores.values()) + " |"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command: prints the table, then where only NCG overestimates, then where only the CSN does."""
    from csnviz.cast.dataset import DEMO_FRAMES, DEMO_PARTICIPANTS, cast_references, load_cast

    parser = argparse.ArgumentParser(prog="python -m csnviz.recipes.cast_scores", description=__doc__)
    parser.add_argument("--data-root", type=Path)
    table = load_cast(DEMO_PARTICIPANTS, DEMO_FRAMES, places.data_root(parser.parse_args(arguments).data_root))
    methods = estimates(Networks.load(), table, cast_references(table))
    print("\n".join(score_lines(methods)))
    print("\nMean ICC(3,1) across participants, difference with its 95 % interval over the twelve people:")
    print("\n".join(difference_line(methods, "CSN", other) for other in ("NCG", "BS")))
    for one, other in (("NCG", "CSN"), ("CSN", "NCG")):
        print(f"\nLabel 0, {one} >= 1 and {other} < 0.5 on at least 10 frames:")
        print(overestimated_only_by(methods[one], methods[other]).round(2).to_string(index=False))


if __name__ == "__main__":
    main()
