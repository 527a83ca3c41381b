"""What the database itself forbids beyond constraints: a journal or an access log that could be rewritten."""

from sqlalchemy import Connection, inspect

# Retention alone may drop rows: those up to the hall's last checkpoint, and log lines that the log's head says dropped.
_BEFORE_CHECKPOINT = "OLD.seq <= (SELECT max(seq) FROM journal_checkpoints WHERE hall_id = OLD.hall_id)"
_BEFORE_HEAD = "OLD.id <= (SELECT dropped FROM access_head)"


def _sqlite(table: str, name: str, may_go: str | None) -> list[str]:
    when = f"WHEN NOT coalesce({may_go}, 0)" if may_go else ""
    return [
        f"DROP TRIGGER IF EXISTS {table}_takes_no_delete",
        f"""CREATE TRIGGER IF NOT EXISTS {table}_takes_no_update BEFORE UPDATE ON {table}
       BEGIN SELECT RAISE(ABORT, '{name} takes no update'); END""",
        f"""CREATE TRIGGER {table}_takes_no_delete BEFORE DELETE ON {table} {when}
       BEGIN SELECT RAISE(ABORT, '{name} takes no delete'); END""",
    ]


# psycopg reads a percent sign as a placeholder unless it is doubled.
def _postgresql(table: str, name: str, may_go: str | None) -> list[str]:
    return [
        f"""CREATE OR REPLACE FUNCTION {table}_stands() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION '{name} takes no %%', lower(TG_OP); END $$""",
        f"""CREATE OR REPLACE FUNCTION {table}_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN IF coalesce({may_go or "false"}, false) THEN RETURN OLD; END IF;
       RAISE EXCEPTION '{name} takes no delete'; END $$""",
        f"""CREATE OR REPLACE TRIGGER {table}_takes_no_change BEFORE UPDATE OR TRUNCATE ON {table}
       FOR EACH STATEMENT EXECUTE FUNCTION {table}_stands()""",
        f"""CREATE OR REPLACE TRIGGER {table}_takes_no_delete BEFORE DELETE ON {table}
       FOR EACH ROW EXECUTE FUNCTION {table}_keeps()""",
    ]


def ensure_guards(connection: Connection) -> None:
    """Sets the triggers anew; every migration ends with it, for SQLite's batch mode drops them silently.

    A migration of old knows no checkpoints yet: then nothing may go, and the access log has no guard.
    """
    written = _sqlite if connection.dialect.name == "sqlite" else _postgresql
    known = inspect(connection).get_table_names()
    guards = written("journal", "the journal", _BEFORE_CHECKPOINT if "journal_checkpoints" in known else None)
    if "access_head" in known:
        guards += written("access_log", "the access log", _BEFORE_HEAD)
    for statement in guards:
        connection.exec_driver_sql(statement)
