"""The rhythm of each customer's purchases, and what the models of analytics/clv.py need to know of him.

All that a customer buys on one day is one purchase. A purchase is a sale, not a credit note, with a line that has
revenue or a quantity above 0; lines dated after today are left out.
"""

from odoo.tools import SQL

PURCHASE_COLUMNS = (
    "partner_id",
    "purchase_day_count",
    "first_day",
    "last_day",
    "purchase_interval_days",
    "interval_spread_days",
    "repeat_amount_mean",
    "next_order_date",
    "overdue_ratio",
)


def purchase_days(env, company_id, today, partner_ids=None, transactions=None):
    """Columns partner_id, day, revenue (company currency). Grain: customer and day with a purchase.

    Indexes used: those of the transaction contract, see queries/sources.py.

    :param transactions: SELECT with the columns of the transaction contract, where it has been computed already.
    """
    source = env["crm.relationship.source"]
    only = (
        SQL("AND partner_id = ANY(%s)", list(partner_ids))
        if partner_ids is not None
        else SQL()
    )
    return SQL(
        """
        SELECT partner_id, date::date AS day, SUM(revenue) AS revenue
          FROM (%(transactions)s) transaction
         WHERE company_id = %(company_id)s AND kind = 'sale' AND partner_id IS NOT NULL
           AND date < %(today)s::date + 1 AND (revenue > 0 OR quantity > 0) %(only)s
         GROUP BY partner_id, date::date
        """,
        transactions=transactions or source._get_transaction_query(),
        company_id=company_id,
        today=today,
        only=only,
    )


def intervals(
    env, company_id, today, window_start, partner_ids=None, transactions=None
):
    """Columns ``PURCHASE_COLUMNS``. Grain: customer with a purchase, over all time, not only since window_start.

    The interval is the median of the gaps in days, its spread their interquartile range, both NULL below 3
    purchase days, as are next_order_date and overdue_ratio (days since the last purchase over the interval).
    ``repeat_amount_mean`` is the mean revenue of the days after the first, NULL where there are none.
    One aggregation to days, one window over them; linear in the transactions.
    """
    return SQL(
        """
        SELECT partner_id, purchase_day_count, first_day, last_day,
               quartiles[2] AS purchase_interval_days,
               quartiles[3] - quartiles[1] AS interval_spread_days,
               repeat_amount_mean,
               last_day + FLOOR(quartiles[2] + 0.5)::int AS next_order_date,
               (%(today)s::date - last_day) / quartiles[2] AS overdue_ratio
          FROM (SELECT partner_id,
                       COUNT(*) AS purchase_day_count,
                       MIN(day) AS first_day,
                       MAX(day) AS last_day,
                       AVG(revenue) FILTER (WHERE gap IS NOT NULL) AS repeat_amount_mean,
                       CASE WHEN COUNT(*) >= 3
                            THEN PERCENTILE_CONT(ARRAY[0.25, 0.5, 0.75])
                                 WITHIN GROUP (ORDER BY gap::float8) END AS quartiles
                  FROM (SELECT partner_id, day, revenue,
                               day - LAG(day) OVER (PARTITION BY partner_id ORDER BY day) AS gap
                          FROM (%(days)s) purchase) gaps
                 GROUP BY partner_id) customer
        """,
        days=purchase_days(env, company_id, today, partner_ids, transactions),
        today=today,
    )


def fetch_margin_ratio(env, company_id, today, transactions=None):
    """Margin as a part of the revenue of all that the company sold until today, credit notes taken off: 0 to 1.

    A line without a cost counts with all its revenue. 1 where nothing was sold: nothing speaks against it.

    :param transactions: SELECT with the columns of the transaction contract, where it has been computed already.
    """
    source = env["crm.relationship.source"]
    ((revenue, cost),) = env.execute_query(
        SQL(
            """
            SELECT SUM(revenue), SUM(cost)
              FROM (%(transactions)s) transaction
             WHERE company_id = %(company_id)s AND partner_id IS NOT NULL AND date < %(today)s::date + 1
            """,
            transactions=transactions or source._get_transaction_query(),
            company_id=company_id,
            today=today,
        )
    )
    if not revenue or not revenue > 0:
        return 1.0
    return min(1.0, max(0.0, 1 - cost / revenue))
