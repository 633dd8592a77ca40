"""Invitations: who is let in by mail.

The link is known to the mail only; the row keeps its hash. It works once, for some days, for one address.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.notify.services import queue_mail
from perfmgmt.people.letters import invitation as letter
from perfmgmt.people.members import check_grantable
from perfmgmt.people.models import Employee, Invitation, Membership, User
from perfmgmt.people.notices import tell_accepted
from perfmgmt.people.roles import GIVEN_BY_HAND, Role
from perfmgmt.people.services import add_member, user_for, vouch_for
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, DomainError
from perfmgmt.tenants.models import WorkspaceProfile

KIND = "invitation"
# From the link's secret part to the whole address.
LinkOf = Callable[[str], str]


class Gone(DomainError):
    """An invitation that can't be accepted any more; the message says why."""

    code = "invitation_gone"
    status = 410


def open_invitations() -> QuerySet[Invitation]:
    """Return the invitations that nobody has accepted or withdrawn, the newest first; expired ones are among them."""
    return (
        Invitation.objects.filter(accepted_at=None, revoked_at=None)
        .select_related("employee", "created_by")
        .order_by("-sent_at", "-pk")
    )


@transaction.atomic
def invite(
    *,
    email: str,
    viewer: Viewer,
    link_of: LinkOf,
    name: str = "",
    roles: Iterable[Role] = (),
    employee: Employee | None = None,
    language: str = "",
) -> Invitation:
    """Invite an address into the open workspace, as an employee and with roles given by hand; the mail is queued.

    An employee with the same address is found by itself. Raises NotAllowed for a role the viewer may not give,
    DomainError when there is neither a role nor an employee, Conflict for a member, an employee who has an account,
    and an address that is invited already.
    """
    email, given = email.strip().lower(), sorted({Role(role).value for role in roles})
    WorkspaceProfile.objects.select_for_update().get()  # two invitations of one address wait for each other
    employee = employee or Employee.objects.filter(email__iexact=email).first()
    check_grantable(viewer, [Role(role) for role in given])
    _check_free(email, employee)
    if not given and employee is None:
        raise DomainError(
            _("Choose a role: this address belongs to nobody in the directory."), code="role_or_employee"
        )
    Invitation.objects.filter(email=email, accepted_at=None, revoked_at=None).update(revoked_at=timezone.now())
    user = User.objects.filter(email=email).first()
    made = Invitation(
        email=email,
        name=name or (employee.name if employee else ""),
        employee=employee,
        roles=given,
        language=(user.language if user else "") or language or WorkspaceProfile.objects.get().language,
    )
    return _send(made, viewer=viewer, link_of=link_of)


@transaction.atomic
def send_again(invitation_id: int, *, viewer: Viewer, link_of: LinkOf) -> Invitation:
    """Send an open invitation with a new link and a new term; the old link is void.

    Raises NotAllowed when the viewer could not have given its roles, Conflict when it is not open any more.
    """
    found = _locked_open(invitation_id)
    check_grantable(viewer, [Role(role) for role in found.roles])
    return _send(found, viewer=viewer, link_of=link_of)


@transaction.atomic
def revoke(invitation_id: int, *, viewer: Viewer) -> None:
    """Withdraw an open invitation. Raises NotAllowed and Conflict as `send_again`."""
    found = _locked_open(invitation_id)
    check_grantable(viewer, [Role(role) for role in found.roles])
    found.revoked_at = timezone.now()
    found.save(update_fields=["revoked_at"])


def check_open(invitation: Invitation) -> None:
    """Raise Gone, with what became of it, for an invitation that can't be accepted."""
    if invitation.accepted_at is not None:
        raise Gone(_("This invitation was accepted already. Sign in with your email and password."))
    if invitation.revoked_at is not None:
        raise Gone(_("This invitation was withdrawn. Ask the person who invited you."))
    if invitation.expires_at <= timezone.now():
        raise Gone(_("This invitation has expired. Ask the person who invited you to send it again."))


def proven_owner(email: str) -> User | None:
    """Return the account of an address that was shown to be its person's own; None for a new or unproven one."""
    found = EmailAddress.objects.filter(email__iexact=email, verified=True).select_related("user").first()
    return found.user if found else None


@transaction.atomic
def accept(invitation: Invitation, user: User) -> Membership:
    """Let the person in. Raises Gone when the invitation was used, withdrawn or has expired meanwhile."""
    locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
    check_open(locked)
    if locked.employee_id and Membership.objects.filter(employee_id=locked.employee_id).exclude(user=user).exists():
        raise Gone(_("Somebody else signs in as this employee already. Ask the person who invited you."))
    locked.accepted_at = timezone.now()
    locked.save(update_fields=["accepted_at"])
    tell_accepted(locked)
    roles = [Role(role) for role in locked.roles]
    return add_member(user, *(role for role in roles if role in GIVEN_BY_HAND), employee=locked.employee)


@transaction.atomic
def accept_as_new(invitation: Invitation, *, name: str, password: str, language: str) -> User:
    """Make the account of an invited address with its password, and let the person in; return the account.

    An account whose address nobody has ever confirmed may be a stranger's: the mailbox decides, so it gets the new
    password, and every session and second factor it had is gone. Raises Gone as `accept`.
    """
    check_open(Invitation.objects.select_for_update().get(pk=invitation.pk))
    user, new = user_for(invitation.email)
    if not new:
        Authenticator.objects.filter(user=user).delete()
        EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    user.name, user.language, user.is_active = name, language, True
    user.set_password(password)
    user.save()
    vouch_for(user)
    accept(invitation, user)
    return user


def _check_free(email: str, employee: Employee | None) -> None:
    if Membership.objects.filter(user__email=email).exists():
        raise Conflict(_("{email} is a member already."), email=email)
    if employee is not None and Membership.objects.filter(employee=employee).exists():
        raise Conflict(_("{name} has an account already."), name=employee.name)
    running = Invitation.objects.filter(email=email, accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
    if running.exists():
        raise Conflict(_("{email} is invited already. Send that invitation again instead."), email=email)


def _locked_open(invitation_id: int) -> Invitation:
    found = Invitation.objects.select_for_update().get(pk=invitation_id)
    if found.accepted_at is not None or found.revoked_at is not None:
        raise Conflict(_("This invitation isn't open any more."))
    return found


def _send(invitation: Invitation, *, viewer: Viewer, link_of: LinkOf) -> Invitation:
    """Give an invitation a new link and term, keep it, and queue its mail."""
    token, now = secrets.token_urlsafe(32), timezone.now()
    invitation.token_hash = hashlib.sha256(token.encode()).hexdigest()
    invitation.sent_at, invitation.expires_at = now, now + timedelta(days=settings.INVITATION_DAYS)
    invitation.created_by_id = viewer.user_id
    invitation.save()
    url = link_of(token)
    workspace = WorkspaceProfile.objects.get().name
    queue_mail(
        letter(workspace=workspace, inviter=viewer.display_name, url=url, days=settings.INVITATION_DAYS),
        to=invitation.email,
        kind=KIND,
        language=invitation.language,
        secret=url,
        created_by_id=viewer.user_id,
    )
    return invitation
