"""The documents that contacts are logged on, each kind as a SELECT.

Columns: model, id, company_id, partner_id (commercial), contact_id, user_id, opened_at (of what a mail opened),
signed_at (of what a customer signed). Grain: one row per document. Each is reached by ``partner_id`` over the
documents' indexes.
"""

from odoo.tools import SQL

TICKETS = SQL(
    """
    SELECT 'helpdesk.ticket'::varchar AS model, id, company_id, commercial_partner_id AS partner_id,
           partner_id AS contact_id, user_id, create_date AS opened_at, NULL::timestamp AS signed_at
      FROM helpdesk_ticket WHERE commercial_partner_id IS NOT NULL
    """
)
PARTNERS = SQL(
    """
    SELECT 'res.partner'::varchar AS model, contact.id,
           COALESCE(contact.company_id, customer.company_id) AS company_id,
           contact.commercial_partner_id AS partner_id, contact.id AS contact_id, contact.user_id,
           NULL::timestamp AS opened_at, NULL::timestamp AS signed_at
      FROM res_partner contact JOIN res_partner customer ON customer.id = contact.commercial_partner_id
    """
)
LEADS = SQL(
    """
    SELECT 'crm.lead'::varchar AS model, lead.id, lead.company_id,
           contact.commercial_partner_id AS partner_id, lead.partner_id AS contact_id, lead.user_id,
           NULL::timestamp AS opened_at, NULL::timestamp AS signed_at
      FROM crm_lead lead JOIN res_partner contact ON contact.id = lead.partner_id
    """
)
ORDERS = SQL(
    """
    SELECT 'sale.order'::varchar AS model, sale.id, sale.company_id,
           contact.commercial_partner_id AS partner_id, sale.partner_id AS contact_id, sale.user_id,
           NULL::timestamp AS opened_at, sale.signed_on AS signed_at
      FROM sale_order sale JOIN res_partner contact ON contact.id = sale.partner_id
    """
)
RELATIONSHIPS = SQL(
    """
    SELECT 'crm.relationship'::varchar AS model, id, company_id, partner_id,
           partner_id AS contact_id, manager_id AS user_id,
           NULL::timestamp AS opened_at, NULL::timestamp AS signed_at
      FROM crm_relationship
    """
)
