"""Scorecards of the browser tests: ready ones, one published with a draft after it, notices, deductions."""

from datetime import date
from decimal import Decimal
from typing import Any

from perfmgmt.people.viewer import viewer_in, workspace_of
from perfmgmt.tenants.calendar import Grain, Period
from reviews.assessed.services import acknowledge, show_to
from reviews.deductions.services import DeductionDraft, add_deduction, withdraw_deduction
from reviews.models import Scorecard
from reviews.scorecards import services
from reviews.scorecards.content import content_of, stamp
from reviews.scorecards.matching import scorecard_for
from reviews.scorecards.pack import install_pack
from tests.factories import Company


def scorecard_samples(company: Company, today: date) -> dict[str, list[Any]]:
    """The default scorecard is published and has a draft; the others are drafts. Ann has read hers, bob has not."""
    install_pack()
    card = Scorecard.objects.get(sales_role_type="")
    first = card.versions.get()
    running = Period.containing(Grain.QUARTER, today)
    owner = company.users["owner"].pk
    services.publish(first.pk, valid_from=running.next(-4).start, seen=stamp(content_of(first)), user_id=owner)
    draft = services.start_draft(card.pk)
    workspace = workspace_of(company.tenant)
    versions = scorecard_for(None, int(running.grain), running.start, workspace=workspace)
    show_to([company.people[name].pk for name in ("ann", "bob")], versions, running)
    assistant = viewer_in(company.users["assistant"].pk, today)
    hr = viewer_in(company.users["hr"].pk, today)
    assert assistant is not None and hr is not None
    acknowledge(running, first.pk, "客户满意度怎样抽样?", viewer=assistant, workspace=workspace)
    made = [
        add_deduction(
            DeductionDraft(company.people[name], running, Decimal(points), reason, today), viewer=hr, today=today
        )
        for name, points, reason in (("ann", "2.5", "合同归档迟交两次"), ("bob", "5", "Customer data lost"))
    ]
    withdraw_deduction(made[1].pk, "已补交", viewer=hr, today=today)
    return {
        "scorecard_id": [card.pk],
        "version_id": [first.pk, draft.pk],
        "deduction_id": [made[0].pk],
    }
