"""The SELECTs of the interaction contract over Odoo's own documents.

Columns, in the contract's order: company_id, partner_id (commercial), contact_id, user_id (the colleague who acted,
else whose document it is), date (UTC), channel (code), direction, initiative, level, minutes, document_model,
document_id. Grain: one row per contact with the customer.

Each SELECT is reached by ``partner_id``: window functions and groupings have it in their keys, so that the filter goes
down to the indexes of the documents and from there to ``mail_message(model, res_id)`` and ``mail_activity(res_model,
res_id)``.
"""

from odoo.tools import SQL

from .customers import is_customer
from .documents import ORDERS, TICKETS
from .sources import union_all

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
# After so many days of silence on a document, who writes begins a new conversation.
SILENCE_DAYS = 30

# Internal users by their contact, one each, archived ones too: what they wrote stays ours; and our companies.
COLLEAGUES = SQL(
    """
    SELECT DISTINCT ON (partner_id) partner_id, id, company_id
      FROM (SELECT partner_id, id, company_id, active FROM res_users WHERE share IS NOT TRUE
             UNION ALL
            SELECT partner_id, NULL, id, FALSE FROM res_company) own
     ORDER BY partner_id, active DESC, id
    """
)
FIRST_COMPANY = SQL("(SELECT MIN(id) FROM res_company)")


def complete(raw):
    """The contract's columns of a raw SELECT, whose ``minutes`` are NULL where nobody measured them.

    What the channel knows (level, standard minutes) is added; who is no customer is left out.
    """
    return with_channel(raw, is_customer(SQL("raw.partner_id")))


def with_channel(raw, condition=None):
    """The contract's columns of the rows of a raw SELECT that meet a condition on ``raw``, with what the channel
    knows."""
    return SQL(
        """
        SELECT raw.company_id, raw.partner_id, raw.contact_id, raw.user_id, raw.date,
               raw.channel::varchar AS channel, raw.direction::varchar AS direction,
               raw.initiative::varchar AS initiative,
               COALESCE(channel.level, 'operational') AS level,
               COALESCE(raw.minutes, channel.standard_minutes, 0)::float8 AS minutes,
               raw.document_model::varchar AS document_model, raw.document_id
          FROM (%(raw)s) raw
          LEFT JOIN crm_relationship_channel channel ON channel.code = raw.channel
         WHERE %(condition)s
        """,
        raw=raw,
        condition=condition or SQL("TRUE"),
    )


# --- tickets ---


def tickets():
    """Each ticket as the customer's first contact, made in the portal where a portal user made it.

    Index: ``helpdesk_ticket(commercial_partner_id)``.
    """
    return complete(
        SQL(
            """
            SELECT ticket.company_id, ticket.commercial_partner_id AS partner_id,
                   ticket.partner_id AS contact_id, ticket.user_id, ticket.create_date AS date,
                   CASE WHEN creator.share THEN 'portal' ELSE COALESCE(known.code, 'email') END AS channel,
                   'in' AS direction, 'reactive' AS initiative, NULL::float8 AS minutes,
                   'helpdesk.ticket' AS document_model, ticket.id AS document_id
              FROM helpdesk_ticket ticket
              LEFT JOIN res_users creator ON creator.id = ticket.create_uid
              LEFT JOIN helpdesk_ticket_channel way ON way.id = ticket.channel_id
              LEFT JOIN crm_relationship_channel known ON known.id = way.relationship_channel_id
             WHERE ticket.commercial_partner_id IS NOT NULL
            """
        )
    )


def ticket_contacts(root_partner_id):
    """Public messages and done activities on tickets: the customer began."""
    contacts = contacts_on({"helpdesk.ticket": TICKETS}, root_partner_id)
    return complete(
        SQL("SELECT contact.*, 'reactive' AS initiative FROM (%s) contact", contacts)
    )


# --- what is logged on a document ---


def logged_contacts(documents, root_partner_id):
    """Public messages and done activities on other documents, with who began each conversation."""
    return complete(with_initiative(contacts_on(documents, root_partner_id)))


def logged_without_initiative(documents, root_partner_id):
    """Public messages and done activities on other documents; ``initiative``, for which each conversation is read
    from its beginning, is NULL: so that a filter by date goes down to the messages."""
    contacts = contacts_on(documents, root_partner_id)
    return complete(
        SQL("SELECT contact.*, NULL AS initiative FROM (%s) contact", contacts)
    )


def contacts_on(documents, root_partner_id):
    """Public messages and done activities on documents.

    :param documents: model -> SELECT of its documents.
    """
    select, models = union_all(documents.values()), list(documents)
    return union_all(
        [messages(select, models, root_partner_id), activities(select, models)]
    )


def contacts_of(customer_id, documents, root_partner_id):
    """Public messages and done activities on the documents of one customer, which are found first, once for both.

    ``initiative``, for which each conversation would have to be read from its beginning, is NULL.
    """
    own = SQL("SELECT * FROM own")
    contacts = SQL(
        "WITH own AS MATERIALIZED (SELECT * FROM (%s) document WHERE partner_id = %s) %s",
        union_all(documents.values()),
        customer_id,
        union_all([messages(own, None, root_partner_id), activities(own, None)]),
    )
    return complete(
        SQL("SELECT contact.*, NULL AS initiative FROM (%s) contact", contacts)
    )


def _is_on_document(model, number, models):
    """Condition: these columns name the document.

    Joined by number, then compared by model: names of models are slow to sort. Where ``models`` is None there are few
    documents, and each is looked up by both.
    """
    if models is None:
        return SQL("%s = document.model AND %s = document.id", model, number)
    return SQL(
        "%(model)s = ANY(%(models)s) AND %(number)s = document.id AND (%(model)s = document.model) IS TRUE",
        model=model,
        number=number,
        models=models,
    )


def messages(documents, models, root_partner_id):
    """Mails and comments that the customer can read, without automatic ones and ratings.

    The mail that opened a ticket is the ticket, and the message about a signature is the signature: neither counts
    again.

    Index: ``mail_message(model, res_id)``.
    """
    return SQL(
        """
        SELECT COALESCE(document.company_id, message.record_company_id, colleague.company_id,
                        %(first_company)s) AS company_id,
               document.partner_id,
               CASE WHEN colleague.partner_id IS NULL THEN COALESCE(message.author_id, document.contact_id)
                    ELSE document.contact_id END AS contact_id,
               COALESCE(colleague.id, document.user_id) AS user_id,
               message.date,
               CASE WHEN message.message_type = 'comment' AND colleague.partner_id IS NULL THEN 'portal'
                    ELSE 'email' END AS channel,
               CASE WHEN colleague.partner_id IS NULL THEN 'in' ELSE 'out' END AS direction,
               NULL::float8 AS minutes,
               document.model AS document_model, document.id AS document_id
          FROM (%(documents)s) document
          JOIN mail_message message ON %(is_on_document)s
          LEFT JOIN (%(colleagues)s) colleague ON colleague.partner_id = message.author_id
         WHERE message.message_type IN ('email', 'comment')
           AND message.is_internal IS NOT TRUE
           AND message.subtype_id NOT IN (SELECT id FROM mail_message_subtype WHERE internal)
           AND message.date IS NOT NULL
           AND message.author_id IS DISTINCT FROM %(root_partner_id)s
           AND (message.message_type = 'email' AND message.create_date <= document.opened_at) IS NOT TRUE
           AND (message.message_type = 'comment' AND colleague.partner_id IS NULL
                AND message.date >= document.signed_at
                AND message.date < document.signed_at + INTERVAL '2 minutes') IS NOT TRUE
           AND NOT EXISTS (SELECT FROM rating_rating rating WHERE rating.message_id = message.id)
        """,
        documents=documents,
        is_on_document=_is_on_document(
            SQL("message.model"), SQL("message.res_id"), models
        ),
        colleagues=COLLEAGUES,
        first_company=FIRST_COMPANY,
        root_partner_id=root_partner_id,
    )


def activities(documents, models):
    """Done activities whose type belongs to a channel; one with a meeting that the customer was invited to is told
    by the meeting. Odoo keeps the day on which it was done, and the hour for as long as nobody changes it.

    Index: ``mail_activity(res_model, res_id) WHERE date_done IS NOT NULL``.
    """
    return SQL(
        """
        SELECT COALESCE(document.company_id, owner.company_id, %(first_company)s) AS company_id,
               document.partner_id, document.contact_id,
               COALESCE(activity.user_id, document.user_id) AS user_id,
               CASE WHEN activity.write_date::date = activity.date_done THEN activity.write_date
                    ELSE activity.date_done + TIME '12:00' END AS date,
               known.code AS channel, 'out' AS direction,
               event.duration * 60 AS minutes,
               document.model AS document_model, document.id AS document_id
          FROM (%(documents)s) document
          JOIN mail_activity activity ON %(is_on_document)s
          JOIN mail_activity_type type ON type.id = activity.activity_type_id
          JOIN crm_relationship_channel known ON known.id = type.relationship_channel_id
          LEFT JOIN res_users owner ON owner.id = activity.user_id
          LEFT JOIN calendar_event event ON event.id = activity.calendar_event_id
         WHERE activity.date_done IS NOT NULL
           AND activity.active IS NOT TRUE
           AND (event.active IS NOT TRUE OR NOT EXISTS (
                SELECT FROM calendar_event_res_partner_rel guest
                  JOIN res_partner contact ON contact.id = guest.res_partner_id
                 WHERE guest.calendar_event_id = event.id
                   AND contact.commercial_partner_id = document.partner_id))
        """,
        documents=documents,
        is_on_document=_is_on_document(
            SQL("activity.res_model"), SQL("activity.res_id"), models
        ),
        first_company=FIRST_COMPANY,
    )


def with_initiative(contacts):
    """Who began the conversation on its document: the first contact, and the first after a long silence.

    The running maximum of (second, direction) over the beginnings is the latest of them, so that one sort does.
    """
    return SQL(
        """
        SELECT begun.company_id, begun.partner_id, begun.contact_id, begun.user_id, begun.date,
               begun.channel, begun.direction, begun.minutes, begun.document_model, begun.document_id,
               CASE WHEN MAX(begun.beginning) OVER (
                             PARTITION BY begun.partner_id, begun.document_model, begun.document_id
                             ORDER BY begun.date, begun.direction) %% 2 = 1
                    THEN 'reactive' ELSE 'proactive' END AS initiative
          FROM (SELECT contact.*,
                       CASE WHEN (contact.date > LAG(contact.date) OVER (
                                      PARTITION BY contact.partner_id, contact.document_model,
                                                   contact.document_id
                                      ORDER BY contact.date, contact.direction)
                                  + %(silence_days)s * INTERVAL '1 day') IS NOT FALSE
                            THEN EXTRACT(EPOCH FROM contact.date)::bigint * 2
                                 + (contact.direction = 'in')::int END AS beginning
                  FROM (%(contacts)s) contact) begun
        """,
        contacts=contacts,
        silence_days=SILENCE_DAYS,
    )


# --- meetings ---


def meetings(now):
    """Past meetings with customers invited, who did not decline. Grain: event and commercial partner.

    Index: ``calendar_event_res_partner_rel(res_partner_id, calendar_event_id)``.
    """
    return complete(
        SQL(
            """
            SELECT COALESCE(MIN(COALESCE(contact.company_id, customer.company_id)),
                            organizer.company_id, %(first_company)s) AS company_id,
                   contact.commercial_partner_id AS partner_id, MIN(contact.id) AS contact_id,
                   CASE WHEN organizer.share IS NOT TRUE THEN organizer.id END AS user_id,
                   event.start AS date,
                   CASE WHEN event.videocall_location <> '' THEN 'video'
                        ELSE COALESCE((
                            SELECT MIN(known.code)
                              FROM mail_activity activity
                              JOIN mail_activity_type type ON type.id = activity.activity_type_id
                              JOIN crm_relationship_channel known ON known.id = type.relationship_channel_id
                             WHERE activity.calendar_event_id = event.id), 'meeting') END AS channel,
                   CASE WHEN organizer.share IS NOT TRUE THEN 'out' ELSE 'in' END AS direction,
                   CASE WHEN organizer.share IS NOT TRUE
                             AND event.res_model IS DISTINCT FROM 'helpdesk.ticket'
                        THEN 'proactive' ELSE 'reactive' END AS initiative,
                   (event.duration * 60)::float8 AS minutes,
                   'calendar.event' AS document_model, event.id AS document_id
              FROM calendar_event event
              JOIN calendar_event_res_partner_rel guest ON guest.calendar_event_id = event.id
              JOIN res_partner contact ON contact.id = guest.res_partner_id
              JOIN res_partner customer ON customer.id = contact.commercial_partner_id
              LEFT JOIN res_users organizer ON organizer.id = event.user_id
             WHERE event.active AND event.stop < %(now)s
               AND NOT EXISTS (
                    SELECT FROM calendar_attendee attendee
                     WHERE attendee.event_id = event.id AND attendee.partner_id = contact.id
                       AND attendee.state = 'declined')
             GROUP BY event.id, contact.commercial_partner_id, organizer.id
            """,
            now=now,
            first_company=FIRST_COMPANY,
        )
    )


# --- the portal ---


def logins():
    """Days on which customers logged in. Grain: user and day, with the last time of the day.

    Index: ``res_users_log(create_uid)``.
    """
    return complete(
        SQL(
            """
            SELECT COALESCE(contact.company_id, customer.company_id, visitor.company_id) AS company_id,
                   contact.commercial_partner_id AS partner_id, contact.id AS contact_id,
                   NULL::int AS user_id, MAX(log.create_date) AS date, 'portal' AS channel,
                   'in' AS direction, 'reactive' AS initiative, NULL::float8 AS minutes,
                   'res.users' AS document_model, visitor.id AS document_id
              FROM res_users_log log
              JOIN res_users visitor ON visitor.id = log.create_uid AND visitor.share
              JOIN res_partner contact ON contact.id = visitor.partner_id
              JOIN res_partner customer ON customer.id = contact.commercial_partner_id
             GROUP BY contact.commercial_partner_id, contact.id, customer.id, visitor.id,
                      log.create_date::date
            """
        )
    )


def accepted_orders():
    """Orders that the customer signed or paid online, once each.

    Index: ``sale_order(partner_id)``, ``sale_order_transaction_rel(sale_order_id, transaction_id)``.
    """
    return complete(
        SQL(
            """
            SELECT accepted.company_id, accepted.partner_id, accepted.contact_id, accepted.user_id, accepted.date,
                   'portal' AS channel, 'in' AS direction, 'reactive' AS initiative, NULL::float8 AS minutes,
                   'sale.order' AS document_model, accepted.id AS document_id
              FROM (SELECT id, company_id, partner_id, contact_id, user_id, signed_at AS date
                      FROM (%(orders)s) signed WHERE signed_at IS NOT NULL
                     UNION ALL
                    SELECT document.id, document.company_id, document.partner_id, document.contact_id,
                           document.user_id, MIN(COALESCE(payment.last_state_change, payment.create_date))
                      FROM (%(orders)s) document
                      JOIN sale_order_transaction_rel link ON link.sale_order_id = document.id
                      JOIN payment_transaction payment ON payment.id = link.transaction_id
                     WHERE document.signed_at IS NULL
                       AND payment.state IN ('authorized', 'done')
                       AND payment.operation IN ('online_redirect', 'online_direct', 'online_token')
                     GROUP BY 1, 2, 3, 4, 5) accepted
             WHERE accepted.date IS NOT NULL
            """,
            orders=ORDERS,
        )
    )


def keep_last_logins_of_the_day(env):
    """Delete the log-ins that no figure needs: of colleagues all but the last, of customers all but one a day."""
    env.cr.execute(
        SQL(
            """
            DELETE FROM res_users_log old
             USING res_users_log later, res_users visitor
             WHERE visitor.id = old.create_uid
               AND later.create_uid = old.create_uid
               AND later.create_date > old.create_date
               AND (visitor.share IS NOT TRUE OR later.create_date::date = old.create_date::date)
            """
        )
    )
