"""What of a frozen result a reader sees: the person by the cycle's settings, leniency nobody. Pure: no Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Eyes:
    """Who is looking: `is_own` the person themselves, `is_hr` whoever acts for everybody.

    `groups` and `comments` say whether they see scores by rater group and comments. Nobody sees here a group's score
    with leniency taken out: beside the raw one it would tell exactly how lenient a single rater is, were it after one
    review (RULES.md section 7). In whole points and over all it stands with the statistics.
    """

    is_own: bool
    is_hr: bool
    groups: bool = True
    comments: bool = True

    @property
    def calibration(self) -> bool:
        """Whether they see what calibration changed and why: managers and HR, never of their own result."""
        return not self.is_own


def seen_trace(trace: Mapping[str, Any] | None, eyes: Eyes) -> Json | None:
    """Return a trace with what these eyes may see."""
    if not trace or "dimensions" not in trace or "version" not in trace:
        return None
    dimensions = [
        {**one, "parts": [{**part, "groups": _groups(part.get("groups") or [], eyes)} for part in one["parts"]]}
        for one in trace["dimensions"]
    ]
    return {**trace, "adjusted": None, "dimensions": dimensions}


def _groups(groups: list[Json], eyes: Eyes) -> list[Json]:
    if not eyes.groups:
        return []
    return [{**one, "adjusted": None} for one in groups]


def seen_forms(review: Mapping[str, Any] | None, eyes: Eyes) -> list[Json]:
    """Return the questionnaires of a review: groups and questions only where these eyes may see groups."""
    if not eyes.groups or not isinstance(review, Mapping):
        return []
    return [form for form in review.get("forms") or [] if form.get("groups")]


def seen_comments(review: Mapping[str, Any] | None, eyes: Eyes) -> list[Json]:
    """Return the comments of a review that these eyes may see."""
    if not eyes.comments or not isinstance(review, Mapping):
        return []
    return [one for one in review.get("comments") or [] if isinstance(one, dict) and one.get("texts")]
