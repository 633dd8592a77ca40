"""Customers of the browser's world: ann's, one that nobody has, twins, contacts in every state of consent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from perfmgmt.customers import consents, services
from perfmgmt.customers.models import Contact, Customer
from perfmgmt.people.viewer import viewer_in

if TYPE_CHECKING:
    from tests.factories import Company


def _customer(external_id: str, name: str, **values: str) -> Customer:
    return services.store_customer(Customer(), {"external_id": external_id, "name": name, **values})


def _contact(of: Customer | None, name: str, **values: str) -> Contact:
    return services.store_contact(Contact(customer=of), {"name": name, **values})


def customer_samples(company: Company, today: date) -> dict[str, list[Any]]:
    """Make them; return what their pages are opened with. Must run inside the scope."""
    hr = viewer_in(company.users["owner"].pk, today)
    assert hr is not None
    hengda = _customer(
        "恒达贸易", "上海恒达贸易有限公司", customer_type="重点客户", region="华东", note="每周二例会。"
    )
    twin = _customer("HD-2", "上海恒达贸易", region="华东")
    lakeside = _customer("Lakeside Foods", "", customer_type="普通客户")
    services.store_owner(hengda.pk, company.people["bob"], today - timedelta(days=300))
    services.store_owner(hengda.pk, company.people["ann"], today - timedelta(days=90))
    services.store_owner(twin.pk, company.people["ann"], today + timedelta(days=20))
    services.store_owner(lakeside.pk, company.people["bob"], today - timedelta(days=30))
    wang = _contact(hengda, "王芳", email="wang.fang@hengda.example", phone="+86 138 0013 8000", title="采购经理")
    double = _contact(hengda, "王芳", email="fang@hengda.example", language="zh-hans")
    lena = _contact(lakeside, "Lena Lake", email="lena@lakeside.example", language="en", time_zone="Europe/London")
    loose = _contact(None, "微信客户", phone="13900139000")
    now = timezone.now()
    file = SimpleUploadedFile("同意书.pdf", b"%PDF-1.7\nhello")
    entry = consents.record_consent(
        wang.pk, state="given", source="展会名片", at=now - timedelta(days=40), viewer=hr, file=file,
        proof="同意接收满意度调查邮件。",
    )  # fmt: skip
    consents.record_consent(lena.pk, state="given", source="Contract", at=now - timedelta(days=9), viewer=hr)
    consents.note_consent(lena.pk, state="withdrawn", source="Unsubscribe link", at=now - timedelta(days=1))
    return {
        "customer_id": [hengda.pk, twin.pk],
        "other_customer_id": [lakeside.pk],
        "contact_id": [wang.pk, loose.pk],
        "other_contact_id": [double.pk],
        "consent_id": [entry.pk],
    }
