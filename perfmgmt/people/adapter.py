"""How django-allauth behaves here."""

import base64
import hashlib
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from perfmgmt.notify.services import queue_account_mail
from perfmgmt.people.letters import letter_for
from perfmgmt.people.models import User


class UnknownMail(LookupError):
    """A programming fault: allauth wants to send a mail that nobody has written here."""


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up where the operator allows it, mail through the outbox, and each person's own language."""

    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "duplicate_email": _("This is your address already, or it waits for its confirmation."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return whether people may sign up by themselves (setting SIGNUP_OPEN)."""
        return bool(settings.SIGNUP_OPEN)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write one of our letters into the outbox instead of rendering allauth's template."""
        kind = template_prefix.rpartition("/")[2]
        request = allauth_context.request
        found = letter_for(
            kind, {**context, "reset_url": request.build_absolute_uri(reverse("account_reset_password"))}
        )
        if found is None:
            raise UnknownMail(template_prefix)
        letter, secret = found
        queue_account_mail(letter, to=email, kind=kind, language=language_of(email), secret=secret)

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        """Send the link, unless the address is somebody else's: they are told, and who asked sees no difference."""
        wanted = emailconfirmation.email_address
        others = User.objects.filter(email=wanted.email).exclude(pk=wanted.user_id).exists()
        if others or not wanted.can_set_verified():
            self.send_mail("account/email/address_taken", wanted.email, {})
        else:
            super().send_confirmation_mail(request, emailconfirmation, signup)

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Keep the language of the page as the new person's own."""
        user.language = get_language() or ""
        return super().save_user(request, user, form, commit)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Bring the person's own language to the browser they sign in with."""
        response = super().post_login(request, user, **kwargs)
        if user.language:
            remember_language(response, user.language)
        return response


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps are encrypted in the database, with a key that is made of SECRET_KEY."""

    def encrypt(self, text: str) -> str:
        """Return `text` encrypted."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return what `encrypt` was given; a former SECRET_KEY may stand in SECRET_KEY_FALLBACKS."""
        return _fernet().decrypt(encrypted_text.encode()).decode()


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"second factor:" + force_bytes(key)).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def language_of(email: str) -> str:
    """Return the language to write to an address in: its person's own, else the one of the page."""
    user = User.objects.filter(email=email.strip().lower()).first()
    return (user.language if user else "") or get_language() or "en"


def remember_language(response: HttpResponse, language: str) -> None:
    """Keep a language in the browser's cookie."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
