"""Margin, cost to serve and contribution per customer, from the transaction and the cost contract.

Every amount is rounded to the company's currency by itself, and totals are sums of the rounded parts, so that what is
shown adds up. Discounts and credit notes are in the margin already: the discount is told beside, not taken off again.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from odoo.tools import SQL

from .facts import Facts


@dataclass(frozen=True)
class Window:
    """Whose facts of which days: both days included, ``partner_ids`` None for all customers.

    ``facts``: where to read the facts, None for the contracts themselves.
    """

    company_id: int
    date_from: date
    date_to: date
    partner_ids: list[int] | None = None
    facts: Facts | None = None

    def get_facts(self, env):
        return self.facts or env["crm.relationship.source"]._get_facts()

    def condition(self):
        only = SQL()
        if self.partner_ids is not None:
            only = SQL("AND partner_id = ANY(%s)", list(self.partner_ids))
        return SQL(
            "company_id = %s AND date >= %s AND date < %s AND partner_id IS NOT NULL %s",
            self.company_id,
            self.date_from,
            self.date_to + timedelta(days=1),
            only,
        )


def profitability(env, company_id, today, window_start, partner_ids=None, facts=None):
    """SELECT of the profitability of 12 months. Grain: partner_id (commercial).

    Columns: partner_id, revenue_12m_amount, margin_12m_amount, discount_12m_amount, one ``<part>_12m_amount`` per
    part of ``_get_cost_parts()``, cost_to_serve_12m_amount (parts without a column of their own included),
    contribution_12m_amount, is_cost_estimated, estimated_line_count (lines sold or credited whose cost is the
    product's).
    """
    window = Window(company_id, window_start, today, partner_ids, facts)
    parts = env["crm.relationship.source"]._get_cost_parts()
    names = ["revenue", "margin", "discount", *parts, "cost_to_serve", "contribution"]
    columns = SQL(", ").join(
        SQL("%s AS %s", _amount(name), SQL.identifier(f"{name}_12m_amount"))
        for name in names
    )
    period = SQL("%s::date", today)
    return SQL(
        "SELECT partner_id, %s, is_cost_estimated, estimated_line_count FROM (%s) flow",
        columns,
        _flows(env, window, _sold_lines(env, window), period),
    )


def monthly_profitability(
    env, company_id, date_from, date_to, partner_ids=None, facts=None
):
    """SELECT of the profitability of each month. Grain: partner_id (commercial), period.

    Columns: partner_id, period (last day of the month), order_count, revenue_amount, margin_amount, discount_amount,
    one ``<part>_amount`` per part of ``_get_cost_parts()``, cost_to_serve_amount, contribution_amount, minutes,
    is_cost_estimated, estimated_line_count.
    """
    window = Window(company_id, date_from, date_to, partner_ids, facts)
    period = SQL("(date_trunc('month', date) + interval '1 month')::date - 1")
    return _flows(env, window, _sold_documents(env, window), period)


def _sold_lines(env, window):
    """Revenue, margin and discount, line by line."""
    return SQL(
        """
        SELECT partner_id, date, kind = 'sale' AND (revenue > 0 OR quantity > 0) AS is_order,
               revenue, revenue - cost AS margin, discount,
               (is_cost_estimated AND cost <> 0)::int AS estimated_line_count
          FROM (%s) transaction WHERE %s
        """,
        window.get_facts(env).transactions,
        window.condition(),
    )


def _sold_documents(env, window):
    """Revenue, margin and discount, document by document: so that documents can be counted."""
    return SQL(
        """
        SELECT partner_id, MAX(date) AS date, kind = 'sale' AND BOOL_OR(revenue > 0 OR quantity > 0) AS is_order,
               SUM(revenue) AS revenue, SUM(margin) AS margin, SUM(discount) AS discount,
               COUNT(*) FILTER (WHERE is_cost_estimated AND cost <> 0) AS estimated_line_count
          FROM (SELECT *, revenue - cost AS margin FROM (%s) transaction) line
         WHERE %s
         GROUP BY partner_id, kind, document_model, document_id
        """,
        window.get_facts(env).transactions,
        window.condition(),
    )


def _flows(env, window, sold, period):
    """What was earned and what was spent, per customer and period."""
    parts = env["crm.relationship.source"]._get_cost_parts()
    rounded = _get_rounding(env, window.company_id)
    return SQL(
        """
        SELECT partner_id, period,
               COALESCE(order_count, 0) AS order_count,
               COALESCE(revenue, 0) AS revenue_amount,
               COALESCE(margin, 0) AS margin_amount,
               COALESCE(discount, 0) AS discount_amount,
               %(parts)s,
               COALESCE(cost_to_serve, 0) AS cost_to_serve_amount,
               COALESCE(margin, 0) - COALESCE(cost_to_serve, 0) AS contribution_amount,
               COALESCE(minutes, 0) AS minutes,
               COALESCE(is_cost_estimated, FALSE) AS is_cost_estimated,
               COALESCE(estimated_line_count, 0)::int AS estimated_line_count
          FROM (SELECT partner_id, %(period)s AS period,
                       COUNT(*) FILTER (WHERE is_order) AS order_count,
                       %(revenue)s AS revenue, %(margin)s AS margin, %(discount)s AS discount,
                       SUM(estimated_line_count) AS estimated_line_count
                  FROM (%(sold)s) fact
                 GROUP BY 1, 2) sold
          FULL JOIN (%(served)s) served USING (partner_id, period)
        """,
        parts=SQL(", ").join(
            SQL("COALESCE(%s, 0) AS %s", SQL.identifier(part), _amount(part))
            for part in parts
        ),
        period=period,
        revenue=rounded(SQL("revenue")),
        margin=rounded(SQL("margin")),
        discount=rounded(SQL("discount")),
        sold=sold,
        served=_served(env, window, parts, period, rounded),
    )


def _served(env, window, parts, period, rounded):
    """Cost to serve per customer and period: each part, and all of them with those that have no column."""
    own = {
        part: rounded(SQL("amount"), SQL("FILTER (WHERE part = %s)", part))
        for part in parts
    }
    other = rounded(SQL("amount"), SQL("FILTER (WHERE part <> ALL(%s))", list(parts)))
    total = SQL(" + ").join(
        SQL("COALESCE(%s, 0)", amount) for amount in [*own.values(), other]
    )
    return SQL(
        """
        SELECT partner_id, %(period)s AS period, %(columns)s, %(total)s AS cost_to_serve,
               SUM(minutes) AS minutes, BOOL_OR(is_estimated AND amount <> 0) AS is_cost_estimated
          FROM (%(costs)s) cost
         WHERE %(condition)s
         GROUP BY 1, 2
        """,
        period=period,
        columns=SQL(", ").join(
            SQL("%s AS %s", amount, SQL.identifier(part))
            for part, amount in own.items()
        ),
        total=total,
        costs=env["crm.relationship.source"]._get_cost_query(window.facts),
        condition=window.condition(),
    )


def _get_rounding(env, company_id):
    """A function that gives the sum of an expression, rounded to the company's currency."""
    places = env["res.company"].browse(company_id).sudo().currency_id.decimal_places

    def rounded(expression, condition=None):
        return SQL(
            "ROUND((SUM(%s) %s)::numeric, %s)", expression, condition or SQL(), places
        )

    return rounded


def _amount(name):
    return SQL.identifier(f"{name}_amount")
