"""The numbers of the real CRM data, through the commands that operators use."""

import json
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.servers import ROOT

pytestmark = pytest.mark.django_db
EXAMPLES = ROOT / "docs" / "examples" / "crm"


def command(name: str, *args: Any, **options: Any) -> str:
    out = StringIO()
    call_command(name, *args, workspace="crm", stdout=out, **options)
    return out.getvalue()


def rollups(metric: str, period: str, by: str = "employee") -> list[dict[str, Any]]:
    return [json.loads(line) for line in command("rollups", metric=metric, period=period, by=by).splitlines()]


@pytest.fixture
def imported(crm: Path) -> dict[str, Any]:
    call_command("create_workspace", "crm", name="CRM", currency="USD", stdout=StringIO())
    people = command("import_people", crm / "sales_teams.csv", mapping=EXAMPLES / "people.json")
    facts = command("import_facts", crm / "sales_pipeline.csv", mapping=EXAMPLES / "opportunities.json")
    return {"people": json.loads(people), "facts": json.loads(facts)}


def test_the_dashboard_numbers_of_the_real_data_are_exact(imported: dict[str, Any]) -> None:
    assert imported["people"] == {
        "rows": 35, "skipped": 0, "refused": 0, "added": 41, "changed": 0, "unchanged": 0, "errors": [],
    }  # fmt: skip
    assert {k: imported["facts"][k] for k in ("rows", "skipped", "refused", "changed", "errors")} == {
        "rows": 8800, "skipped": 2089, "refused": 0, "changed": 0, "errors": [],
    }  # fmt: skip
    quarters = {f"2017-Q{n}": [Decimal(0), 0] for n in (1, 2, 3, 4)}
    for row in rollups("sales_amount", "quarter"):
        quarters[row["period"]][0] += Decimal(str(row["value"]))
        quarters[row["period"]][1] += row["n"]
    assert list(quarters.values()) == [[1134672, 531], [3086111, 1254], [2982255, 1257], [2802496, 1196]]
    units = {row["name"]: row for row in rollups("sales_amount", "year", "unit")}
    assert units["Melvin Marxen"]["value"] == 2251930
    assert sum(units[name]["value"] for name in ("Central", "East", "West")) == 10005534
    people = {row["name"]: row for row in rollups("sales_amount", "year")}
    assert people["Darcel Schlecht"]["value"] == 1153214
    assert len(people) == 41
    won = {row["name"]: row for row in rollups("deals_won", "year", "unit")}
    closed = {row["name"]: row for row in rollups("deals_closed", "year", "unit")}
    regions = ("Central", "East", "West")
    assert sum(won[name]["value"] for name in regions) == 4238
    assert sum(closed[name]["value"] for name in regions) == 6711
    cycle = [row for row in rollups("sales_cycle_days", "year") if row["n"]]
    days = sum(row["value"] * row["n"] for row in cycle)
    assert days / sum(row["n"] for row in cycle) == pytest.approx(51.782, abs=0.0005)


def test_five_agents_without_deals_still_appear(imported: dict[str, Any]) -> None:
    idle = [row for row in rollups("deals_closed", "year") if row["n"] == 0]
    managers = {"Cara Losch", "Celia Rouche", "Dustin Brinkmann", "Melvin Marxen", "Rocco Neubert", "Summer Sewald"}
    assert len([row for row in idle if row["name"] not in managers]) == 5
    assert {row["value"] for row in idle} == {0}
    assert {row["value"] for row in rollups("win_rate", "year") if row["n"] == 0} == {None}


def test_the_same_file_twice_changes_nothing(imported: dict[str, Any], crm: Path) -> None:
    again = json.loads(command("import_facts", crm / "sales_pipeline.csv", mapping=EXAMPLES / "opportunities.json"))
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, imported["facts"]["added"])
    people = json.loads(command("import_people", crm / "sales_teams.csv", mapping=EXAMPLES / "people.json"))
    assert (people["added"], people["changed"], people["unchanged"]) == (0, 0, 41)


def test_two_spellings_of_a_product_are_one(imported: dict[str, Any]) -> None:
    from perfmgmt.metrics.models import Fact
    from perfmgmt.tenants.models import Tenant
    from perfmgmt.tenants.scope import tenant_scope

    with tenant_scope(Tenant.objects.get(slug="crm").pk):
        products = set(Fact.objects.values_list("product", flat=True))
    assert "GTX Pro" in products
    assert "GTXPro" not in products


def test_incremental_rollups_of_the_real_data_equal_a_full_computation(imported: dict[str, Any]) -> None:
    report = command("rebuild", check=True)
    assert len(report.splitlines()) == 12  # the tally of survey answers comes last
    assert all(line.endswith(" 0 differ") for line in report.splitlines())
