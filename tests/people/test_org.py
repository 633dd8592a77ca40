"""Units and positions."""

from datetime import date
from typing import Any

import pytest
from django.utils.translation import override

from perfmgmt.metrics.models import DirtyKey
from perfmgmt.people.directory import options
from perfmgmt.people.models import Position, Unit
from perfmgmt.people.org import selectors, services
from perfmgmt.people.org.forms import NameForm, PositionForm, UnitForm
from perfmgmt.people.services import assign
from perfmgmt.tenants.errors import Conflict, DomainError
from tests.factories import START, Company

pytestmark = pytest.mark.django_db
MARCH = date(2025, 3, 1)


def test_things_have_another_word_for_name_than_people() -> None:
    with override("zh-hans"):
        assert [form.base_fields["name"].label for form in (NameForm, UnitForm, PositionForm)] == ["名称"] * 3


def test_the_tree_counts_people_and_names_who_leads(company: Company) -> None:
    with company.scope():
        rows = {node.unit.name: (node.depth, node.own, node.whole, node.managers)
                for node in selectors.tree(on=MARCH)}  # fmt: skip
    assert rows == {
        "Sales": (0, 1, 6, []),
        "North": (1, 3, 3, ["Mia Manager"]),
        "South": (1, 2, 2, ["Rex Rival"]),
    }


def test_the_effect_of_a_move_names_people_and_units_before_anything_changes(company: Company) -> None:
    with company.scope():
        effect = selectors.effect_of_move(company.units["north"], company.units["south"], on=MARCH)
        assert (effect.people, effect.losing, effect.gaining, effect.first_day) == (3, [], ["South"], START)
        out = selectors.effect_of_move(company.units["north"], None, on=MARCH)
        assert (out.losing, out.gaining) == (["Sales"], [])
        assert Unit.objects.get(name="North").parent == company.units["sales"]


def test_a_move_makes_every_figure_dirty_once_it_is_confirmed(company: Company, sign_in: Any) -> None:
    with company.scope():
        company.drain()
    client = sign_in(company.users["hr"])
    north, south, sales = (company.units[key].pk for key in ("north", "south", "sales"))
    address = f"/w/acme/people/units/{north}/move/"
    assert "South" in client.get(f"{address}?parent={south}").content.decode()
    with company.scope():
        assert not DirtyKey.objects.exists()
    assert client.post(address, {"parent": south, "shown": sales}).status_code == 302
    with company.scope():
        assert Unit.objects.get(pk=north).parent_id == south
        assert DirtyKey.objects.filter(employee=None, metric=None).exists()
    stale = client.post(address, {"parent": "", "shown": sales})  # it hangs somewhere else by now
    assert stale.status_code == 400
    assert client.post(f"/w/acme/people/units/{south}/move/", {"parent": north, "shown": sales}).status_code == 404


def test_names_are_taken_once_per_parent(company: Company) -> None:
    with company.scope():
        for name, parent in (("North", company.units["sales"]), ("Sales", None)):
            with pytest.raises(services.NameTaken):
                services.create_unit(name, parent=parent)
        services.create_unit("North", parent=company.units["south"])
        with pytest.raises(services.NameTaken):
            services.rename_unit(company.units["south"].pk, "North")


def test_a_unit_is_archived_only_when_it_is_empty_and_then_takes_nobody(company: Company) -> None:
    with company.scope():
        for key in ("north", "sales"):
            with pytest.raises(Conflict):
                services.archive_unit(company.units[key].pk, on=MARCH)
        new = services.create_unit("West", parent=company.units["sales"])
        services.archive_unit(new.pk, on=MARCH)
        assert "West" not in [name for _pk, name, _depth in options().units]
        assert "West" in [node.unit.name for node in selectors.tree(on=MARCH, archived=True)]
        with pytest.raises(DomainError):
            services.create_unit("Deep", parent=services.rename_unit(new.pk, "West 2"))
        assert services.reopen_unit(new.pk).archived_on is None


def test_a_position_in_use_stays_and_its_name_is_taken_once(company: Company) -> None:
    with company.scope():
        post = services.save_position(name="销售助理", name_en="Sales assistant", code="SA")
        assign(company.people["ann"], unit=company.units["north"], valid_from=MARCH, position=post)
        for values in ({"name": "销售助理", "code": ""}, {"name": "其他", "code": "SA"}):
            with pytest.raises(services.NameTaken):
                services.save_position(name_en="", **values)
        with pytest.raises(Conflict):
            services.remove_position(post.pk)
        free = services.save_position(name="经理", name_en="", code="")
        services.remove_position(free.pk)
        assert list(Position.objects.all()) == [post]
        assert [(str(row[0]), row[1]) for row in selectors.positions(on=MARCH, search="xiaoshou")] == [
            ("Sales assistant", 1)
        ]


def test_who_may_not_edit_sees_the_tree_but_changes_nothing(company: Company, sign_in: Any) -> None:
    client = sign_in(company.users["manager"])
    page = client.get("/w/acme/people/units/").content.decode()
    assert "North" in page
    assert "/people/units/add/" not in page
    assert client.post("/w/acme/people/units/add/", {"name": "Mine", "parent": ""}).status_code == 403
