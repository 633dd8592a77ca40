"""A chart says the same as drawing and as table."""

from decimal import Decimal

from django.utils.translation import override

from perfmgmt.web.charts import Chart, Series

CHART = Chart(
    "sales", "Sales", ["Jan", "Feb"], [Series("Sales", [Decimal("1200.00"), None])], unit="money", currency="USD"
)


def test_payload_and_table_agree_and_a_gap_is_no_zero() -> None:
    with override("en"):
        assert CHART.payload()["series"][0]["y"] == [1200.0, None]
        assert CHART.payload()["series"][0]["text"] == ["$1,200", "—"]
        assert CHART.rows() == [("Jan", ["$1,200"]), ("Feb", ["—"])]


def test_a_chart_without_values_is_empty() -> None:
    assert Chart("x", "x", ["Jan"], [Series("x", [None])]).is_empty
    assert not CHART.is_empty
