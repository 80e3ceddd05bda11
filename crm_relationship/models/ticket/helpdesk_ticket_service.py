from odoo import api, fields, models

from ...analytics import service
from ...promise import Promises
from ...queries import ticket_events, ticket_history

# Tickets whose history is found in one go.
AT_ONCE = 2000
# What the clocks start from, of what is derived from the events.
STARTS = ("duplicate_opened_at",)
WATCHED = {"stage_id", "team_id", "user_id"}
# (turn before, turn after) -> what happened.
TURN_EVENTS = {
    (service.US, service.CUSTOMER): ["paused"],
    (service.CUSTOMER, service.US): ["resumed"],
    (service.US, service.CLOSED): ["resolved"],
    (service.CUSTOMER, service.CLOSED): ["resolved"],
    (service.CLOSED, service.US): ["reopened"],
    (service.CLOSED, service.CUSTOMER): ["reopened", "paused"],
}


class HelpdeskTicket(models.Model):
    """What happened to a ticket is written down as it happens, and counted and timed from there."""

    _inherit = "helpdesk.ticket"

    event_ids = fields.One2many(
        "crm.relationship.ticket.event",
        "ticket_id",
        string="Course of Events",
        readonly=True,
        groups="helpdesk_mgmt.group_helpdesk_user_own",
    )
    duplicate_opened_at = fields.Datetime(
        string="Duplicate Opened",
        readonly=True,
        copy=False,
        help="When the oldest ticket that was merged into this one was opened: if that was earlier, the clocks of the"
        " promise start there.",
    )
    first_response_hours = fields.Float(
        string="Hours to First Response",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Working hours from the opening to our first answer.",
    )
    resolved_at = fields.Datetime(
        string="Resolved",
        readonly=True,
        copy=False,
        help="When the ticket was closed the last time; empty while it is open.",
    )
    waiting_us_hours = fields.Float(
        string="Hours Waiting for Us",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Working hours, brought up to date when the turn changes.",
    )
    waiting_customer_hours = fields.Float(
        string="Hours Waiting for the Customer",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Working hours in stages that wait for the customer; the clock of the solution stands still meanwhile.",
    )
    stopped_hours = fields.Float(
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Working hours in which the clock of the solution stood still.",
    )
    agent_reply_count = fields.Integer(
        string="Our Answers", readonly=True, copy=False, groups="base.group_user"
    )
    customer_reply_count = fields.Integer(
        string="Customer's Messages",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="After the one that opened the ticket.",
    )
    reopen_count = fields.Integer(
        string="Reopened", readonly=True, copy=False, groups="base.group_user"
    )
    handover_count = fields.Integer(
        string="Hand-overs",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="How often the ticket was taken from an owner or a team.",
    )
    first_owner_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups="base.group_user",
    )
    is_reconstructed = fields.Boolean(
        string="Rebuilt",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The ticket is older than the addon: what happened was found in its messages and tracked changes.",
    )
    is_waiting_customer = fields.Boolean(
        related="stage_id.is_waiting_customer", groups="base.group_user"
    )

    # --- as it happens ---

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        events = self.env["crm.relationship.ticket.event"].sudo()
        events.create([ticket._prepare_opened_event() for ticket in tickets])
        for ticket in tickets.sudo().filtered("user_id"):
            ticket.first_owner_id = ticket.user_id
        events._log(
            [
                ticket._prepare_event(kind)
                for ticket in tickets
                for kind in TURN_EVENTS.get((service.US, ticket._get_turn()), ())
            ]
        )
        return tickets

    def write(self, vals):
        before = self._get_states() if WATCHED & set(vals) else {}
        result = super().write(vals)
        self._log_changes(before, self._get_handover_reason(vals))
        return result

    def _write_changed(self, values):
        before = self._get_states() if WATCHED & set(values) else {}
        is_changed = super()._write_changed(values)
        self._log_changes(
            before, self.env._("The policy of the customer routes the ticket.")
        )
        return is_changed

    def _message_post_after_hook(self, message, msg_vals):
        kind = self._get_reply_kind(message)
        if kind:
            self._on_reply(kind, message)
        return super()._message_post_after_hook(message, msg_vals)

    def _on_reply(self, kind, message):
        """We or the customer answered: write it down."""
        values = self._prepare_event(
            kind,
            date=self._get_message_moment(message),
            message_id=message.id,
            user_id=message.author_id.user_ids[:1].id
            if kind == "agent_reply"
            else False,
        )
        self.env["crm.relationship.ticket.event"]._log([values])
        if kind == "customer_reply":
            self._on_customer_reply(message)

    def _on_customer_reply(self, message):
        """The customer answered: what waited for him waits for us again."""
        self.ensure_one()
        if self.sudo().is_waiting_customer:
            self.sudo().stage_id = self.sudo()._get_working_stage() or self.stage_id

    def _get_working_stage(self):
        """The stage in which tickets are worked on: the first of the team that is open, has been seen, and waits
        for nobody; empty if the team has none."""
        team = self.team_id.with_company(self.company_id)
        stages = team._get_applicable_stages().filtered(
            lambda stage: not (stage.closed or stage.is_waiting_customer)
        )
        return (stages.filtered(lambda stage: not stage.unattended) or stages)[:1]

    def _get_reply_kind(self, message):
        """Whether a message is an answer of ours or of the customer's side, that both sides can read.

        Notes, what Odoo sends by itself, what mail programs answer by themselves, and the message that opened the
        ticket are neither.

        :return: ``agent_reply``, ``customer_reply`` or None.
        """
        if (
            message.message_type not in ("comment", "email", "email_outgoing")
            or message.is_internal
            or self.env.context.get("relationship_auto_reply")
            or not self._is_talk(message)
        ):
            return None
        author = message.author_id
        if self._is_customer_side(author):
            return (
                "customer_reply" if message.message_type != "email_outgoing" else None
            )
        is_robot = author.id == self._get_data_id("base.partner_root")
        return None if is_robot else "agent_reply"

    def _is_talk(self, message):
        """Whether both sides can read it, and it did not open the ticket."""
        subtype = message.subtype_id
        if subtype.id == self._get_data_id("mail.mt_comment"):
            return True
        return not (self._is_opening(message) or subtype.internal)

    def _is_opening(self, message):
        """Whether a message is the one that opened the ticket."""
        name = "helpdesk_mgmt.hlp_tck_created"
        return message.subtype_id.id == self._get_data_id(name)

    def _get_data_id(self, name):
        """Id of a record of the addons' data, without looking whether it still exists."""
        return self.env["ir.model.data"]._xmlid_to_res_id(name)

    def _is_customer_side(self, author):
        """Whether a contact writes for the customer: he himself, or anybody who is not one of us."""
        return not author or author.partner_share or author == self.partner_id

    def _get_message_moment(self, message):
        """When it was written, as far as that can be: mails bring a date of their own."""
        now = fields.Datetime.now()
        return min(max(message.date or now, self.create_date or now), now)

    def _get_turn(self):
        """Whose turn it is by the stage."""
        self.ensure_one()
        if self.stage_id.closed:
            return service.CLOSED
        waits = self.sudo().stage_id.is_waiting_customer
        return service.CUSTOMER if waits else service.US

    def _get_states(self):
        """id -> (turn, owner, team) of each ticket."""
        return {
            ticket.id: (ticket._get_turn(), ticket.user_id, ticket.team_id)
            for ticket in self.sudo()
        }

    def _log_changes(self, before, reason=None):
        """Write down what is different from before: whose turn it is, and who owns it."""
        if not before:
            return
        events = []
        for ticket in self.sudo():
            turn, *owner = before[ticket.id]
            for kind in TURN_EVENTS.get((turn, ticket._get_turn()), ()):
                events.append(ticket._prepare_event(kind))
            events += ticket._prepare_owner_events(*owner, reason)
        self.env["crm.relationship.ticket.event"]._log(events)

    def _prepare_owner_events(self, user, team, reason):
        """A first owner is assigned; what was taken from an owner or a team was handed over."""
        if user == self.user_id and team == self.team_id:
            return []
        is_taken = (user and user != self.user_id) or (team and team != self.team_id)
        if not is_taken and not self.user_id:
            return []
        values = {
            "from_user_id": user.id,
            "to_user_id": self.user_id.id,
            "from_team_id": team.id,
            "to_team_id": self.team_id.id,
            "reason": self.env.context.get("handover_reason") or reason,
        }
        return [
            self._prepare_event("handed_over" if is_taken else "assigned", **values)
        ]

    def _prepare_opened_event(self):
        return self._prepare_event(
            "opened",
            date=self.create_date,
            to_user_id=self.user_id.id,
            to_team_id=self.team_id.id,
            reason=self._get_owner_reason(),
        )

    def _prepare_event(self, kind, **values):
        self.ensure_one()
        return {
            "ticket_id": self.id,
            "kind": kind,
            "date": fields.Datetime.now(),
            "user_id": self.env.uid if self.env.user._is_internal() else False,
            **values,
        }

    # --- counted and timed ---

    def _count_replies(self, events):
        """Count answers that change nothing else. :return: whether they do not."""
        ticket = self.sudo()
        answered = ticket.first_response_at
        for event in events:
            is_later = answered and event.date >= answered
            if event.kind != "customer_reply" and not (
                event.kind == "agent_reply" and is_later
            ):
                return False
        kinds = events.mapped("kind")
        ticket._write_silently(
            {
                f"{kind}_count": ticket[f"{kind}_count"] + kinds.count(kind)
                for kind in set(kinds)
            }
        )
        return True

    def _update_service(self):
        """Bring what is derived from the events up to date. Queries are constant in the number of tickets."""
        self.env["crm.relationship.ticket.event"].flush_model()
        summaries = ticket_events.fetch_summaries(self.env, self.ids)
        tickets = self.sudo().filtered(lambda ticket: ticket.id in summaries)
        for ticket in tickets:
            ticket._write_silently(
                {name: summaries[ticket.id].values[name] for name in STARTS}
            )
        hours = tickets._get_service_hours(summaries)
        renewed = self.browse()
        for ticket in tickets:
            values = {**summaries[ticket.id].values, **hours[ticket.id]}
            if values["stopped_hours"] != ticket.stopped_hours:
                renewed |= ticket
            ticket._write_silently(values)
        renewed._renew_deadlines()

    @api.model
    def _cron_rebuild(self):
        """Find the history of tickets that are older than the addon, and count their working hours, so many at a
        time; what is done is not done again."""
        progress = self.env["ir.cron"]._commit_progress
        for find, work in (
            (ticket_history.find_unknown, self._rebuild),
            (ticket_history.find_untimed, self._time),
        ):
            while ticket_ids := find(self.env, AT_ONCE):
                work(ticket_ids)
                if not progress(len(ticket_ids), remaining=1):
                    return
        progress(remaining=0)

    def _rebuild_unknown(self):
        """Find the history of those of these tickets of which nothing is written down."""
        self._rebuild(ticket_history.find_unknown(self.env, ticket_ids=self.ids))

    @api.model
    def _rebuild(self, ticket_ids):
        ticket_history.rebuild(self.env, ticket_ids)
        # What was counted past the fields decides what is promised next.
        self.browse(ticket_ids).modified(["first_response_at", "told"])

    @api.model
    def _time(self, ticket_ids):
        self.browse(ticket_ids)._update_service()
        ticket_history.mark_timed(self.env, ticket_ids)

    def _write_silently(self, values):
        """Write what is different, past what people's changes bring about; whether anything was."""
        changed = {
            name: value
            for name, value in values.items()
            if self._fields[name].convert_to_write(self[name], self) != value
        }
        quiet = self.with_context(tracking_disable=True)
        return bool(changed) and super(HelpdeskTicket, quiet).write(changed)

    def _get_service_hours(self, summaries):
        """id -> working hours to the first response, and of waiting, by the calendar of the promise."""
        found = {}
        promises = Promises(self.env, [ticket._get_start() for ticket in self])
        for ticket in self:
            summary = summaries[ticket.id]
            start = ticket._get_start()
            answered = summary.values["first_response_at"]
            count = promises.get_clock_of(ticket).get_hours
            total = dict.fromkeys((service.US, service.CUSTOMER, service.CLOSED), 0.0)
            for span in service.spans(summary.turns, summary.last_turn):
                total[span.turn] += count(span.start, span.end)
            found[ticket.id] = {
                "first_response_hours": count(start, answered) if answered else 0.0,
                "waiting_us_hours": total[service.US],
                "waiting_customer_hours": total[service.CUSTOMER],
                "stopped_hours": total[service.CUSTOMER] + total[service.CLOSED],
            }
        return found

    def _renew_deadlines(self):
        """The clock of the solution stood still meanwhile: move what it promised."""
        tickets = self.filtered(lambda item: not item.stage_id.closed)
        promises = Promises(self.env, [ticket._get_start() for ticket in tickets])
        for ticket in tickets:
            ticket._write_silently(promises.get_deadlines_of(ticket))
