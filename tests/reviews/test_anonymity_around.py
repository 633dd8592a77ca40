"""Ways around: files of others, the trail about oneself, pictures, comparisons, a cycle opened again, voices."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.utils import timezone

from perfmgmt.jobs.models import Job
from perfmgmt.people.models import Membership
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.errors import Conflict
from reviews.answers import voices
from reviews.answers.rules import RaterAnswers, RaterGroup, review360
from reviews.calibration import comparing, exports
from reviews.calibration import services as calibrating
from reviews.cycles import services as cycles
from reviews.models import (
    CalibrationSession,
    CycleQuestion,
    CycleState,
    CycleStatistic,
    FairnessAsked,
    FairnessVoice,
    GroupScoreRow,
    Rater,
    ReviewCycle,
    Score,
    ScorecardVersion,
)
from reviews.results import files
from reviews.results.tasks import settle_voices_of
from reviews.scores.services import Turn, drain
from tests.browser.statistics import statistics_samples
from tests.factories import Company
from tests.reviews.calibration_factories import add_people, calibration
from tests.reviews.cycle_factories import launched
from tests.reviews.factories import QUARTER, add_peers, answer, open_cycle
from tests.reviews.result_factories import scorecard

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]


def employ(company: Company, role: str, person: str) -> None:
    """Let somebody with a role given by hand be a person of the company, too."""
    Membership.objects.filter(employee=company.people[person]).update(employee=None)
    Membership.objects.filter(user=company.users[role]).update(employee=company.people[person])


# Files that others asked for


@pytest.mark.parametrize("kind", [exports.EXPORT, files.KIND, "scores.export"])
def test_a_file_is_for_who_asked_for_it_only(
    acme: Company, sign_in: SignIn, settings: Any, tmp_path: Any, kind: str
) -> None:
    """It was written without their own row, and with everybody else's: with that of HR who only sees the work."""
    settings.MEDIA_ROOT = tmp_path
    name = default_storage.save("exports/1/people.csv", ContentFile(b"everybody's score"))
    result = {"file": name, "file_name": "people.csv", "rows": 3, "result": 1}
    job = Job.objects.create(kind=kind, state="done", result=result, created_by=acme.users["owner"])
    address = f"/w/acme/jobs/{job.pk}/"
    assert sign_in(acme.users["owner"]).get(f"{address}file/").status_code == 200
    assert f"{address}file/" in sign_in(acme.users["owner"]).get(address).content.decode()
    for role in ("hr", "auditor"):
        client = sign_in(acme.users[role])
        assert client.get(f"{address}file/").status_code == 404, role
        assert f"{address}file/" not in client.get(address).content.decode()
        assert f"{address}file/" not in client.get("/w/acme/jobs/").content.decode()


def test_who_may_not_ask_for_a_file_any_more_does_not_get_it(
    acme: Company, sign_in: SignIn, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    name = default_storage.save("exports/1/people.csv", ContentFile(b"everybody's score"))
    job = Job.objects.create(
        kind=exports.EXPORT, state="done", result={"file": name}, created_by=acme.users["assistant"]
    )
    assert sign_in(acme.users["assistant"]).get(f"/w/acme/jobs/{job.pk}/file/").status_code == 404


# The trail about oneself


def test_the_trail_tells_nobody_who_reviews_them_and_how_they_were_calibrated(acme: Company, sign_in: SignIn) -> None:
    north = calibration(acme)
    employ(acme, "hr", "bob")
    peer, *_rest = add_peers(acme, north.cycle, "bob", 2)
    add_peers(acme, north.cycle, "ann", 1)
    north.move("bob", "C", reason="zq too generous")
    north.move("ann", "A", reason="zq somebody else")
    hr, auditor = sign_in(acme.users["hr"]), sign_in(acme.users["auditor"])
    for kind in ("reviews.CalibrationMove", "reviews.Participant", "reviews.Rater"):
        own, others = (one.get("/w/acme/audit/", {"kind": kind}).content.decode() for one in (hr, auditor))
        assert own.count("trail-entry") < others.count("trail-entry"), kind
    moves = hr.get("/w/acme/audit/", {"kind": "reviews.CalibrationMove"}).content.decode()
    assert "zq somebody else" in moves and "zq too generous" not in moves
    one = hr.get("/w/acme/audit/", {"kind": "reviews.Rater", "row": str(peer.pk)}).content.decode()
    assert "Nothing matches" in one
    assert "zq too generous" not in hr.get("/w/acme/audit/", {"q": "zq too"}).content.decode()
    assert "zq too generous" in auditor.get("/w/acme/audit/", {"q": "zq too"}).content.decode()


# Figures about oneself before the release


def test_the_picture_of_self_and_others_is_without_oneself(acme: Company, sign_in: SignIn) -> None:
    """Who knows what they said of themselves would find the dot that is them, and what others said."""
    cycle = ReviewCycle.objects.get(pk=statistics_samples(acme)["cycle_id"][0])
    hr, address = sign_in(acme.users["hr"]), f"/w/acme/reviews/statistics/{cycle.pk}/"
    assert "Of 3 people 1 see themselves higher" in hr.get(address).content.decode()
    employ(acme, "hr", "ann")  # the one who sees herself higher
    assert "Of 2 people 0 see themselves higher" in hr.get(address).content.decode()


def test_the_comparison_is_without_oneself(acme: Company) -> None:
    north = calibration(acme)
    add_people(acme, north.cycle, "north", ["60", "62", "64", "66"])
    employ(acme, "hr", "ann")
    seen = comparing.compare(north.cycle.row, comparing.UNIT, viewer=north.viewer("hr"))
    whole = comparing.compare(north.cycle.row, comparing.UNIT, viewer=north.viewer("owner"))
    assert (seen.whole.n, whole.whole.n) == (7, 8)
    assert seen.whole.after is not None and seen.whole.after.mean != whole.whole.after.mean  # type: ignore[union-attr]


# A cycle that is opened again


def test_nothing_is_compared_while_a_closed_cycle_may_be_opened_again(acme: Company, sign_in: SignIn) -> None:
    cycle = open_cycle(acme, state="closed")
    hr = sign_in(acme.users["hr"])
    assert hr.get(f"/w/acme/comparison/?cycle={cycle.row.pk}").status_code == 404
    assert not cycles.figures_were_seen(cycle.row)
    CycleStatistic.objects.create(
        pk=(acme.tenant.pk, cycle.row.pk), cycle_id=cycle.row.pk, made_at=timezone.now(), figures={"n": 0}
    )
    assert hr.get(f"/w/acme/comparison/?cycle={cycle.row.pk}").status_code == 200
    assert cycles.figures_were_seen(cycle.row)


def test_a_session_that_was_looked_at_and_removed_keeps_a_cycle_shut(acme: Company) -> None:
    north = calibration(acme)
    hr, space = north.viewer("hr"), workspace_of(acme.tenant)
    calibrating.remove_session(north.session.pk, viewer=hr)
    assert not CalibrationSession.objects.exists()
    with pytest.raises(Conflict):
        cycles.reopen(north.cycle.row.pk, space.today() + timedelta(days=3), viewer=hr, workspace=space)


# Voices about the fairness of a cycle


def transactions(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT xmin::text FROM {table}")
        return {number for (number,) in cursor.fetchall()}


def test_after_their_days_no_transaction_joins_a_voice_to_somebody(company: Company) -> None:
    """Voices come after the release, so what is rewritten at the release has none of them."""
    with company.scope():
        cycle = open_cycle(company, state=CycleState.RELEASED)
        released = timezone.now() - timedelta(days=voices.DAYS - 1)
        ReviewCycle.objects.update(released_at=released)
        asked = voices.ask(cycle.row.pk)
    for at, employee in enumerate(asked[:-1]):
        with company.scope():
            voices.give(
                cycle.row.pk, employee, fair=1 + at % 5, useful=3, text=f"zq {employee}",
                workspace=workspace_of(company.tenant),
            )  # fmt: skip
    settle_voices_of(company.tenant.pk)
    with company.scope():
        assert len(transactions("reviews_fairnessvoice")) == len(asked) - 1  # more may come: nothing yet
        ReviewCycle.objects.update(released_at=released - timedelta(days=3))
    settle_voices_of(company.tenant.pk)
    with company.scope():
        done = transactions("reviews_fairnessvoice")
        assert len(done) == 1 and done == transactions("reviews_fairnessasked")
        assert (FairnessVoice.objects.count(), FairnessAsked.objects.count()) == (len(asked) - 1, len(asked))
    settle_voices_of(company.tenant.pk)
    with company.scope():
        assert transactions("reviews_fairnessvoice") == done  # once


# Questions that weigh nothing


def test_answers_to_questions_of_weight_0_fill_up_no_group(company: Company) -> None:
    """Two of three peers judge only what weighs nothing: the score of the three would be the third one's alone."""
    with company.scope():
        cycle = open_cycle(company, "ann")
        shown_only = cycle.scales[2]
        CycleQuestion.objects.filter(pk=shown_only.pk).update(weight=0)
        manager = Rater.objects.get(participant=cycle.people["ann"], group="manager")
        answer(cycle, manager, 3, 3, 3)
        peers = add_peers(company, cycle, "ann", 3)
        answer(cycle, peers[0], 1, 1, 5)
        for peer in peers[1:]:
            answer(cycle, peer, None, None, 5)
        scorecard(cycle)
        ScorecardVersion.objects.update(valid_from=QUARTER)
    while drain_in(company):
        continue
    with company.scope():
        row = GroupScoreRow.objects.get(participant_id=cycle.people["ann"].pk, group="peers")
        assert (row.score, row.hidden) == (None, True)
        score = Score.objects.get(employee=company.people["ann"], cycle_id=cycle.row.pk)
        assert score.review == Decimal(50)  # the manager's alone
        found = review360(
            {"a": 1, "b": 0},
            [RaterGroup("peers", 40, 3, [RaterAnswers({"a": 1, "b": 5}), *[RaterAnswers({"b": 5})] * 2])],
            5,
        )
        assert found.score is None and found.groups[0].hidden


def drain_in(company: Company) -> bool:
    with company.scope():
        return drain(wait=True) is Turn.MORE


def test_whoever_is_asked_for_a_review_opens_their_notifications(acme: Company, sign_in: SignIn) -> None:
    """The deadline is written as the reader does before a notice's own words see it."""
    launched(acme)
    page = sign_in(acme.users["assistant"]).get("/w/acme/notifications/")
    assert page.status_code == 200 and "you are asked for" in page.content.decode()
