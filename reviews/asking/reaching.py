"""What deciding needs to know, read for thousands at once in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth

from perfmgmt.customers.models import Contact, Customer
from perfmgmt.customers.selectors import Reachable, chosen_contact
from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.models import WorkspaceRules
from reviews.asking.sampling import Candidate, Limits, Past
from reviews.models import InvitationState, SkipReason, SurveyInvitation
from reviews.models.asking import Sampling


def limits_of(sampling: Sampling | None = None, **more: Any) -> Limits:
    """Return what bounds asking, the workspace's budget among it; one query."""
    rules = WorkspaceRules.objects.first() or WorkspaceRules()
    own = {name: getattr(sampling, name) for name in ("rate", "quota", "quiet_days")} if sampling else {}
    return Limits(days_between=rules.survey_days_between, per_year=rules.surveys_per_year, **own, **more)


def reachable(texts: Collection[str], *, by_link: bool = False, lock: bool = False) -> dict[str, Reachable]:
    """Return for each text by which facts name a company whom to write to there, or why nobody; two queries.

    With `by_link` somebody without an address counts where nobody there has one.
    With `lock` nobody can withdraw a consent or erase a contact until the transaction ends: who does waits and then
    finds what was written meanwhile.
    """
    named = {text for text in texts if text}
    rows = Customer.objects.filter(external_id__in=named).values_list("external_id", "pk", "merged_into_id")
    of_text = {text: merged_into or pk for text, pk, merged_into in rows}
    people = _people(set(of_text.values()), lock=lock)
    found = {"": Reachable(None, SkipReason.NO_CUSTOMER)}
    for text in named:
        customer_id = of_text.get(text)
        if customer_id is None:
            found[text] = Reachable(None, SkipReason.UNKNOWN_CUSTOMER)
        else:
            found[text] = chosen_contact(people.get(customer_id, []), by_link=by_link)
    return found


def _people(customers: Collection[int] | QuerySet[Any, Any], *, lock: bool) -> dict[int, list[Contact]]:
    rows = Contact.objects.filter(customer_id__in=customers, erased_at=None, merged_into=None).order_by("pk")
    found: dict[int, list[Contact]] = defaultdict(list)
    for contact in rows.select_for_update(no_key=True) if lock else rows:
        found[contact.customer_id or 0].append(contact)
    return found


def reachable_of(customers: QuerySet[Customer], *, by_link: bool = False, lock: bool = False) -> dict[int, Reachable]:
    """Return for companies of a query, by id, whom to write to there, or why nobody, as `reachable`; two queries."""
    ids = list(customers.values_list("pk", flat=True))
    people = _people(ids, lock=lock)
    return {pk: chosen_contact(people.get(pk, []), by_link=by_link) for pk in ids}


def past_of(
    candidates: Collection[Candidate],
    limits: Limits,
    *,
    survey_id: int | None,
    workspace: Workspace,
    now: datetime,
    quota_of: QuerySet[SurveyInvitation] | None = None,
) -> Past:
    """Return when the candidates' contacts were asked before, and how full the quotas are among `quota_of`.

    Two queries. What was called off does not count; a reminder is no invitation.
    """
    zone = ZoneInfo(workspace.time_zone)
    past = Past()
    ids = {one.contact_id for one in candidates if one.contact_id is not None}
    since = datetime.combine(workspace.today(now) - limits.looks_back - timedelta(days=1), time(), UTC)
    asked = SurveyInvitation.objects.filter(contact_id__in=ids, chosen_at__gte=since)
    asked = asked.exclude(state=InvitationState.CANCELLED)
    for contact_id, of_survey, at in asked.values_list("contact_id", "survey_id", "chosen_at"):
        day = at.astimezone(zone).date()
        past.by_all[contact_id].append(day)
        if of_survey == survey_id:
            past.by_this[contact_id].append(day)
    if quota_of is not None and limits.quota is not None and candidates:
        _count(past, quota_of, candidates)
    return past


def _count(past: Past, quota_of: QuerySet[SurveyInvitation], candidates: Iterable[Candidate]) -> None:
    days = [one.day for one in candidates]
    first, last = min(days).replace(day=1), max(days).replace(day=1) + timedelta(days=31)
    rows = (
        quota_of.exclude(state=InvitationState.CANCELLED)
        .filter(day__gte=first, day__lte=last, employee_id__in={one.employee_id for one in candidates})
        .annotate(month=TruncMonth("day"))
        .order_by()
        .values_list("employee_id", "month")
        .annotate(n=Count("pk"))
    )
    for employee_id, month, n in rows:
        past.of_quota[(employee_id, month.year, month.month)] = n
