"""Links to hand over, for tests: a survey that hands them over, one that waits, and what a page shows."""

import re
from datetime import timedelta
from typing import Any

from django.utils import timezone

from reviews.handing import services
from reviews.models import HandedHow, Survey, SurveyVersion
from tests.factories import Company, today_here
from tests.reviews.asking_factories import asked, buyer, owned, workspace
from tests.reviews.followup_factories import viewer
from tests.reviews.survey_factories import published

LINKS = "/w/acme/surveys/links/"


def handing(name: str = "Orders") -> SurveyVersion:
    """A published survey that hands links over; needs the scope."""
    version = published(name)
    Survey.objects.filter(pk=version.survey_id).update(by_link=True)
    version.survey.by_link = True
    return version


def mute(company: Company, name: str = "MUTE", person: str = "ann", version: SurveyVersion | None = None) -> Any:
    """A link that waits for a customer without an address, about somebody; needs the scope."""
    contact = owned(buyer(name, email=""), company, person)
    settings = {"state": "chosen", "channel": "link", "customer": name, "employee": company.people[person]}
    return asked(contact, version or handing(), timezone.now() - timedelta(days=1), **settings)


def mark(company: Company, one: Any, role: str = "hr", **more: Any) -> int:
    settings = {"how": HandedHow.WECHAT, "day": today_here(), "now": timezone.now(), **more}
    how, day = settings.pop("how"), settings.pop("day")
    return services.mark([one.pk], how, day, viewer=viewer(company, role), workspace=workspace(company), **settings)


def path_in(answer: Any) -> str:
    found = re.search(r'id="handed-url"[^>]*value="http://[^/"]+(/s/[^"]+)"', answer.content.decode())
    assert found is not None
    return found[1]
