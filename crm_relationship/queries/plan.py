"""What was planned with customers, against what came: sums of the facts per customer and year."""

from odoo.tools import SQL


def until(end, facts):
    """The facts of a contract before a day: what is dated in the future has not come."""
    return SQL("SELECT * FROM (%s) fact WHERE date < %s", facts, end)


def actuals(env, keys, transactions, costs):
    """Revenue, margin and cost to serve of customers in years.

    Columns: company_id, partner_id, year, revenue, margin, cost (floats). Grain: one row per key that has facts.
    The facts are reached by the indexes of their documents on the customer.

    :param keys: set of (company id, commercial partner id, year), not empty.
    :param transactions: SELECT of the transaction contract.
    :param costs: SELECT of the cost contract.
    """
    companies, partners, years = (sorted(set(part)) for part in zip(*keys, strict=True))
    return env.execute_query(
        SQL(
            """
            SELECT company_id, partner_id, EXTRACT(YEAR FROM date)::int AS year,
                   SUM(revenue)::float8, SUM(margin)::float8, SUM(spent)::float8
              FROM (SELECT company_id, partner_id, date, revenue, revenue - cost AS margin, 0::float8 AS spent
                      FROM (%(transactions)s) transaction
                     UNION ALL
                    SELECT company_id, partner_id, date, 0, 0, amount::float8
                      FROM (%(costs)s) cost) fact
             WHERE partner_id = ANY(%(partners)s) AND company_id = ANY(%(companies)s)
               AND date >= make_date(%(first)s, 1, 1) AND date < make_date(%(last)s + 1, 1, 1)
             GROUP BY 1, 2, 3
            """,
            transactions=transactions,
            costs=costs,
            partners=partners,
            companies=companies,
            first=years[0],
            last=years[-1],
        )
    )


def comparison(transactions, costs):
    """SELECT of plan against actual, for a report model.

    Columns: id, plan_id, relationship_id, company_id, partner_id, manager_id, year, measure (revenue, margin, cost),
    side (planned, actual), amount. Grain: plan, measure and side, six rows a plan.

    :param transactions: SELECT of the transaction contract.
    :param costs: SELECT of the cost contract.
    """
    return SQL(
        """
        SELECT plan.id * 6 + figure.number AS id,
               plan.id AS plan_id, plan.relationship_id, plan.state, plan.year,
               relation.company_id, relation.partner_id, relation.manager_id,
               figure.measure, figure.side, COALESCE(figure.amount, 0) AS amount
          FROM crm_relationship_plan plan
          JOIN crm_relationship relation ON relation.id = plan.relationship_id
          JOIN LATERAL (
                SELECT SUM(fact.revenue) AS revenue, SUM(fact.revenue - fact.cost) AS margin
                  FROM (%(transactions)s) fact
                 WHERE fact.partner_id = relation.partner_id AND fact.company_id = relation.company_id
                   AND fact.date >= make_date(plan.year, 1, 1) AND fact.date < make_date(plan.year + 1, 1, 1)
               ) sold ON TRUE
          JOIN LATERAL (
                SELECT SUM(cost.amount) AS amount
                  FROM (%(costs)s) cost
                 WHERE cost.partner_id = relation.partner_id AND cost.company_id = relation.company_id
                   AND cost.date >= make_date(plan.year, 1, 1) AND cost.date < make_date(plan.year + 1, 1, 1)
               ) spent ON TRUE
          JOIN LATERAL (VALUES
                (0, 'revenue', 'planned', plan.planned_revenue_amount::float8),
                (1, 'revenue', 'actual', sold.revenue),
                (2, 'margin', 'planned', plan.planned_margin_amount::float8),
                (3, 'margin', 'actual', sold.margin),
                (4, 'cost', 'planned', plan.planned_cost_amount::float8),
                (5, 'cost', 'actual', spent.amount)
               ) figure (number, measure, side, amount) ON TRUE
        """,
        transactions=transactions,
        costs=costs,
    )
