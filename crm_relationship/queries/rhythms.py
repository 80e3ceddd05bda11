"""How often each customer buys each product, when he is expected to buy it next, and whether he has stopped.

A purchase is what it is in queries/intervals.py: a sale, not a credit note, with a line of the product that has revenue
or a quantity above 0; lines dated after today are left out, and those without a product. All lines of one day are one
purchase.
"""

from odoo.tools import SQL

from ..analytics import reorder

RHYTHM_COLUMNS = (
    "company_id",
    "partner_id",
    "product_id",
    "purchase_day_count",
    "first_purchase_date",
    "last_purchase_date",
    "last_quantity",
    "interval_days",
    "interval_spread_days",
    "next_purchase_date",
    "overdue_days",
    "overdue_ratio",
    "state",
)


def _purchase_days(env, today):
    """Columns company_id, partner_id, product_id, day, quantity. Grain: customer, product and day with a purchase."""
    return SQL(
        """
        SELECT company_id, partner_id, product_id, date::date AS day, SUM(GREATEST(quantity, 0)) AS quantity
          FROM (%(transactions)s) transaction
         WHERE kind = 'sale' AND partner_id IS NOT NULL AND product_id IS NOT NULL
           AND date < %(today)s::date + 1 AND (revenue > 0 OR quantity > 0)
         GROUP BY partner_id, company_id, product_id, date::date
        """,
        transactions=env["crm.relationship.source"]._get_transaction_query(),
        today=today,
    )


def _quartiles(env, today):
    """Columns of the grain, purchase_day_count, first_day, last_day, last_quantity, quartiles of the gaps in days.
    Grain: company, customer and product. The quartiles are NULL where there are too few days for a rhythm."""
    return SQL(
        """
        SELECT company_id, partner_id, product_id,
               COUNT(*)::int AS purchase_day_count,
               MIN(day) AS first_day,
               MAX(day) AS last_day,
               SUM(quantity) FILTER (WHERE is_last) AS last_quantity,
               CASE WHEN COUNT(*) >= %(minimum)s
                    THEN PERCENTILE_CONT(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY gap::float8)
                         FILTER (WHERE gap IS NOT NULL) END AS quartiles
          FROM (SELECT purchase.*, day - LAG(day) OVER pair AS gap, LEAD(day) OVER pair IS NULL AS is_last
                  FROM (%(days)s) purchase
                WINDOW pair AS (PARTITION BY partner_id, company_id, product_id ORDER BY day)) gaps
         GROUP BY partner_id, company_id, product_id
        """,
        days=_purchase_days(env, today),
        minimum=reorder.MINIMUM_DAYS,
    )


def rhythms(env, today):
    """Columns ``RHYTHM_COLUMNS``. Grain: company, customer and product that he has bought, over all time.

    ``interval_days`` is the median of the gaps, ``interval_spread_days`` their interquartile range; these, what is
    expected and what is overdue are NULL below 3 purchase days, where the state is ``unknown``. What is expected is
    told in whole days, as a reorder suggestion tells it (analytics/reorder.py): ``due`` from the expected day on,
    ``stopped`` after three such intervals without a purchase.

    Indexes used: those of the transaction contract; every step keeps partner_id in its grain, so that a condition
    on it reaches them. One aggregation to days and one sort, by customer first: the windows that follow and the id of
    queries/reports.py need no other.
    """
    return SQL(
        """
        SELECT company_id, partner_id, product_id, purchase_day_count,
               first_day AS first_purchase_date, last_day AS last_purchase_date, last_quantity,
               quartiles[2] AS interval_days,
               quartiles[3] - quartiles[1] AS interval_spread_days,
               last_day + whole_days AS next_purchase_date,
               CASE WHEN whole_days IS NOT NULL THEN GREATEST(waited_days - whole_days, 0) END AS overdue_days,
               waited_days / quartiles[2] AS overdue_ratio,
               CASE WHEN quartiles IS NULL THEN 'unknown'
                    WHEN waited_days < whole_days THEN 'in_rhythm'
                    WHEN waited_days <= %(stopped_after)s * whole_days THEN 'due'
                    ELSE 'stopped' END AS state
          FROM (SELECT measured.*, %(today)s::date - last_day AS waited_days,
                       FLOOR(quartiles[2] + 0.5)::int AS whole_days
                  FROM (%(quartiles)s) measured) rhythm
        """,
        quartiles=_quartiles(env, today),
        today=today,
        stopped_after=reorder.STOPPED_AFTER,
    )


def with_product(rows):
    """Rows that name a product, with its category and whether it may still be sold."""
    return SQL(
        """
        SELECT bought.*, template.categ_id AS product_categ_id,
               product.active AND template.active AND template.sale_ok AS is_sold
          FROM (%s) bought
          JOIN product_product product ON product.id = bought.product_id
          JOIN product_template template ON template.id = product.product_tmpl_id
        """,
        rows,
    )
