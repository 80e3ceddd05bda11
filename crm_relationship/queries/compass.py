"""Old and new customers: what winning and keeping take and bring."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

# Prospects and new customers are being won, the others kept.
SIDE = SQL("CASE WHEN tenure IN ('prospect', 'new') THEN 'winning' ELSE 'keeping' END")


def compass(env, today, scope):
    """SELECT of effort and result by customer, month and tenure.

    Columns: id, company_id, partner_id (NULL for leads without a contact), date (first day of the month), tenure
    (``prospect`` before the first order, ``new`` for the company's first days after it, ``established``, ``long``
    after two years), side (``winning`` for the first two, else ``keeping``), customer_count (the customer where he
    bought: count distinct), hours, cost, discount, effort (cost and discount), revenue, margin, bought_again (1 or 0
    where he bought: whether again within the next 12 months; NULL until these are over).
    Grain: company, customer, month, tenure. Indexes: those of the contracts,
    ``crm_relationship(partner_id, company_id)``.

    :param scope: :class:`reports.Scope`. The 12 months after it are read as well: they tell who bought again.
    """
    last = scope.last and scope.last + relativedelta(months=12)
    return SQL(
        """
        SELECT %(row_id)s AS id,
               company_id, partner_id, date, tenure,
               %(side)s AS side,
               CASE WHEN has_bought THEN partner_id END AS customer_count,
               hours, cost, discount, cost + discount AS effort, revenue, margin,
               CASE WHEN has_bought AND date <= %(last_judged)s THEN (
                   COUNT(*) FILTER (WHERE has_bought) OVER (
                       PARTITION BY company_id, partner_id ORDER BY date
                       RANGE BETWEEN '1 month' FOLLOWING AND '12 months' FOLLOWING) > 0)::int
               END AS bought_again
          FROM (SELECT company_id, partner_id, date_trunc('month', date)::date AS date, tenure,
                       BOOL_OR(has_bought) AS has_bought, SUM(minutes) / 60 AS hours, SUM(cost) AS cost,
                       SUM(discount) AS discount, SUM(revenue) AS revenue, SUM(margin) AS margin
                  FROM (%(facts)s) fact
                 GROUP BY 1, 2, 3, 4) contract
        """,
        side=SIDE,
        row_id=scope.row_id(("company_id", "tenure")),
        facts=_facts(
            env,
            SQL(
                "date < %s AND %s",
                today + timedelta(days=1),
                scope._replace(last=last).condition(),
            ),
        ),
        last_judged=today.replace(day=1) - relativedelta(months=13),
    )


def totals(env, company_id, date_from, date_to):
    """Rows of effort and result between two days, once by side and once by tenure, as dicts.

    Keys: side or tenure (the other is None), hours, cost, discount, revenue, margin, customer_count (customers who
    bought). Grain: side, then tenure. Only the facts of these days are read. Indexes: those of the contracts.
    """
    condition = SQL(
        "company_id = %s AND date >= %s AND date < %s",
        company_id,
        date_from,
        date_to + timedelta(days=1),
    )
    return env.execute_query_dict(
        SQL(
            """
            SELECT side, tenure, SUM(minutes) / 60 AS hours, SUM(cost) AS cost, SUM(discount) AS discount,
                   SUM(revenue) AS revenue, SUM(margin) AS margin,
                   COUNT(DISTINCT partner_id) FILTER (WHERE has_bought) AS customer_count
              FROM (SELECT dated.*, %(side)s AS side FROM (%(facts)s) dated) fact
             GROUP BY GROUPING SETS ((side), (tenure))
            """,
            side=SIDE,
            facts=_facts(env, condition),
        )
    )


def _facts(env, condition):
    """Both contracts, and what leads without a contact cost, with the tenure of the customer at the date of each
    fact.

    When a customer passes from one tenure to the next is found once for each, as times that facts only have to be
    compared with.
    """
    return SQL(
        """
        SELECT fact.*,
               CASE WHEN customer.new_at IS NULL OR fact.date < customer.new_at THEN 'prospect'
                    WHEN fact.date < customer.established_at THEN 'new'
                    WHEN fact.date < customer.long_at THEN 'established'
                    ELSE 'long' END AS tenure
          FROM (SELECT company_id, partner_id, date,
                       kind = 'sale' AND (revenue > 0 OR quantity > 0) AS has_bought, revenue,
                       revenue - cost AS margin, discount, 0::float8 AS cost, 0::float8 AS minutes
                  FROM (%(transactions)s) transaction WHERE %(condition)s
                 UNION ALL
                SELECT company_id, partner_id, date, FALSE, 0, 0, 0, amount, minutes
                  FROM (%(costs)s) cost WHERE %(condition)s
                 UNION ALL
                SELECT company_id, partner_id, date, FALSE, 0, 0, 0, amount, minutes
                  FROM (%(leads)s) lead WHERE %(condition)s) fact
          LEFT JOIN (SELECT relation.company_id, relation.partner_id,
                            relation.first_order_date::timestamp AS new_at,
                            relation.first_order_date + company.relationship_new_days + 1 + TIME '00:00'
                                AS established_at,
                            relation.first_order_date + interval '2 years' + interval '1 day' AS long_at
                       FROM crm_relationship relation
                       JOIN res_company company ON company.id = relation.company_id
                      WHERE relation.first_order_date IS NOT NULL) customer
                 ON customer.partner_id = fact.partner_id AND customer.company_id = fact.company_id
        """,
        transactions=env["crm.relationship.source"]._get_transaction_query(),
        costs=env["crm.relationship.source"]._get_cost_query(),
        leads=env["crm.relationship.source"]._get_lead_cost_query(),
        condition=condition,
    )


def retention(env, company_id, date_from, date_to, new_days):
    """(is new, customers, those who bought again) rows: of the customers who bought in the year before the period,
    how many bought in it. New: the first order was at most ``new_days`` before the period.

    Grain: is_new, at most two rows. Indexes: those of the transaction contract.
    """
    return env.execute_query(
        SQL(
            """
            SELECT is_new, COUNT(*), COUNT(*) FILTER (WHERE has_returned)
              FROM (SELECT MIN(date)::date >= %(new_since)s AS is_new,
                           BOOL_OR(date >= %(year_before)s AND date < %(date_from)s) AS was_customer,
                           BOOL_OR(date >= %(date_from)s) AS has_returned
                      FROM (%(transactions)s) transaction
                     WHERE company_id = %(company_id)s AND kind = 'sale' AND (revenue > 0 OR quantity > 0)
                       AND partner_id IS NOT NULL AND date < %(end)s
                     GROUP BY partner_id) customer
             WHERE was_customer
             GROUP BY is_new
            """,
            transactions=env["crm.relationship.source"]._get_transaction_query(),
            company_id=company_id,
            new_since=date_from - timedelta(days=new_days),
            year_before=date_from - relativedelta(years=1),
            date_from=date_from,
            end=date_to + timedelta(days=1),
        )
    )
