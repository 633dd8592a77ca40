"""What goes along with a link that somebody hands over: a few words in the customer's language."""

from datetime import date
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.web import formats
from reviews.asking.starting import Handed
from reviews.models import SurveyInvitation
from reviews.surveys.filling import one_line


def last_day(invitation: SurveyInvitation, zone: str) -> date:
    """Return the day, in a time zone, on which the time to answer ends."""
    return invitation.expires_at.astimezone(ZoneInfo(zone)).date()


def words(handed: Handed, *, company: str, zone: str) -> str:
    """Return what can be sent with the link, by WeChat for instance, in the customer's language."""
    with override(handed.invitation.language):
        text = _t(
            "Hello {name}, {company} would like to know how you find working with us. It takes a minute: {link} "
            "The link is for you only and works until {day}."
        )
        values = {
            "name": one_line(handed.name), "company": one_line(company), "link": handed.url,
            "day": formats.day(last_day(handed.invitation, zone)),
        }  # fmt: skip
        return text.format(**values)
