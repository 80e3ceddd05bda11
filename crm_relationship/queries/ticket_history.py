"""What happened to tickets that are older than the addon, found in their messages and tracked changes."""

from odoo.tools import SQL

from .ticket_events import SUMMARY

# Whose turn it is in a stage, as analytics/service.py names it.
TURN = """
CASE WHEN %(stage)s.closed THEN 'closed' WHEN %(stage)s.is_waiting_customer THEN 'customer' ELSE 'us' END
"""


def find_unknown(env, limit=None, ticket_ids=None):
    """Ids of tickets of which nothing is written down, the oldest first, at most so many, of these (None: all).

    Index: ``crm_relationship_ticket_event(ticket_id, date)``.
    """
    rows = env.execute_query(
        SQL(
            """
            SELECT id FROM helpdesk_ticket ticket
             WHERE NOT EXISTS (SELECT FROM crm_relationship_ticket_event event
                                WHERE event.ticket_id = ticket.id AND event.kind = 'opened') %s
             ORDER BY id LIMIT %s
            """,
            SQL() if ticket_ids is None else SQL("AND id = ANY(%s)", list(ticket_ids)),
            limit,
        )
    )
    return [ticket_id for (ticket_id,) in rows]


def rebuild(env, ticket_ids):
    """Write down what happened to these tickets, and count it. :return: number of events written.

    Four statements, whatever the number. Indexes: ``mail_message(model, res_id)``,
    ``mail_tracking_value(mail_message_id)``, ``crm_relationship_ticket_event(ticket_id, date)``.
    """
    env.flush_all()
    written = 0
    for query in (
        _opened(env, ticket_ids),
        _replies(env, ticket_ids),
        _turns(env, ticket_ids),
        _owners(env, ticket_ids),
        _untracked(ticket_ids),
    ):
        env.cr.execute(
            SQL(
                """
                INSERT INTO crm_relationship_ticket_event
                       (ticket_id, date, kind, user_id, from_user_id, to_user_id, message_id, is_reconstructed)
                SELECT ticket_id, date, kind, user_id, from_user_id, to_user_id, message_id, TRUE
                  FROM (%s) found
                 ORDER BY ticket_id, date
                """,
                query,
            )
        )
        written += env.cr.rowcount
    _count(env, ticket_ids)
    env["helpdesk.ticket"].invalidate_model()
    return written


def _field_id(env, name):
    return env["ir.model.fields"]._get("helpdesk.ticket", name).id


def _opened(env, ticket_ids):
    """Its first owner is the one before the first tracked change, or who owns it now if there was none."""
    return SQL(
        """
        SELECT ticket.id AS ticket_id, ticket.create_date AS date, 'opened' AS kind, NULL::int AS user_id,
               NULL::int AS from_user_id,
               CASE WHEN changed.ticket_id IS NULL THEN ticket.user_id ELSE changed.user_id END AS to_user_id,
               NULL::int AS message_id
          FROM helpdesk_ticket ticket
          LEFT JOIN (SELECT DISTINCT ON (message.res_id) message.res_id AS ticket_id, owner.id AS user_id
                       FROM mail_message message
                       JOIN mail_tracking_value value ON value.mail_message_id = message.id
                       LEFT JOIN res_users owner ON owner.id = value.old_value_integer
                      WHERE message.model = 'helpdesk.ticket' AND message.res_id = ANY(%(ticket_ids)s)
                        AND value.field_id = %(field_id)s
                      ORDER BY message.res_id, message.date, message.id) changed ON changed.ticket_id = ticket.id
         WHERE ticket.id = ANY(%(ticket_ids)s)
        """,
        ticket_ids=ticket_ids,
        field_id=_field_id(env, "user_id"),
    )


def _replies(env, ticket_ids):
    """Messages that both sides can read, save what Odoo sent by itself and what opened the ticket."""
    return SQL(
        """
        SELECT message.res_id AS ticket_id,
               GREATEST(LEAST(message.date, now() AT TIME ZONE 'UTC'), ticket.create_date) AS date,
               CASE WHEN is_ours THEN 'agent_reply' ELSE 'customer_reply' END AS kind,
               CASE WHEN is_ours THEN (SELECT MIN(id) FROM res_users WHERE partner_id = author.id) END AS user_id,
               NULL::int AS from_user_id, NULL::int AS to_user_id, message.id AS message_id
          FROM mail_message message
          JOIN helpdesk_ticket ticket ON ticket.id = message.res_id
          LEFT JOIN mail_message_subtype subtype ON subtype.id = message.subtype_id
          LEFT JOIN res_partner author ON author.id = message.author_id
         CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM res_users  -- of those who have left, too
                                             WHERE partner_id = author.id AND share IS NOT TRUE)
                                    AND author.id IS DISTINCT FROM ticket.partner_id AS is_ours) side
         WHERE message.model = 'helpdesk.ticket' AND message.res_id = ANY(%(ticket_ids)s)
           AND message.message_type IN ('comment', 'email', 'email_outgoing')
           AND (is_ours OR message.message_type <> 'email_outgoing')
           AND message.is_internal IS NOT TRUE AND subtype.internal IS NOT TRUE
           AND message.subtype_id IS DISTINCT FROM %(creation_id)s
           AND author.id IS DISTINCT FROM %(robot_id)s
           AND NOT EXISTS (SELECT FROM crm_relationship_ticket_event event WHERE event.message_id = message.id)
        """,
        ticket_ids=ticket_ids,
        creation_id=env["helpdesk.ticket"]._creation_subtype().id,
        robot_id=env.ref("base.partner_root").id,
    )


def _turns(env, ticket_ids):
    """Tracked changes of the stage by which it became another side's turn."""
    return SQL(
        """
        SELECT ticket_id, date, kind, NULL::int AS user_id, NULL::int AS from_user_id, NULL::int AS to_user_id,
               NULL::int AS message_id
          FROM (SELECT message.res_id AS ticket_id, message.date, message.id, %(old)s AS before, %(new)s AS after
                  FROM mail_message message
                  JOIN mail_tracking_value value ON value.mail_message_id = message.id
                  JOIN helpdesk_ticket_stage old ON old.id = value.old_value_integer
                  JOIN helpdesk_ticket_stage new ON new.id = value.new_value_integer
                 WHERE message.model = 'helpdesk.ticket' AND message.res_id = ANY(%(ticket_ids)s)
                   AND value.field_id = %(field_id)s) change
          JOIN (VALUES ('us', 'customer', 'paused'), ('customer', 'us', 'resumed'), ('us', 'closed', 'resolved'),
                       ('customer', 'closed', 'resolved'), ('closed', 'us', 'reopened'),
                       ('closed', 'customer', 'reopened'), ('closed', 'customer', 'paused'))
               meaning (before, after, kind) USING (before, after)
         WHERE NOT EXISTS (SELECT FROM crm_relationship_ticket_event event
                            WHERE event.ticket_id = change.ticket_id AND event.date <= change.date
                              AND NOT event.is_reconstructed)
        """,
        old=SQL(TURN, stage=SQL.identifier("old")),
        new=SQL(TURN, stage=SQL.identifier("new")),
        ticket_ids=ticket_ids,
        field_id=_field_id(env, "stage_id"),
    )


def _owners(env, ticket_ids):
    """Tracked changes of the owner."""
    return SQL(
        """
        SELECT message.res_id AS ticket_id, message.date,
               CASE WHEN before.id IS NULL THEN 'assigned' ELSE 'handed_over' END AS kind,
               (SELECT MIN(id) FROM res_users WHERE partner_id = message.author_id) AS user_id,
               before.id AS from_user_id, after.id AS to_user_id, NULL::int AS message_id
          FROM mail_message message
          JOIN mail_tracking_value value ON value.mail_message_id = message.id
          LEFT JOIN res_users before ON before.id = value.old_value_integer
          LEFT JOIN res_users after ON after.id = value.new_value_integer
         WHERE message.model = 'helpdesk.ticket' AND message.res_id = ANY(%(ticket_ids)s)
           AND value.field_id = %(field_id)s AND before.id IS DISTINCT FROM after.id
           AND NOT EXISTS (SELECT FROM crm_relationship_ticket_event event
                            WHERE event.ticket_id = message.res_id AND event.date <= message.date
                              AND NOT event.is_reconstructed)
        """,
        ticket_ids=ticket_ids,
        field_id=_field_id(env, "user_id"),
    )


def _untracked(ticket_ids):
    """A ticket that is closed or open now without a tracked change was closed or reopened at its last move."""
    return SQL(
        """
        SELECT ticket.id AS ticket_id,
               GREATEST(CASE WHEN stage.closed THEN COALESCE(ticket.closed_date, ticket.last_stage_update)
                             ELSE ticket.last_stage_update END, last.date, ticket.create_date) AS date,
               CASE WHEN stage.closed THEN 'resolved' ELSE 'reopened' END AS kind,
               NULL::int AS user_id, NULL::int AS from_user_id, NULL::int AS to_user_id, NULL::int AS message_id
          FROM helpdesk_ticket ticket
          JOIN helpdesk_ticket_stage stage ON stage.id = ticket.stage_id
          LEFT JOIN LATERAL (SELECT event.kind, event.date FROM crm_relationship_ticket_event event
                              WHERE event.ticket_id = ticket.id AND event.kind IN ('resolved', 'reopened')
                              ORDER BY event.date DESC, event.id DESC LIMIT 1) last ON TRUE
         WHERE ticket.id = ANY(%(ticket_ids)s)
           AND (stage.closed IS TRUE) <> (last.kind IS NOT DISTINCT FROM 'resolved')
        """,
        ticket_ids=ticket_ids,
    )


def _count(env, ticket_ids):
    """Count the events on the tickets. Their hours stay empty: they need the calendars."""
    columns = SQL(", ").join(map(SQL.identifier, SUMMARY))
    env.cr.execute(
        SQL(
            """
            UPDATE helpdesk_ticket ticket
               SET (%(columns)s) = ROW(%(found)s), waiting_us_hours = NULL
              FROM (SELECT ticket_id, %(expressions)s
                      FROM crm_relationship_ticket_event
                     WHERE ticket_id = ANY(%(ticket_ids)s)
                     GROUP BY ticket_id) summary
             WHERE ticket.id = summary.ticket_id
            """,
            columns=columns,
            found=SQL(", ").join(SQL.identifier("summary", name) for name in SUMMARY),
            expressions=SQL(", ").join(
                SQL("%s AS %s", expression, SQL.identifier(name))
                for name, expression in SUMMARY.items()
            ),
            ticket_ids=ticket_ids,
        )
    )


def find_untimed(env, limit):
    """Ids of rebuilt tickets whose working hours are not counted yet, the oldest first, at most so many."""
    env["helpdesk.ticket"].flush_model(["is_reconstructed", "waiting_us_hours"])
    rows = env.execute_query(
        SQL(
            "SELECT id FROM helpdesk_ticket WHERE is_reconstructed AND waiting_us_hours IS NULL ORDER BY id LIMIT %s",
            limit,
        )
    )
    return [ticket_id for (ticket_id,) in rows]


def mark_timed(env, ticket_ids):
    """Let no hours that are 0 be taken for hours that are not counted."""
    env["helpdesk.ticket"].flush_model(["waiting_us_hours"])
    env.cr.execute(
        SQL(
            "UPDATE helpdesk_ticket SET waiting_us_hours = 0 WHERE id = ANY(%s) AND waiting_us_hours IS NULL",
            list(ticket_ids),
        )
    )
