"""The metric library, and figures per period."""

from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from perfmgmt.api.filters import MetricFilters, RollupFilters
from perfmgmt.api.lists import DetailView, ListView
from perfmgmt.api.pagination import after, limit_of, next_link, read_cursor, write_cursor
from perfmgmt.api.scopes import METRICS_READ, ROLLUPS_READ
from perfmgmt.api.serializers import MetricSerializer, RollupSerializer
from perfmgmt.metrics.models import EmployeeRollup, Metric, UnitRollup
from perfmgmt.metrics.selectors import employee_figures, metric_by_code, unit_figures
from perfmgmt.tenants.calendar import GRAIN_BY_NAME, Grain, Period


@extend_schema(summary=_("List metrics"), tags=["metrics"])
class MetricsView(ListView):
    """What is measured, and how."""

    scope = METRICS_READ
    model = Metric
    serializer_class = MetricSerializer
    filterset_class = MetricFilters
    orders = {"position": ("position", "code")}
    default_order = "position"

    def rows(self) -> QuerySet[Any]:
        return Metric.objects.select_related("numerator", "denominator")


@extend_schema(summary=_("Read one metric"), tags=["metrics"])
class MetricView(DetailView):
    """One metric by code."""

    scope = METRICS_READ
    model = Metric
    serializer_class = MetricSerializer
    key = ("code", "code")

    def rows(self) -> QuerySet[Any]:
        return Metric.objects.select_related("numerator", "denominator")


@extend_schema(
    summary=_("List figures"),
    description=_(
        "The figures of one metric per person or unit and period, as the pages show them. Who had no facts in a "
        "period has no row. Workers bring figures up to date within seconds of a new fact."
    ),
    tags=["rollups"],
)
class RollupsView(ListView):
    """Figures from the prepared tables; a page takes the same few queries whatever its size."""

    scope = ROLLUPS_READ
    model = EmployeeRollup
    serializer_class = RollupSerializer
    filterset_class = RollupFilters

    def rows(self) -> QuerySet[Any]:
        return EmployeeRollup.objects.none()  # the filters are checked on it; `get` reads the right table

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer with one page of figures, by owner and period."""
        self.filter_queryset(self.get_queryset())  # raises for a parameter that is wrong or missing
        asked = request.query_params
        owner = "unit_id" if asked.get("by") == "unit" else "employee_id"
        metric, grain, limit = metric_by_code(asked["metric"]), GRAIN_BY_NAME[asked["grain"]], limit_of(request)
        order = f"{owner} {metric.pk} {grain}"
        rows = self._selected(metric, grain, owner)
        position = read_cursor(request, order)
        if position is not None:
            rows = rows.filter(after((owner, "start"), position))
        # Each figure has at most one row per part, so this many rows hold `limit` whole figures and show the next.
        parts = metric.parts()
        rows = rows.order_by(owner, "start", "metric_id").values_list(owner, "start", "metric_id", "total", "n")
        cells = [(cell, list(found)) for cell, found in groupby(rows[: (limit + 1) * len(parts)], lambda r: r[:2])]
        page = cells[:limit]
        link = next_link(request, write_cursor(order, page[-1][0])) if len(cells) > limit else None
        answer = self._figures(metric, grain, owner, [cell for cell, _rows in page])
        return Response({"next": link, "results": self.get_serializer(answer, many=True).data})

    def _selected(self, metric: Metric, grain: Grain, owner: str) -> QuerySet[Any]:
        """Return the rollups that are asked for."""
        asked = self.request.query_params
        model: Any = UnitRollup if owner == "unit_id" else EmployeeRollup
        rows = model.objects.filter(metric_id__in=[part.pk for part in metric.parts()], grain=int(grain))
        for name, lookup in (("owner", owner), ("first_day", "start__gte"), ("last_day", "start__lte")):
            if asked.get(name):
                rows = rows.filter(**{lookup: asked[name]})
        return rows

    def _figures(self, metric: Metric, grain: Grain, owner: str, cells: list[Any]) -> list[dict[str, Any]]:
        """Return the figures of (owner, first day); what a metric needs from elsewhere is read for all at once."""
        if not cells:
            return []
        owners, starts = ({cell[part] for cell in cells} for part in (0, 1))
        span: dict[str, Any] = {"grain": grain, "first": min(starts), "last": max(starts)}
        by_person = owner == "employee_id"
        figures = employee_figures(metric, **span, employee_ids=owners) if by_person else unit_figures(
            metric, **span, unit_ids=owners
        )  # fmt: skip
        periods = {start: Period(grain, start, self.caller.workspace.fiscal_start_month) for start in starts}
        return [
            {
                "employee_id": pk if by_person else None, "unit_id": None if by_person else pk,
                "period": periods[start].label, "start": start, "end": periods[start].end,
                "value": _plain(figures.value(pk, start)), "n": figures.n(pk, start),
            }
            for pk, start in cells
        ]  # fmt: skip


def _plain(value: Decimal | None) -> str | None:
    """Return a figure as a decimal number without an exponent."""
    return None if value is None else f"{value:f}"
