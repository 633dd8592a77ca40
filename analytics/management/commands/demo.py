import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from analytics.demo import company
from analytics.demo.people import SIGN_INS
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.removal import remove_workspace
from perfmgmt.tenants.scope import tenant_scope
from perfmgmt.tenants.services import create_workspace


class Command(BaseCommand):
    help = "Create the demo company, or print its sign-ins if it is there. --reset removes it and creates it anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="only when there is no workspace at all")
        parser.add_argument("--reset", action="store_true", help="remove the demo company first; asks nothing")
        parser.add_argument("--yes-delete", action="store_true", help="in production: yes, make or remove it here")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION and not options["yes_delete"]:
            raise CommandError(
                "The demo company has known sign-ins; in production it is made or removed only with --yes-delete."
            )
        demo = Tenant.objects.filter(slug=company.SLUG).first()
        if demo is not None and not self._is(demo, company.is_ours):
            if options["if_empty"]:
                return
            raise CommandError(f"/w/{company.SLUG}/ is not the demo company but a workspace of somebody's own.")
        if demo is not None and (options["reset"] or not self._is(demo, company.is_whole)):
            with self._step("Remove the demo company"):
                remove_workspace(demo)
            demo = None
        if demo is not None and not options["if_empty"]:
            self._tell(f"The demo company is there; nothing was changed. --reset makes it anew: /w/{company.SLUG}/")
        if demo is None:
            if options["if_empty"] and Tenant.objects.exists():
                return
            self._create(after_a_title=options["if_empty"])
        for sign_in in SIGN_INS:
            self.stdout.write(f"{sign_in.title:<10} {sign_in.email:<24} password: {_password()}")

    def _is(self, demo: Tenant, what: Callable[[], bool]) -> bool:
        with tenant_scope(demo.pk):
            return what()

    def _create(self, *, after_a_title: bool) -> None:
        """Make it. `make run` has printed a title without an end, and prints the whole duration afterwards."""
        if after_a_title:
            self._tell("")
        with override(company.LANGUAGE), self._step("Workspace"):
            tenant = create_workspace(company.SLUG, name=company.NAME, currency="CNY")
            made = company.Company(partial(tenant_scope, tenant.pk), _password())
            steps = made.steps()
        with override(company.LANGUAGE):
            for title, work in steps:
                with self._step(title):
                    work()
        if after_a_title:
            self._tell("    Altogether ...", ending="")

    @contextmanager
    def _step(self, title: str) -> Iterator[None]:
        """Name a step when it begins, and its duration when it is done; the sign-ins alone go to the output."""
        began = time.monotonic()
        self._tell(f"    {title} ...", ending="")
        yield
        self._tell(f" {time.monotonic() - began:.1f} s")

    def _tell(self, text: str, ending: str = "\n") -> None:
        self.stderr.write(text, str, ending)
        self.stderr.flush()


def _password() -> str:
    """Return this installation's demo password, made on first use: a fixed one would be known to everybody."""
    path = Path(settings.VAR_DIR) / "secrets" / "demo"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(f"demo-{secrets.token_hex(4)}", encoding="ascii")
    return path.read_text(encoding="ascii").strip()
