"""Who trains and who is held out: folds that never show a network the people it is judged on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from csnviz.data.tables import FrameTable
from csnviz.errors import InputError


@dataclass(frozen=True)
class Fold:
    """One split of the participants of a dataset, or of several.

    name: "1", "2", ... as in folds.csv. train and held_out: participants, as "SN001", or as "disfa/SN001" where two datasets
    may use one name. people: the person behind each participant, written in the same way, where one person takes part under
    several names or in several datasets (a participant without an entry is a person of their own). InputError when somebody is
    on both sides, or one side is empty.
    """

    name: str
    train: tuple[str, ...]
    held_out: tuple[str, ...]
    people: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if not self.train or not self.held_out:
            raise InputError(
                f"Fold {self.name}: training and held-out participants are both needed; one side is empty."
            )
        check_no_person_twice(self.train, self.held_out, self.people or {}, f"Fold {self.name}")

    def train_part(self, table: FrameTable) -> FrameTable:
        """The frames of the training participants; InputError when one of them has none, or the table has two of that name."""
        return _part(table, self.train, f"Fold {self.name}, training")

    def held_out_part(self, table: FrameTable) -> FrameTable:
        """The frames of the held-out participants; InputError when one of them has none, or the table has two of that name."""
        return _part(table, self.held_out, f"Fold {self.name}, held out")


def full_name(dataset: str, participant: str) -> str:
    """A participant's name where several datasets meet, as frame ids begin: two datasets may use one name for two people.

    >>> full_name("disfa", "SN001")
    'disfa/SN001'
    """
    return f"{dataset}/{participant}"


def folds_of(groups: Mapping[str, Iterable[str]], people: Mapping[str, str] | None = None) -> tuple[Fold, ...]:
    """One fold per group, in order: the group is held out and everybody else trains.

    >>> [fold.train for fold in folds_of({"1": ["SN001"], "2": ["SN002", "SN003"]})]
    [('SN002', 'SN003'), ('SN001',)]
    """
    members = {name: tuple(group) for name, group in groups.items()}
    everybody = [who for group in members.values() for who in group]
    repeated = [who for place, who in enumerate(everybody) if who in everybody[:place]]
    if repeated:
        raise InputError(f"{repeated[0]} is held out in two folds. Keep one row for each participant in folds.csv.")
    return tuple(
        Fold(name, tuple(who for who in everybody if who not in group), group, people)
        for name, group in members.items()
    )


def check_no_person_twice(train: Iterable[str], held_out: Iterable[str], people: Mapping[str, str], where: str) -> None:
    """InputError when a person is on both sides, under whatever names; it names everybody who is.

    DISFA+ filmed nine of the people of DISFA again: disfa/SN001 and disfa_plus/SN001 are one person.
    """
    trains_as = {people.get(who, who): who for who in train}
    both = [(who, trains_as[people.get(who, who)]) for who in held_out if people.get(who, who) in trains_as]
    if both:
        names = ", ".join(who if who == other else f"{who} (trains as {other})" for who, other in both)
        raise InputError(
            f"{where}: somebody is both trained on and held out: {names}. Take them out of one of the two sides."
        )


def _part(table: FrameTable, participants: tuple[str, ...], where: str) -> FrameTable:
    rows = table.rows.assign(full=table.rows["dataset"] + "/" + table.rows["participant"])
    named = rows["participant"].isin(participants)
    known = {*rows["participant"], *rows["full"]}
    missing = [who for who in participants if who not in known]
    if missing:
        raise InputError(
            f"{where}: there is no frame of {', '.join(missing)}. Prepare the whole dataset, or choose a fold without them."
        )
    datasets = rows[named].groupby("participant")["dataset"].unique()
    for who, found in datasets[datasets.str.len() > 1].items():
        raise InputError(
            f"{where}: {who} is in {' and in '.join(found)}. Write {full_name(found[0], who)} for the one you mean."
        )
    return table.select((named | rows["full"].isin(participants)).to_numpy())
