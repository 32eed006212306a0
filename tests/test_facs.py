import pytest

from csnviz import facs
from csnviz.errors import InputError


def test_every_dataset_codes_the_units_of_the_paper():
    assert facs.DISFA.numbers == (1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26)
    assert facs.DISFA_OCCURRENCE.numbers == (1, 2, 4, 6, 9, 12, 25, 26)
    assert facs.UNBC.numbers == (4, 6, 7, 9, 10, 12, 20, 25, 26)
    assert facs.UNBC_OCCURRENCE.numbers == (*facs.UNBC.numbers, 43)
    assert set(facs.ALL) == set(facs.DISFA) | set(facs.UNBC_OCCURRENCE)


def test_slight_counts_as_present_but_closed_eyes_count_at_one():
    assert {unit.number: unit.occurrence_threshold for unit in facs.ALL.units if unit.occurrence_threshold != 2} == {
        43: 1
    }


def test_a_column_is_found_by_its_unit_and_never_by_its_place():
    assert [facs.DISFA.column_of(number) for number in facs.DISFA] == list(range(12))
    assert facs.DISFA.columns[6] == "AU12"
    assert facs.au(1).column == "AU01"
    assert facs.au(1).title == "AU1 inner brow raiser"


def test_unknown_units_and_intensities_are_refused_with_the_known_ones():
    with pytest.raises(InputError, match="AU3 is not coded by any dataset"):
        facs.au(3)
    with pytest.raises(InputError, match="AU43 is not coded here"):
        facs.DISFA.column_of(43)
    with pytest.raises(InputError, match="from 0 to 5; found 6"):
        facs.intensity_letter(6)
    with pytest.raises(InputError, match="each number once"):
        facs.AUSet((1, 1))


def test_every_unit_says_what_it_is_in_words():
    for unit in facs.ALL.units:
        assert unit.name
        assert unit.muscle
        assert unit.looks
        assert unit.region in {"brow", "eye", "nose", "cheek", "mouth", "chin"}
