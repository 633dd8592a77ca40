"""How a score came about, wherever a trace is shown."""

from typing import Any

from django import template
from django.template.context import Context

from perfmgmt.metrics.permissions import SEE_FACTS
from reviews.scores.shown import ShownTrace, shown_trace

register = template.Library()


@register.simple_tag(takes_context=True)
def trace_view(context: Context, trace: dict[str, Any]) -> ShownTrace:
    """`{% trace_view trace as shown %}`: a trace (`reviews.scores.trace`) in the reader's language."""
    request = context["request"]
    return shown_trace(
        trace, slug=request.workspace.slug, currency=request.workspace.currency,
        opens_facts=request.viewer.may(SEE_FACTS),
    )  # fmt: skip
