"""Set-based statements of the monthly snapshots."""

from odoo.tools import SQL

from .profitability import monthly_profitability

# Columns that a month takes from the relationship when it is closed.
STOCK = (
    "segment_id",
    "primary_type_id",
    "health_score",
    "health_components",
    "alive_probability",
    "clv_amount",
)


def customers_without_months(env, company_id, month):
    """Customers who bought before the month and have no month written: ids of commercial partners.

    Indexes: ``crm_relationship(company_id)``, ``crm_relationship_snapshot(relationship_id, date)``.
    """
    rows = env.execute_query(
        SQL(
            """
            SELECT partner_id FROM crm_relationship relation
             WHERE company_id = %(company_id)s AND active AND first_order_date < %(month)s
               AND NOT EXISTS (SELECT 1 FROM crm_relationship_snapshot snapshot
                                WHERE snapshot.relationship_id = relation.id)
            """,
            company_id=company_id,
            month=month,
        )
    )
    return [partner_id for (partner_id,) in rows]


def close_months(env, company_id, date_from, date_to, partner_ids=None, facts=None):
    """Insert the months from ``date_from`` to ``date_to`` (the last day of the month that just ended).

    :param partner_ids: only of these customers; None for all.
    :param facts: where to read the facts of these months, None for the contracts themselves.

    Grain: relationship and month in which the customer has a fact; in the last month also every customer in
    contact who ever bought. Rows that exist stay. Indexes: those of the contracts, ``crm_relationship(partner_id,
    company_id)``, ``crm_relationship_snapshot(relationship_id, date)``.

    :return: the number of rows inserted.
    """
    flows = _get_flows(env)
    env.cr.execute(
        SQL(
            """
            WITH flow AS MATERIALIZED (%(flow)s)
            INSERT INTO crm_relationship_snapshot
                   (relationship_id, company_id, date, %(columns)s, create_date, write_date)
            SELECT relation.id, relation.company_id, wanted.period, %(flows)s, %(stock)s,
                   now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM (SELECT partner_id, period FROM flow
                     UNION
                    SELECT partner_id, %(date_to)s::date FROM crm_relationship
                     WHERE company_id = %(company_id)s AND active AND first_order_date <= %(date_to)s
                       AND %(only)s) wanted
              JOIN crm_relationship relation
                ON relation.partner_id = wanted.partner_id AND relation.company_id = %(company_id)s
              LEFT JOIN flow ON flow.partner_id = wanted.partner_id AND flow.period = wanted.period
             ORDER BY wanted.period, relation.id
            ON CONFLICT (relationship_id, date) DO NOTHING
            """,
            flow=monthly_profitability(
                env, company_id, date_from, date_to, partner_ids, facts
            ),
            only=SQL("TRUE")
            if partner_ids is None
            else SQL("partner_id = ANY(%s)", partner_ids),
            columns=_columns([*flows, *STOCK]),
            flows=SQL(", ").join(flows.values()),
            stock=SQL(", ").join(
                SQL(
                    "CASE WHEN wanted.period = %s THEN relation.%s END",
                    date_to,
                    SQL.identifier(name),
                )
                for name in STOCK
            ),
            company_id=company_id,
            date_to=date_to,
        )
    )
    return env.cr.rowcount


def merge_snapshots(env, source_ids, target_id):
    """Add the months of relationships that are merged to those of the target, which keeps its scores.

    Months that only the others have go over with the scores of the first of them.
    """
    flows = [name for name in _get_flows(env) if name != "is_cost_estimated"]
    env["crm.relationship.snapshot"].flush_model()
    env.cr.execute(
        SQL(
            """
            INSERT INTO crm_relationship_snapshot AS own
                   (relationship_id, company_id, date, is_cost_estimated, %(columns)s, create_date, write_date)
            SELECT %(target_id)s, company_id, date, BOOL_OR(is_cost_estimated), %(sums)s, %(stock)s,
                   MIN(create_date), now() AT TIME ZONE 'UTC'
              FROM crm_relationship_snapshot
             WHERE relationship_id = ANY(%(source_ids)s)
             GROUP BY company_id, date
            ON CONFLICT (relationship_id, date) DO UPDATE
               SET %(added)s, write_date = EXCLUDED.write_date,
                   is_cost_estimated = own.is_cost_estimated OR EXCLUDED.is_cost_estimated
            """,
            target_id=target_id,
            source_ids=list(source_ids),
            columns=_columns([*flows, *STOCK]),
            sums=SQL(", ").join(SQL("SUM(%s)", SQL.identifier(name)) for name in flows),
            stock=SQL(", ").join(
                SQL("(ARRAY_AGG(%s ORDER BY relationship_id))[1]", SQL.identifier(name))
                for name in STOCK
            ),
            added=SQL(", ").join(map(_add, flows)),
        )
    )
    env.cr.execute(
        SQL(
            "DELETE FROM crm_relationship_snapshot WHERE relationship_id = ANY(%s)",
            list(source_ids),
        )
    )
    env["crm.relationship.snapshot"].invalidate_model()


def _get_flows(env):
    """Column of the snapshot -> its value in a row of the month's profitability, 0 without one."""
    parts = env["crm.relationship.source"]._get_cost_parts()
    names = ["revenue", "margin", "discount", *parts, "cost_to_serve", "contribution"]
    sources = {f"{name}_amount": f"{name}_amount" for name in names}
    sources.update(order_count="order_count", interaction_minutes="minutes")
    flows = {
        name: SQL("COALESCE(flow.%s, 0)", SQL.identifier(source))
        for name, source in sources.items()
    }
    flows["is_cost_estimated"] = SQL("COALESCE(flow.is_cost_estimated, FALSE)")
    return flows


def _columns(names):
    return SQL(", ").join(map(SQL.identifier, names))


def _add(name):
    return SQL("%(name)s = own.%(name)s + EXCLUDED.%(name)s", name=SQL.identifier(name))
