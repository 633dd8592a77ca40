"""What the pages of scorecards have in common: words, pictures and rows for templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from perfmgmt.people.access import WorkspaceRequest
from perfmgmt.web import formats
from reviews.assessed.selectors import judges
from reviews.models import ScorecardVersion
from reviews.scorecards.pictures import Picture, examples, picture
from reviews.scorecards.preview import Compared, PersonScore
from reviews.scorecards.selectors import ShownDimension, ShownPart

#: The widest bar of a difference, in percent of half the picture.
HALF = Decimal(50)


def to(url_name: str, request: WorkspaceRequest, *args: int) -> HttpResponse:
    """Send to a page of the workspace."""
    return HttpResponseRedirect(reverse(url_name, args=[request.workspace.slug, *args]))


def number(text: str) -> int:
    """Return an id from an address; 0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def version_word(version: ScorecardVersion) -> str:
    """Return what a version is called within its scorecard."""
    text = _("Version {n}") if version.is_published else _("Version {n} (draft)")
    return text.format(n=version.number)


def version_name(version: ScorecardVersion) -> str:
    """Return what a version is called on its own."""
    return f"{version.scorecard.name} · {version_word(version)}"


@dataclass(frozen=True)
class ReadPart:
    """A part as it is read: its weight in the whole in words, its curve, who judges."""

    shown: ShownPart
    share: str
    picture: Picture | None
    examples: list[tuple[str, str]]
    judged: str


def read_dimensions(dimensions: Sequence[ShownDimension], currency: str) -> list[dict[str, Any]]:
    """Return dimensions with their parts to be read; `x` and `width` place them in one bar of the whole."""
    found, at = [], Decimal(0)
    for place, one in enumerate(dimensions, 1):
        width = one.draft.weight
        found.append({
            "shown": one, "parts": [_read_part(part, currency) for part in one.parts], "tone": (place - 1) % 5 + 1,
            "x": f"{at:.2f}", "width": f"{width:.2f}",
        })  # fmt: skip
        at += width
    return found


def _read_part(part: ShownPart, currency: str) -> ReadPart:
    draft, metric = part.draft, part.metric
    return ReadPart(
        part, formats.percent(part.share / 100, 1), picture(draft, metric, currency),
        examples(draft, metric, currency) if draft.has_curve else [], "" if draft.has_curve else judges(draft.groups),
    )  # fmt: skip


def preview_rows(rows: Sequence[PersonScore], dimensions: Sequence[ShownDimension]) -> list[dict[str, Any]]:
    """Return the people of a preview with their score as a bar and what each dimension adds."""
    most = max([row.score for row in rows if row.score is not None], default=Decimal(100))
    scale = max(most, Decimal(100))
    found = []
    for row in rows:
        adds = []
        for one, parts in zip(dimensions, row.composite.parts, strict=True):
            outs = {part.out.value for part in parts if part.out.value}
            counts = any(not part.out.value for part in parts)
            total = sum((part.contribution for part in parts), Decimal(0)) if counts else None
            adds.append({"title": one.title, "points": total, "out": "" if counts else "".join(sorted(outs)[:1])})
        width = Decimal(0) if row.score is None else max(row.score, Decimal(0)) / scale * 100
        found.append({"row": row, "adds": adds, "width": f"{width:.1f}"})
    return found


def compared_rows(rows: Sequence[Compared]) -> list[dict[str, Any]]:
    """Return compared people with their difference as a bar that goes left or right of the middle."""
    most = max([abs(row.difference) for row in rows if row.difference is not None], default=Decimal(0)) or Decimal(1)
    found = []
    for row in rows:
        difference = row.difference or Decimal(0)
        width = abs(difference) / most * HALF
        x = HALF if difference >= 0 else HALF - width
        found.append({
            "row": row, "x": f"{x:.1f}", "width": f"{width:.1f}",
            "tone": "good" if difference > 0 else "bad",
            "text": formats.signed(formats.number(row.difference, 2), row.difference),
        })  # fmt: skip
    return found


def compared_summary(rows: Sequence[Compared]) -> dict[str, Any]:
    """Return how many people gain, lose or stay, and by how much on average."""
    differences = [row.difference for row in rows if row.difference is not None]
    mean = sum(differences, Decimal(0)) / len(differences) if differences else None
    grades = sum(row.first.grade != row.second.grade for row in rows if row.difference is not None)
    return {
        "more": sum(one > 0 for one in differences), "less": sum(one < 0 for one in differences),
        "same": sum(one == 0 for one in differences), "mean": mean, "grades": grades,
        "missing": len(rows) - len(differences),
    }  # fmt: skip
