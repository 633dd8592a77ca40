from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from perfmgmt.people.roles import Role
from perfmgmt.people.services import add_member, user_for, vouch_for
from perfmgmt.tenants.errors import DomainError
from perfmgmt.tenants.services import create_workspace


class Command(BaseCommand):
    help = "Create a workspace with the ready-made metric library, and optionally its owner."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="its address: /w/SLUG/")
        parser.add_argument("--name", required=True, help="the company's name")
        parser.add_argument("--owner", metavar="EMAIL", help="who owns it; gets a sign-in if they have none")
        parser.add_argument("--language", default="zh-hans", choices=["zh-hans", "en"])
        parser.add_argument("--time-zone", default="Asia/Shanghai")
        parser.add_argument("--currency", default="CNY")
        parser.add_argument("--fiscal-start-month", type=int, default=1, choices=range(1, 13), metavar="1-12")
        parser.add_argument("--country", default="CN", help="whose public holidays, such as CN; empty for none")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = options["owner"]
        new_user = False

        def furnish() -> None:
            nonlocal new_user
            if owner:
                user, new_user = user_for(owner)
                if new_user:
                    vouch_for(user)
                add_member(user, Role.OWNER)

        try:
            if owner:
                validate_email(owner)
            create_workspace(
                options["slug"],
                name=options["name"],
                furnish=furnish,
                language=options["language"],
                time_zone=options["time_zone"],
                currency=options["currency"],
                fiscal_start_month=options["fiscal_start_month"],
                country=options["country"].upper(),
            )
        except ValidationError as error:
            raise CommandError(f"{owner} is not an email address.") from error
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Created workspace “{options['name']}” at /w/{options['slug']}/")
        if new_user:
            self.stdout.write(f"Give {owner} a password with: manage.py changepassword {owner}")
