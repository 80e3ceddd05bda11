"""The SELECTs of the interaction contract over Odoo's own documents.

Columns, in the contract's order: company_id, partner_id (commercial), contact_id, user_id (the colleague who acted,
else whose document it is), date (UTC), channel (code), direction, initiative, level, minutes, document_model,
document_id. Grain: one row per contact with the customer.

A customer is a commercial partner that is none of our companies and no colleague.
"""

from odoo.tools import SQL

INTERACTION_COLUMNS = (
    "company_id",
    "partner_id",
    "contact_id",
    "user_id",
    "date",
    "channel",
    "direction",
    "initiative",
    "level",
    "minutes",
    "document_model",
    "document_id",
)


def complete(raw):
    """The contract's columns of a raw SELECT, whose ``minutes`` are NULL where nobody measured them.

    What the channel knows (level, standard minutes) is added; who is no customer is left out.
    """
    return SQL(
        """
        SELECT raw.company_id, raw.partner_id, raw.contact_id, raw.user_id, raw.date,
               raw.channel, raw.direction, raw.initiative,
               COALESCE(channel.level, 'operational') AS level,
               COALESCE(raw.minutes, channel.standard_minutes, 0)::float8 AS minutes,
               raw.document_model, raw.document_id
          FROM (%s) raw
          LEFT JOIN crm_relationship_channel channel ON channel.code = raw.channel
         WHERE NOT EXISTS (SELECT FROM res_company own WHERE own.partner_id = raw.partner_id)
           AND NOT EXISTS (SELECT FROM res_users colleague
                            WHERE colleague.partner_id = raw.partner_id AND colleague.share IS NOT TRUE)
        """,
        raw,
    )


def tickets():
    """Each ticket as the customer's first contact, made in the portal where a portal user made it.

    Index: ``helpdesk_ticket(commercial_partner_id)``.
    """
    return complete(
        SQL(
            """
            SELECT ticket.company_id, ticket.commercial_partner_id AS partner_id,
                   ticket.partner_id AS contact_id, ticket.user_id, ticket.create_date AS date,
                   (CASE WHEN creator.share THEN 'portal'
                         ELSE COALESCE(known.code, 'email') END)::varchar AS channel,
                   'in'::varchar AS direction, 'reactive'::varchar AS initiative,
                   NULL::float8 AS minutes,
                   'helpdesk.ticket'::varchar AS document_model, ticket.id AS document_id
              FROM helpdesk_ticket ticket
              LEFT JOIN res_users creator ON creator.id = ticket.create_uid
              LEFT JOIN helpdesk_ticket_channel way ON way.id = ticket.channel_id
              LEFT JOIN crm_relationship_channel known ON known.id = way.relationship_channel_id
             WHERE ticket.commercial_partner_id IS NOT NULL
            """
        )
    )
