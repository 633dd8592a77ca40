"""A workspace with one metric of each way of computing, and what imports need."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from perfmgmt.metrics.models import Metric
from tests.factories import Company
from tests.metrics.importing import Import
from tests.metrics.reference import make_derived, make_metrics
from tests.metrics.wizard import Wizard


@pytest.fixture
def metrics(company: Company) -> dict[str, Metric]:
    """Metrics sum, count, distinct, mean, stock, latest (a non-stock last) and ratio, instead of the library."""
    with company.scope():
        return make_metrics()


@pytest.fixture
def derived(company: Company) -> dict[str, Metric]:
    """The same, and a metric of each way of reading the facts of "sum"."""
    with company.scope():
        made = make_derived(make_metrics())
        company.drain()
        return made


@pytest.fixture
def shop(company: Company, settings: Any, tmp_path: Path) -> Company:
    settings.MEDIA_ROOT = tmp_path / "files"
    with company.scope():
        company.drain()
    return company


@pytest.fixture
def take(shop: Company, tmp_path: Path) -> Import:
    """Import a file (text or bytes) with the ready mapping and changes to it; return the summary."""

    def run(content: str | bytes, name: str = "facts.csv", mapping: dict[str, Any] | None = None) -> dict[str, Any]:
        path, out = tmp_path / name, StringIO()
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        options = {}
        if mapping is not None:
            ready = {
                "source": "file", "external_id": "external_id", "employee": {"column": "employee", "by": "number"},
                "facts": [{"metric": {"column": "metric"}, "day": "date", "value": {"column": "value"}}],
            }  # fmt: skip
            options["mapping"] = tmp_path / "mapping.json"
            options["mapping"].write_text(json.dumps({**ready, **mapping}), encoding="utf-8")
        try:
            call_command("import_facts", path, workspace="acme", stdout=out, **options)
        except SystemExit as stopped:
            return {**json.loads(out.getvalue()), "exit": stopped.code}
        return {**json.loads(out.getvalue()), "exit": 0}

    return run


@pytest.fixture
def wizard(company: Company, settings: Any, tmp_path: Path) -> Wizard:
    settings.MEDIA_ROOT = tmp_path / "files"
    with company.scope():
        company.drain()
    return Wizard.of(company)
