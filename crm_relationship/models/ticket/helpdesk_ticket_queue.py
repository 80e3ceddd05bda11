from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_datetime

from ...queries import dispatch

# A day of the coming week needs no date.
WEEK = timedelta(days=6)


class HelpdeskTicket(models.Model):
    """The place of a ticket in the queue, and the reason for it: its next deadline and nothing else."""

    _inherit = "helpdesk.ticket"

    queue_reason = fields.Char(
        string="Why This Place",
        compute="_compute_queue_reason",
        groups="base.group_user",
        help="The queue of a team follows the next deadline. Who the customer is has no say in it but for what"
        " was promised.",
    )

    # Serves the order of the queue, and whatever asks for deadlines.
    _queue_idx = models.Index(
        "(next_deadline, priority DESC, sequence, number DESC, id DESC)"
    )

    @api.depends("next_deadline", "next_promise", "policy_id", "team_id", "stage_id")
    @api.depends_context("lang", "tz")
    def _compute_queue_reason(self):
        due = self.filtered("next_deadline")
        last = max(due.mapped("next_deadline"), default=None)
        places = due and dispatch.fetch_places(self.env, due.ids, last) or {}
        now = fields.Datetime.now()
        for ticket in self:
            ticket.queue_reason = ticket._get_queue_reason(
                places.get(ticket._origin.id, 0), now
            )

    def _get_queue_reason(self, place, now):
        """:param place: how many tickets of the same queue fall due before it."""
        if self.stage_id.closed:
            return False
        if not self.next_deadline:
            return self._get_undue_reason()
        labels = dict(self._fields["next_promise"]._description_selection(self.env))
        values = {
            "promise": labels[self.next_promise],
            "moment": self._get_moment_text(self.next_deadline, now),
            "policy": self.sudo().policy_id.display_name,
            "count": place,
        }
        if not place:
            return self.env._(
                "%(promise)s due %(moment)s by the policy “%(policy)s”; no ticket in its queue is due before it.",
                **values,
            )
        if place == 1:
            return self.env._(
                "%(promise)s due %(moment)s by the policy “%(policy)s”; one ticket in its queue is due before it.",
                **values,
            )
        return self.env._(
            "%(promise)s due %(moment)s by the policy “%(policy)s”; %(count)s tickets in its queue are due before it.",
            **values,
        )

    def _get_undue_reason(self):
        if self.sudo().stage_id.is_waiting_customer:
            return self.env._(
                "Waits for the customer: nothing is due until he writes, so it stands after what is due."
            )
        return self.env._("Nothing is promised for it: it stands after what is due.")

    def _get_moment_text(self, moment, now, tz=None):
        """“Tue 10:00”, with the date where that is not in the coming week."""
        is_near = now - WEEK < moment < now + WEEK
        return format_datetime(
            self.env,
            moment,
            tz=tz or self.env.context.get("tz") or self.env.user.tz,
            dt_format="EEE HH:mm" if is_near else "EEE d MMM HH:mm",
        )
