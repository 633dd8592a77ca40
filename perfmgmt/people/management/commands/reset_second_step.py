from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError, CommandParser

from perfmgmt.people.models import User


class Command(BaseCommand):
    help = "Remove a person's authenticator app, passkeys and recovery codes, so that the password alone signs in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError(f"Nobody signs in as {options['email']}.")
        removed, _models = Authenticator.objects.filter(user=user).delete()
        self.stdout.write(f"Removed {removed} of {user.email}.")
