"""Pages of the bank of questions."""

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
from reviews.forms import shown
from reviews.forms.bank import exports, selectors, services
from reviews.forms.bank.forms import QuestionForm
from reviews.forms.bank.selectors import Wanted, read
from reviews.forms.pack import install_pack
from reviews.forms.shown import ShownQuestion
from reviews.models import Question, QuestionKind, Topic
from reviews.permissions import MANAGE_SCORECARDS

PER_PAGE = 30


def _wanted(request: WorkspaceRequest) -> Wanted:
    return read(request.GET, language=get_language() or "zh")


@workspace_view(MANAGE_SCORECARDS)
@require_GET
def questions(request: WorkspaceRequest) -> HttpResponse:
    """The bank: what can be asked, and in how many questionnaires it is."""
    wanted = _wanted(request)
    page = Paginator(wanted.questions(), PER_PAGE).get_page(request.GET.get("page"))
    context = {"wanted": wanted, "page": page, "topics": Topic.choices, "kinds": QuestionKind.choices}
    return render(request, "reviews/forms/questions.html", context)


@workspace_view(MANAGE_SCORECARDS)
@require_POST
def export_questions(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file."""
    names = ("q", "topic", "kind", "state", "sort")
    query = {name: request.GET[name] for name in names if name in request.GET}
    params = {"query": query, "language": get_language() or "en", "format": request.POST.get("format", "xlsx")}
    job = jobs.start(exports.EXPORT, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(MANAGE_SCORECARDS)
@require_POST
def add_ready_questions(request: WorkspaceRequest) -> HttpResponse:
    """Add the ready questions and questionnaires that are missing."""
    added = install_pack()
    if added:
        text = _("Added: {questions} questions, {questionnaires} questionnaires.").format(
            questions=added.questions, questionnaires=added.questionnaires
        )
    else:
        text = _("They are all there already.")
    messages.success(request, text)
    back = "questionnaires" if request.POST.get("back") == "questionnaires" else "questions"
    return HttpResponseRedirect(reverse(back, args=[request.workspace.slug]))


@workspace_view(MANAGE_SCORECARDS)
@require_http_methods(READ_WRITE)
def new_question(request: WorkspaceRequest) -> HttpResponse:
    """Add a question."""
    return _edit(request, None)


@workspace_view(MANAGE_SCORECARDS)
@require_http_methods(READ_WRITE)
def question(request: WorkspaceRequest, question_id: int) -> HttpResponse:
    """Change a question; cycles that were launched keep their copy."""
    return _edit(request, selectors.question_of(question_id))


def _edit(request: WorkspaceRequest, row: Question | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = QuestionForm(data, question=row)
    if data is not None and form.is_valid() and "preview" not in data:
        saved = tried(form, lambda: services.save_question(row.pk if row else None, form.draft()))
        if saved is not None:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("question", args=[request.workspace.slug, saved.pk]))
    context = {
        "form": form, "question": row, "previews": _previews(form, row),
        "used_in": selectors.questionnaires_with(row.pk) if row else [],
    }  # fmt: skip
    failed = data is not None and "preview" not in data
    return render(request, "reviews/forms/question_page.html", context, status=400 if failed else 200)


def _previews(form: QuestionForm, row: Question | None) -> list[tuple[str, ShownQuestion]]:
    """Return the question as raters see it, in both languages: as typed where it can be read, else as stored."""
    draft = row or Question()
    if form.is_bound and form.is_valid():
        typed = form.draft()
        draft = Question(
            pk=draft.pk, kind=typed.kind, text_zh=typed.text_zh, text_en=typed.text_en,
            anchors=list(typed.anchors), scale=max(len(typed.anchors), 2),
        )  # fmt: skip
    found = []
    for code in ("zh-hans", "en"):
        with override(code):
            if draft.text:
                found.append((code, shown.plain(draft)))
    return found


@workspace_view(MANAGE_SCORECARDS)
@require_POST
def archive_question(request: WorkspaceRequest, question_id: int) -> HttpResponse:
    """Archive a question, or bring it back (`back=1`)."""
    archived = request.POST.get("back") != "1"
    services.archive_question(question_id, archived=archived)
    messages.success(request, _("Archived. Questionnaires that ask it go on.") if archived else _("It is back."))
    return HttpResponseRedirect(reverse("questions", args=[request.workspace.slug]))
