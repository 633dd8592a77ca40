"""Pages of the vocabulary of themes: the list, one to edit, the ready ones."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE
from perfmgmt.tenants.errors import NotFound
from reviews.models import VoiceTheme
from reviews.permissions import MANAGE_SURVEYS, TAG_WORDS
from reviews.surveys.views import to
from reviews.voice import exports, themes


class ThemeForm(forms.ModelForm):
    """A theme's names, and the words that suggest it."""

    class Meta:
        model = VoiceTheme
        fields = ("name_zh", "name_en", "words_zh", "words_en")
        widgets = {
            f"words_{code}": forms.Textarea(attrs={"rows": 6, "lang": lang, "translate": "no"})
            for code, lang in (("zh", "zh-hans"), ("en", "en"))
        }

    def clean(self) -> dict[str, Any]:
        """A theme has a name in one of the languages, and not too many words."""
        data: dict[str, Any] = super().clean() or {}
        if not data.get("name_zh") and not data.get("name_en"):
            self.add_error("name_zh", gettext_lazy("Give it a name."))
        for name in ("words_zh", "words_en"):
            if len(data.get(name, "").splitlines()) > 60 or len(data.get(name, "")) > 2000:
                self.add_error(name, gettext_lazy("At most 60 words, one a line."))
        return data


@workspace_view(TAG_WORDS)
@require_GET
def voice_themes(request: WorkspaceRequest) -> HttpResponse:
    """The themes of the workspace, searched, filtered and sorted."""
    wanted = themes.read(request.GET.dict())
    context = {
        "themes": themes.listed(wanted), "wanted": wanted, "manages": request.viewer.may(MANAGE_SURVEYS),
        "states": [("used", _("In use")), ("archived", pgettext("survey", "Archived"))],
    }  # fmt: skip
    return render(request, "reviews/voice/themes.html", context)


@workspace_view(TAG_WORDS)
@require_POST
def export_voice_themes(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the themes of the list to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in themes.PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    return to("job", request, jobs.start(exports.THEMES, params, user_id=request.viewer.user_id).pk)


@workspace_view(MANAGE_SURVEYS)
@require_POST
def add_ready_themes(request: WorkspaceRequest) -> HttpResponse:
    """Add the ready themes that are missing."""
    added = themes.install_ready()
    text = ngettext("%(n)s theme added.", "%(n)s themes added.", added) % {"n": added}
    messages.success(request, text if added else _("They are all there already."))
    return to("voice_themes", request)


@workspace_view(MANAGE_SURVEYS)
@require_http_methods(READ_WRITE)
def new_voice_theme(request: WorkspaceRequest) -> HttpResponse:
    """Add a theme."""
    return _edit(request, VoiceTheme(place=VoiceTheme.objects.count()), _("New theme"))


@workspace_view(MANAGE_SURVEYS)
@require_http_methods(READ_WRITE)
def edit_voice_theme(request: WorkspaceRequest, voice_theme_id: int) -> HttpResponse:
    """Change a theme."""
    return _edit(request, _theme(voice_theme_id), _("Change the theme"))


@workspace_view(MANAGE_SURVEYS)
@require_POST
def archive_voice_theme(request: WorkspaceRequest, voice_theme_id: int) -> HttpResponse:
    """Archive a theme, or bring it back; words keep it."""
    found = _theme(voice_theme_id)
    found.is_archived = request.POST.get("on") == "1"
    found.save(update_fields=["is_archived"])
    messages.success(request, _("Archived.") if found.is_archived else _("Brought back."))
    return to("voice_themes", request)


def _theme(pk: int) -> VoiceTheme:
    found = VoiceTheme.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _edit(request: WorkspaceRequest, theme: VoiceTheme, title: str) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = ThemeForm(data, instance=theme)
    if data is not None and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return to("voice_themes", request)
    context = {"form": form, "title": title}
    return render(request, "reviews/voice/theme_form.html", context, status=400 if form.errors else 200)
