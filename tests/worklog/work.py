"""Entries of the assistant, made and submitted, and the form in which they come."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.test import Client

from perfmgmt.metrics.models import Metric
from perfmgmt.people.viewer import Viewer, viewer_in
from perfmgmt.worklog import services
from perfmgmt.worklog.models import WorkEntry
from tests.factories import Company

SignIn = Callable[[Any], Client]
PDF = b"%PDF-1.7\nhello"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def viewer(company: Company, role: str, today: date) -> Viewer:
    found = viewer_in(company.users[role].pk, today)
    assert found is not None
    return found


def metric(code: str = "visits_arranged") -> Metric:
    return Metric.objects.get(code=code)


def enter(company: Company, today: date, **values: Any) -> WorkEntry:
    """Save an entry of ann; must run inside the scope."""
    given = {"metric": metric(), "day": today, "value": Decimal(3), "token": uuid4(), **values}
    return services.save_entry(None, viewer=viewer(company, "assistant", today), today=today, **given)


def submitted(company: Company, today: date, **values: Any) -> WorkEntry:
    entry = enter(company, today, **values)
    services.submit([entry.pk], viewer=viewer(company, "assistant", today))
    entry.refresh_from_db()
    return entry


def form(company: Company, day: date, **values: Any) -> dict[str, Any]:
    with company.scope():
        return {"metric": metric().pk, "value": "3", "day": day.isoformat(), "token": str(uuid4()), **values}
