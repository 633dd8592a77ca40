"""How one is assessed: in plain words, shown before a period, acknowledged; who has not is listed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.models import Job
from perfmgmt.notify.models import Notification
from perfmgmt.people.models import Assignment
from perfmgmt.people.viewer import Viewer, viewer_in, workspace_of
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from reviews.assessed import people, selectors, services, tasks
from reviews.models import Scorecard, ScorecardNotice, ScorecardVersion
from reviews.scorecards import services as scorecards
from reviews.scorecards.content import content_of, stamp
from reviews.scorecards.matching import scorecard_for
from reviews.scorecards.pack import install_pack
from tests.factories import Company

SignIn = Callable[[Any], Any]
BASE = "/w/acme/assessed/"
LIST = "/w/acme/scorecards/acknowledged/"


def running(company: Company) -> Period:
    return Period.containing(Grain.QUARTER, workspace_of(company.tenant).today())


def publish_default(company: Company) -> ScorecardVersion:
    """Publish the ready default scorecard for a year back. Needs the scope."""
    install_pack()
    version = ScorecardVersion.objects.get(scorecard__sales_role_type="")
    start = running(company).next(-4).start
    return scorecards.publish(version.pk, valid_from=start, seen=stamp(content_of(version)), user_id=None)


def publish_next(company: Company, version: ScorecardVersion) -> ScorecardVersion:
    """Publish a second version, for the running quarter on."""
    following = scorecards.start_draft(version.scorecard_id)
    return scorecards.publish(
        following.pk, valid_from=running(company).start, seen=stamp(content_of(following)), user_id=None
    )


def viewer(company: Company, role: str) -> Viewer:
    found = viewer_in(company.users[role].pk, workspace_of(company.tenant).today())
    assert found is not None
    return found


def show(company: Company, period: Period, role: str = "hr") -> dict[str, Any]:
    job = Job.objects.create(kind=tasks.KIND, params={"period": period.label})
    return tasks.run(JobContext(job.pk, {"period": period.label}, company.users[role].pk))


def acknowledge(company: Company, version: ScorecardVersion, comment: str = "") -> ScorecardNotice:
    return services.acknowledge(
        running(company), version.pk, comment, viewer=viewer(company, "assistant"),
        workspace=workspace_of(company.tenant),
    )  # fmt: skip


def test_the_page_says_in_words_what_counts_and_who_judges(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["assistant"])
    assert "No scorecard for you yet" in client.get(BASE).content.decode()
    with company.scope():
        publish_default(company)
        label = running(company).next().label
    text = client.get(BASE).content.decode()
    for words in (
        "Sales results", "40%", "Who judges", "100% of the target gives 100 points", "Manager 60%, Peers 40%",
        "Your customers, in surveys and interviews", "what is missing never lowers your score",
        "Nothing was taken off", "I have read how I am assessed",
    ):  # fmt: skip
        assert words in text, words
    assert client.get(f"{BASE}?period={label}").status_code == 200
    assert client.get(f"{BASE}?period=nonsense").status_code == 200


def test_who_only_administers_has_no_page_of_their_own(company: Company, sign_in: SignIn) -> None:
    assert sign_in(company.users["hr"]).get(BASE).status_code == 403
    with company.scope(), pytest.raises(NotAllowed):
        services.acknowledge(
            running(company), 1, "", viewer=viewer(company, "hr"), workspace=workspace_of(company.tenant)
        )


def test_reading_is_acknowledged_with_a_comment(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        version, period = publish_default(company), running(company)
    client = sign_in(company.users["assistant"])
    data = {"period": period.label, "version": version.pk, "comment": "How are surveys chosen?"}
    assert client.post(f"{BASE}acknowledge/", data).status_code == 302
    assert "You acknowledged this scorecard" in client.get(f"{BASE}?period={period.label}").content.decode()
    with company.scope():
        notice = ScorecardNotice.objects.get()
        first = notice.acknowledged_at
    client.post(f"{BASE}acknowledge/", data | {"comment": "Thanks"})
    with company.scope():
        notice.refresh_from_db()
        assert (notice.comment, notice.acknowledged_at) == ("Thanks", first)
    assert client.post(f"{BASE}acknowledge/", data | {"comment": "x" * 501}).status_code == 400
    assert client.post(f"{BASE}acknowledge/", data | {"version": "1"}).status_code == 409
    assert client.post(f"{BASE}acknowledge/", {"period": "never"}).status_code == 404


def test_what_was_not_on_the_page_cant_be_acknowledged(acme: Company) -> None:
    with pytest.raises(NotFound):
        acknowledge(acme, ScorecardVersion(pk=1))
    first = publish_default(acme)
    publish_next(acme, first)
    with pytest.raises(Conflict, match="has changed"):
        acknowledge(acme, first)


def test_showing_tells_people_once_and_reminds_who_has_not_read(acme: Company) -> None:
    version = publish_default(acme)
    found = show(acme, running(acme))
    assert (found["people"], found["new"], found["without"]) == (6, 6, 0)
    assert found["told"] == 2  # who has a sign-in: ann and the manager
    acknowledge(acme, version)
    again = show(acme, running(acme))
    assert (again["new"], again["told"]) == (0, 1)
    kinds = Notification.objects.filter(user=acme.users["manager"]).values_list("kind", flat=True)
    assert list(kinds) == ["scorecards.shown"]  # the reminder takes the place of the unread one
    assert ScorecardNotice.objects.count() == 6


def test_a_new_version_is_to_be_read_again(acme: Company) -> None:
    first = publish_default(acme)
    acknowledge(acme, first, "Fine")
    second = publish_next(acme, first)
    (own, *_rest) = [
        one for one in selectors.own_periods(acme.people["ann"].pk, workspace=workspace_of(acme.tenant))
        if one.period == running(acme)
    ]  # fmt: skip
    assert own.has_changed and not own.is_acknowledged
    show(acme, running(acme))
    notice = ScorecardNotice.objects.get(employee=acme.people["ann"])
    assert (notice.version_id, notice.acknowledged_at, notice.comment) == (second.pk, None, "")
    acknowledge(acme, second)
    assert ScorecardNotice.objects.get(employee=acme.people["ann"]).acknowledged_at is not None


def test_a_period_that_is_over_is_not_shown_and_nobody_without_a_scorecard(acme: Company) -> None:
    publish_default(acme)
    with pytest.raises(DomainError, match="is over"):
        show(acme, running(acme).next(-1))
    with pytest.raises(NotAllowed):
        show(acme, running(acme), "manager")
    Scorecard.objects.update(archived_at=timezone.now())
    assert show(acme, running(acme))["without"] == 6


def test_showing_many_takes_as_many_queries_as_showing_one(acme: Company, django_assert_num_queries: Any) -> None:
    publish_default(acme)
    period, workspace = running(acme), workspace_of(acme.tenant)
    versions = scorecard_for(None, 4, period.start, workspace=workspace)
    ids = [person.pk for person in acme.people.values()]
    # savepoint, the notices that are there, the insert, the end of the savepoint
    with django_assert_num_queries(4):
        services.show_to(ids[:1], versions, period)
    with django_assert_num_queries(4):
        services.show_to(ids[1:], versions, period)


def test_the_list_says_who_has_not_read_theirs(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        version = publish_default(company)
        period = running(company)
        services.show_to([company.people[n].pk for n in ("ann", "bob")], {
            company.people[n].pk: version.pk for n in ("ann", "bob")}, period)  # fmt: skip
        acknowledge(company, version, "Clear")
        Assignment.objects.filter(employee=company.people["cid"]).update(sales_role_type="hunter")
    hr, manager = sign_in(company.users["hr"]), sign_in(company.users["manager"])
    text = hr.get(LIST).content.decode()
    assert "Clear" in text and "Shown, not acknowledged" in text and "Show and remind" in text
    assert "Bob Bell" in hr.get(f"{LIST}?state=waiting").content.decode()
    assert "Bob Bell" not in hr.get(f"{LIST}?state=acknowledged").content.decode()
    text = manager.get(LIST).content.decode()
    assert "Bob Bell" in text and "Cid Cole" not in text and "Show and remind" not in text
    for query in ("sort=state", "sort=-read", "q=Bob&state=none", "period=2025-01", "period=never"):
        assert hr.get(f"{LIST}?{query}").status_code == 200
    assert sign_in(company.users["assistant"]).get(LIST).status_code == 403
    assert hr.post("/w/acme/scorecards/show/", {"period": period.label}).status_code == 302
    assert hr.post("/w/acme/scorecards/show/", {"period": "never"}).status_code == 404
    assert manager.post("/w/acme/scorecards/show/", {"period": period.label}).status_code == 403


def test_every_state_is_counted(acme: Company) -> None:
    version = publish_default(acme)
    acknowledge(acme, version)
    services.show_to([acme.people["bob"].pk], {acme.people["bob"].pk: version.pk}, running(acme))
    workspace = workspace_of(acme.tenant)
    wanted = people.Wanted(running(acme))
    hr = viewer(acme, "hr")
    assert people.counts(wanted, viewer=hr, workspace=workspace) == {
        "acknowledged": 1, "waiting": 1, "not_shown": 4, "none": 0
    }  # fmt: skip
    Scorecard.objects.update(archived_at=timezone.now())
    assert people.counts(wanted, viewer=hr, workspace=workspace)["none"] == 6


@pytest.mark.parametrize("role", ["hr", "manager"])
def test_lists_are_exported_with_the_rights_of_who_asks(
    company: Company, sign_in: SignIn, settings: Any, tmp_path: Any, role: str
) -> None:
    from functools import partial

    from django.core.files.storage import default_storage

    from perfmgmt.jobs import services as jobs
    from perfmgmt.tenants.scope import tenant_scope

    settings.MEDIA_ROOT = tmp_path
    with company.scope():
        publish_default(company)
    client = sign_in(company.users[role])
    for address, holds in (
        ("/w/acme/scorecards/export/", "Sales results"),
        ("/w/acme/scorecards/acknowledged/export/", "Bob Bell"),
        ("/w/acme/deductions/export/", "Employee number"),
    ):
        assert client.post(address).status_code == 302
        with company.scope():
            job = Job.objects.latest("pk")
        jobs.run(partial(tenant_scope, company.tenant.pk), job.pk)
        with company.scope():
            job.refresh_from_db()
            text = default_storage.open(job.result["file"]).read().decode("utf-8-sig")
        assert holds in text, address
        assert ("Cid Cole" in text) == (role == "hr" and "acknowledged" in address)
