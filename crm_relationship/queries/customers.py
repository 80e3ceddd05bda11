"""Conditions on who is a customer."""

from odoo.tools import SQL


def is_customer(partner_id):
    """Condition: the commercial partner in that column is none of our companies and no colleague.

    Index: ``res_users(partner_id)``.
    """
    return SQL(
        """
        %(partner_id)s IS NOT NULL
        AND NOT EXISTS (SELECT FROM res_company own WHERE own.partner_id = %(partner_id)s)
        AND NOT EXISTS (SELECT FROM res_users colleague
                         WHERE colleague.partner_id = %(partner_id)s AND colleague.share IS NOT TRUE)
        """,
        partner_id=partner_id,
    )
