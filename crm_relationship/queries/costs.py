"""The SELECTs of the cost contract: what serving a customer costs, part by part.

Columns, in the contract's order: company_id, partner_id (commercial), date (UTC), part, amount (company currency,
positive = cost), minutes, is_estimated, document_model, document_id.
Source: time-driven activity-based costing, R. S. Kaplan and S. R. Anderson, Harvard Business Review 11/2004:
cost = time of an activity x rate of the hour, plus what each touch costs by itself.

Indexes used: ``crm_relationship_cost_rate(company_id, channel_id, date_from)``,
``helpdesk_ticket(commercial_partner_id)``,
``account_move_line(partner_id, ref)``, ``account_partial_reconcile(debit_move_id)``.
"""

from odoo.tools import SQL

from .customers import is_customer

COST_COLUMNS = (
    "company_id",
    "partner_id",
    "date",
    "part",
    "amount",
    "minutes",
    "is_estimated",
    "document_model",
    "document_id",
)


def interaction_costs(interactions):
    """Minutes of each interaction at the hour rate of its channel, plus its touch. Grain: one row per interaction.

    The rate in force at the date counts; without one it is the company's standard hour, marked estimated. The
    minutes of a ticket that the agent measured as a whole already hold those of its messages: only the touch of
    these counts here.

    The company is joined from the left although each interaction has one: from an inner join PostgreSQL expects one
    row in 200 to remain, and then looks every ticket and every rate up by itself.

    :param interactions: SELECT with the columns of the interaction contract.
    """
    return SQL(
        """
        SELECT contact.company_id AS company_id,
               contact.partner_id AS partner_id,
               contact.date AS date,
               'interaction'::varchar AS part,
               (CASE WHEN ticket.id IS NULL THEN COALESCE(contact.minutes, 0) ELSE 0 END / 60.0
                    * COALESCE(rate.hour_amount, company.relationship_hour_amount, 0)
                    + COALESCE(rate.touch_amount, 0))::float8 AS amount,
               (CASE WHEN ticket.id IS NULL THEN COALESCE(contact.minutes, 0) ELSE 0 END)::float8 AS minutes,
               rate.hour_amount IS NULL AS is_estimated,
               contact.document_model::varchar AS document_model,
               contact.document_id AS document_id
          FROM (%(interactions)s) contact
          LEFT JOIN res_company company ON company.id = contact.company_id
          LEFT JOIN helpdesk_ticket ticket
                 ON contact.document_model = 'helpdesk.ticket' AND ticket.id = contact.document_id
                AND ticket.handling_minutes > 0
          LEFT JOIN (%(rates)s) rate
                 ON rate.company_id = contact.company_id AND rate.channel = contact.channel
                AND contact.date >= rate.date_from AND (rate.date_until IS NULL OR contact.date < rate.date_until)
        """,
        interactions=interactions,
        rates=rate_periods(),
    )


def rate_periods():
    """Each cost rate with the day on which the next one of its channel takes over. Grain: one row per rate.

    The amounts are made floats here, once, and not for each interaction.
    """
    return SQL(
        """
        SELECT rate.company_id, channel.code AS channel, rate.hour_amount::float8 AS hour_amount,
               rate.touch_amount::float8 AS touch_amount, rate.date_from,
               LEAD(rate.date_from) OVER (PARTITION BY rate.company_id, rate.channel_id
                                          ORDER BY rate.date_from) AS date_until
          FROM crm_relationship_cost_rate rate
          JOIN crm_relationship_channel channel ON channel.id = rate.channel_id
        """
    )


def ticket_costs():
    """Handling of each ticket at the company's standard hour, on the day it came: the minutes that the agent
    measured, else the company's standard minutes, marked estimated. Grain: one row per ticket."""
    return SQL(
        """
        SELECT ticket.company_id AS company_id,
               ticket.commercial_partner_id AS partner_id,
               ticket.create_date AS date,
               'ticket'::varchar AS part,
               (worked.minutes / 60.0 * COALESCE(company.relationship_hour_amount, 0))::float8 AS amount,
               worked.minutes AS minutes,
               NOT COALESCE(ticket.handling_minutes > 0, FALSE) AS is_estimated,
               'helpdesk.ticket'::varchar AS document_model,
               ticket.id AS document_id
          FROM helpdesk_ticket ticket
          JOIN res_company company ON company.id = ticket.company_id
         CROSS JOIN LATERAL (SELECT (CASE WHEN ticket.handling_minutes > 0 THEN ticket.handling_minutes
                                          ELSE COALESCE(company.relationship_ticket_minutes, 0)
                                     END)::float8 AS minutes) worked
         WHERE %s AND worked.minutes > 0
        """,
        is_customer(SQL("ticket.commercial_partner_id")),
    )


def return_costs():
    """What handling a posted credit note costs the company, beside the revenue that it takes back.
    Grain: one row per credit note."""
    return SQL(
        """
        SELECT move.company_id AS company_id,
               customer.commercial_partner_id AS partner_id,
               COALESCE(move.invoice_date, move.date)::timestamp AS date,
               'return'::varchar AS part,
               company.relationship_return_amount::float8 AS amount,
               0::float8 AS minutes,
               FALSE AS is_estimated,
               'account.move'::varchar AS document_model,
               move.id AS document_id
          FROM account_move move
          JOIN res_partner customer ON customer.id = move.partner_id
          JOIN res_company company ON company.id = move.company_id
         WHERE move.state = 'posted'
           AND move.move_type = 'out_refund'
           AND company.relationship_return_amount > 0
        """
    )


def late_payment_costs(today):
    """Interest on what customers pay after the due date, in the months in which it accrues.

    Each part of an invoice is late from the day after its due date until the payment that settles it, or until
    today: days x amount x yearly rate / 365. Grain: one row per settled or open part and calendar month, dated on
    its last late day, so that a closed month never changes by the time that passes after it.
    """
    return SQL(
        """
        SELECT late.company_id AS company_id,
               late.partner_id AS partner_id,
               slice.last_day::timestamp AS date,
               'late_payment'::varchar AS part,
               (late.amount * (slice.last_day - slice.first_day + 1) * late.yearly_ratio / 365)::float8 AS amount,
               0::float8 AS minutes,
               FALSE AS is_estimated,
               'account.move'::varchar AS document_model,
               late.move_id AS document_id
          FROM (%(settled)s UNION ALL %(open)s) late
         CROSS JOIN LATERAL generate_series(date_trunc('month', late.due + 1), late.until, '1 month') month
         CROSS JOIN LATERAL (SELECT GREATEST(late.due + 1, month::date) AS first_day,
                                    LEAST(late.until, (month + interval '1 month')::date - 1) AS last_day) slice
        """,
        settled=_settled_late(today),
        open=_open_late(today),
    )


def _settled_late(today):
    """Parts of customer invoices that were paid or credited after their due date."""
    return SQL(
        """
        SELECT line.company_id, customer.commercial_partner_id AS partner_id, line.move_id,
               line.date_maturity AS due, LEAST(partial.max_date, %(today)s::date) AS until,
               partial.amount, company.relationship_late_payment_ratio AS yearly_ratio
          FROM %(lines)s
          JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
         WHERE %(condition)s
           AND LEAST(partial.max_date, %(today)s::date) > line.date_maturity
        """,
        today=today,
        lines=_receivable_lines(),
        condition=_is_receivable(),
    )


def _open_late(today):
    """Parts of customer invoices that are due and still open."""
    return SQL(
        """
        SELECT line.company_id, customer.commercial_partner_id AS partner_id, line.move_id,
               line.date_maturity AS due, %(today)s::date AS until,
               line.amount_residual AS amount, company.relationship_late_payment_ratio AS yearly_ratio
          FROM %(lines)s
         WHERE %(condition)s
           AND line.amount_residual > 0
           AND line.date_maturity < %(today)s::date
        """,
        today=today,
        lines=_receivable_lines(),
        condition=_is_receivable(),
    )


def _receivable_lines():
    return SQL(
        """
        account_move_line line
          JOIN account_move move ON move.id = line.move_id
          JOIN res_partner customer ON customer.id = line.partner_id
          JOIN res_company company ON company.id = line.company_id
        """
    )


def _is_receivable():
    """The claims of posted customer invoices and receipts, in the companies that count late payment."""
    return SQL(
        """
        line.parent_state = 'posted' AND line.display_type = 'payment_term'
           AND move.move_type IN ('out_invoice', 'out_receipt') AND line.balance > 0
           AND company.relationship_late_payment_ratio > 0
        """
    )
