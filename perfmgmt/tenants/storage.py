"""Files that carry the workspace."""

import os
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage

from perfmgmt.tenants.scope import current_tenant_id


class TenantFileStorage(FileSystemStorage):
    """Uploads and results, each under `t<workspace id>/`; every name is resolved inside the open scope.

    Names are relative to the workspace's own folder and may not leave it (SuspiciousFileOperation), so a file
    of another workspace cannot even be named. Outside a scope nothing can be opened (WrongScope). Files are
    never served by address: a view checks the permission and streams them.
    """

    @property
    def base_location(self) -> str:
        """The folder of the open workspace."""
        return str(Path(settings.MEDIA_ROOT) / f"t{current_tenant_id()}")

    @property
    def location(self) -> str:
        """The folder of the open workspace, absolute."""
        return os.path.abspath(self.base_location)

    def url(self, name: str | None) -> str:
        """Refuse: there is no public address."""
        raise ValueError("Workspace files have no public address.")
