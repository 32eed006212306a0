"""What the name of a method says: which backbone, whether and how it is calibrated, and where it stands in a table."""

from dataclasses import dataclass

MERGE_POINTS = ("Stage1", "Stage2", "Stage3", "Stage4", "FC", "Output")
"""Where a CSN subtracts, as in the names of arXiv 2409.00240, Table 6; Stage4 is the paper's main one."""

MAIN_MERGE_POINT = "Stage4"

_PAPERS_BACKBONE = "IR50"
_KINDS = ("other", "ncg", "bs", "csn")


@dataclass(frozen=True)
class Method:
    """A row of a table: its name as it stands there, its backbone, its kind ("ncg", "bs", "csn" or "other") and merge point.

    >>> Method.named("CSN-IR-small-Stage3")
    Method(name='CSN-IR-small-Stage3', backbone='IR-small', kind='csn', merge_point='Stage3')
    >>> Method.named("IR50 w/ BS, re-centred").kind, Method.named("IR50 (NCG)").backbone
    ('bs', 'IR50')
    """

    name: str
    backbone: str
    kind: str
    merge_point: str = ""

    @classmethod
    def named(cls, name: str) -> "Method":
        """The method of this name; of a kind "other" when it is no network of this project."""
        if name.endswith(" (NCG)"):
            return cls(name, name.removesuffix(" (NCG)"), "ncg")
        if " w/ BS" in name:
            return cls(name, name.split(" w/ BS")[0], "bs")
        for point in MERGE_POINTS:
            if name.startswith("CSN-") and name.endswith(f"-{point}"):
                return cls(name, name.removeprefix("CSN-").removesuffix(f"-{point}"), "csn", point)
        return cls(name, "", "csn" if name == "CSN" else "other", MAIN_MERGE_POINT if name == "CSN" else "")

    @property
    def calibrated(self) -> bool:
        """Whether it uses one neutral frame per person (OFC)."""
        return self.kind in ("bs", "csn")

    @property
    def place(self) -> tuple[bool, str, int, int, str]:
        """Sorts methods as the paper does: by backbone, then NCG, baseline subtraction, and the CSNs by merge point."""
        point = MERGE_POINTS.index(self.merge_point) if self.merge_point else -1
        return self.backbone not in ("", _PAPERS_BACKBONE), self.backbone, _KINDS.index(self.kind), point, self.name

    def is_judged_against(self, other: "Method") -> bool:
        """True for a CSN beside NCG or baseline subtraction with the same backbone (any backbone when it names none)."""
        return self.kind == "csn" and other.kind in ("ncg", "bs") and self.backbone in ("", other.backbone)
