"""Requested feedback as a file: what one asked, with every reply, made by a job with the rights of who asked."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from reviews.feedback.requested import selectors
from reviews.models import AskState
from reviews.permissions import SEE_FEEDBACK

REQUESTS, ASKS = "feedback.export_requests", "feedback.export_asks"


def export_requests(context: JobContext) -> dict[str, Any]:
    """Write the requests one reads, a line for each colleague and question (params: query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_FEEDBACK)
        today = workspace.today()
        found = selectors.requests(selectors.read(context.params["query"]), viewer=viewer, today=today)
        header = [_t("About what"), _t("About whom"), _t("Last day"), _t("Colleague"), _t("State"), _t("Question"),
                  _t("Reply"), _t("Reason")]  # fmt: skip
        return write_csv(context, f"feedback-requests-{today}.csv", header, _replies(found))


def _replies(found: Any) -> Iterator[list[Any]]:
    for request in found.prefetch_related("asks__employee"):
        for one in sorted(request.asks.all(), key=lambda ask: ask.employee.name_key):
            start = [request.topic, request.employee.name, request.due, one.employee.name, one.get_state_display()]
            if one.state == AskState.REPLIED:
                for number, question in request.questions:
                    yield [*start, question, one.said[number], ""]
            else:
                yield [*start, "", "", one.reason]


def export_asks(context: JobContext) -> dict[str, Any]:
    """Write what one was asked and replied (params: query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_FEEDBACK)
        today = workspace.today()
        found = selectors.asks(selectors.read(context.params["query"]), viewer=viewer, today=today)
        header = [_t("About what"), _t("About whom"), _t("Asked by"), _t("Last day"), _t("State"), _t("Question"),
                  _t("Reply"), _t("Reason")]  # fmt: skip
        return write_csv(context, f"feedback-asked-of-me-{today}.csv", header, _own(found))


def _own(found: Any) -> Iterator[list[Any]]:
    for one in found:
        request = one.request
        asked_by = request.asked_by.name if request.asked_by else ""
        start = [request.topic, request.employee.name, asked_by, request.due, one.get_state_display()]
        for number, question in request.questions:
            yield [*start, question, one.said[number], one.reason]
