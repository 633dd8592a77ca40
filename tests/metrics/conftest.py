"""A workspace with one metric of each way of computing."""

import pytest

from perfmgmt.metrics.models import Metric
from tests.factories import Company
from tests.metrics.reference import make_derived, make_metrics


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
