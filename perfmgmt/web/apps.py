from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class WebConfig(AppConfig):
    name = "perfmgmt.web"
    label = "web"
    verbose_name = _("Web pages")

    def ready(self) -> None:
        """Put the pages of people into the navigation: people lies below this app and can't do it itself."""
        from perfmgmt.people.permissions import SEE_MAIL, SEE_MEMBERS, SEE_PEOPLE, SEE_WORKSPACE
        from perfmgmt.web import palette
        from perfmgmt.web.navigation import NavItem, register

        palette.register(
            palette.Source("pages", pgettext_lazy("search results", "Pages"), palette.find_pages, order=10)
        )
        palette.register(palette.Source("people", _("People"), palette.find_people, order=20))
        register(NavItem("people", _("People"), "users", SEE_PEOPLE, order=40))
        register(NavItem("members", _("Access"), "shield-lock", SEE_MEMBERS, group="admin", order=60))
        register(NavItem("outbox", _("Mail"), "mail", SEE_MAIL, group="admin", order=70))
        register(NavItem("about", _("About"), "info-circle", SEE_WORKSPACE, group="admin", order=90))
