"""Conditions on who is a customer."""

from odoo.tools import SQL


def is_customer(partner_id):
    """Condition: the commercial partner in that column is none of our companies and no colleague.

    NOT IN is evaluated once and looked up by hash; as a join it would be planned anew in each of many SELECTs.
    Index: ``res_users(partner_id) WHERE share IS NOT TRUE``.
    """
    return SQL(
        """
        %(partner_id)s NOT IN (
            SELECT partner_id FROM res_company
             UNION ALL
            SELECT partner_id FROM res_users WHERE share IS NOT TRUE)
        """,
        partner_id=partner_id,
    )
