"""How the walls between workspaces really stand, read from the models and from PostgreSQL's catalog.

`manage.py isolation_report` prints it and a test demands that it finds nothing wrong, so both judge alike.
"""

from dataclasses import dataclass, field

from django.apps import apps
from django.db import connection, models
from django_scopes import get_scope
from django_scopes.exceptions import ScopeError

from perfmgmt.tenants.base import HotForeignKey, TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import UNAUDITED, AuditEvent, event_models, tracked
from perfmgmt.tenants.rls import INSERT_ONLY, OWNER_FUNCTIONS, READ_ALSO, UNOWNED

# As pg_get_expr writes the wall of `rls.SecureTable`.
WALL = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::bigint)"


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key of the catalog."""

    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """A row-level security policy of the catalog."""

    name: str
    command: str
    using: str
    check: str


@dataclass
class Table:
    """What the catalog says about one table."""

    kind: str = ""
    secured: bool = False
    forced: bool = False
    policies: list[Policy] = field(default_factory=list)
    unique: list[tuple[tuple[str, ...], bool]] = field(default_factory=list)  # columns, is the primary key
    foreign: list[ForeignKey] = field(default_factory=list)


@dataclass(frozen=True)
class Finding:
    """One model with what stands between its rows and other workspaces."""

    model: str
    table: str
    owned: bool
    reason: str
    wall: str
    policies: str
    key: str
    violations: tuple[str, ...]

    def __str__(self) -> str:
        state = "owned" if self.owned else f"unowned ({self.reason})"
        line = f"{self.model}: {state}; row-level security {self.wall}; policies {self.policies}; key {self.key}"
        return line + "".join(f"\n  VIOLATION: {violation}" for violation in self.violations)


def _rows(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


_TABLES = """
    SELECT relname, relkind::text, relrowsecurity, relforcerowsecurity FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')"""
_POLICIES = """
    SELECT tablename, policyname, permissive || ' ' || cmd, coalesce(qual, ''), coalesce(with_check, '')
    FROM pg_policies WHERE schemaname = 'public' ORDER BY 1, 2"""
_UNIQUE = """
    SELECT i.indrelid::regclass::text, i.indisprimary,
           array(SELECT coalesce(a.attname::text, '(expression)')
                 FROM generate_series(0, i.indnkeyatts - 1) AS n
                 LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[n] AND a.attnum > 0
                 ORDER BY n)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace ORDER BY 1, 3"""
_FOREIGN = """
    SELECT conrelid::regclass::text, confrelid::regclass::text,
           array(SELECT a.attname::text FROM unnest(conkey) WITH ORDINALITY AS k(n, at)
                 JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.n ORDER BY at),
           array(SELECT a.attname::text FROM unnest(confkey) WITH ORDINALITY AS k(n, at)
                 JOIN pg_attribute a ON a.attrelid = confrelid AND a.attnum = k.n ORDER BY at)
    FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace"""


def catalog() -> dict[str, Table]:
    """Return what the catalog says about every table and view of the schema."""
    tables: dict[str, Table] = {
        str(name): Table(str(kind), bool(secured), bool(forced)) for name, kind, secured, forced in _rows(_TABLES)
    }
    for name, *policy in _rows(_POLICIES):
        tables[str(name)].policies.append(Policy(*(str(part) for part in policy)))
    for name, primary, columns in _rows(_UNIQUE):
        tables[str(name)].unique.append((tuple(columns), bool(primary)))  # type: ignore[arg-type]
    for name, target, columns, theirs in _rows(_FOREIGN):
        key = ForeignKey(tuple(columns), str(target), tuple(theirs))  # type: ignore[arg-type]
        tables[str(name)].foreign.append(key)
    return tables


def report() -> list[Finding]:
    """Return one finding per model, by name."""
    tables = catalog()
    found = [_judge(model, tables) for model in every_model()]
    return sorted(found, key=lambda finding: finding.model)


def every_model() -> list[type[models.Model]]:
    """Return every model that has a table of its own."""
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.managed and not model._meta.proxy]


def owned_models() -> list[type[models.Model]]:
    """Return the models whose rows belong to a workspace, by table."""
    owned = [model for model in every_model() if issubclass(model, TenantOwned)]
    return sorted(owned, key=lambda model: model._meta.db_table)


def _judge(model: type[models.Model], tables: dict[str, Table]) -> Finding:
    label, name = model._meta.label, model._meta.db_table
    owned = issubclass(model, TenantOwned)
    table = tables.get(name, Table())
    tenant_first = sorted((c for c, _primary in table.unique if c[0] == "tenant_id"), key=lambda c: (len(c), c))
    violations = _owned_violations(model, table, tables) if owned else _unowned_violations(label, table)
    if table.kind not in ("r", "p"):
        violations.append(f"table {name} is not in the database")
    return Finding(
        model=label,
        table=name,
        owned=owned,
        reason="" if owned else UNOWNED.get(label, "NOT REVIEWED"),
        wall="forced" if table.secured and table.forced else "enabled" if table.secured else "off",
        policies=", ".join(policy.name for policy in table.policies) or "none",
        key=f"({', '.join(tenant_first[0])})" if tenant_first else "not by tenant",
        violations=tuple(violations),
    )


def _unowned_violations(label: str, table: Table) -> list[str]:
    if label not in UNOWNED:
        return ["neither tenant-owned nor in rls.UNOWNED with a reason"]
    return [] if UNOWNED[label].strip() else ["rls.UNOWNED gives no reason"]


def _owned_violations(model: type[models.Model], table: Table, tables: dict[str, Table]) -> list[str]:
    found = []
    if model._meta.label in UNOWNED:
        found.append("stands in rls.UNOWNED although it is tenant-owned")
    if not _refuses_unscoped(model):
        found.append("the default manager answers outside a scope")
    if not (table.secured and table.forced):
        found.append("row-level security is not enabled and forced")
    found += _policy_violations(model._meta.label, table)
    found += _key_violations(table)
    found += _trail_violations(model)
    if issubclass(model, AuditEvent):  # its references outlive what they point at
        return found
    return found + _foreign_violations(model, table, tables)


def _refuses_unscoped(model: type[models.Model]) -> bool:
    """Whether every manager of a model refuses a query without a scope."""
    if get_scope():
        raise RuntimeError("Ask outside a scope.")
    for manager in model._meta.managers:
        try:
            getattr(model, manager.name).all().exists()
        except ScopeError:
            continue
        return False
    return True


def _policy_violations(label: str, table: Table) -> list[str]:
    found = []
    walls = [policy for policy in table.policies if policy.command == "PERMISSIVE ALL"]
    if [(wall.using, wall.check) for wall in walls] != [(WALL, WALL)]:
        found.append("no policy with exactly tenant_id = app.tenant_id in USING and WITH CHECK")
    others = [policy for policy in table.policies if policy not in walls and "RESTRICTIVE" not in policy.command]
    for policy in others:
        if policy.command != "PERMISSIVE SELECT" or label not in READ_ALSO:
            found.append(f"policy {policy.name} opens the wall and is not in rls.READ_ALSO")
    if label in READ_ALSO and not others:
        found.append("rls.READ_ALSO names a policy that does not exist")
    return found


def _key_violations(table: Table) -> list[str]:
    found = []
    if not any(columns[0] == "tenant_id" for columns, _primary in table.unique):
        found.append("no unique key begins with tenant_id")
    for columns, primary in table.unique:
        if columns[0] != "tenant_id" and not (primary and columns in (("id",), ("pgh_id",))):
            found.append(f"the unique key ({', '.join(columns)}) does not begin with tenant_id")
    return found


def _trail_violations(model: type[models.Model]) -> list[str]:
    """Every owned table has an audit trail, or a reason for having none (T7)."""
    label = model._meta.label
    audited = model in {tracked(event) for event in event_models()}
    if label in UNAUDITED:
        return ["has an audit trail and stands in history.UNAUDITED"] if audited else []
    if audited or issubclass(model, AuditEvent):
        return []
    return ["has no audit trail (history.audited) and is not in history.UNAUDITED with a reason"]


def _foreign_violations(model: type[models.Model], table: Table, tables: dict[str, Table]) -> list[str]:
    found = []
    owned_tables = {other._meta.db_table for other in owned_models()}
    for model_field in model._meta.local_fields:
        if not isinstance(model_field, models.ForeignKey) or isinstance(model_field, HotForeignKey):
            continue
        target = model_field.related_model._meta.db_table
        if isinstance(model_field, TenantForeignKey):
            wanted = ForeignKey(("tenant_id", model_field.column), target, ("tenant_id", "id"))
            if wanted not in table.foreign:
                found.append(f"{model_field.name} has no foreign key (tenant_id, {model_field.column})")
        elif target in owned_tables:
            found.append(f"{model_field.name} is a plain foreign key to {target}, which is tenant-owned")
    for key in table.foreign:
        if key.target in owned_tables and (key.columns[0], key.target_columns[0]) != ("tenant_id", "tenant_id"):
            found.append(f"the foreign key on ({', '.join(key.columns)}) to {key.target} leaves the tenant out")
    return found


def loose_ends() -> list[str]:
    """Return what is wrong outside the models: stale lists, unknown tables, and what the application may do."""
    labels = {model._meta.label for model in every_model()}
    listed = {**UNOWNED, **READ_ALSO, **INSERT_ONLY, **UNAUDITED}
    found = [f"{label} is listed but is no model" for label in sorted(listed.keys() - labels)]
    known = {model._meta.db_table for model in every_model()} | {"django_migrations"}
    for name, table in sorted(catalog().items()):
        if name not in known:
            what = "view" if table.kind in ("v", "m") else "table"
            found.append(f"the {what} {name} belongs to no model")
    return found + _role_violations() + _function_violations()


_ROLE = """
    SELECT rolsuper, rolbypassrls, rolcreaterole,
           has_schema_privilege(current_user, 'public', 'CREATE'),
           array(SELECT c.relname::text FROM pg_class c WHERE c.relowner = r.oid AND c.relpersistence <> 't'
                 AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND c.relnamespace = 'public'::regnamespace),
           array(SELECT c.relname::text FROM pg_class c WHERE c.relkind IN ('r', 'p')
                 AND c.relnamespace = 'public'::regnamespace AND has_table_privilege(c.oid, 'TRUNCATE')),
           array(SELECT m.rolname::text FROM pg_roles m WHERE m.oid <> r.oid
                 AND pg_has_role(current_user, m.oid, 'MEMBER'))
    FROM pg_roles r WHERE rolname = current_user"""


def _role_violations() -> list[str]:
    """What the role of this connection may do that the application's must not."""
    ((superuser, bypass, roles, create, owns, truncates, member_of),) = _rows(_ROLE)
    found = [
        text
        for wrong, text in (
            (superuser, "the application's role is a superuser"),
            (bypass, "the application's role bypasses row-level security"),
            (roles, "the application's role may create roles"),
            (create, "the application's role may create tables"),
            (owns, f"the application's role owns {owns}"),
            (truncates, f"the application's role may TRUNCATE {truncates}"),
            (member_of, f"the application's role is a member of {member_of}"),
        )
        if wrong
    ]
    for model in [*(apps.get_model(label) for label in INSERT_ONLY), *event_models()]:
        table = model._meta.db_table
        ((changes,),) = _rows(
            f"SELECT has_any_column_privilege(current_user, '{table}', 'UPDATE') "
            f"OR has_table_privilege(current_user, '{table}', 'DELETE')"
        )
        if changes:
            found.append(f"the application's role may change rows of {table}, which only grows")
    return found


_FUNCTIONS = """
    SELECT proname::text, coalesce(array_to_string(proconfig, ' '), '') FROM pg_proc
    WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY 1"""


def _function_violations() -> list[str]:
    """Functions that run with the owner's rights must be reviewed, and must not look names up where others write."""
    functions = {str(name): str(configured) for name, configured in _rows(_FUNCTIONS)}
    found = [
        f"the function {name} runs with the owner's rights and is not in rls.OWNER_FUNCTIONS"
        for name in sorted(functions.keys() - OWNER_FUNCTIONS.keys())
    ]
    found += [f"{name} is listed in rls.py but is no function" for name in OWNER_FUNCTIONS.keys() - functions.keys()]
    return found + [
        f"the function {name} does not fix its search_path"
        for name, configured in functions.items()
        if "search_path=" not in configured
    ]
