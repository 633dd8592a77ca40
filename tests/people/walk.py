"""Every URL pattern of the project, found in the URL configuration itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver

from perfmgmt.api.models import ApiToken
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.models import Fact, FactsBatch, ImportDraft, ImportProfile, Metric
from perfmgmt.notify.models import Notification, WorkspaceMail
from perfmgmt.people.access import Access
from perfmgmt.people.models import Absence, Assignment, Duty, Invitation, Position, StandIn
from perfmgmt.worklog.models import Proof, WorkEntry
from tests.factories import Company
from tests.tenants.samples import canary


@dataclass(frozen=True)
class Route:
    """One URL pattern with everything it takes from the address."""

    name: str
    pattern: str
    callback: Callable[..., Any]
    kwargs: frozenset[str] = field(default_factory=frozenset)

    @property
    def access(self) -> Access | None:
        return getattr(self.callback, "access", None)


def routes(resolver: Any = None, prefix: str = "", kwargs: frozenset[str] = frozenset()) -> Iterator[Route]:
    """Yield all patterns, those of included modules too."""
    for entry in (resolver or get_resolver()).url_patterns:
        here = kwargs | set(entry.pattern.converters)
        text = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, text, here)
        elif isinstance(entry, URLPattern):
            yield Route(entry.name or "", text, entry.callback, frozenset(here))


def workspace_routes() -> list[Route]:
    return [route for route in routes() if route.access is not None and route.access.kind == "workspace"]


# What to put into an address for each of its parts, from a company that `samples.fill` has filled.
OBJECTS: dict[str, Callable[[Company], int]] = {
    "employee_id": lambda company: company.people["ann"].pk,
    "fact_id": lambda company: Fact.objects.filter(employee=company.people["ann"]).earliest("id").id,
    "job_id": lambda company: Job.objects.earliest("id").pk,
    "metric_id": lambda company: Metric.objects.get(code="repeat_purchase_amount").pk,
    "draft_id": lambda company: ImportDraft.objects.earliest("id").pk,
    "profile_id": lambda company: ImportProfile.objects.earliest("id").pk,
    "entry_id": lambda company: WorkEntry.objects.get(employee=company.people["ann"]).pk,
    "proof_id": lambda company: Proof.objects.get(entry__employee=company.people["ann"]).pk,
    "token_id": lambda company: ApiToken.objects.earliest("id").pk,
    "batch_id": lambda company: FactsBatch.objects.earliest("id").pk,
    "member_id": lambda company: company.membership("hr").pk,
    "invitation_id": lambda company: Invitation.objects.earliest("id").pk,
    "mail_id": lambda company: WorkspaceMail.objects.earliest("id").pk,
    "assignment_id": lambda company: Assignment.objects.filter(employee=company.people["ann"]).earliest("id").pk,
    "absence_id": lambda company: Absence.objects.get(employee=company.people["ann"]).pk,
    "stand_in_id": lambda company: StandIn.objects.get(employee=company.people["ann"]).pk,
    "unit_id": lambda company: company.units["north"].pk,
    "position_id": lambda company: Position.objects.earliest("id").pk,
    "notification_id": lambda company: Notification.objects.earliest("id").pk,
    "duty_id": lambda company: Duty.objects.earliest("id").pk,
}
# The same, of somebody who stands neither below the manager nor below the assistant.
OUT_OF_REACH: dict[str, Callable[[Company], int]] = {
    "employee_id": lambda company: company.people["cid"].pk,
    "fact_id": lambda company: Fact.objects.filter(employee=company.people["cid"]).earliest("id").id,
    "job_id": lambda company: Job.objects.exclude(created_by=None).latest("id").pk,
    "metric_id": lambda company: 2**40,  # the library is for everybody; this one isn't there
    "draft_id": lambda company: ImportDraft.objects.earliest("id").pk,
    "profile_id": lambda company: ImportProfile.objects.earliest("id").pk,
    "entry_id": lambda company: WorkEntry.objects.get(employee=company.people["cid"]).pk,
    "proof_id": lambda company: Proof.objects.get(entry__employee=company.people["cid"]).pk,
    "token_id": lambda company: ApiToken.objects.latest("id").pk,
    "batch_id": lambda company: FactsBatch.objects.latest("id").pk,
    "member_id": lambda company: company.membership("owner").pk,
    "invitation_id": lambda company: Invitation.objects.latest("id").pk,
    "mail_id": lambda company: WorkspaceMail.objects.latest("id").pk,
    "assignment_id": lambda company: Assignment.objects.filter(employee=company.people["cid"]).earliest("id").pk,
    "absence_id": lambda company: Absence.objects.get(employee=company.people["cid"]).pk,
    "stand_in_id": lambda company: StandIn.objects.get(employee=company.people["cid"]).pk,
    # Units are for who may edit everybody only, so none is out of reach.
    "unit_id": lambda company: company.units["south"].pk,
    "position_id": lambda company: 2**40,  # job descriptions are for everybody; this one isn't there
    "notification_id": lambda company: 2**40,  # everybody's own only; this one isn't there
    "duty_id": lambda company: 2**40,
}


def address(route: Route, company: Company, objects: dict[str, Callable[[Company], int]], of: Company) -> str:
    """Return the address in a company with the ids of objects of a company, this one or another."""
    unknown = route.kwargs - {"slug"} - objects.keys()
    assert not unknown, f"{route.name}: say in tests/people/walk.py what {sorted(unknown)} stands for"
    path = "/" + route.pattern.replace("<slug:slug>", company.tenant.slug)
    with of.scope():
        for name in route.kwargs - {"slug"}:
            path = path.replace(f"<int:{name}>", str(objects[name](of)))
    assert "<" not in path, f"{route.name}: {path} has a part that the walk does not know how to fill"
    return path


def text_of(response: HttpResponseBase) -> str:
    """The body, also of a file that is sent in pieces."""
    if response.streaming:
        return b"".join(response).decode(errors="replace")  # type: ignore[arg-type]
    return response.content.decode(errors="replace")  # type: ignore[attr-defined]


def shows(response: HttpResponseBase, company: Company) -> bool:
    """Whether anything of the company is in the answer."""
    return canary(company) in text_of(response)
