"""Job descriptions: duties keep their order, and their shares never exceed the whole time."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import translation

from perfmgmt.people.duties.selectors import job_description
from perfmgmt.people.duties.services import TooMuchTime, install_pack, pack, remove_duty, save_duty
from perfmgmt.people.models import Duty, Position
from perfmgmt.tenants.errors import DomainError, NotFound
from tests.factories import Company

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]


@pytest.fixture
def position(company: Company) -> Position:
    with company.scope():
        return Position.objects.create(name="客服", code="CS")


def add(position: Position, text: str, share: int = 10, place: int | None = None, duty_id: int | None = None) -> Duty:
    return save_duty(
        position_id=position.pk, place=place, text_zh=text, text_en="", category="administration", priority="low",
        share=share, duty_id=duty_id,
    )  # fmt: skip


def order(position: Position) -> list[tuple[int, str]]:
    return list(position.duties.values_list("place", "text_zh"))


def test_duties_make_room_and_close_up(company: Company, position: Position) -> None:
    with company.scope():
        for text in "甲乙丙":
            add(position, text)
        last = add(position, "丁", place=2)
        assert order(position) == [(1, "甲"), (2, "丁"), (3, "乙"), (4, "丙")]
        add(position, "丁", place=99, duty_id=last.pk)
        assert order(position) == [(1, "甲"), (2, "乙"), (3, "丙"), (4, "丁")]
        remove_duty(position_id=position.pk, duty_id=Duty.objects.get(text_zh="甲").pk)
        assert order(position) == [(1, "乙"), (2, "丙"), (3, "丁")]
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_shares_fill_the_time_and_never_more(company: Company, position: Position) -> None:
    with company.scope():
        add(position, "甲", 60)
        second = add(position, "乙", 40)
        with pytest.raises(TooMuchTime):
            add(position, "丙", 1)
        with pytest.raises(TooMuchTime):
            add(position, "乙", 41, duty_id=second.pk)
        add(position, "乙", 39, duty_id=second.pk)
        found = job_description(position.pk)
    assert (found.total, found.left, len(found.duties)) == (99, 1, 2)


def test_a_duty_says_something_and_belongs_to_its_position(company: Company, position: Position) -> None:
    with company.scope():
        with pytest.raises(DomainError, match="Write the duty"):
            add(position, "")
        other = Position.objects.create(name="文员")
        foreign = add(other, "甲")
        with pytest.raises(NotFound):
            add(position, "乙", duty_id=foreign.pk)
        with pytest.raises(NotFound):
            remove_duty(position_id=position.pk, duty_id=foreign.pk)
        with pytest.raises(IntegrityError), transaction.atomic():
            Duty.objects.create(position=position, place=1, category="administration", share=10)


def test_a_reader_gets_the_own_language_or_the_other(company: Company, position: Position) -> None:
    with company.scope():
        both = Duty(position=position, place=1, text_zh="归档合同", text_en="File contracts", share=1)
        only = Duty(position=position, place=2, text_zh="开票", share=1)
    with translation.override("en"):
        assert (str(both), str(only)) == ("File contracts", "开票")
    with translation.override("zh-hans"):
        assert str(both) == "归档合同"


def test_the_packs_descriptions_are_whole(company: Company) -> None:
    with company.scope():
        install_pack()
        for entry in pack():
            found = job_description(Position.objects.get(code=entry["code"]).pk)
            assert found.total == 100
            assert [duty.place for duty in found.duties] == list(range(1, len(found.duties) + 1))


def test_hr_writes_a_duty_and_an_assistant_reads_it(company: Company, position: Position, sign_in: SignIn) -> None:
    form = {"text_zh": "接待客户", "text_en": "", "category": "sales_support", "priority": "high", "share": "30"}
    address = f"/w/acme/people/positions/{position.pk}/duties/"
    hr, assistant = sign_in(company.users["hr"]), sign_in(company.users["assistant"])
    assert hr.post(f"{address}add/", form).status_code == 302
    assert hr.post(f"{address}add/", {**form, "share": "71"}).status_code == 400
    page = assistant.get(address).content.decode()
    assert "接待客户" in page
    assert f"{address}add/" not in page
    assert assistant.post(f"{address}add/", form).status_code == 403


def test_another_workspaces_description_is_not_there(
    company: Company, other_company: Company, position: Position, sign_in: SignIn
) -> None:
    with company.scope():
        duty = add(position, "甲")
    address = f"/w/globex/people/positions/{position.pk}/duties/"
    hr = sign_in(other_company.users["hr"])
    assert hr.get(address).status_code == 404
    assert hr.get(f"{address}{duty.pk}/").status_code == 404
    assert hr.post(f"{address}{duty.pk}/remove/").status_code == 404
    with company.scope():
        assert order(position) == [(1, "甲")]
