"""Contacts from a file: suggested columns, a check that writes nothing, the import, and what is refused."""

import json
from datetime import date

import pytest

from perfmgmt.customers import consents, selectors
from perfmgmt.customers.models import Contact, Customer
from perfmgmt.customers.services import owners_on
from perfmgmt.metrics.imports import contacts
from tests.customers.book import book
from tests.factories import Company
from tests.metrics.wizard import Wizard

pytestmark = pytest.mark.django_db
HEADER = "公司,客户编号,联系人,邮箱,电话,语言,时区,是否同意,同意来源,归属人工号\n"
ROWS = (
    "明珠物流,MZ-1,赵敏,Zhao.Min@mingzhu.example,13900139001,中文,Asia/Shanghai,同意,合同,AC004\n"
    "明珠物流,MZ-1,钱伟,,13900139002,中文,,,,\n"
    "Riverbank,,Rita River,rita@river.example,,en,Europe/London,,,AC004\n"
    ",,,坏地址,,,,,,\n"
    "明珠物流,MZ-1,孙丽,sun@mingzhu.example,,法语,,,,\n"
    "明珠物流,MZ-1,赵敏,zhao.min@mingzhu.example,,,,,,\n"
    "明珠物流,MZ-1,李四,li@mingzhu.example,,,,,,XX999\n"
)


def choices(header: str) -> dict[str, str]:
    names = header.strip().split(",")
    parts = ("company", "external_id", "name", "email", "phone", "language", "time_zone", "consent",
             "consent_source", "owner")  # fmt: skip
    return dict(zip(parts, names, strict=True))


@pytest.fixture
def wizard(company: Company) -> Wizard:
    return Wizard.of(company, role="hr")


def test_a_list_of_contacts_comes_in(company: Company, wizard: Wizard, today: date) -> None:
    draft = wizard.upload(HEADER + ROWS, "contacts.csv", contacts.KIND)
    assert {part: name for part, name in wizard.suggested(draft).items() if name} == choices(HEADER)
    checked = wizard.check(draft)
    assert (checked["added"], checked["refused"]) == (3, 4)
    with company.scope():
        assert not Customer.objects.exists() and not Contact.objects.exists()
    assert "zhao.min@mingzhu.example" in wizard.page(f"{draft.pk}/")
    result = wizard.run(draft)
    assert (result["added"], result["changed"], result["refused"]) == (3, 0, 4)
    assert [error["why"] for error in result["errors"]] == [
        "not_an_email", "not_a_language", "doubled_contact", "unknown_person"]  # fmt: skip
    with company.scope():
        zhao = Contact.objects.get(email="zhao.min@mingzhu.example")
        assert (zhao.consent, zhao.consents.get().source, str(zhao.customer)) == ("given", "合同", "明珠物流")
        assert selectors.reachable_contact("MZ-1").contact == zhao
        river = Customer.objects.get(external_id="Riverbank")
        assert owners_on([river.pk], today)[river.pk] == company.people["ann"]
    assert wizard.post(f"{draft.pk}/undo/").status_code == 409


def test_a_second_list_changes_only_what_differs(company: Company, wizard: Wizard, today: date) -> None:
    with company.scope():
        there = book(company, today)
        consents.note_consent(there.lake.pk, state="withdrawn", source="link", at=there.lake.created_at)
    text = (
        "公司,邮箱,联系人,职务,是否同意\n"
        "恒达贸易,wang.fang@hengda.example,王芳,采购总监,是\n"
        "LAKE-1,lena@lakeside.example,,,同意\n"
        "OLD-1,otto@oldland.example,Otto Old,,\n"
    )
    columns = {"external_id": "公司", "email": "邮箱", "name": "联系人", "title": "职务", "consent": "是否同意"}
    mapping = {"kind": "contacts", **{part: {"column": name} for part, name in columns.items()}}
    draft = wizard.upload(text, "again.csv", contacts.KIND, json.dumps(mapping))
    result = wizard.run(draft)
    assert (result["added"], result["changed"], result["unchanged"], result["refused"]) == (0, 1, 1, 1)
    assert result["errors"][0]["why"] == "consent_said_no"
    with company.scope():
        assert Contact.objects.get(pk=there.lake.pk).consent == "withdrawn"
        assert Contact.objects.get(pk=there.wang.pk).title == "采购总监"
