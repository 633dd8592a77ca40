"""Letters about a sign-in and about coming into a workspace."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from perfmgmt.notify.letters import Letter, Words

IGNORE = _("If you didn't ask for this, you can ignore this mail: nothing happens without the link.")


def letter_for(kind: str, context: dict[str, Any]) -> tuple[Letter, str] | None:
    """Return the letter for one of allauth's mails and the part of it that gives access; None for an unknown kind.

    `kind` is the last part of allauth's template prefix, `context` what it would render the template with.
    """
    if kind in REQUESTS:
        return REQUESTS[kind](context)
    if kind in NOTICES:
        return _notice(NOTICES[kind], context), ""
    return None


def _confirmation(context: dict[str, Any]) -> tuple[Letter, str]:
    url = context["activate_url"]
    return (
        Letter(
            _("Confirm your email address"),
            [_("Please confirm that this address is yours. Then you can sign in with it.")],
            action=(_("Confirm the address"), url),
            footnote=IGNORE,
        ),
        url,
    )


def _reset(context: dict[str, Any]) -> tuple[Letter, str]:
    url = context["password_reset_url"]
    return (
        Letter(
            _("Set a new password"),
            [_("Somebody, probably you, asked for a new password. The link works once and for three days.")],
            action=(_("Choose a new password"), url),
            footnote=IGNORE,
        ),
        url,
    )


def _already(context: dict[str, Any]) -> tuple[Letter, str]:
    return (
        Letter(
            _("You have an account already"),
            [
                _("Somebody, probably you, tried to sign up with this address. It has an account already."),
                _("Sign in with it; if you forgot the password, ask for a new one."),
            ],
            action=(_("Ask for a new password"), context["password_reset_url"]),
            footnote=_("If it wasn't you, you can ignore this mail: nothing was changed."),
        ),
        "",
    )


def _taken(context: dict[str, Any]) -> tuple[Letter, str]:
    return (
        Letter(
            _("You have an account already"),
            [
                _("Somebody, probably you, wants to sign in to another account with this address."),
                _("It has an account of its own, so nothing was changed. One address can't belong to two accounts."),
            ],
            action=(_("Ask for a new password"), context["reset_url"]),
            footnote=_("If it wasn't you, you can ignore this mail: nothing was changed."),
        ),
        "",
    )


def _address_changed(context: dict[str, Any]) -> tuple[Letter, str]:
    """To the old address: the way back is a person's, for the account can no longer be reached with it."""
    return (
        Letter(
            _("You sign in with another email address now"),
            [
                _("The address of your account was changed; this one can't be used for signing in any more."),
                _("If it wasn't you, write to your HR department or to who runs this installation at once."),
            ],
            details=[(_("Before"), context["from_email"]), (_("Now"), context["to_email"]), *_circumstances(context)],
        ),
        "",
    )


REQUESTS: dict[str, Callable[[dict[str, Any]], tuple[Letter, str]]] = {
    "email_confirmation": _confirmation,
    "email_confirmation_signup": _confirmation,
    "password_reset_key": _reset,
    "account_already_exists": _already,
    "address_taken": _taken,
    "email_changed": _address_changed,
}
NOTICES: dict[str, Words] = {
    "password_changed": _("Your password was changed"),
    "password_set": _("A password was set for your account"),
    "password_reset": _("Your password was set anew"),
    "totp_activated": _("An authenticator app was added to your account"),
    "totp_deactivated": _("The authenticator app was removed from your account"),
    "recovery_codes_generated": _("New recovery codes were made for your account"),
    "webauthn_added": _("A passkey was added to your account"),
    "webauthn_removed": _("A passkey was removed from your account"),
    "email_deleted": _("The change of your email address was given up"),
}


def _notice(subject: Words, context: dict[str, Any]) -> Letter:
    """Something about the sign-in changed: when, from where, and what to do if it was somebody else."""
    return Letter(
        subject,
        [
            _("We tell you about every change to how you sign in."),
            _("If it wasn't you, set a new password now and look through your sessions."),
        ],
        action=(_("Set a new password"), context["reset_url"]),
        details=_circumstances(context),
    )


def _circumstances(context: dict[str, Any]) -> list[tuple[Words, Words]]:
    """When and from where something was done, as far as it is known."""
    details: list[tuple[Words, Words]] = []
    when = context.get("timestamp")
    if isinstance(when, datetime):
        details.append((_("When"), _Moment(when)))  # type: ignore[arg-type]
    if context.get("ip"):
        details.append((_("From the address"), str(context["ip"])))
    if context.get("user_agent"):
        details.append((_("Browser"), str(context["user_agent"])))
    return details


class _Moment:
    """A time that is spelled in the language of whoever reads it."""

    def __init__(self, when: datetime) -> None:
        self.when = when

    def __str__(self) -> str:
        return f"{date_format(self.when, 'DATETIME_FORMAT')} UTC"


def invitation(*, workspace: str, inviter: str, url: str, days: int) -> Letter:
    """Return the letter that lets somebody into a workspace."""
    return Letter(
        _lazily(_("{inviter} invites you to “{workspace}”"), inviter=inviter, workspace=workspace),
        [
            _lazily(
                _("{inviter} invites you to the workspace “{workspace}”, where targets and results are followed."),
                inviter=inviter,
                workspace=workspace,
            ),
            _lazily(_("The link works once and for {days} days."), days=days),
        ],
        action=(_("Accept the invitation"), url),
        footnote=_("If you don't expect this, you can ignore this mail: nothing happens without the link."),
    )


def _lazily(text: Words, **values: Any) -> Words:
    """Fill in a lazy translation when it is read, so that the language of the letter decides."""
    return _Filled(text, values)  # type: ignore[return-value]


class _Filled:
    def __init__(self, text: Words, values: dict[str, Any]) -> None:
        self.text, self.values = text, values

    def __str__(self) -> str:
        return str(self.text).format(**self.values)
