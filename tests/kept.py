"""The two companies most tests begin with, built once in each test database and put back from there.

Building one takes about fifty times what copying its rows does. `keep` builds them by the product's services in an
empty database and moves every row into schema `kept_SLUG`; `restored` puts the rows of one back inside the
caller's transaction, with the ids they had, and returns objects of its own. What listens to the building
(on_commit, jobs) does not run again: a test of that builds a company by `Company.build`.
"""

import pickle
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

#: Ids of rows that tests make begin here: none meets one of the kept rows.
FIRST_ID = 10_000

_KEEP = """
DO $$
DECLARE one record; found boolean;
BEGIN
    EXECUTE 'CREATE SCHEMA {schema}';
    FOR one IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'
        AND tablename NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', one.name) INTO found;
        IF found THEN
            EXECUTE format('CREATE TABLE {schema}.%I AS TABLE public.%I', one.name, one.name);
        END IF;
    END LOOP;
END $$;
"""

_INSERTS = """
SELECT string_agg(
    format('INSERT INTO public.%%1$I (%%2$s) SELECT %%2$s FROM %%3$I.%%1$I;', name, columns, schema), ' '
)
FROM (
    SELECT kept.relname AS name, space.nspname AS schema, string_agg(quote_ident(held.attname), ', ') AS columns
    FROM pg_class kept
    JOIN pg_namespace space ON space.oid = kept.relnamespace
    JOIN pg_attribute held ON held.attrelid = to_regclass(format('public.%%I', kept.relname))
        AND held.attnum > 0 AND NOT held.attisdropped AND held.attgenerated = ''
    WHERE space.nspname = %s AND kept.relkind = 'r'
    GROUP BY kept.relname, space.nspname
) AS every
"""

#: Its statements are written out once: a loop over EXECUTE would plan each anew at every call.
_RESTORE = """
CREATE FUNCTION {schema}.restore() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET session_replication_role = replica AS $body$ BEGIN {inserts} END $body$;
GRANT USAGE ON SCHEMA {schema} TO perfmgmt_app, perfmgmt_owner;
"""

_objects: dict[str, bytes] = {}


def keep(admin: Any, slugs: tuple[str, ...], build: Callable[[str], Any], empty: str) -> None:
    """Build the company of each slug in the empty database of cursor `admin` and keep its rows.

    Args:
        admin: cursor of the administrator in the test database, each statement committed at once.
        slugs: the companies' slugs.
        build: makes the company of a slug with committed rows and returns what `restored` is to return.
        empty: SQL that removes every row without setting back sequences.
    """
    for slug in slugs:
        schema = f"kept_{slug}"
        _objects[slug] = pickle.dumps(build(slug))
        connection.close()
        admin.execute(_KEEP.format(schema=schema))
        admin.execute(_INSERTS, [schema])
        admin.execute(_RESTORE.format(schema=schema, inserts=admin.fetchone()[0]))
        admin.execute(empty)


def restored(slug: str) -> Any:
    """Put the kept rows of a company back and return its objects, as fresh as if they had just been made."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT kept_{slug}.restore()")
    return pickle.loads(_objects[slug])


def is_kept(slug: str) -> bool:
    """Tell whether `restored` can give this company."""
    return slug in _objects
