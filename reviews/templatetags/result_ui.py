"""`{% load result_ui %}`: what pages of results have in common."""

from typing import Any

from django import template

from reviews.results.words import reason_of

register = template.Library()


@register.filter
def proposal_reason(reason: Any) -> str:
    """`{{ proposal.reason|proposal_reason }}`: why a result suggests something, in the reader's language."""
    return reason_of(reason) if isinstance(reason, dict) else ""
