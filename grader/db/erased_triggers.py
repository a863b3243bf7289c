"""Triggers that let a person's words go once, where a row of `erasures` names the person, and nothing else with them.

For migration 0013; what takes the words' place is in `erased.py`.
"""

# ruff: noqa: S608 - statements of our own words, in which nothing comes from outside

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from grader.db.erased import (
    EXTERNAL,
    FILE_NAME,
    NAME,
    POSTGRESQL_FUNCTIONS,
    PSEUDONYM,
    PSEUDONYM_LENGTH,
    feedback_on_sqlite,
    report_on_sqlite,
    source_on_sqlite,
)

REPORT_STAYS = ("id", "submission_id", "attempt", "verdict", "reason", "score", "max_score", "created_at")
SUBMISSION_STAYS = (
    "id", "student_id", "course_id", "assignment", "assignment_version", "origin", "language", "received_at", "state",
    "stage", "lane", "attempt", "faults", "losses", "worker", "waits_for", "not_before", "waiting_since", "dispatched_at",
    "started_at", "lease_until", "done_at", "verdict", "reason", "score", "max_score", "regraded_by", "regrade_reason",
)  # fmt: skip
WORDS = (
    "id", "student_id", "course_id", "assignment", "origin", "source", "file_name", "external", "erased_at",
)  # fmt: skip
"""Of a submission: no statement changes them but an erasure, which leaves the first five. Whose it is decides who may be erased.

The other columns that it empties change at other times, too.
"""

UNIQUE: Mapping[str, Sequence[Sequence[str]]] = {
    "reports": (("id",), ("submission_id", "attempt")),
    "grade_changes": (("id",),),
    "course_changes": (("id",),),
    "erasures": (("id",), ("user_id",)),
    "submissions": (("id",),),
    "users": (("id",),),
}
"""SQLite's INSERT OR REPLACE would take a row away without asking a trigger of deletion."""

WAYS_IN: Mapping[str, str] = {
    "submissions": "student_id",
    "sign_ins": "user_id",
    "api_tokens": "user_id",
    "one_time_links": "user_id",
    "lms_identities": "user_id",
}
"""Tables in which nothing new begins for who was erased, also not from a request that was under way at that moment."""

_LMS = ", ".join(f"'{name}'" for name in EXTERNAL)


def guards_on_sqlite() -> Iterator[str]:
    """Statements that make the triggers."""
    of_person = "SELECT 1 FROM erasures AS e JOIN submissions AS s ON s.student_id = e.user_id WHERE s.id = OLD.submission_id"
    words = (
        f"NEW.report IS {report_on_sqlite('OLD.report', 'e.erased_at')}"
        f" AND NEW.first_feedback IS {feedback_on_sqlite('e.erased_at')}"
    )
    yield "DROP TRIGGER reports_append_only_update"
    yield _guard(
        "reports_append_only_update", "UPDATE ON reports",
        f"NOT EXISTS ({of_person} AND {_same(REPORT_STAYS)} AND {words})", "reports is append-only",
    )  # fmt: skip
    yield _guard(
        "submissions_words", f"UPDATE OF {', '.join(WORDS)} ON submissions",
        f"NOT ({_same(WORDS)}) AND NOT EXISTS (SELECT 1 FROM erasures AS e WHERE e.user_id = OLD.student_id AND {_emptied()})",
        "what was handed in is never changed",
    )  # fmt: skip
    yield _guard(
        "submissions_erased", "UPDATE ON submissions", "OLD.erased_at IS NOT NULL",
        "an erased submission is never changed",
    )  # fmt: skip
    yield _guard(
        "users_erased", "UPDATE ON users",
        f"EXISTS (SELECT 1 FROM erasures AS e WHERE e.user_id = OLD.id) AND NOT ({_nobody('IS')})",
        "an erased person stays erased",
    )  # fmt: skip
    for table, person in WAYS_IN.items():
        gone = f"EXISTS (SELECT 1 FROM erasures WHERE user_id = NEW.{person})"
        yield _guard(f"{table}_of_erased", f"INSERT ON {table}", gone, "an erased person stays erased")
    for change in ("UPDATE", "DELETE"):
        yield _guard(
            f"erasures_append_only_{change.lower()}", f"{change} ON erasures", "1", "erasures is append-only"
        )
    for table, keys in UNIQUE.items():
        there = " OR ".join(f"({' AND '.join(f'{key} = NEW.{key}' for key in each)})" for each in keys)
        yield _guard(
            f"{table}_append_only_insert", f"INSERT ON {table}",
            f"EXISTS (SELECT 1 FROM {table} WHERE {there})", f"no row of {table} is replaced: it is append-only",
        )  # fmt: skip


def unguard_sqlite() -> Iterator[str]:
    """Statements that take them away, and put that of migration 0004 back."""
    for name in ("submissions_words", "submissions_erased", "users_erased", "reports_append_only_update"):
        yield f"DROP TRIGGER {name}"
    for table in UNIQUE:
        yield f"DROP TRIGGER {table}_append_only_insert"
    for table in WAYS_IN:
        yield f"DROP TRIGGER {table}_of_erased"
    yield _guard("reports_append_only_update", "UPDATE ON reports", "1", "reports is append-only")


def _guard(name: str, before: str, when: str, words: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {before} WHEN {when} BEGIN SELECT RAISE(ABORT, '{words}'); END"


def _same(columns: Sequence[str]) -> str:
    return " AND ".join(f"NEW.{column} IS OLD.{column}" for column in columns)


def _emptied() -> str:
    """A submission without words, on SQLite; what an LMS calls it has become a name that says nothing."""
    no_text = ("content_sha256", "idempotency_key", "fault_detail", "cause")
    strange = (
        f"SELECT 1 FROM json_each(NEW.external) AS n WHERE NOT (n.key IN ({_LMS})"
        " AND n.value IS json_extract(OLD.external, '$.' || n.key)"
        f" OR n.key = 'submission_id' AND n.value LIKE '{PSEUDONYM}%' AND length(n.value) = {PSEUDONYM_LENGTH})"
    )
    lost = (
        f"SELECT 1 FROM json_each(OLD.external) AS o WHERE o.key IN ({_LMS}, 'submission_id')"
        " AND json_type(NEW.external, '$.' || o.key) IS NULL"
    )
    return " AND ".join(
        [
            _same(SUBMISSION_STAYS),
            "NEW.state = 'done' AND NEW.erased_at IS e.erased_at",
            f"NEW.source IS {source_on_sqlite('e.erased_at')} AND NEW.file_name IS '{FILE_NAME}'",
            f"(NEW.first_feedback IS {feedback_on_sqlite('e.erased_at')} OR NEW.first_feedback IS NULL)",
            *(f"NEW.{column} IS NULL" for column in no_text),
            f"NOT EXISTS ({strange}) AND NOT EXISTS ({lost})",
        ]
    )


def _nobody(equals: str) -> str:
    """A user of whom nothing is known, who can prove nothing and may do nothing."""
    return (
        f"NEW.id = OLD.id AND NEW.email = '{PSEUDONYM}' || lower(OLD.id) || '@invalid' AND NEW.display_name = '{NAME}'"
        f" AND NEW.password_hash IS NULL AND NOT NEW.is_admin AND NEW.language = '' AND NEW.created_at {equals} OLD.created_at"
    )


def guards_on_postgresql() -> Iterator[str]:
    """The same there. `*<>` compares rows byte for byte, columns of JSON and those of later migrations too."""
    yield from POSTGRESQL_FUNCTIONS
    yield f"""CREATE FUNCTION external_erased(was json, becomes json) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
        SELECT NOT EXISTS (SELECT 1 FROM json_each(becomes) AS n WHERE NOT (n.key IN ({_LMS})
                AND n.value::text IS NOT DISTINCT FROM (was -> n.key)::text
                OR n.key = 'submission_id' AND n.value::text ~ '^"{PSEUDONYM}[0-9A-Z]{{26}}"$'))
            AND NOT EXISTS (SELECT 1 FROM json_each(was) AS o
                WHERE o.key IN ({_LMS}, 'submission_id') AND becomes -> o.key IS NULL) $$"""
    yield """CREATE FUNCTION keep_report() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE e erasures; same reports := NEW;
        BEGIN
            SELECT erasures.* INTO e FROM erasures JOIN submissions s ON s.student_id = erasures.user_id
                WHERE s.id = OLD.submission_id;
            same.report := OLD.report; same.first_feedback := OLD.first_feedback;
            IF e.id IS NULL OR same *<> OLD
                OR NEW.report::text IS DISTINCT FROM erased_report(OLD.report, e.erased_at)::text
                OR NEW.first_feedback IS DISTINCT FROM erased_feedback(e.erased_at) THEN
                RAISE EXCEPTION 'reports is append-only' USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$"""
    yield f"""CREATE FUNCTION keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE e erasures; same submissions := NEW;
        BEGIN
            same.source := OLD.source; same.file_name := OLD.file_name; same.external := OLD.external;
            same.erased_at := OLD.erased_at;
            IF NEW.source = OLD.source AND NEW.file_name = OLD.file_name AND NEW.external::text = OLD.external::text
                AND NEW.erased_at IS NOT DISTINCT FROM OLD.erased_at AND (NEW.id, NEW.student_id, NEW.course_id, NEW.assignment,
                NEW.origin) = (OLD.id, OLD.student_id, OLD.course_id, OLD.assignment, OLD.origin) THEN RETURN NEW; END IF;
            SELECT * INTO e FROM erasures WHERE user_id = OLD.student_id;
            same.content_sha256 := OLD.content_sha256; same.idempotency_key := OLD.idempotency_key;
            same.fault_detail := OLD.fault_detail; same.cause := OLD.cause; same.first_feedback := OLD.first_feedback;
            IF e.id IS NULL OR same *<> OLD OR NEW.state <> 'done' OR NEW.erased_at IS DISTINCT FROM e.erased_at
                OR NEW.source <> erased_text(e.erased_at) OR NEW.file_name <> '{FILE_NAME}'
                OR num_nonnulls(NEW.content_sha256, NEW.idempotency_key, NEW.fault_detail, NEW.cause) > 0
                OR coalesce(NEW.first_feedback, erased_feedback(e.erased_at)) <> erased_feedback(e.erased_at)
                OR NOT external_erased(OLD.external, NEW.external) THEN
                RAISE EXCEPTION 'what was handed in is never changed' USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$"""
    yield """CREATE FUNCTION refuse_erased() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'an erased submission is never changed' USING ERRCODE = 'restrict_violation'; END $$"""
    yield f"""CREATE FUNCTION keep_erased() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM erasures WHERE user_id = OLD.id)
                AND NOT coalesce({_nobody("=")}, false) THEN
                RAISE EXCEPTION 'an erased person stays erased' USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$"""
    for table, person in WAYS_IN.items():
        # Whoever erases holds the person's row: first it is waited for, then what was committed meanwhile is seen.
        yield f"""CREATE FUNCTION refuse_{table}_of_erased() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM 1 FROM users WHERE id = NEW.{person} FOR KEY SHARE;
                IF EXISTS (SELECT 1 FROM erasures WHERE user_id = NEW.{person}) THEN
                    RAISE EXCEPTION 'an erased person stays erased' USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
            END $$"""
        yield _row(f"{table}_of_erased", f"INSERT ON {table}", f"refuse_{table}_of_erased")
    yield "DROP TRIGGER reports_append_only ON reports"
    yield _statement("reports_append_only", "DELETE OR TRUNCATE ON reports", "refuse_change")
    yield _statement("erasures_append_only", "UPDATE OR DELETE OR TRUNCATE ON erasures", "refuse_change")
    yield _row("reports_erased_only", "UPDATE ON reports", "keep_report")
    yield _row("submissions_words", f"UPDATE OF {', '.join(WORDS)} ON submissions", "keep_words")
    yield _row(
        "submissions_erased", "UPDATE ON submissions", "refuse_erased", "WHEN (OLD.erased_at IS NOT NULL) "
    )
    yield _row("users_erased", "UPDATE ON users", "keep_erased")


def unguard_postgresql() -> Iterator[str]:
    """Statements that take them away, and put that of migration 0004 back."""
    yield "DROP TRIGGER reports_erased_only ON reports"
    yield "DROP TRIGGER submissions_words ON submissions"
    yield "DROP TRIGGER submissions_erased ON submissions"
    yield "DROP TRIGGER users_erased ON users"
    for table in WAYS_IN:
        yield f"DROP TRIGGER {table}_of_erased ON {table}"
        yield f"DROP FUNCTION refuse_{table}_of_erased"
    yield "DROP TRIGGER reports_append_only ON reports"
    yield _statement("reports_append_only", "UPDATE OR DELETE OR TRUNCATE ON reports", "refuse_change")
    yield "DROP FUNCTION keep_report, keep_words, keep_erased, refuse_erased, external_erased"
    yield "DROP FUNCTION erased_report, items_of, keys_of, without_nul, erased_feedback, erased_text"


def _statement(name: str, before: str, function: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {before} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"


def _row(name: str, before: str, function: str, when: str = "") -> str:
    return f"CREATE TRIGGER {name} BEFORE {before} FOR EACH ROW {when}EXECUTE FUNCTION {function}()"
