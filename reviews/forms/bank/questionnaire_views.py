"""Pages of questionnaires: the list, the editor, and what a rater will see."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import DomainError
from reviews.forms import shown
from reviews.forms.bank import exports, selectors, services
from reviews.forms.bank.forms import (
    GROUPS,
    QuestionnaireForm,
    draft_of,
    group_words,
    items_in,
    moved,
    shares_of,
)
from reviews.forms.bank.services import ItemDraft
from reviews.forms.shown import ShownForm, ShownSection
from reviews.models import Question, Questionnaire, QuestionnaireItem, RaterKind, Topic
from reviews.permissions import MANAGE_SCORECARDS

PER_PAGE = 30
LANGUAGES = {"zh": "zh-hans", "en": "en"}


@workspace_view(MANAGE_SCORECARDS)
@require_GET
def questionnaires(request: WorkspaceRequest) -> HttpResponse:
    """The questionnaires."""
    query = request.GET
    search, state, sort = query.get("q", "")[:100].strip(), query.get("state", ""), query.get("sort", "")
    state = state if state in selectors.STATES else ""
    found = selectors.questionnaires(search=search, state=state, sort=sort, language=get_language() or "zh")
    page = Paginator(found, PER_PAGE).get_page(query.get("page"))
    return render(request, "reviews/forms/questionnaires.html", {"page": page, "search": search, "state": state})


@workspace_view(MANAGE_SCORECARDS)
@require_POST
def export_questionnaires(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in ("q", "state", "sort")}
    form = "xlsx" if request.POST.get("format") == "xlsx" else "csv"
    params = {"query": query, "format": form, "language": get_language() or "en"}
    job = jobs.start(exports.QUESTIONNAIRES, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(MANAGE_SCORECARDS)
@require_http_methods(READ_WRITE)
def new_questionnaire(request: WorkspaceRequest) -> HttpResponse:
    """Make a questionnaire; its questions are added in the editor."""
    form = QuestionnaireForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        saved = tried(form, lambda: services.make_questionnaire(**form.cleaned_data))
        if saved is not None:
            return HttpResponseRedirect(reverse("questionnaire", args=[request.workspace.slug, saved.pk]))
    status = 400 if form.is_bound else 200
    return render(request, "reviews/forms/new_questionnaire.html", {"form": form}, status=status)


@workspace_view(MANAGE_SCORECARDS)
@require_http_methods(READ_WRITE)
def questionnaire(request: WorkspaceRequest, questionnaire_id: int) -> HttpResponse:
    """The editor. Each of its buttons saves everything: `move` and `add` say what else."""
    row = selectors.questionnaire_of(questionnaire_id)
    if request.method != "POST":
        stored = selectors.items_of(row)
        form = QuestionnaireForm(questionnaire=row)
        return _editor(request, row, form, [draft_of(one) for one in stored], selectors.stamp(stored))
    form, seen = QuestionnaireForm(request.POST), request.POST.get("seen", "")
    items: list[ItemDraft] = []
    try:
        items = items_in(request.POST)
    except DomainError as error:
        form.add_error(None, str(error))
        items = [draft_of(one) for one in selectors.items_of(row)]
    if form.is_valid():
        wanted = _acted(items, request)
        saved = tried(form, lambda: services.save_questionnaire(row.pk, **form.cleaned_data, items=wanted, seen=seen))
        if saved is not None:
            return _after(request, row)
    return _editor(request, row, form, items, seen, status=400)


def _acted(items: list[ItemDraft], request: WorkspaceRequest) -> list[ItemDraft]:
    """Return the items after the button that was pressed: moved, removed, or with those that were chosen."""
    items = moved(items, request.POST.get("move", ""))
    if request.POST.get("action") != "add":
        return items
    there = {item.question_id for item in items}
    chosen = [int(text) for text in request.POST.getlist("add") if text.isdecimal() and len(text) < 18]
    return [*items, *(ItemDraft(pk) for pk in dict.fromkeys(chosen) if pk not in there)]


def _after(request: WorkspaceRequest, row: Questionnaire) -> HttpResponse:
    to = reverse("questionnaire", args=[request.workspace.slug, row.pk])
    move = request.POST.get("move", "")
    if move and not move.startswith("remove"):
        return HttpResponseRedirect(f"{to}#item-{move.partition('-')[2][:18]}")
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(to)


def _editor(
    request: WorkspaceRequest,
    row: Questionnaire,
    form: QuestionnaireForm,
    items: Sequence[ItemDraft],
    seen: str,
    *,
    status: int = 200,
) -> HttpResponse:
    known = Question.objects.in_bulk([item.question_id for item in items])
    shares = shares_of(items, {pk: one.kind for pk, one in known.items()})
    rows = [
        {
            "item": item, "question": known[item.question_id], "share": _share(shares.get(item.question_id)),
            "who": group_words(item.groups), "heading": shown.heading(item.section),
        }
        for item in items
        if item.question_id in known
    ]  # fmt: skip
    topics = dict(Topic.choices)
    there = {item.question_id for item in items}
    bank: dict[str, list[Question]] = {}
    for one in selectors.addable(row):
        if one.pk not in there:
            bank.setdefault(str(topics[one.topic]), []).append(one)
    context: dict[str, Any] = {
        "questionnaire": row, "form": form, "rows": rows, "seen": seen, "bank": bank, "groups": GROUPS,
        "uses": selectors.uses_of(row), "problems": _problems(rows),
    }  # fmt: skip
    return render(request, "reviews/forms/questionnaire.html", context, status=status)


def _share(value: Decimal | None) -> Decimal | None:
    return None if value is None else value / 100


def _problems(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return what a launch would stumble over."""
    found = []
    if not rows:
        found.append(_("It asks nothing yet. Add questions from the bank."))
    archived = [row["question"].text for row in rows if row["question"].archived_at]
    if archived:
        found.append(_("Archived questions are still asked: {questions}").format(questions="; ".join(archived[:3])))
    if rows and any(row["question"].kind == "scale" for row in rows) and not any(row["share"] for row in rows):
        found.append(_("All weights are 0: nothing of it can count in a score."))
    return found


@workspace_view(MANAGE_SCORECARDS)
@require_POST
def archive_questionnaire(request: WorkspaceRequest, questionnaire_id: int) -> HttpResponse:
    """Archive a questionnaire, or bring it back (`back=1`)."""
    archived = request.POST.get("back") != "1"
    row = services.archive_questionnaire(questionnaire_id, archived=archived)
    text = _("“{name}” is archived. Cycles and scorecards that use it go on.") if archived else _("“{name}” is back.")
    messages.success(request, text.format(name=row.name))
    return HttpResponseRedirect(reverse("questionnaires", args=[request.workspace.slug]))


@workspace_view(MANAGE_SCORECARDS)
@require_POST
def copy_questionnaire(request: WorkspaceRequest, questionnaire_id: int) -> HttpResponse:
    """Copy a questionnaire and open the copy."""
    copy = services.copy_questionnaire(questionnaire_id)
    messages.success(request, _("Copied. Change what is different."))
    return HttpResponseRedirect(reverse("questionnaire", args=[request.workspace.slug, copy.pk]))


@workspace_view(MANAGE_SCORECARDS)
@require_GET
def questionnaire_preview(request: WorkspaceRequest, questionnaire_id: int) -> HttpResponse:
    """What a rater of a group sees (`group`), in one language (`text`), as wide as a phone or a screen (`width`)."""
    row = selectors.questionnaire_of(questionnaire_id)
    query = request.GET
    group = query.get("group", "")
    group = group if group in RaterKind.values else RaterKind.PEERS.value
    text = query.get("text", "") if query.get("text") in LANGUAGES else _own_language()
    width = "phone" if query.get("width") == "phone" else "screen"
    items = [one for one in selectors.items_of(row) if not one.groups or group in one.groups]
    with override(LANGUAGES[text]):
        form = _form(row, items)
    context = {
        "questionnaire": row, "form": form, "group": group, "groups": GROUPS, "text": text, "width": width,
        "language": LANGUAGES[text],
    }  # fmt: skip
    return render(request, "reviews/forms/questionnaire_preview.html", context)


def _own_language() -> str:
    return "en" if get_language() == "en" else "zh"


def _form(row: Questionnaire, items: Sequence[QuestionnaireItem]) -> ShownForm:
    form = ShownForm(row.pk, row.name, "")
    for item in items:
        title = shown.heading(item.section)
        if not form.sections or form.sections[-1].title != title:
            form.sections.append(ShownSection(title))
        form.sections[-1].questions.append(shown.plain(item.question, required=item.required))
    return form
