"""Who trains and who is held out: folds that never show a network the people it is judged on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from csnviz.data.tables import FrameTable
from csnviz.errors import InputError


@dataclass(frozen=True)
class Fold:
    """One split of a dataset's participants.

    name: "1", "2", ... as in folds.csv. train and held_out: participants. people: the person behind each participant, where one
    person takes part under several names or in several datasets (a participant without an entry is a person of their own).
    InputError when somebody is on both sides, or one side is empty.
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
        """The frames of the training participants; InputError when one of them has none."""
        return _part(table, self.train, f"Fold {self.name}, training")

    def held_out_part(self, table: FrameTable) -> FrameTable:
        """The frames of the held-out participants; InputError when one of them has none."""
        return _part(table, self.held_out, f"Fold {self.name}, held out")


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
    """InputError when one person is on both sides, under whatever names.

    DISFA+ filmed nine of the people of DISFA again: SN001 of the one and SN001 of the other are one person.
    """
    seen = {people.get(who, who): who for who in train}
    for who in held_out:
        other = seen.get(people.get(who, who))
        if other is not None:
            same = "" if other == who else f", who is the same person as {other}"
            raise InputError(
                f"{where}: {who}{same} is both trained on and held out. Take that person out of one of the two sides."
            )


def _part(table: FrameTable, participants: tuple[str, ...], where: str) -> FrameTable:
    known = set(table.participants)
    missing = [who for who in participants if who not in known]
    if missing:
        raise InputError(
            f"{where}: there is no frame of {', '.join(missing)}. Prepare the whole dataset, or choose a fold without them."
        )
    return table.select(table.rows["participant"].isin(participants).to_numpy())
