import secrets
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from analytics.demo import company
from goals.models import MonthlyTarget
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.removal import remove_workspace
from perfmgmt.tenants.scope import tenant_scope
from perfmgmt.tenants.services import create_workspace


class Command(BaseCommand):
    help = "Create the demo company, or print its sign-ins if it is there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="only when there is no workspace at all")
        parser.add_argument("--reset", action="store_true", help="remove the demo company first")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo company has known sign-ins; it is not made in production.")
        demo = Tenant.objects.filter(slug=company.SLUG).first()
        if demo is not None and (options["reset"] or not self._is_complete(demo)):
            remove_workspace(demo)
            demo = None
        if demo is None:
            if options["if_empty"] and Tenant.objects.exists():
                return
            self._create()
        for sign_in in company.SIGN_INS:
            self.stdout.write(f"{sign_in.title:<10} {sign_in.email:<24} password: {_password()}")

    def _is_complete(self, demo: Tenant) -> bool:
        """Return whether the last step was reached: a first start may have been interrupted."""
        with tenant_scope(demo.pk):
            return MonthlyTarget.objects.exists()

    def _create(self) -> None:
        today = timezone.localdate()
        tenant = create_workspace(company.SLUG, name=company.NAME, currency="CNY")
        open_scope = partial(tenant_scope, tenant.pk)
        with open_scope():
            found = company.people(today)
            company.sign_ins(found, _password())
        company.import_deals(open_scope, today)
        with open_scope():
            company.set_targets(found, today)


def _password() -> str:
    """Return this installation's demo password, made on first use: a fixed one would be known to everybody."""
    path = Path(settings.VAR_DIR) / "secrets" / "demo"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(f"demo-{secrets.token_hex(4)}", encoding="ascii")
    return path.read_text(encoding="ascii").strip()
