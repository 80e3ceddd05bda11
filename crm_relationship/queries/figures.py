"""The figures of a refresh: what each concern measures, joined in one temporary table; what is computed from it, in
another. Grain of both: one row per row of ``crm_relationship_target``, by ``partner_id``.
"""

import io

import numpy as np

from odoo.tools import SQL

# What the refresh stores beside the facts and the segment: column -> how it reads what was measured. Money that
# nobody spent is 0; what is rounded is found the same by a second refresh.
MEASURED = {
    "recency_days": "%s",
    "purchase_interval_days": "ROUND(%s::numeric, 1)",
    "interval_spread_days": "ROUND(%s::numeric, 1)",
    "next_order_date": "%s",
    "overdue_ratio": "ROUND(%s::numeric, 2)",
    "margin_12m_amount": "COALESCE(%s, 0)",
    "cost_to_serve_12m_amount": "COALESCE(%s, 0)",
    "contribution_12m_amount": "COALESCE(%s, 0)",
    "completeness_ratio": "ROUND(%s::numeric, 4)",
}
# What is computed on vectors: column -> its type in the temporary table.
SCORED = {
    "rfm_recency_score": "int4",
    "rfm_frequency_score": "int4",
    "rfm_monetary_score": "int4",
    "alive_probability": "numeric",
    "expected_orders_90d": "numeric",
    "clv_amount": "numeric",
    "health_score": "numeric",
    "health_components": "jsonb",
}
FETCHED_ROWS = 20_000


def fill_measures(env, values, queries):
    """Join what every concern measures of the customers in the target.

    :param queries: name -> SQL of a SELECT with ``partner_id`` and figure columns, at most one row per partner.
    """
    env.cr.execute(SQL("DROP TABLE IF EXISTS crm_relationship_measure"))
    joins = SQL(" ").join(
        SQL("LEFT JOIN (%s) %s USING (partner_id)", query, SQL.identifier(f"of_{name}"))
        for name, query in queries.items()
    )
    env.cr.execute(
        SQL(
            """
            CREATE TEMPORARY TABLE crm_relationship_measure ON COMMIT DROP AS
            SELECT *, %(today)s::date - last_order_date AS recency_days
              FROM (SELECT partner_id, last_order_date, order_count, revenue FROM crm_relationship_target) target
              %(joins)s
            """,
            today=values.today,
            joins=joins,
        )
    )
    env.cr.execute(SQL("ANALYZE crm_relationship_measure (partner_id)"))


def fetch_columns(env, query, columns):
    """The rows of a SELECT of numbers as one float array per column, NULL as NaN.

    :return: dict column -> array of length n.
    """
    env.cr.execute(query)
    parts = [np.empty((0, len(columns)))]
    while rows := env.cr.fetchmany(FETCHED_ROWS):
        parts.append(np.array(rows, dtype=float))
    return dict(zip(columns, np.concatenate(parts).T, strict=True))


def fetch_measures(env, today, names=()):
    """What the scores are computed from, in the order of the customers' ids.

    :param names: further columns of numbers that a concern has measured.
    :return: dict column -> float array, NaN where there is nothing: recency, order count and revenue; the purchase
        history in days (repeat days, first to last day, first day to today) and the mean of a repeat day.
    """
    columns = {
        "partner_id": SQL("partner_id"),
        "recency_days": SQL("recency_days"),
        "order_count": SQL("order_count"),
        "revenue": SQL("revenue"),
        "margin": SQL("margin_12m_amount"),
        "repeat_day_count": SQL("purchase_day_count - 1"),
        "history_days": SQL("last_day - first_day"),
        "age_days": SQL("%s::date - first_day", today),
        "repeat_amount_mean": SQL("repeat_amount_mean"),
        **{name: SQL("%s::float8", SQL.identifier(name)) for name in names},
    }
    query = SQL(
        "SELECT %s FROM crm_relationship_measure ORDER BY partner_id",
        SQL(", ").join(columns.values()),
    )
    return fetch_columns(env, query, columns)


def fetch_others(env, company_id, today):
    """Recency, frequency and monetary value of the customers that a partial refresh does not touch.

    Index: ``crm_relationship(company_id)``.
    """
    columns = ("recency_days", "order_count", "revenue")
    return fetch_columns(
        env,
        SQL(
            """
            SELECT %(today)s::date - last_order_date, order_count_12m, revenue_12m_amount
              FROM crm_relationship relation
             WHERE company_id = %(company_id)s
               AND NOT EXISTS (SELECT 1 FROM crm_relationship_target target
                                WHERE target.partner_id = relation.partner_id)
            """,
            today=today,
            company_id=company_id,
        ),
        columns,
    )


def store_scores(env, columns):
    """Write what was computed, one array or list per column of :data:`SCORED` and ``partner_id``, by COPY."""
    env.cr.execute(SQL("DROP TABLE IF EXISTS crm_relationship_score"))
    types = {"partner_id": "int4", **SCORED}
    definition = SQL(", ").join(
        SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in types.items()
    )
    env.cr.execute(
        SQL(
            "CREATE TEMPORARY TABLE crm_relationship_score (%s) ON COMMIT DROP",
            definition,
        )
    )
    rows = zip(*(columns[name] for name in types), strict=True)
    lines = ("\t".join(map(_copy_text, row)) + "\n" for row in rows)
    env.cr.copy_expert(
        "COPY crm_relationship_score FROM STDIN", io.StringIO("".join(lines))
    )
    env.cr.execute(SQL("ANALYZE crm_relationship_score (partner_id)"))


def _copy_text(value):
    """A value in the text format of COPY; None and NaN are NULL."""
    if value is None or value != value:
        return r"\N"
    if isinstance(value, str):
        return value.replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n")
    return str(value)


def columns(alias_measure, alias_score):
    """The stored figures as qualified columns, in the order of :func:`names`."""
    measured = [
        SQL(reading, SQL.identifier(alias_measure, name))
        for name, reading in MEASURED.items()
    ]
    scored = [SQL.identifier(alias_score, name) for name in SCORED]
    return measured + scored


def names():
    """Names of the stored figures."""
    return [*MEASURED, *SCORED]
