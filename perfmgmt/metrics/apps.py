from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "perfmgmt.metrics"
    label = "metrics"

    def ready(self) -> None:
        """Listen to what moves people between units: their figures move with them."""
        from perfmgmt.metrics import gaps, library, manual, own_sources
        from perfmgmt.metrics.rollups import dirty
        from perfmgmt.people.gaps import register as register_gap
        from perfmgmt.tenants.events import subscribe

        subscribe("people.assignments_changed", dirty.on_assignments_changed)
        subscribe("people.units_changed", dirty.on_units_changed)
        subscribe("tenants.sweep", dirty.on_sweep)
        subscribe("tenants.workspace_created", library.on_workspace_created)
        subscribe("tenants.migrated", library.on_migrated)
        register_gap(gaps.FACTS)
        own_sources.reserve(manual.SOURCE)
        self._register_jobs()
        self._register_pages()

    def _register_jobs(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.customers.permissions import MANAGE_CUSTOMERS
        from perfmgmt.jobs.registry import JobKind, register
        from perfmgmt.metrics import batches, exports, metric_list
        from perfmgmt.metrics.imports import contacts, facts, inspection, people, retrying, undo
        from perfmgmt.metrics.permissions import IMPORT_FACTS, SEE_FACTS, SEE_METRICS
        from perfmgmt.people.permissions import IMPORT_PEOPLE, SEE_PEOPLE

        again = (retrying.obstacle, retrying.retried)
        register(JobKind(facts.KIND, _("Import of facts"), facts.run, IMPORT_FACTS, *again))
        register(JobKind(people.KIND, _("Import of people"), people.run, IMPORT_PEOPLE, *again))
        register(JobKind(contacts.KIND, _("Import of contacts"), contacts.run, MANAGE_CUSTOMERS, *again))
        register(
            JobKind(inspection.KIND, _("First look at a file"), inspection.run, IMPORT_FACTS, *again, told=False)
        )
        register(JobKind(undo.KIND, _("Undoing an import"), undo.run, IMPORT_FACTS, *again))
        undoing_batch = (batches.obstacle, batches.retried)
        register(JobKind(batches.KIND, _("Undoing a batch"), batches.run, IMPORT_FACTS, *undoing_batch))
        register(JobKind(exports.FACTS, _("Export of facts"), exports.export_facts, SEE_FACTS))
        register(JobKind(metric_list.KIND, _("Export of metrics"), metric_list.export, SEE_METRICS))
        self._register_forecasts()
        register(JobKind(exports.PEOPLE, _("Export of people"), exports.export_people, SEE_PEOPLE))

    def _register_forecasts(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.jobs.registry import JobKind, register
        from perfmgmt.metrics.forecast import market_views, tasks
        from perfmgmt.metrics.permissions import EDIT_MARKET, SEE_FORECASTS, SEE_MARKET
        from perfmgmt.people.tabs import PersonTab
        from perfmgmt.people.tabs import register as register_tab
        from perfmgmt.web.navigation import NavItem
        from perfmgmt.web.navigation import register as register_page

        register(JobKind(tasks.KIND, _("Prepare forecasts"), tasks.run, EDIT_MARKET))
        register(JobKind(market_views.EXPORT, _("Export of the market index"), market_views.export, SEE_MARKET))
        register_tab(PersonTab("person_outlook", _("Outlook"), SEE_FORECASTS, order=15))
        register_page(NavItem("market", _("Market index"), "chart-line", SEE_MARKET, group="admin", order=25))

    def _register_pages(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.metrics import finding
        from perfmgmt.metrics.permissions import IMPORT_FACTS, SEE_FACTS, SEE_METRICS
        from perfmgmt.web import palette
        from perfmgmt.web.navigation import NavItem, register

        palette.register(finding.SOURCE)

        register(NavItem("facts", _("Facts"), "list-details", SEE_FACTS, order=30))
        register(NavItem("metrics", _("Metrics"), "ruler-2", SEE_METRICS, group="admin", order=20))
        register(NavItem("imports", _("Import"), "table-import", IMPORT_FACTS, group="admin", order=30))
