"""What is left of a person's words, as SQL that both the triggers of migration 0013 and the change itself are made of.

A report is emptied *by the database*: the new body is what these expressions make of the old one, and the trigger compares
the two texts. What they keep is copied letter for letter, numbers too, so nothing else can be slipped in. Whoever changes
an expression writes a migration that makes the triggers anew (`tests/unit/grader/db/test_erasing.py` notices).
"""

# ruff: noqa: S608 - statements of our own words, in which nothing comes from outside

from __future__ import annotations

from collections.abc import Iterable

REPORT = (
    "assignment", "assignment_version", "verdict", "max_score", "score", "reason", "advisory", "checks", "parts",
    "provenance", "timings",
)  # fmt: skip
CHECK = ("id", "part", "title", "outcome", "points", "max_points", "visibility", "needs")
PART = ("name", "training")
EXTERNAL = ("source", "attempt", "numbered_by", "submitted_at")
"""Keys whose values stay. A check's title is the rubric's, and a training has numbers alone."""

FILE_NAME = "erased.py"
NAME = "erased"
PSEUDONYM = "erased-"
PSEUDONYM_LENGTH = 33
"""Of what stands for an LMS's own submission: which attempts belong together decides which counts."""


def _words(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def date_on_sqlite(moment: str) -> str:
    """The day of a moment, YYYY-MM-DD in UTC."""
    return f"substr({moment}, 1, 10)"


def _kept_on_sqlite(body: str, names: Iterable[str], alias: str) -> str:
    """An object with these keys alone: a merge patch (RFC 7396) takes all others away, and touches no value that stays."""
    return (
        f"json_patch({body}, (SELECT json_group_object({alias}.key, NULL) FROM json_each({body}) AS {alias}"
        f" WHERE {alias}.key NOT IN ({_words(names)})))"
    )


def _in_a_list(body: str, name: str, alias: str) -> str:
    """Of what stands under a name: the objects of a list; whatever else there is goes."""
    return f"{alias}.type = 'object' AND json_type({body}, '$.{name}') = 'array'"


def feedback_on_sqlite(moment: str) -> str:
    """The one message that stands for all feedback."""
    on = date_on_sqlite(moment)
    return f"json_array(json_object('code', 'erased', 'params', json_object('on', {on})))"


def report_on_sqlite(report: str, moment: str) -> str:
    """The body of a report without words, of the body `report`, erased at `moment`."""
    checks = (
        f"(SELECT json_group_array({_kept_on_sqlite('c.value', CHECK, 'k')})"
        f" FROM json_each({report}, '$.checks') AS c WHERE {_in_a_list(report, 'checks', 'c')})"
    )
    part = f"json_set({_kept_on_sqlite('p.value', PART, 'q')}, '$.entry_point', '{NAME}')"
    parts = f"(SELECT json_group_array({part}) FROM json_each({report}, '$.parts') AS p WHERE {_in_a_list(report, 'parts', 'p')})"
    # As JSON twice: as a text it would end at its first NUL.
    printed = (
        f"CASE WHEN json_extract({report}, '$.stdout', '$.stdout') IN ('[\"\",\"\"]', '[null,null]') THEN ''"
        f" ELSE {source_on_sqlite(moment)} END"
    )
    return (
        f"json_set({_kept_on_sqlite(report, REPORT, 'r')}, '$.feedback', json({feedback_on_sqlite(moment)}),"
        f" '$.checks', json({checks}), '$.parts', json({parts}), '$.stdout', {printed})"
    )


def source_on_sqlite(moment: str) -> str:
    """What stands in place of a text."""
    return f"'erased on ' || {date_on_sqlite(moment)}"


POSTGRESQL_FUNCTIONS = (
    """CREATE FUNCTION erased_text(moment timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
        SELECT 'erased on ' || to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD') $$""",
    """CREATE FUNCTION erased_feedback(moment timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
        SELECT json_build_array(json_build_object('code', 'erased', 'params',
            json_build_object('on', to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD'))))::text $$""",
    # `json`, not `jsonb`: values are copied as they are written. Neither reads a NUL, which what is thrown away may have.
    r"""CREATE FUNCTION without_nul(body json) RETURNS json LANGUAGE sql IMMUTABLE AS $$
        SELECT regexp_replace(body::text, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g')::json $$""",
    """CREATE FUNCTION keys_of(body json, names text[]) RETURNS json LANGUAGE sql IMMUTABLE AS $$
        SELECT coalesce(json_object_agg(key, value ORDER BY place), '{}') FROM json_each(
            CASE json_typeof(body) WHEN 'object' THEN body ELSE '{}' END
        ) WITH ORDINALITY AS each(key, value, place) WHERE key = ANY (names) $$""",
    """CREATE FUNCTION items_of(body json) RETURNS SETOF json LANGUAGE sql IMMUTABLE AS $$
        SELECT value FROM json_array_elements(CASE json_typeof(body) WHEN 'array' THEN body ELSE '[]' END)
        AS value WHERE json_typeof(value) = 'object' $$""",
    f"""CREATE FUNCTION erased_report(body json, moment timestamptz) RETURNS json LANGUAGE plpgsql STABLE AS $$
        DECLARE kept json; checks json; parts json; printed boolean;
        BEGIN
            body := without_nul(body);
            kept := keys_of(body, ARRAY[{_words(name for name in REPORT if name not in ("checks", "parts"))}]);
            IF json_typeof(body) IS DISTINCT FROM 'object' THEN body := '{{}}'; END IF;
            SELECT coalesce(json_agg(keys_of(item, ARRAY[{_words(CHECK)}])), '[]') INTO checks
                FROM items_of(coalesce(body -> 'checks', '[]')) AS item;
            SELECT coalesce(json_agg(json_build_object('name', item -> 'name', 'training', item -> 'training',
                'entry_point', '{NAME}')), '[]') INTO parts FROM items_of(coalesce(body -> 'parts', '[]')) AS item;
            printed := coalesce((body -> 'stdout')::text, '""') NOT IN ('""', 'null');
            RETURN left(kept::text, -1) || CASE kept::text WHEN '{{}}' THEN '' ELSE ', ' END
                || '"feedback": ' || erased_feedback(moment) || ', "checks": ' || checks::text || ', "parts": ' || parts::text
                || ', "stdout": ' || to_json(CASE WHEN printed THEN erased_text(moment) ELSE '' END)::text || '}}';
        END $$""",
)
