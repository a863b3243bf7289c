"""The part of a backup and a restore that PostgreSQL's own programs do: what to type, and what is done after them."""

from __future__ import annotations

from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from grader.backup.errors import BackupFailed, NotNow
from grader.backup.manifest import Manifest
from grader.backup.reconciling import reconcile
from grader.db.migrate import known_revisions, revision_of
from grader.db.outgoing import Waiting
from grader.db.session import Database
from grader.settings import Settings


def commands(settings: Settings) -> tuple[str, str]:
    """How its database is dumped, and how it is brought into an empty one; without a password, which ~/.pgpass knows."""
    url = make_url(settings.effective_database_url)
    query = {name: words for name, words in url.query.items() if name != "options"}  # of our patience
    address = URL.create("postgresql", url.username, None, url.host, url.port, url.database, query)
    shown = address.render_as_string().replace("+", "%20")  # libpq knows no other space
    return (
        f"pg_dump --format=custom --file=grader.pgdump '{shown}'",
        f"pg_restore --no-owner --exit-on-error --single-transaction --dbname='{shown}' grader.pgdump",
    )


def take_back(settings: Settings, manifest: Manifest, *, force: bool) -> tuple[int, list[Waiting]]:
    """After pg_restore: hold the database's messages and send its submissions anew.

    NotNow where it is empty or in use, BackupFailed where it is not of this program or does not answer.
    """
    database = Database(settings.effective_database_url)
    try:
        revision = revision_of(database)
        if not revision:
            detail = f"The database is empty. First: {commands(settings)[1]}"
            raise NotNow(detail)
        if revision not in known_revisions():
            detail = f"The database has the schema {revision}, which is newer than this program. Install a newer version."
            raise BackupFailed(detail)
        others = _others(database)
        if others and not force:
            detail = f"Others have this database open ({others}). Stop web servers and control workers first, or say --force."
            raise NotNow(detail)
        return reconcile(database, manifest.moment)
    except SQLAlchemyError as error:
        detail = f"The database does not answer as it should: {str(error).splitlines()[0]:.200}"
        raise BackupFailed(detail) from error
    finally:
        database.close()


def _others(database: Database) -> int:
    """How many other connections there are to this database."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with database.read() as session:
        return int(session.scalar(text(f"{query} AND backend_type = 'client backend'")) or 0)
