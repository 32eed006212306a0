"""The planted-bias check: do intervals from twenty people hold what an attribute does, when what it does is known exactly?

A pool of drawn people, none of whom anybody trained on, is drawn with and without each attribute. Each method's mean change over
the pool is its exact effect. Cohorts are drawn from the pool, and each cohort's interval holds the exact effect or it does not.
"""

import json
from collections.abc import Mapping
from concurrent.futures import Executor

import pandas as pd

from csnviz.cast.anatomy import CAST_AUS
from csnviz.evaluation.attribute_effect import EFFECT_KEYS, share_covered
from csnviz.inference.networks import Networks
from csnviz.recipes.cast_study_pairs import always_calm, pairs_of, portrait
from csnviz.recipes.cast_study_plan import MAIN, Run, StudySettings, method_of
from csnviz.recipes.cast_study_runs import Where, changes_of, draw_portraits
from csnviz.recipes.cast_study_scores import in_order


def coverage_rows(settings: StudySettings, where: Where, pool: Executor) -> tuple[pd.DataFrame, str]:
    """EFFECT_KEYS, exact (the mean over the pool), covered (the share of cohorts), width (mean, of an interval) and people; and
    whose networks were asked.

    All frames have label 0. They are those with which every performance begins, the first one the reference.
    """
    dial = settings.dials[0]
    portraits = [portrait(person) for person in always_calm(settings.pool)]
    draw_portraits(portraits, (dial,), where, pool)
    pairs = pairs_of(portraits, where.data_root, dial, CAST_AUS)
    networks, words = _networks(settings, where)
    changes = pd.concat([changes_of(trained, pairs, where.device) for trained in (networks.ncg, networks.csn)])
    by_person = changes.pivot_table(index="participant", columns=EFFECT_KEYS, values="change", sort=False)
    covered = share_covered(by_person.to_numpy(float), settings.cohort, settings.cohorts, settings.draws)
    rows = by_person.columns.to_frame(index=False)
    rows = rows.assign(exact=covered.exact, covered=covered.share, width=covered.width, people=len(by_person))
    return in_order(rows), words


def _networks(settings: StudySettings, where: Where) -> tuple[Networks, str]:
    """The study's first NCG and CSN where they are finished, else the pair that ships."""
    rates = _rates(where)
    runs = [
        Run(merge, settings.dials[0], 1, settings.seeds[0], rates.get(method_of(merge), 0.0)) for merge in (None, MAIN)
    ]
    folders = [where.run(run) for run in runs]
    if all((folder.path / "finished.json").is_file() for folder in folders):
        pair = Networks.load(*(folder.checkpoint for folder in folders))
        return pair, f"the study's: {runs[0].name} and {runs[1].name}"
    return Networks.load(), "the pair that ships with csnviz"


def _rates(where: Where) -> Mapping[str, float]:
    try:
        return json.loads((where.out / "study.json").read_text(encoding="utf-8"))["learning_rates"]
    except (OSError, ValueError, KeyError):
        return {}
