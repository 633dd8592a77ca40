"""The list of links to hand over as a file (without the links), made by a job with the rights of who asked."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.people.viewer import Workspace
from perfmgmt.web import formats
from reviews.handing import selectors
from reviews.handing.words import STATE_WORDS
from reviews.mailing.writing import asked
from reviews.models import SurveyInvitation
from reviews.permissions import MANAGE_SURVEYS

EXPORT = "surveys.export_links"


def export_links(context: JobContext) -> dict[str, Any]:
    """Write the list as it is filtered and sorted (params: query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, MANAGE_SURVEYS)
        now = timezone.now()
        found = selectors.links(selectors.read(context.params["query"]), viewer=viewer, now=now)
        header = [_t("Customer survey"), _t("Customer"), _t("Contact"), _t("Phone"), _t("Order or visit"), _t("Day"),
                  _t("Employee number"), _t("Employee"), _t("State"), _t("Handed over on"), _t("How"),
                  _t("Handed over by"), _t("Works until")]  # fmt: skip
        name = f"survey-links-{workspace.today()}.csv"
        return write_csv(context, name, header, _rows(found, workspace, now), total=found.count())


def _rows(found: QuerySet[SurveyInvitation], workspace: Workspace, now: datetime) -> Iterator[list[Any]]:
    for one in found.iterator(chunk_size=1000):
        contact, done = asked(one), next(iter(one.handovers.all()), None)
        who = (one.employee.number, one.employee.name) if one.employee else ("", "")
        how = [done.handed_on or "", done.get_how_display(), done.by.name if done.by else ""] if done else [""] * 3
        yield [one.survey.name, one.customer, contact.name if contact else "", contact.phone if contact else "",
               one.number, one.day, *who, str(STATE_WORDS[selectors.state_of(one, now)][1]), *how,
               formats.moment(one.expires_at, workspace.time_zone)]  # fmt: skip
