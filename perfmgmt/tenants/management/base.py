"""The command base: the third and last place where a workspace's scope opens."""

from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from perfmgmt.tenants.acting import acting
from perfmgmt.tenants.errors import DomainError
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import tenant_scope


class WorkspaceCommand(BaseCommand):
    """A command for one workspace, named by `--workspace`.

    `run(open_scope, **options)` gets a context manager that opens the scope, and returns nothing; a domain error
    becomes one clear line.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, metavar="SLUG", help="the workspace's address")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options.pop("workspace")
        tenant = Tenant.objects.filter(slug=slug).first()
        if tenant is None:
            raise CommandError(f"There is no workspace “{slug}”. Create it with: manage.py create_workspace {slug}")
        try:
            with acting(command=type(self).__module__.rpartition(".")[2]):
                self.run(partial(tenant_scope, tenant.pk), **options)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def run(self, open_scope: Any, **options: Any) -> None:
        """Do the work."""
        raise NotImplementedError
