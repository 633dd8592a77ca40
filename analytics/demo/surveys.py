"""The customer surveys of the demo company: two are published and have been answered, the third is a draft."""

from collections.abc import Callable, Mapping

from analytics.demo.links import Links
from analytics.demo.story import Story
from analytics.demo.voices import ASKED_FOR, DRAWN, QUIET, Voices
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.locks import Lock, wait_lock
from reviews.asking.sampling import TOO_LATE
from reviews.asking.services import TriggerSettings, add_trigger
from reviews.models import AskedAfter, Survey, SurveyTrigger
from reviews.surveys.content import content_of, stamp
from reviews.surveys.pack import install_pack
from reviews.surveys.services import publish

#: How many of the ready surveys are published.
PUBLISHED = 2
CAMPAIGN = "年度客户回访"


def surveys(
    people: Mapping[str, Employee], viewer_at: Callable[[str], Viewer], *, hr: Viewer, workspace: Workspace,
    story: Story,
) -> None:  # fmt: skip
    """Add the ready surveys, publish the first ones, and let customers have been asked after orders and at large."""
    wait_lock(Lock.FACTS, workspace.id)
    after_orders, relations = publish_surveys(hr)
    voices = Voices(people, viewer_at, hr, workspace, story)
    trigger = _after_orders(after_orders, story)
    voices.orders(trigger)
    voices.relations(relations, CAMPAIGN)
    Links(voices, trigger).make()
    voices.themes()
    voices.remarks()
    voices.count()


def publish_surveys(hr: Viewer) -> list[Survey]:
    """Add the ready surveys and publish the first ones; return those."""
    published = install_pack()[:PUBLISHED]
    for survey in published:
        draft = survey.versions.get()
        publish(draft.pk, seen=stamp(content_of(draft)), user_id=hr.user_id)
    return published


def _after_orders(survey: Survey, story: Story) -> SurveyTrigger:
    """Let a survey go out the day after an order, since three months."""
    settings = TriggerSettings(
        AskedAfter.ORDER, 1, story.today - TOO_LATE, rate=round(100 * DRAWN), quiet_days=QUIET.days
    )
    made = add_trigger(survey.pk, metric_by_code("orders").pk, settings, today=story.today)
    SurveyTrigger.objects.filter(pk=made.pk).update(from_day=story.today - ASKED_FOR)
    return made
