"""The measures of a relationship's health as they are, before any points are given."""

from odoo.tools import SQL

from .verdict import merged


def health_measures(env, company_id, today, window_start, partner_ids=None, facts=None):
    """SELECT of the raw measures of 12 months. Grain: partner_id (commercial); NULL where nothing is measured.

    Columns: partner_id; trend (margin of 12 months against the 12 before, as a change), open_tickets, late_tickets
    (NULL without a ticket in the window), satisfaction (mean 0–1), contacts (different contacts with interactions),
    payment (mean days late of what fell due). ``overdue`` is the relationship's own ``overdue_ratio``.

    Indexes: those of the contracts, ``helpdesk_ticket(commercial_partner_id)``, ``account_move_line(partner_id)``.
    """
    source = env["crm.relationship.source"]
    facts = facts or source._get_facts()
    values = {
        "company_id": company_id,
        "today": today,
        "window_start": window_start,
        "only": _only("partner_id", partner_ids),
    }
    measures = SQL(" UNION ALL ").join(
        (
            _trend(facts.transactions, values),
            _tickets(values, partner_ids),
            _satisfaction(source._get_feedback_query(), values),
            _contacts(facts.interactions, values),
            _payment(values, partner_ids),
        )
    )
    return SQL(
        """
        SELECT partner_id, MAX(trend) AS trend,
               MAX(open_tickets) AS open_tickets, MAX(late_tickets) AS late_tickets,
               MAX(satisfaction) AS satisfaction, MAX(contacts) AS contacts, MAX(payment) AS payment
          FROM (%s) measure
         WHERE partner_id IS NOT NULL
         GROUP BY partner_id
        """,
        measures,
    )


def _only(column, partner_ids):
    if partner_ids is None:
        return SQL()
    return SQL(
        "AND %s = ANY(%s)", SQL.identifier(*column.split(".")), list(partner_ids)
    )


def _trend(transactions, values):
    """A customer without margin in the year before has no trend, nor has one whose costs are known in only one of the
    two years: his margins cannot be compared. Where no cost is known at all, margin is revenue in both."""
    return SQL(
        """
        SELECT partner_id,
               CASE WHEN knows_cost_now IS NOT DISTINCT FROM knows_cost_before OR knows_cost_now IS NULL
                    THEN ROUND(COALESCE(margin_now, 0) / NULLIF(GREATEST(margin_before, 0), 0) - 1, 6)::float8
                    END AS trend,
               NULL::float8 AS open_tickets, NULL::float8 AS late_tickets, NULL::float8 AS satisfaction,
               NULL::float8 AS contacts, NULL::float8 AS payment
          FROM (SELECT partner_id,
                       ROUND(SUM(revenue - cost) FILTER (WHERE date >= %(window_start)s)::numeric, 2) AS margin_now,
                       ROUND(SUM(revenue - cost) FILTER (WHERE date < %(window_start)s)::numeric, 2) AS margin_before,
                       BOOL_OR(cost <> 0) FILTER (WHERE date >= %(window_start)s) AS knows_cost_now,
                       BOOL_OR(cost <> 0) FILTER (WHERE date < %(window_start)s) AS knows_cost_before
                  FROM (%(transactions)s) fact
                 WHERE company_id = %(company_id)s AND date < %(today)s::date + 1
                   AND date >= %(window_start)s::date - interval '1 year' %(only)s
                 GROUP BY partner_id) sold
        """,
        transactions=transactions,
        **values,
    )


def _tickets(values, partner_ids):
    return SQL(
        """
        SELECT ticket.commercial_partner_id, NULL,
               COUNT(*) FILTER (WHERE stage.closed IS NOT TRUE),
               COUNT(*) FILTER (WHERE stage.closed IS NOT TRUE AND ticket.next_deadline < %(today)s),
               NULL, NULL, NULL
          FROM helpdesk_ticket ticket
          LEFT JOIN helpdesk_ticket_stage stage ON stage.id = ticket.stage_id
         WHERE ticket.company_id = %(company_id)s AND ticket.active AND NOT %(merged)s
           AND (stage.closed IS NOT TRUE OR ticket.create_date >= %(window_start)s) %(customers)s
         GROUP BY ticket.commercial_partner_id
        """,
        merged=merged("ticket"),
        customers=_only("ticket.commercial_partner_id", partner_ids),
        **values,
    )


def _satisfaction(feedback, values):
    return SQL(
        """
        SELECT partner_id, NULL, NULL, NULL, AVG(score_ratio), NULL, NULL
          FROM (%(feedback)s) answer
         WHERE company_id = %(company_id)s AND date >= %(window_start)s AND date < %(today)s::date + 1 %(only)s
         GROUP BY partner_id
        """,
        feedback=feedback,
        **values,
    )


def _contacts(interactions, values):
    return SQL(
        """
        SELECT partner_id, NULL, NULL, NULL, NULL, COUNT(DISTINCT contact_id), NULL
          FROM (%(interactions)s) interaction
         WHERE company_id = %(company_id)s AND date >= %(window_start)s AND date < %(today)s::date + 1 %(only)s
         GROUP BY partner_id
        """,
        interactions=interactions,
        **values,
    )


def _payment(values, partner_ids):
    """Each instalment that fell due in the window counts once: paid in time 0, else the days until it was paid or
    until today."""
    return SQL(
        """
        SELECT customer.commercial_partner_id, NULL, NULL, NULL, NULL, NULL,
               AVG(GREATEST(COALESCE(CASE WHEN line.reconciled THEN settled.date END, %(today)s::date)
                            - line.date_maturity, 0))
          FROM account_move_line line
          JOIN account_move move ON move.id = line.move_id
          JOIN res_partner customer ON customer.id = line.partner_id
          LEFT JOIN LATERAL (SELECT MAX(max_date) AS date FROM account_partial_reconcile partial
                              WHERE partial.debit_move_id = line.id) settled ON TRUE
         WHERE line.company_id = %(company_id)s AND move.state = 'posted'
           AND move.move_type IN ('out_invoice', 'out_receipt') AND line.display_type = 'payment_term'
           AND line.date_maturity >= %(window_start)s AND line.date_maturity < %(today)s %(customers)s
         GROUP BY customer.commercial_partner_id
        """,
        customers=_only("customer.commercial_partner_id", partner_ids),
        **values,
    )
