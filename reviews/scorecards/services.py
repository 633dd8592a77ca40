"""Writes of scorecards: the scorecard, its draft as a whole, publishing, archiving."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.calendar import Grain, start_of
from perfmgmt.tenants.errors import Conflict, NotFound
from perfmgmt.tenants.events import publish as announce
from reviews.models import (
    Dimension,
    Part,
    ReviewResult,
    Scorecard,
    ScorecardVersion,
    VersionState,
)
from reviews.scorecards.checks import BadScorecard, check_draft, names_of, problems
from reviews.scorecards.content import (
    DimensionDraft,
    PartDraft,
    VersionDraft,
    content_of,
    named,
    plain,
    stamp,
    stored_bands,
    stored_points,
)

#: Published in the transaction that changes which scorecard counts, for periods that touch `first_day` or later days.
CHANGED = "reviews.scorecards_changed"


@dataclass(frozen=True)
class CardDraft:
    """What a scorecard is called and for whom it is; `rhythm` is the length of its periods (Grain)."""

    name_zh: str
    name_en: str
    rhythm: int
    position_id: int | None = None
    sales_role_type: str = ""


@transaction.atomic
def create_scorecard(card: CardDraft, content: VersionDraft | None = None) -> Scorecard:
    """Make a scorecard with a first draft, empty or with `content`.

    Raises Conflict when one is in use for the same people and rhythm, and what `save_draft` raises.
    """
    found = Scorecard(**asdict(card))
    _saved(found)
    version = ScorecardVersion.objects.create(scorecard=found, number=1)
    if content is not None:
        _write_checked(version, content)
    return found


@transaction.atomic
def edit_scorecard(scorecard_id: int, card: CardDraft) -> Scorecard:
    """Change what a scorecard is called and for whom it is; the latter only while nothing of it is published.

    Raises NotFound, Conflict, BadScorecard.
    """
    found = _locked(scorecard_id)
    kind = ("rhythm", "position_id", "sales_role_type")
    moved = any(getattr(found, name) != getattr(card, name) for name in kind)
    if moved and found.versions.filter(state=VersionState.PUBLISHED).exists():
        raise BadScorecard(
            _("It is published, so it stays for the same people and rhythm. Make a copy for others."), code="kind"
        )
    for name, value in asdict(card).items():
        setattr(found, name, value)
    _saved(found)
    return found


def _saved(card: Scorecard) -> None:
    if not (card.name_zh or card.name_en):
        raise BadScorecard(_("Give the scorecard a name in one of the languages."), code="name")
    try:
        with transaction.atomic():
            card.save()
    except IntegrityError as error:
        alike = Scorecard.objects.exclude(pk=card.pk).filter(
            rhythm=card.rhythm, position=card.position_id, sales_role_type=card.sales_role_type, archived_at=None
        )
        other = alike.first() or card  # gone by now where somebody archives it at this moment
        raise Conflict(
            _("“{card}” is in use for these people and this rhythm. Archive it first, or choose others."),
            code="kind_taken", card=other.name,
        ) from error  # fmt: skip


@transaction.atomic
def start_draft(scorecard_id: int) -> ScorecardVersion:
    """Return the scorecard's draft; without one, make it from the newest version. Raises NotFound."""
    card = _locked(scorecard_id)
    versions = list(card.versions.order_by("-number"))
    if versions and not versions[0].is_published:
        return versions[0]
    made = ScorecardVersion.objects.create(scorecard=card, number=versions[0].number + 1 if versions else 1)
    if versions:
        content = content_of(versions[0])
        _write(made, VersionDraft(content.dimensions, content.missing, content.bands))
    return made


@transaction.atomic
def save_draft(version_id: int, draft: VersionDraft, *, seen: str) -> ScorecardVersion:
    """Make a draft say what `draft` says, as a whole. `seen` is `stamp` of what the page showed.

    Raises NotFound (also for a metric or questionnaire of another workspace), BadScorecard for what can't be kept or
    a version that is published, Conflict when somebody changed it meanwhile.
    """
    version = _draft(version_id, seen)
    _write_checked(version, draft)
    return version


@transaction.atomic
def discard_draft(version_id: int, *, seen: str) -> int:
    """Throw a draft away; a scorecard without any version goes with it. Return the scorecard's id.

    Raises as `save_draft`.
    """
    version = _draft(version_id, seen)
    card_id = version.scorecard_id
    version.delete()
    if not ScorecardVersion.objects.filter(scorecard_id=card_id).exists():
        Scorecard.objects.filter(pk=card_id).delete()
    return card_id


@transaction.atomic
def publish(
    version_id: int, *, valid_from: date, seen: str, user_id: int | None, fiscal_start_month: int = 1
) -> ScorecardVersion:
    """Publish a draft for the periods from `valid_from` on; from then on it never changes.

    Raises NotFound, Conflict, and BadScorecard: for what `problems` finds (weights that don't sum to 100, an empty
    dimension, something archived), a day on which no period begins, one before the newest published version's, or
    one before a result that is released.
    """
    version = _draft(version_id, seen)
    draft = content_of(version)
    names = names_of(draft)
    check_draft(draft, names)
    found = problems(draft, names)
    if found:
        raise found[0]
    _check_from(version.scorecard, valid_from, fiscal_start_month)
    version.state, version.valid_from = VersionState.PUBLISHED, valid_from
    version.published_at, version.published_by_id = timezone.now(), user_id
    version.save()
    announce(CHANGED, first_day=valid_from)
    return version


def _check_from(card: Scorecard, valid_from: date, fiscal_start_month: int) -> None:
    if start_of(Grain(card.rhythm), valid_from, fiscal_start_month) != valid_from:
        raise BadScorecard(_("Choose the first day of a period."), code="no_period")
    newest = card.versions.filter(state=VersionState.PUBLISHED).order_by("-number").first()
    if newest is not None and newest.valid_from is not None and valid_from < newest.valid_from:
        raise BadScorecard(_("Version {n} counts from {day} on. This one can't begin before it."), code="too_early",
                           n=newest.number, day=newest.valid_from.isoformat())  # fmt: skip
    released = ReviewResult.objects.filter(
        participant__scorecard_version__scorecard=card, participant__cycle__grain=card.rhythm,
        participant__cycle__start__gte=valid_from,
    )  # fmt: skip
    if released.exists():
        raise BadScorecard(
            _("Results of these periods are released and stay as they are. Choose a later period."), code="released"
        )


@transaction.atomic
def archive_scorecard(scorecard_id: int, *, archived: bool, today: date) -> Scorecard:
    """Archive a scorecard or bring it back. Periods that were over when it was archived keep it.

    Raises NotFound; Conflict when another one is in use for its people meanwhile.
    """
    card = _locked(scorecard_id)
    if (card.archived_at is not None) != archived:
        card.archived_at = timezone.now() if archived else None
        _saved(card)
        announce(CHANGED, first_day=today)
    return card


def _locked(scorecard_id: int) -> Scorecard:
    found = Scorecard.objects.select_for_update().filter(pk=scorecard_id).first()
    if found is None:
        raise NotFound
    return found


def _draft(version_id: int, seen: str) -> ScorecardVersion:
    """Return a draft, its scorecard locked first; Conflict when it doesn't say what the page showed."""
    row = ScorecardVersion.objects.filter(pk=version_id).values_list("scorecard_id", flat=True).first()
    if row is None:
        raise NotFound
    card = _locked(row)
    version = ScorecardVersion.objects.select_for_update().filter(pk=version_id).first()
    if version is None:
        raise NotFound
    version.scorecard = card
    if version.is_published:
        raise BadScorecard(_("This version is published and never changes. Begin a new version."), code="published")
    if stamp(content_of(version)) != seen:
        raise Conflict(_("Someone changed this scorecard at the same time. Your changes are not saved."))
    return version


def _write_checked(version: ScorecardVersion, draft: VersionDraft) -> None:
    names = names_of(draft)
    draft = named(draft, names)
    check_draft(draft, names)
    _write(version, draft)


def _write(version: ScorecardVersion, draft: VersionDraft) -> None:
    """Make the rows what the draft says, place by place; a row that says so already stays untouched."""
    wanted = {"missing": draft.missing, "grade_bands": stored_bands(draft.bands), "note": draft.note}
    _set(version, wanted)
    rows = _rows(version.dimensions.all(), len(draft.dimensions))
    for place, one in enumerate(draft.dimensions, 1):
        values = {"name_zh": one.name_zh, "name_en": one.name_en, "code": one.code, "weight": one.weight}
        row = rows.get(place)
        if row is None:
            row = Dimension.objects.create(version=version, place=place, **values)
        else:
            _set(row, values)
        _write_parts(row, one)


def _write_parts(dimension: Dimension, draft: DimensionDraft) -> None:
    rows = _rows(dimension.parts.all(), len(draft.parts))
    for place, part in enumerate(draft.parts, 1):
        row = rows.get(place)
        if row is None:
            Part.objects.create(dimension=dimension, place=place, **_columns(part))
        else:
            _set(row, _columns(part))


def _rows(found: "models.QuerySet[Any]", count: int) -> dict[int, Any]:
    """Remove the rows behind the last place; return the others by place."""
    found.filter(place__gt=count).delete()
    return {row.place: row for row in found}


def _columns(part: PartDraft) -> dict[str, Any]:
    values = asdict(part)
    values["points"] = stored_points(part.points)
    values["group_weights"] = {group: plain(weight) for group, weight in values.pop("groups")}
    return values


def _set(row: Any, values: dict[str, Any]) -> None:
    changed: Sequence[str] = [name for name, value in values.items() if getattr(row, name) != value]
    if changed:
        for name in changed:
            setattr(row, name, values[name])
        row.save(update_fields=changed)
