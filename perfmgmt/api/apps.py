from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "perfmgmt.api"
    label = "api"

    def ready(self) -> None:
        """Offer the addresses of the lower apps, put the tokens into the navigation."""
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.api import services
        from perfmgmt.api.endpoints import register_all
        from perfmgmt.api.permissions import MANAGE_TOKENS
        from perfmgmt.tenants.events import subscribe
        from perfmgmt.web.navigation import NavItem, register

        register_all()
        subscribe("tenants.workspace_removed", services.on_workspace_removed)
        register(NavItem("api_tokens", _("API tokens"), "key", MANAGE_TOKENS, group="admin", order=80))
