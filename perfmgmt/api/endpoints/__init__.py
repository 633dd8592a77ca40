"""The addresses of people, metrics, facts, rollups and customers."""


def register_all() -> None:
    """Put them into the registry."""
    from perfmgmt.api.endpoints import batches, customers, facts, metrics, people
    from perfmgmt.api.registry import register

    register("people", people.PeopleView, "people")
    register("people/<int:employee_id>", people.PersonView, "person")
    register("units", people.UnitsView, "units")
    register("metrics", metrics.MetricsView, "metrics")
    register("metrics/<slug:code>", metrics.MetricView, "metric")
    register("facts", facts.FactsView, "facts")
    register("facts/<int:fact_id>", facts.FactView, "fact")
    register("facts:batch", facts.FactsBatchView, "facts_batch")
    register("facts/batches/<int:batch_id>", batches.FactsBatchDetail, "facts_batch_detail")
    register("facts/batches/<int:batch_id>:undo", batches.FactsBatchUndo, "facts_batch_undo")
    register("rollups", metrics.RollupsView, "rollups")
    register("customers", customers.CustomersView, "customers")
    register("contacts", customers.ContactsView, "contacts")
    register("contacts:add", customers.ContactAdd, "contact_add")
    register("contacts/<int:contact_id>", customers.ContactView, "contact")
    register("contacts/<int:contact_id>:change", customers.ContactChange, "contact_change")
    register("contacts/<int:contact_id>:consent", customers.ContactConsent, "contact_consent")
