from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate

from perfmgmt.tenants.events import publish
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import tenant_scope


class Command(migrate.Command):
    """Django's migrate, run as the role that owns the tables (the application's role may not change them).

    Afterwards the apps may bring every workspace up to date (event `tenants.migrated`), as the application's role.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> Any:
        if options["database"] not in settings.DATABASES:
            raise CommandError(
                "MIGRATION_DATABASE_URL is not set: migrations run as the owner's role. See docs/operator.md."
            )
        result = super().handle(*args, **options)
        if not options.get("app_label") and not options.get("plan") and not options.get("check_unapplied"):
            ids = list(Tenant.objects.order_by("pk").values_list("pk", flat=True))
            publish("tenants.migrated", scopes=[partial(tenant_scope, pk) for pk in ids])
        return result
