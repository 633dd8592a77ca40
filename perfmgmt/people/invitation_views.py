"""Coming into a workspace by the link of an invitation."""

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.core.internal import ratelimit
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from perfmgmt.people import invitations
from perfmgmt.people.access import public_view
from perfmgmt.people.account_views import TooMany
from perfmgmt.people.member_forms import AcceptForm
from perfmgmt.people.models import Invitation, User
from perfmgmt.people.roles import Role
from perfmgmt.people.viewer import Workspace, open_invitation
from perfmgmt.tenants.errors import NotAllowed, NotFound


@public_view("needs the secret link of an invitation's mail; a GET changes nothing; rate-limited")
@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, workspace: str, token: str) -> HttpResponse:
    """Say who invites where, and let the person in: with a new account, or with the one they have."""
    if not ratelimit.consume(request, app="allauth.account", action="invitation", limit_get=True):
        raise TooMany
    with open_invitation(workspace, token) as found:
        if found is None:
            raise NotFound
        place, invited = found
        invitations.check_open(invited)
        answer = _answer(request, place, invited)
    if isinstance(answer, HttpResponse):
        return answer
    # Outside the scope: sessions belong to no workspace.
    home = reverse("home", args=[place.slug])
    if request.user.is_authenticated and request.user.pk == answer.pk:
        return HttpResponseRedirect(home)
    logout(request)
    return perform_login(request, Login(user=answer, redirect_url=home, email=answer.email))


def _answer(request: HttpRequest, place: Workspace, invited: Invitation) -> HttpResponse | User:
    """The page, or who has just been let in."""
    known = invitations.proven_owner(invited.email)
    signed_in = request.user if isinstance(request.user, User) else None
    if known is None:
        return _as_new(request, place, invited)
    if signed_in is None:
        return _page(request, place, invited, "sign_in")
    if signed_in.pk != known.pk:
        return _page(request, place, invited, "other")
    if request.method == "POST":
        if not known.is_active:
            raise NotAllowed
        invitations.accept(invited, known)
        return known
    return _page(request, place, invited, "join")


def _as_new(request: HttpRequest, place: Workspace, invited: Invitation) -> HttpResponse | User:
    form = AcceptForm(
        request.POST if request.method == "POST" else None, email=invited.email, initial={"name": invited.name}
    )
    if request.method == "POST" and form.is_valid():
        return invitations.accept_as_new(invited, **form.cleaned_data, language=get_language() or invited.language)
    return _page(request, place, invited, "new", form=form)


def _page(
    request: HttpRequest, place: Workspace, invited: Invitation, state: str, form: AcceptForm | None = None
) -> HttpResponse:
    context = {
        "place": place,
        "invited": invited,
        "inviter": str(invited.created_by or place.name),
        "roles": [Role(role).label for role in invited.roles],
        "state": state,
        "form": form,
    }
    return render(request, "people/invitation.html", context)
