"""Customers on a phone, in Chinese: added, a contact with consent and proof, a twin merged, erased."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perfmgmt.customers.models import Contact, Customer
from perfmgmt.customers.services import store_contact
from tests.browser.acts import give_password, sign_in
from tests.factories import Company

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def acme(base_url: str) -> Company:
    """A committed company in which HR signs in."""
    company = Company.create("acme")
    give_password("hr@acme.example")
    return company


def test_a_customer_from_the_first_word_to_the_last(page: Page, base_url: str, acme: Company, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, base_url, "hr@acme.example")
    page.goto(f"{base_url}/w/acme/customers/")
    page.get_by_role("link", name="添加客户").first.click()
    page.fill("input[name=external_id]", "恒达贸易")
    page.fill("input[name=name]", "上海恒达贸易有限公司")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("上海恒达贸易有限公司")

    page.get_by_role("link", name="添加联系人").click()
    page.fill("input[name=name]", "王芳")
    page.fill("input[name=email]", "Wang.Fang@hengda.example")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("尚未征询").first).to_be_visible()

    proof = tmp_path / "signed.pdf"
    proof.write_bytes(b"%PDF-1.7\nhello")
    page.get_by_role("link", name="登记同意情况").click()
    page.fill("input[name=source]", "展会")
    page.set_input_files("input[name=file]", proof)
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("已同意").first).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("signed.pdf"))).to_be_visible()

    with acme.scope():
        twin = Contact(customer=Customer.objects.get())
        store_contact(twin, {"name": "王芳", "email": "fang@private.example"})
    page.goto(f"{base_url}/w/acme/customers/contacts/?q=wangfang")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.goto(f"{base_url}/w/acme/customers/duplicates/")
    page.get_by_role("link", name=re.compile("对比")).click()
    page.get_by_role("button", name="合并").click()
    expect(page.get_by_text("已合并")).to_be_visible()

    page.get_by_role("link", name="删除个人数据").click()
    page.get_by_label("永久删除").check()
    page.get_by_role("button", name="永久删除个人数据").click()
    expect(page.get_by_text("已删除个人数据").first).to_be_visible()
    expect(page.get_by_text("王芳")).to_have_count(0)
    with acme.scope():
        assert not Contact.objects.exclude(name="", email="").exists()
