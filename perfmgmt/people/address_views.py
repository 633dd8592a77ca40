"""The address that a person signs in with: asking for another one, and confirming it."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.account.views import ConfirmEmailView, EmailView
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from perfmgmt.people.access import public_view, signed_in_user, signed_in_view
from perfmgmt.people.models import User

ACTIONS = ("action_add", "action_send", "action_remove")


@method_decorator(reauthentication_required, name="dispatch")
class ChangeAddressView(EmailView):
    """Ask for another address, have the link sent again, or give the change up.

    Nothing changes before the link in the mail to the new address is followed (setting ACCOUNT_CHANGE_EMAIL).
    """

    template_name = "account/email_change.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Do one of the actions of the page; allauth's others have no place here."""
        if not any(action in request.POST for action in ACTIONS):
            return HttpResponseRedirect(self.get_success_url())
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the address that waits for its confirmation."""
        user = signed_in_user(self.request)
        return super().get_context_data(**kwargs) | {"pending": pending_address(user), "present": user.email}


def pending_address(user: User) -> str:
    """Return the address that somebody is changing to, "" for nobody's."""
    waiting = EmailAddress.objects.get_new(user)
    return waiting.email if waiting and waiting.email != user.email else ""


class FollowLinkView(ConfirmEmailView):
    """Confirm an address by the link of its mail; what cannot be confirmed is said on the page."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Confirm. An account that has got the same address meanwhile keeps it."""
        try:
            with transaction.atomic():
                return super().post(*args, **kwargs)
        except Http404:
            return self.get(*args, **kwargs)
        except IntegrityError:
            messages.error(self.request, _("This address can't be confirmed: another account has it."))
            return HttpResponseRedirect(reverse("account_login"))


change_address = signed_in_view("asks for another address to sign in with, after the password; rate-limited")(
    never_cache(ChangeAddressView.as_view())
)
follow_link = public_view("needs the key of a confirmation mail")(never_cache(FollowLinkView.as_view()))
