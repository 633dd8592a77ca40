"""The addresses of people, metrics, facts and rollups."""


def register_all() -> None:
    """Put them into the registry."""
    from perfmgmt.api.endpoints import batches, facts, metrics, people
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
