"""How many of the customers who came in one quarter buy in the quarters that follow."""

from odoo.tools import SQL


def retention(env, company_ids, today):
    """Columns id, company_id, cohort_date (first day of the quarter of the first purchase), quarter_offset
    (quarters since, 0 is the first one), segment_id, primary_type_id, customer_count (all of the cohort),
    active_count (those who bought in that quarter), is_complete (the quarter is over).

    Grain: company, cohort, segment, type and quarter since, up to the quarter of today, those without a purchase
    too. Purchases are those of queries/intervals.py. Indexes used: those of the transaction contract. Linear in
    the transactions: they are grouped once to customer and quarter.
    """
    return SQL(
        """
        WITH purchase AS (
            SELECT company_id, partner_id, quarter,
                   MIN(quarter) OVER (PARTITION BY company_id, partner_id) AS cohort
              FROM (SELECT company_id, partner_id,
                           (EXTRACT(YEAR FROM date) * 4 + EXTRACT(QUARTER FROM date) - 1)::int AS quarter
                      FROM (%(transactions)s) transaction
                     WHERE company_id = ANY(%(company_ids)s) AND kind = 'sale' AND partner_id IS NOT NULL
                       AND date < %(today)s::date + 1 AND (revenue > 0 OR quantity > 0)
                     GROUP BY 1, 2, 3) customer_quarter
        ),
        counted AS (
            SELECT purchase.company_id, purchase.cohort, purchase.quarter - purchase.cohort AS quarter_offset,
                   relation.segment_id, relation.primary_type_id, COUNT(*)::int AS active_count
              FROM purchase
              LEFT JOIN crm_relationship relation
                     ON relation.partner_id = purchase.partner_id
                    AND relation.company_id = purchase.company_id
             GROUP BY 1, 2, 3, 4, 5
        ),
        present AS (
            SELECT (EXTRACT(YEAR FROM %(today)s::date) * 4 + EXTRACT(QUARTER FROM %(today)s::date) - 1)::int
                       AS quarter
        )
        SELECT ROW_NUMBER() OVER (ORDER BY start.company_id, start.cohort, start.segment_id,
                                           start.primary_type_id, step) AS id,
               start.company_id,
               MAKE_DATE(start.cohort / 4, start.cohort %% 4 * 3 + 1, 1) AS cohort_date,
               step AS quarter_offset,
               start.segment_id, start.primary_type_id,
               start.active_count AS customer_count,
               COALESCE(counted.active_count, 0) AS active_count,
               start.cohort + step < present.quarter AS is_complete
          FROM counted start
          CROSS JOIN present
          CROSS JOIN LATERAL GENERATE_SERIES(0, present.quarter - start.cohort) step
          LEFT JOIN counted
                 ON counted.company_id = start.company_id AND counted.cohort = start.cohort
                AND counted.quarter_offset = step
                AND counted.segment_id IS NOT DISTINCT FROM start.segment_id
                AND counted.primary_type_id IS NOT DISTINCT FROM start.primary_type_id
         WHERE start.quarter_offset = 0
        """,
        transactions=env["crm.relationship.source"]._get_transaction_query(),
        company_ids=list(company_ids),
        today=today,
    )
