import stat
from datetime import date

import pytest

from csnviz.data.saved_views import SavedViews
from csnviz.errors import InputError


def test_views_come_back_in_order_and_a_second_one_of_the_same_name_takes_its_place(tmp_path):
    views = SavedViews.of("disfa", tmp_path)
    assert views.all() == ()
    views.keep("glasses", "frame=a/1&au=4")
    views.keep(" the  beard ", "frame=a/2")
    views.keep("glasses", "frame=a/3")
    assert [(each.name, each.query) for each in SavedViews.of("disfa", tmp_path).all()] == [
        ("the beard", "frame=a/2"),
        ("glasses", "frame=a/3"),
    ]
    assert views.all()[0].date == date.today().isoformat()


def test_each_source_has_its_own_views_and_hostile_names_stay_inside_the_folder(tmp_path):
    SavedViews.of("../../etc/passwd", tmp_path).keep("a", "frame=x")
    SavedViews.of("disfa", tmp_path).keep("b", "frame=y")
    assert sorted(path.name for path in (tmp_path / "views").iterdir()) == ["_.._etc_passwd.json", "disfa.json"]
    assert [each.name for each in SavedViews.of("disfa", tmp_path).all()] == ["b"]


def test_nobody_else_can_read_them(tmp_path):
    views = SavedViews.of("disfa", tmp_path)
    views.keep("a", "frame=x")
    assert stat.S_IMODE(views.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(views.file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_name_that_is_none_is_refused_and_nothing_is_written(tmp_path, name):
    with pytest.raises(InputError, match="1 to 80 characters"):
        SavedViews.of("disfa", tmp_path).keep(name, "frame=x")
    assert not (tmp_path / "views").exists()


def test_a_damaged_file_is_named_and_left_as_it_is(tmp_path):
    views = SavedViews.of("disfa", tmp_path)
    views.keep("a", "frame=x")
    views.file.write_text("{")
    with pytest.raises(InputError, match=r"disfa\.json.*cannot be read"):
        views.keep("b", "frame=y")
    assert views.file.read_text() == "{"
