"""One figure that the data make fail is set aside and named; all the others are worked out."""

from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from perfmgmt.metrics.models import DirtyKey, EmployeeRollup, Fact, ParkedKey
from perfmgmt.metrics.rollups import dirty, parking
from perfmgmt.metrics.rollups.services import Turn, drain, drain_all
from perfmgmt.tenants.models import Doorbell
from tests import servers
from tests.conftest import admin_cursor
from tests.factories import Company
from tests.metrics.reference import make_metrics

DAY = date(2025, 5, 5)
POISON = 666
# What PostgreSQL itself answers to a number that is too large, so that the transaction is really broken.
TRIGGER = f"""
    CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.total = {POISON} THEN RAISE EXCEPTION 'too large: %', NEW.total USING ERRCODE = '22003'; END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER poison BEFORE INSERT ON metrics_employeerollup FOR EACH ROW EXECUTE FUNCTION poison()
"""


@pytest.fixture
def shop(committed: None) -> Iterator[Company]:
    company = Company.create("acme")
    with company.scope():
        make_metrics()
    drain_all(company.scope)
    with admin_cursor(servers.DATABASE) as cursor:
        cursor.execute(TRIGGER)
        try:
            yield company
        finally:
            connection.close()
            cursor.execute("DROP FUNCTION poison CASCADE")


def record(shop: Company, **values: int) -> None:
    with shop.scope():
        for who, value in values.items():
            shop.fact(who, "sum", DAY, value, external_id=who)


def correct(shop: Company, who: str, value: int) -> None:
    with shop.scope():
        Fact.objects.filter(external_id=who).update(value=value)
        fact = Fact.objects.get(external_id=who)
        dirty.mark([(fact.metric_id, fact.employee_id, DAY, DAY)])
    drain_all(shop.scope)


def years(shop: Company) -> dict[str, int]:
    with shop.scope():
        rows = EmployeeRollup.objects.filter(grain=5, metric__code="sum").values_list("employee__name", "total")
        return {name: int(total) for name, total in rows}


def parked(shop: Company) -> list[tuple[str, str | None, str]]:
    with shop.scope():
        keys = ParkedKey.objects.order_by("employee__name").values_list("metric__code", "employee__name", "error")
        return list(keys)


def command(shop: Company, *arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("rebuild", *arguments, workspace="acme", stdout=out, stderr=out)
    except SystemExit as stopped:
        return int(str(stopped.code)), out.getvalue()
    return 0, out.getvalue()


def test_one_faulty_key_is_parked_and_the_rest_of_its_batch_is_done(shop: Company, caplog: Any) -> None:
    record(shop, ann=1, bob=POISON, cid=3)
    drain_all(shop.scope)
    assert years(shop) == {"李安": 1, "Cid Cole": 3}
    assert parked(shop) == [("sum", "Bob Bell", "NumericValueOutOfRange")]
    with shop.scope():
        assert not DirtyKey.objects.exists()
    assert not Doorbell.objects.filter(tenant_id=shop.tenant.pk).exists()
    assert "NumericValueOutOfRange" in caplog.text


def test_a_parked_key_is_tried_again_when_its_days_change(shop: Company) -> None:
    record(shop, ann=1, bob=POISON)
    drain_all(shop.scope)
    correct(shop, "ann", 5)
    assert [who for _metric, who, _error in parked(shop)] == ["Bob Bell"]
    correct(shop, "bob", 7)
    assert parked(shop) == []
    assert years(shop) == {"李安": 5, "Bob Bell": 7}
    assert command(shop, "--check")[0] == 0


def test_a_key_that_fails_again_is_parked_once(shop: Company) -> None:
    record(shop, bob=POISON)
    for _ in range(2):
        correct(shop, "bob", POISON)
    assert len(parked(shop)) == 1


def test_a_faulty_key_for_everybody_leaves_out_only_the_people_at_fault(shop: Company) -> None:
    record(shop, ann=1, bob=POISON, cid=3)
    with shop.scope():
        DirtyKey.objects.all().delete()
        dirty.mark_everything()
    drain_all(shop.scope)
    assert years(shop) == {"李安": 1, "Cid Cole": 3}
    assert [who for _metric, who, _error in parked(shop)] == ["Bob Bell", None]
    correct(shop, "bob", 7)  # and with it the figures of everybody
    assert parked(shop) == []
    assert command(shop, "--check")[0] == 0


@pytest.mark.parametrize("fault", [OperationalError("server closed the connection"), InterfaceError("closed")])
def test_a_lost_connection_parks_nothing(shop: Company, monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    def lost(*_: Any) -> int:
        raise fault

    record(shop, ann=1)
    monkeypatch.setattr(parking, "recompute", lost)
    with pytest.raises(type(fault)), shop.scope():
        drain()
    monkeypatch.undo()
    assert parked(shop) == []
    with shop.scope():
        assert DirtyKey.objects.count() == 1
        assert drain() is Turn.CLEAN
    assert years(shop) == {"李安": 1}


def test_a_comparison_names_what_is_parked_and_says_what_differs(shop: Company) -> None:
    record(shop, ann=1, bob=POISON)
    code, said = command(shop, "--check")
    assert code == 1
    assert "employee day: 2 rows, 1 differ" in said
    assert f"parked: sum, AC005, {DAY} to {DAY}: NumericValueOutOfRange" in said


def test_a_rebuild_goes_round_the_fault_and_tries_parked_keys_again(shop: Company) -> None:
    record(shop, ann=1, bob=POISON)
    drain_all(shop.scope)
    code, said = command(shop)
    assert (code, years(shop)) == (1, {"李安": 1})
    assert "parked: sum, AC005" in said
    with admin_cursor(servers.DATABASE) as cursor:
        cursor.execute("ALTER TABLE metrics_employeerollup DISABLE TRIGGER poison")
    assert command(shop)[0] == 0
    assert (parked(shop), years(shop)) == ([], {"李安": 1, "Bob Bell": POISON})


def test_a_comparison_that_fails_says_so_in_one_line(shop: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def overflow(**_: Any) -> Any:
        raise OverflowError

    monkeypatch.setattr("perfmgmt.metrics.management.commands.rebuild.rebuild", overflow)
    with pytest.raises(CommandError, match="OverflowError"):
        command(shop, "--check")


def test_who_imports_sees_what_is_parked(shop: Company) -> None:
    client = Client()
    client.force_login(shop.users["hr"])
    assert "NumericValueOutOfRange" not in client.get("/w/acme/imports/").content.decode()
    record(shop, bob=POISON)
    drain_all(shop.scope)
    page = client.get("/w/acme/imports/").content.decode()
    assert "NumericValueOutOfRange" in page
    assert "Bob Bell" in page
