"""What the database itself forbids beyond constraints: a journal that could be rewritten."""

from sqlalchemy import Connection

_SQLITE = [
    """CREATE TRIGGER IF NOT EXISTS journal_takes_no_update BEFORE UPDATE ON journal
       BEGIN SELECT RAISE(ABORT, 'the journal takes no update'); END""",
    """CREATE TRIGGER IF NOT EXISTS journal_takes_no_delete BEFORE DELETE ON journal
       BEGIN SELECT RAISE(ABORT, 'the journal takes no delete'); END""",
]

# psycopg reads a percent sign as a placeholder unless it is doubled.
_POSTGRESQL = [
    """CREATE OR REPLACE FUNCTION journal_stands() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'the journal takes no %%', lower(TG_OP); END $$""",
    """CREATE OR REPLACE TRIGGER journal_takes_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
       FOR EACH STATEMENT EXECUTE FUNCTION journal_stands()""",
]


def ensure_guards(connection: Connection) -> None:
    """Sets the triggers anew; every migration ends with it, for SQLite's batch mode drops them silently."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)
