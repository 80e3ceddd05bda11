"""What was done about leads that belong to no contact yet: effort on winning without a customer to count it on."""

from odoo.tools import SQL

from .costs import interaction_costs
from .customers import is_customer
from .interactions import FIRST_COMPANY, contacts_on, with_channel
from .sources import union_all

LEADS = SQL(
    """
    SELECT 'crm.lead'::varchar AS model, id, company_id, NULL::int AS partner_id, NULL::int AS contact_id, user_id,
           NULL::timestamp AS opened_at, NULL::timestamp AS signed_at
      FROM crm_lead WHERE partner_id IS NULL
    """
)


def lead_costs(root_partner_id, now):
    """Mails, comments, done activities and meetings on leads without a contact, at the rates of their channels.

    Columns: those of the cost contract, partner_id NULL. Grain: one row per mail, comment, activity or meeting.
    Indexes: ``mail_message(model, res_id)``, ``mail_activity(res_model, res_id)``, ``calendar_event(opportunity_id)``.

    :param root_partner_id: the system's own contact, whose messages are no contact.
    :param now: meetings that ended before count.
    """
    documents = {"crm.lead": LEADS}
    contacts = union_all([contacts_on(documents, root_partner_id), _meetings(now)])
    begun = SQL(
        "SELECT contact.*, 'proactive' AS initiative FROM (%s) contact", contacts
    )
    return interaction_costs(with_channel(begun))


def _meetings(now):
    """Past meetings about such a lead that no done activity tells of, without a contact of ours: one is a fact of
    that contact."""
    return SQL(
        """
        SELECT COALESCE(lead.company_id, organizer.company_id, %(first_company)s) AS company_id,
               lead.partner_id, lead.contact_id, organizer.id AS user_id, event.start AS date,
               CASE WHEN event.videocall_location <> '' THEN 'video' ELSE 'meeting' END AS channel,
               'out' AS direction, (event.duration * 60)::float8 AS minutes,
               lead.model AS document_model, lead.id AS document_id
          FROM (%(leads)s) lead
          JOIN calendar_event event ON event.opportunity_id = lead.id
          LEFT JOIN res_users organizer ON organizer.id = event.user_id
         WHERE event.active AND event.stop < %(now)s
           AND NOT EXISTS (SELECT FROM mail_activity activity
                            WHERE activity.calendar_event_id = event.id AND activity.date_done IS NOT NULL)
           AND NOT EXISTS (
                SELECT FROM calendar_event_res_partner_rel guest
                  JOIN res_partner contact ON contact.id = guest.res_partner_id
                 WHERE guest.calendar_event_id = event.id AND %(is_customer)s)
        """,
        leads=LEADS,
        now=now,
        first_company=FIRST_COMPANY,
        is_customer=is_customer(SQL("contact.commercial_partner_id")),
    )
