"""What tests of imported facts share: a file with the ready columns, and what came of it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from perfmgmt.metrics.models import DirtyKey, Fact, FactVersion
from tests.factories import Company

HEAD = "external_id,employee,metric,date,value"
GOOD = "g1,AC004,sales_amount,2025-03-05,10"
Import = Callable[..., dict[str, Any]]


def file(*rows: str) -> str:
    return "\n".join([HEAD, *rows]) + "\n"


def facts(shop: Company) -> list[tuple[str, Decimal]]:
    with shop.scope():
        return list(Fact.objects.order_by("external_id", "id").values_list("external_id", "value"))


def nothing_is_left(shop: Company) -> bool:
    with shop.scope():
        return not Fact.objects.exists() and not DirtyKey.objects.exists() and not FactVersion.objects.exists()
