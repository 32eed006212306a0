"""Which errors are listed, and in which order: a few words that fit into a link, applied to a table of runs."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int

from csnviz.errors import InputError
from csnviz.facs import au as unit_of

SORTS = (
    "mark", "what", "kind", "participant", "au", "first", "n", "seconds", "label", "ncg", "bs", "csn", "attributes",
)  # fmt: skip
"""The columns that the docket can be put in order by: the longest runs first unless something else is asked for."""


@dataclass(frozen=True)
class DocketFilter:
    """What is listed; an empty part means "all".

    what: what calibration did ("removed", "kept", "created", "lost"). kind: "false positive" and so on. au: a FACS number, 0 = all.
    participant: a name. words: all of these must be found in what is written about a run. sort: a column of SORTS. descending: the
    largest first.
    """

    what: str = ""
    kind: str = ""
    au: int = 0
    participant: str = ""
    words: str = ""
    sort: str = "n"
    descending: bool = True

    @property
    def text(self) -> str:
        """The filter as one word for a link, "" for all errors in the usual order.

        >>> DocketFilter(what="removed", kind="false positive", au=9).text
        'what:removed,kind:false_positive,au:9'
        >>> DocketFilter(sort="csn").text, DocketFilter().text
        ('sort:-csn', '')
        """
        usual = DocketFilter()
        parts = [(name, str(getattr(self, name))) for name in ("what", "kind", "au", "participant", "words")]
        told = [(name, value) for name, value in parts if value != str(getattr(usual, name))]
        if (self.sort, self.descending) != (usual.sort, usual.descending):
            told.append(("sort", f"{'-' if self.descending else ''}{self.sort}"))
        return ",".join(f"{name}:{_quoted(value)}" for name, value in told)

    @classmethod
    def of_text(cls, text: str) -> "DocketFilter":
        """The filter that `text` wrote; InputError names the part that cannot be understood.

        >>> DocketFilter.of_text("kind:false_positive,sort:seconds")
        DocketFilter(what='', kind='false positive', au=0, participant='', words='', sort='seconds', descending=False)
        """
        said: dict[str, Any] = {}
        for part in filter(None, text.split(",")):
            name, _, value = part.partition(":")
            value = _unquoted(value)
            if name in ("what", "kind", "participant", "words"):
                said[name] = value
            elif name == "au" and value.isascii() and value.isdecimal():
                said["au"] = int(value)
            elif name == "sort" and value.removeprefix("-") in SORTS:
                said |= {"sort": value.removeprefix("-"), "descending": value.startswith("-")}
            else:
                raise InputError(f"This link's list of errors says {part!r}, which means nothing. Copy the link again.")
        return cls(**said)

    def chosen(self, errors: pd.DataFrame, attributes: pd.Series) -> Bool[np.ndarray, " R"]:
        """Which runs fit everything but `what`; attributes: what is known about the person of each run."""
        keep = np.ones(len(errors), bool)
        for name in ("kind", "au", "participant"):
            if getattr(self, name):
                keep = keep & (errors[name] == getattr(self, name)).to_numpy()
        return keep & _mentions(errors, attributes, self.words.lower().split()) if self.words else keep

    def order(
        self, errors: pd.DataFrame, attributes: pd.Series, marked: Bool[np.ndarray, " R"]
    ) -> Int[np.ndarray, " R"]:
        """The places of all runs in the order asked for; equal ones, and those without a value (last), stay as they are."""
        found = {"mark": pd.Series(marked), "attributes": attributes}
        values = found[self.sort] if self.sort in found else errors[self.sort]
        ranks = pd.factorize(values, sort=True)[0]
        unknown = (ranks < 0) | ((values == "").to_numpy() if self.sort in ("attributes", "what") else False)
        return np.lexsort((-ranks if self.descending else ranks, unknown))


def _mentions(errors: pd.DataFrame, attributes: pd.Series, words: list[str]) -> Bool[np.ndarray, " R"]:
    """Which runs have every word in what is written about them. Many runs share few texts, so each text is read once."""
    titles = errors["au"].map({number: unit_of(int(number)).title for number in errors["au"].unique()})
    found = np.zeros((len(words), len(errors)), bool)
    for texts in (*(errors[name] for name in ("kind", "what", "participant", "camera", "video")), titles, attributes):
        codes, known = pd.factorize(texts)
        has = np.array([[word in str(text).lower() for text in known] for word in words], bool)
        found = found | has.reshape(len(words), len(known))[:, codes]
    return found.all(axis=0)


def _quoted(value: str) -> str:
    return quote(value, safe=" ").replace("_", "%5F").replace(" ", "_")


def _unquoted(value: str) -> str:
    return unquote(value.replace("_", " "))
