"""Set-based statements over helpdesk tickets."""

from odoo.tools import SQL


def link_relationships(env, company_id):
    """Give each ticket of the company, open or closed, the relationship of its customer.

    Index: ``crm_relationship(partner_id, company_id)``.

    :return: ids of the tickets whose relationship changed.
    """
    rows = env.execute_query(
        SQL(
            """
            UPDATE helpdesk_ticket ticket
               SET relationship_id = relation.id
              FROM crm_relationship relation
             WHERE ticket.company_id = %(company_id)s
               AND relation.company_id = ticket.company_id
               AND relation.partner_id = ticket.commercial_partner_id
               AND ticket.relationship_id IS DISTINCT FROM relation.id
            RETURNING ticket.id
            """,
            company_id=company_id,
        )
    )
    return [ticket_id for (ticket_id,) in rows]
