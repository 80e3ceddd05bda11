from odoo import api, fields, models
from odoo.exceptions import UserError

from ...uninstall import is_uninstall


class CrmRelationshipTicketEvent(models.Model):
    """One thing that happened to a ticket, written as it happens and never changed.

    All that is counted and timed on a ticket is derived from these rows. Those of tickets that are older than the
    addon are rebuilt from messages and tracked changes, and marked.
    """

    _name = "crm.relationship.ticket.event"
    _description = "Ticket Event"
    _order = "date, id"
    _rec_name = "kind"
    _log_access = False

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    kind = fields.Selection(
        [
            ("opened", "Opened"),
            ("assigned", "Got an owner"),
            ("agent_reply", "We answered"),
            ("customer_reply", "Customer wrote"),
            ("handed_over", "Handed over"),
            ("paused", "Waits for the customer"),
            ("resumed", "Waits for us again"),
            ("resolved", "Closed"),
            ("reopened", "Reopened"),
            ("warned", "Promise in danger"),
            ("escalated", "Promise broken, escalated"),
        ],
        required=True,
        readonly=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Done By",
        readonly=True,
        ondelete="set null",
        help="Who did it; empty for customers and for what happens by itself.",
    )
    from_user_id = fields.Many2one(
        "res.users", string="Former Owner", readonly=True, ondelete="set null"
    )
    to_user_id = fields.Many2one(
        "res.users", string="New Owner", readonly=True, ondelete="set null"
    )
    from_team_id = fields.Many2one(
        "helpdesk.ticket.team", readonly=True, ondelete="set null"
    )
    to_team_id = fields.Many2one(
        "helpdesk.ticket.team", readonly=True, ondelete="set null"
    )
    promise = fields.Selection(
        [("first_response", "First response"), ("resolution", "Resolution")],
        readonly=True,
    )
    reason = fields.Char(readonly=True)
    message_id = fields.Many2one(
        "mail.message", readonly=True, ondelete="set null", index="btree_not_null"
    )
    merged_from_id = fields.Many2one(
        "helpdesk.ticket",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="It happened on this duplicate, before that was merged.",
    )
    is_reconstructed = fields.Boolean(
        string="Rebuilt",
        readonly=True,
        help="Found in the history of a ticket that is older than the addon.",
    )

    _ticket_date_index = models.Index("(ticket_id, date)")
    _told_once = models.UniqueIndex(
        "(ticket_id, kind, promise) WHERE kind IN ('warned', 'escalated')",
        "This was told already.",
    )

    @api.model
    def _log(self, vals_list):
        """Write events. What they are derived from, the tickets' own fields, is brought up to date.

        :param vals_list: dicts with at least ``ticket_id`` and ``kind``.
        """
        if not vals_list:
            return self
        events = self.sudo().create(vals_list)
        changed = [
            ticket.id
            for ticket, happened in events.grouped("ticket_id").items()
            if not ticket._count_replies(happened)
        ]
        if changed:
            self.env["helpdesk.ticket"].browse(changed)._update_service()
        return events

    def write(self, vals):
        self._refuse_changes()
        return super().write(vals)

    def unlink(self):
        self._refuse_changes()
        return super().unlink()

    def _refuse_changes(self):
        """Only an uninstall of the addon takes events away."""
        if is_uninstall(self.env):
            return
        raise UserError(
            self.env._(
                "What happened to %(ticket)s stays as it was told. Write a note on the ticket instead.",
                ticket=self[:1].sudo().ticket_id.display_name,
            )
        )
