"""The pages around the API: tokens of a workspace, the reference for people, the schema for programs."""

import json
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.api import scopes, selectors, services
from perfmgmt.api.forms import TokenForm
from perfmgmt.api.models import ApiToken
from perfmgmt.api.permissions import MANAGE_TOKENS
from perfmgmt.api.reference import document, sections
from perfmgmt.api.scopes import REGISTRY
from perfmgmt.people.access import WorkspaceRequest, public_view, workspace_view
from perfmgmt.tenants.errors import DomainError

TOKENS_PER_PAGE = 30
STATES = {
    selectors.WORKS: ("good", "check"),
    selectors.EXPIRED: ("mute", "clock"),
    selectors.REVOKED: ("mute", "ban"),
}
# What a token of a scope can be tried with.
EXAMPLES = (
    (scopes.METRICS_READ, "api:metrics"),
    (scopes.PEOPLE_READ, "api:units"),
    (scopes.FACTS_READ, "api:facts"),
)


def _word(state: str) -> str:
    words = {selectors.WORKS: _("Active"), selectors.EXPIRED: _("Expired"), selectors.REVOKED: _("Revoked")}
    return words[state]


@workspace_view(MANAGE_TOKENS)
@require_http_methods(["GET", "HEAD", "POST"])
def api_tokens(request: WorkspaceRequest) -> HttpResponse:
    """The workspace's tokens, and a new one: its secret stands in the answer to the form, once."""
    if request.method != "POST":
        return _page(request, TokenForm(today=request.workspace.today()))
    form = TokenForm(request.POST, today=request.workspace.today())
    if form.is_valid():
        try:
            token, secret = services.issue(
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                last_day=form.last_day(),
                viewer=request.viewer,
            )
        except DomainError as error:
            form.add_error("name", str(error))
        else:
            return _page(request, TokenForm(today=request.workspace.today()), token=token, secret=secret)
    return _page(request, form)


def _page(
    request: WorkspaceRequest, form: TokenForm, *, token: ApiToken | None = None, secret: str = ""
) -> HttpResponse:
    today = request.workspace.today()
    search, state = request.GET.get("q", "")[:80], request.GET.get("state", "")
    state = state if state in STATES else ""
    found = selectors.tokens(search=search, state=state, today=today)
    page = Paginator(found, TOKENS_PER_PAGE).get_page(request.GET.get("page"))
    rows = []
    for one in page:
        now = selectors.state_of(one, today)
        rows.append({"token": one, "works": now == selectors.WORKS, "word": _word(now), "look": STATES[now]})
    context = {
        "form": form, "page": page, "rows": rows, "search": search, "state": state,
        "states": [("", _("All")), *((name, _word(name)) for name in STATES)],
        "filtered": bool(search.strip() or state), "scopes": list(REGISTRY.values()), "token": token,
        "secret": secret, **_example(request, token),
    }  # fmt: skip
    return render(request, "api/tokens.html", context)


def _example(request: WorkspaceRequest, token: ApiToken | None) -> dict[str, str]:
    """An address that a new token may read, and the line that reads it; empty for a token that only sends."""
    name = next((name for scope, name in EXAMPLES if token and scope.code in token.scopes), "")
    address = request.build_absolute_uri(reverse(name)) if name else ""
    return {"example": address, "curl": f'curl -H "Authorization: Bearer $PERFMGMT_TOKEN" "{address}"'}


@workspace_view(MANAGE_TOKENS)
@require_POST
def revoke_token(request: WorkspaceRequest, token_id: int) -> HttpResponse:
    """End a token at once."""
    token = services.revoke(token_id)
    messages.success(request, _("“%(name)s” no longer works.") % {"name": token.name})
    return HttpResponseRedirect(reverse("api_tokens", args=[request.workspace.slug]))


@public_view("describes the API, the same for everyone; holds nothing of any company")
@require_GET
def schema(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document, in the language that is asked for."""
    body = json.dumps(document(get_language() or "en"), ensure_ascii=False)
    return HttpResponse(body, content_type="application/json")


@public_view("describes the API, the same for everyone; holds nothing of any company")
@require_GET
def reference(request: HttpRequest) -> HttpResponse:
    """The same for people: every address with its parameters, its body and its answers."""
    context: dict[str, Any] = {
        "groups": sections(document(get_language() or "en")),
        "scopes": list(REGISTRY.values()),
    }
    return render(request, "api/reference.html", context)
