"""Writes of templates of goals (G8): lines in their order, ready templates as data."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from goals.models import Baseline, Counting, Form, GoalTemplate, TemplateLine
from goals.template_sets.selectors import template_of
from perfmgmt.metrics.models import Metric
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound

PACK = Path(__file__).with_name("pack.json")
MOST = 20


@dataclass(frozen=True)
class LineDraft:
    """One goal of a template as it was typed. `value` is a target, or a growth in percent or points by `form`."""

    title: str
    metric_id: int | None = None
    form: str = Form.ABSOLUTE
    counting: str = Counting.WHOLE
    value: Decimal | None = None
    baseline_kind: str = ""
    weight: Decimal = Decimal(0)


@transaction.atomic
def save_template(
    template_id: int | None,
    *,
    name: str,
    position_id: int | None,
    sales_role_type: str,
    lines: Sequence[LineDraft],
    seen: str | None = None,
) -> GoalTemplate:
    """Make a template or change one, with its goals in the order given.

    `seen` is the `state_of` the template that the page showed. Raises NotFound, Conflict when it is another one by
    now, Conflict for a name that is taken, DomainError for too many goals, one without a title, or a
    metric that stands in two of them.
    """
    _check(lines)
    template = GoalTemplate() if template_id is None else _locked(template_id)
    if template_id is not None and seen is not None and seen != state_of(template):
        raise Conflict(
            _(
                "Somebody changed this template meanwhile, and nothing was saved. "
                "Open it again to see what it says now."
            ),
            code="changed_meanwhile",
        )
    template.name, template.position_id, template.sales_role_type = name, position_id, sales_role_type
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError as error:
        raise Conflict(_("Another template has this name. Choose another one."), code="name_taken") from error
    _write(template, lines)
    return template


def state_of(template: GoalTemplate) -> str:
    """Return a short text that is another one as soon as the template or one of its goals is changed; one query."""
    lines = TemplateLine.objects.filter(template=template).order_by("place")
    said = [template.name, template.position_id, template.sales_role_type, template.archived_at]
    rows = [asdict(_draft_of(line)) for line in lines]
    return sha256(json.dumps([said, rows], default=str).encode()).hexdigest()


def _check(lines: Sequence[LineDraft]) -> None:
    if len(lines) > MOST:
        raise DomainError(_("A template has {n} goals at most."), code="too_many_lines", n=MOST)
    if any(not line.title.strip() for line in lines):
        raise DomainError(_("Say what is to be reached."), code="line_without_title")
    metrics = [line.metric_id for line in lines if line.metric_id is not None]
    if len(set(metrics)) != len(metrics):
        raise DomainError(_("A metric stands in two goals. A person has one goal for a metric and a period."),
                          code="metric_twice")  # fmt: skip


def _write(template: GoalTemplate, lines: Sequence[LineDraft]) -> None:
    """Make the rows what the lines say; a row that says so already is not touched (the audit trail stays quiet)."""
    rows = {row.place: row for row in TemplateLine.objects.filter(template=template)}
    TemplateLine.objects.filter(template=template, place__gt=len(lines)).delete()
    for place, line in enumerate(lines, 1):
        row, wanted = rows.get(place), asdict(line)
        if row is None:
            TemplateLine.objects.create(template=template, place=place, **wanted)
        elif any(getattr(row, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(row, name, value)
            row.save()


@transaction.atomic
def archive_template(template_id: int, *, archived: bool) -> GoalTemplate:
    """Archive a template or bring it back; return it. Raises NotFound."""
    template = _locked(template_id)
    if (template.archived_at is not None) != archived:
        template.archived_at = timezone.now() if archived else None
        template.save(update_fields=["archived_at"])
    return template


@transaction.atomic
def copy_template(template_id: int) -> GoalTemplate:
    """Make a copy of a template under a free name; return it. Raises NotFound."""
    source = template_of(template_id)
    lines = [_draft_of(row) for row in TemplateLine.objects.filter(template=source).order_by("place")]
    return save_template(
        None, name=_free_name(source.name), position_id=source.position_id, sales_role_type=source.sales_role_type,
        lines=lines,
    )  # fmt: skip


def _draft_of(row: TemplateLine) -> LineDraft:
    return LineDraft(
        row.title, row.metric_id, row.form, row.counting, row.value, row.baseline_kind, row.weight
    )  # fmt: skip


def _free_name(name: str) -> str:
    taken = set(GoalTemplate.objects.values_list("name", flat=True))
    for number in range(1, 1000):
        copy = _t("{name} (copy)") if number == 1 else _t("{name} (copy {number})")
        found = copy.format(name=name[:100], number=number)
        if found not in taken:
            return found
    raise Conflict


def pack() -> list[dict[str, Any]]:
    """Return the ready templates as data."""
    found: list[dict[str, Any]] = json.loads(PACK.read_text(encoding="utf-8"))
    return found


@transaction.atomic
def install_pack() -> int:
    """Add the ready templates that are missing, in the language that is active; return how many came.

    One that is there under its Chinese or English name stays as it is, archived or not. Goals whose metric the
    workspace has archived or removed are left out. Twice changes nothing.
    """
    taken = set(GoalTemplate.objects.values_list("name", flat=True))
    metrics = dict(Metric.objects.filter(archived_at=None).values_list("code", "pk"))
    missing = [entry for entry in pack() if not taken & set(entry["name"].values())]
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    for entry in missing:
        lines = [_ready(line, metrics, language) for line in entry["lines"] if line["metric"] in metrics]
        save_template(
            None,
            name=entry["name"][language],
            position_id=None,
            sales_role_type=entry["sales_role_type"],
            lines=lines,
        )
    return len(missing)


def _ready(line: dict[str, Any], metrics: dict[str, int], language: str) -> LineDraft:
    form = line.get("form", Form.ABSOLUTE)
    grows = form in (Form.PERCENT, Form.POINTS)
    value = Decimal(line["value"]) if line.get("value") is not None else None
    kind = line.get("baseline", Baseline.PREVIOUS) if grows else ""
    return LineDraft(
        line[language], metrics[line["metric"]], form, Counting.WHOLE, value, kind, Decimal(line["weight"])
    )


def _locked(template_id: int) -> GoalTemplate:
    found = GoalTemplate.objects.select_for_update().filter(pk=template_id).first()
    if found is None:
        raise NotFound
    return found
