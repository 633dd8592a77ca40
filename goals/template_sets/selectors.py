"""Reads of templates of goals."""

from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from goals.models import GoalTemplate, TemplateLine
from perfmgmt.tenants.errors import NotFound

WHOLE = Decimal(100)
SORTS = {"name": "name", "lines": "line_count", "weight": "weight"}


def templates(*, search: str = "", archived: bool = False, sort: str = "") -> QuerySet[GoalTemplate]:
    """Return templates with how many goals they have and what these weigh together."""
    found = GoalTemplate.objects.select_related("position").annotate(
        line_count=Count("lines"), weight=Sum("lines__weight", default=Decimal(0))
    )
    if not archived:
        found = found.filter(archived_at=None)
    if search := search.strip():
        found = found.filter(Q(name__icontains=search) | Q(lines__title__icontains=search)).distinct()
        found = GoalTemplate.objects.select_related("position").filter(pk__in=found.values("pk")).annotate(
            line_count=Count("lines"), weight=Sum("lines__weight", default=Decimal(0))
        )  # fmt: skip
    way, key = ("-", sort[1:]) if sort.startswith("-") else ("", sort)
    return found.order_by(way + SORTS.get(key, "name"), "pk")


def template_of(template_id: int) -> GoalTemplate:
    """Return a template; raise NotFound."""
    found = GoalTemplate.objects.select_related("position").filter(pk=template_id).first()
    if found is None:
        raise NotFound
    return found


def lines_of(template: GoalTemplate) -> list[TemplateLine]:
    """Return a template's goals in their places."""
    return list(TemplateLine.objects.select_related("metric").filter(template=template).order_by("place"))


def weight_of(template_id: int | str | None) -> Decimal | None:
    """Return what the goals of a template weigh together, in percent; None for one without goals."""
    if not template_id or not str(template_id).isdecimal():
        return None
    rows = TemplateLine.objects.filter(template_id=int(template_id))
    found: Decimal | None = rows.aggregate(total=Sum("weight"))["total"]
    return found
