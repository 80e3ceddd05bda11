"""What became of suggestions: accepted by the orders that follow, open again where a quotation came to nothing."""

from odoo.tools import SQL


def accept_bought(env, scope):
    """What was suggested and has been bought since, by the purchases or a confirmed order, is accepted.

    Indexes: ``sale_order(partner_id)``, ``sale_order_line(order_id)``, ``res_partner(commercial_partner_id)``.

    :return: the number of suggestions.
    """
    env.cr.execute(
        SQL(
            """
            WITH waiting AS MATERIALIZED (
                SELECT suggestion.id, suggestion.product_id, suggestion.date, relation.partner_id
                  FROM crm_relationship_suggestion suggestion
                  JOIN crm_relationship relation ON relation.id = suggestion.relationship_id
                 WHERE %(scope)s AND suggestion.state IN ('open', 'offered')
            ),
            bought AS (
                SELECT waiting.id, purchase.day
                  FROM waiting
                  JOIN crm_relationship_purchase purchase
                       ON purchase.partner_id = waiting.partner_id
                      AND purchase.product_id = waiting.product_id
                      AND purchase.day >= waiting.date
                UNION ALL
                SELECT waiting.id, sale.date_order::date
                  FROM waiting
                  JOIN res_partner contact ON contact.commercial_partner_id = waiting.partner_id
                  JOIN sale_order sale ON sale.partner_id = contact.id
                  JOIN sale_order_line line ON line.order_id = sale.id
                 WHERE sale.state = 'sale' AND sale.company_id = %(company_id)s
                   AND sale.date_order >= waiting.date AND sale.date_order < %(today)s::date + 1
                   AND line.product_id = waiting.product_id AND line.product_uom_qty > 0
            )
            UPDATE crm_relationship_suggestion suggestion
               SET state = 'accepted', outcome_date = first.day,
                   write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
              FROM (SELECT id, MIN(day) AS day FROM bought GROUP BY id) first
             WHERE suggestion.id = first.id
            """,
            scope=scope.holds("relation"),
            company_id=scope.company_id,
            today=scope.today,
            uid=env.uid,
        )
    )
    return env.cr.rowcount


def reopen_cancelled(env, scope):
    """What was offered in a quotation that is cancelled or gone is open again. :return: the number."""
    env.cr.execute(
        SQL(
            """
            UPDATE crm_relationship_suggestion suggestion
               SET state = 'open', sale_order_id = NULL,
                   write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
              FROM crm_relationship relation
             WHERE relation.id = suggestion.relationship_id AND %(scope)s AND suggestion.state = 'offered'
               AND NOT EXISTS (SELECT FROM sale_order sale
                                WHERE sale.id = suggestion.sale_order_id AND sale.state <> 'cancel')
            """,
            scope=scope.holds("relation"),
            uid=env.uid,
        )
    )
    return env.cr.rowcount


def accept_ordered(env, order_ids):
    """What was suggested to the customers of these confirmed orders and is in them is accepted. One statement.

    Indexes: ``sale_order_line(order_id)``, ``crm_relationship(partner_id, company_id)``,
    ``crm_relationship_suggestion(relationship_id)``.

    :return: ids of the suggestions.
    """
    rows = env.execute_query(
        SQL(
            """
            UPDATE crm_relationship_suggestion suggestion
               SET state = 'accepted', outcome_date = ordered.day,
                   write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
              FROM (SELECT relation.id AS relationship_id, line.product_id, MIN(sale.date_order::date) AS day
                      FROM sale_order sale
                      JOIN sale_order_line line ON line.order_id = sale.id
                      JOIN res_partner contact ON contact.id = sale.partner_id
                      JOIN crm_relationship relation
                           ON relation.partner_id = contact.commercial_partner_id
                          AND relation.company_id = sale.company_id
                     WHERE sale.id = ANY(%(order_ids)s) AND sale.state = 'sale' AND line.product_uom_qty > 0
                     GROUP BY relation.id, line.product_id) ordered
             WHERE suggestion.relationship_id = ordered.relationship_id
               AND suggestion.product_id = ordered.product_id
               AND suggestion.state IN ('open', 'offered') AND suggestion.date <= ordered.day
            RETURNING suggestion.id
            """,
            order_ids=list(order_ids),
            uid=env.uid,
        )
    )
    return [suggestion_id for (suggestion_id,) in rows]


def fetch_withheld(env, scope, since):
    """(kind, partner_id, product_id) of what is not to be suggested again: what customers refused after that day, what
    they accepted after it in an order that is confirmed and no purchase yet, and where invoices count, what they
    ordered after it and wait for.

    Indexes: as :func:`accept_bought`.
    """
    return env.execute_query(
        SQL(
            """
            WITH decided AS (
                SELECT suggestion.kind, suggestion.state, suggestion.date, relation.partner_id, suggestion.product_id
                  FROM crm_relationship_suggestion suggestion
                  JOIN crm_relationship relation ON relation.id = suggestion.relationship_id
                 WHERE %(scope)s AND suggestion.state IN ('refused', 'accepted')
                   AND suggestion.outcome_date > %(since)s
            )
            SELECT kind, partner_id, product_id FROM decided WHERE state = 'refused'
             UNION
            SELECT decided.kind, decided.partner_id, decided.product_id
              FROM decided
              JOIN res_partner contact ON contact.commercial_partner_id = decided.partner_id
              JOIN sale_order sale ON sale.partner_id = contact.id
              JOIN sale_order_line line ON line.order_id = sale.id
             WHERE decided.state = 'accepted'
               AND sale.state = 'sale' AND sale.company_id = %(company_id)s AND sale.date_order >= decided.date
               AND line.product_id = decided.product_id AND line.product_uom_qty > 0
               AND NOT EXISTS (
                    SELECT FROM crm_relationship_purchase purchase
                     WHERE purchase.partner_id = decided.partner_id
                       AND purchase.product_id = decided.product_id
                       AND purchase.day >= decided.date)
             UNION
            SELECT kind.name, contact.commercial_partner_id, line.product_id
              FROM sale_order sale
              JOIN res_company company ON company.id = sale.company_id
              JOIN sale_order_line line ON line.order_id = sale.id
              JOIN res_partner contact ON contact.id = sale.partner_id
             CROSS JOIN (VALUES ('reorder'), ('next_product')) kind (name)
             WHERE company.relationship_revenue_basis = 'invoiced'
               AND sale.state = 'sale' AND sale.company_id = %(company_id)s AND sale.date_order > %(since)s
               AND line.product_id IS NOT NULL AND line.product_uom_qty > COALESCE(line.qty_invoiced, 0)
               AND %(only)s
            """,
            scope=scope.holds("relation"),
            company_id=scope.company_id,
            since=since,
            only=SQL("TRUE")
            if scope.partner_ids is None
            else SQL("contact.commercial_partner_id = ANY(%s)", scope.partner_ids),
        )
    )
