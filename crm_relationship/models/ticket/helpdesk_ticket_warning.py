from typing import Any, NamedTuple

from odoo import api, fields, models

from ...owner import Owners

# Tickets of which somebody is told in one go.
AT_ONCE = 500
# What happened -> the field that says when it is due.
ALERTS = {"escalated": "next_escalation_at", "warned": "next_warning_at"}


class Alert(NamedTuple):
    """A promise of a ticket of which a user (none where nobody is responsible) is to be told."""

    ticket: Any
    promise: str
    user: Any


class HelpdeskTicket(models.Model):
    """Before a promise is broken its owner is warned; when it is, somebody above is told. Each once.

    Tickets that are older than the addon are in the queue like all others, but raise no alarm.
    """

    _inherit = "helpdesk.ticket"

    first_response_warning_at = fields.Datetime(readonly=True, copy=False)
    resolution_warning_at = fields.Datetime(readonly=True, copy=False)
    told = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Of which promises somebody was told: warned or escalated.",
    )
    next_warning_at = fields.Datetime(
        string="Next Warning",
        compute="_compute_next_warning_at",
        store=True,
        index="btree_not_null",
        groups="base.group_user",
        help="When the owner is warned that a promise is in danger; empty where nothing is left to warn of.",
    )
    next_escalation_at = fields.Datetime(
        string="Next Escalation",
        compute="_compute_next_warning_at",
        store=True,
        index="btree_not_null",
        groups="base.group_user",
        help="When a promise is broken of which nobody was told yet.",
    )

    @api.depends(
        "first_response_deadline",
        "resolution_deadline",
        "first_response_warning_at",
        "resolution_warning_at",
        "first_response_at",
        "stage_id.closed",
        "stage_id.is_waiting_customer",
        "duplicate_id",
        "told",
    )
    def _compute_next_warning_at(self):
        for ticket in self:
            escalations = ticket._get_untold_promises("escalated")
            warnings = ticket._get_untold_promises("warned")
            ticket.next_escalation_at = min(escalations.values(), default=False)
            ticket.next_warning_at = min(warnings.values(), default=False)

    def _get_untold_promises(self, kind):
        """Promise -> the moment to tell of it, of those that run and of which nobody was told that yet.

        Who was told that a promise is broken need not be warned of it.
        """
        told = set((self.sudo().told or "").split())
        found = {}
        for promise, deadline in self._get_open_promises():
            moment = deadline
            known = {f"escalated:{promise}"}
            if kind == "warned":
                moment = self[f"{promise}_warning_at"]
                known.add(f"warned:{promise}")
            if moment and not known & told:
                found[promise] = moment
        return found

    # --- telling ---

    @api.model
    def _cron_alert(self):
        """Tell of broken promises, then warn of those in danger, so many tickets at a time."""
        progress = self.env["ir.cron"]._commit_progress
        for kind in ALERTS:
            while tickets := self._find_alarming(kind):
                tickets._alert(kind)
                if not progress(len(tickets), remaining=1):
                    return
        progress(remaining=0)

    @api.model
    def _find_alarming(self, kind):
        """The tickets of which somebody is to be told now, locked: what another process works on is left to it."""
        return self.search(
            [
                (ALERTS[kind], "<=", fields.Datetime.now()),
                ("is_reconstructed", "=", False),
            ],
            limit=AT_ONCE,
            order=f"{ALERTS[kind]}, id",
        ).try_lock_for_update()

    def _alert(self, kind):
        """Tell the person in charge of each ticket, and write down that it was told.

        Queries are constant in the number of tickets.
        """
        owners = Owners(self.env)
        floors = {
            company: self.env["crm.relationship.policy"]._get_floor(company)
            for company in self.company_id
        }
        alerts = [
            Alert(ticket, promise, ticket._get_alerted_user(kind, owners, floors))
            for ticket in self
            for promise, moment in ticket._get_untold_promises(kind).items()
            if moment <= owners.now
        ]
        self.env["crm.relationship.ticket.event"]._log(
            [
                alert.ticket._prepare_event(
                    kind, promise=alert.promise, to_user_id=alert.user.id, user_id=False
                )
                for alert in alerts
            ]
        )
        self._notify_alerts(kind, [alert for alert in alerts if alert.user])
        # Where there is nothing to tell after all, the moment that was stored is wrong.
        told = {alert.ticket.id for alert in alerts}
        self.filtered(lambda item: item.id not in told)._compute_next_warning_at()

    def _get_alerted_user(self, kind, owners, floors):
        """The first who is there, of those in charge; empty where nobody is.

        Warned are the owner, the deputy of a dedicated manager, else the team's leader; a broken promise goes to the
        person of the policy, of the floor, else to the team's leader.
        """
        if kind == "warned":
            chain = [self.user_id]
            relationship = self.sudo().relationship_id
            if self.user_id and self.user_id == relationship.manager_id:
                chain.append(relationship.deputy_id)
        else:
            floor = floors[self.company_id]
            chain = [self.policy_id.escalation_user_id, floor.escalation_user_id]
        chain.append(self.team_id.user_id)
        there = (user for user in chain if owners.is_there(user))
        return next(there, self.env["res.users"])

    @api.model
    def _notify_alerts(self, kind, alerts):
        """An activity for each alert, which makes its user a follower, and one pop-up for each user."""
        by_user = {}
        for alert in alerts:
            by_user.setdefault(alert.user, []).append(alert)
        activities = [
            values
            for user, own in by_user.items()
            for values in self._prepare_alert_activities(kind, user, own)
        ]
        # The pop-up tells at once: a mail for each activity would tell the same again.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            activities
        )
        for user, own in by_user.items():
            user._bus_send("simple_notification", self._prepare_popup(kind, user, own))

    @api.model
    def _prepare_alert_activities(self, kind, user, alerts):
        model = self.env["ir.model"]._get(self._name)
        activity_type = self.env.ref(
            "crm_relationship.mail_activity_type_promise", raise_if_not_found=False
        )
        now = fields.Datetime.now()
        for alert in alerts:
            ticket = alert.ticket.with_context(lang=user.lang, tz=user.tz or "UTC")
            deadline = ticket[f"{alert.promise}_deadline"]
            yield {
                "res_model_id": model.id,
                "res_id": ticket.id,
                "user_id": user.id,
                "activity_type_id": activity_type and activity_type.id,
                "automated": True,
                "date_deadline": fields.Datetime.context_timestamp(
                    ticket, deadline
                ).date(),
                "summary": ticket._get_alert_text(kind, alert.promise, deadline, now),
            }

    def _get_alert_text(self, kind, promise, deadline, now):
        labels = dict(self._fields["next_promise"]._description_selection(self.env))
        values = {
            "promise": labels[promise],
            "moment": self._get_moment_text(deadline, now),
        }
        if kind == "warned":
            return self.env._("%(promise)s due %(moment)s", **values)
        return self.env._("%(promise)s was due %(moment)s", **values)

    @api.model
    def _prepare_popup(self, kind, user, alerts):
        env = self.with_context(lang=user.lang).env
        title = (
            env._("Promises in danger")
            if kind == "warned"
            else env._("Promises broken")
        )
        named = [alert.ticket.display_name for alert in alerts[:3]]
        if len(alerts) > len(named):
            named.append(env._("and %(count)s more", count=len(alerts) - len(named)))
        return {
            "type": "warning" if kind == "warned" else "danger",
            "title": title,
            "message": "\n".join(named),
            "sticky": kind != "warned",
        }

    # --- when it is over ---

    def _update_service(self):
        """What was told of is answered or closed: nobody needs to be reminded any more."""
        result = super()._update_service()
        self.sudo().filtered("told")._close_alerts()
        return result

    def _close_alerts(self):
        over = self.filtered(
            lambda ticket: ticket.stage_id.closed
            or (ticket.first_response_at and ":resolution" not in ticket.told)
        )
        activity_type = self.env.ref(
            "crm_relationship.mail_activity_type_promise", raise_if_not_found=False
        )
        if over and activity_type:
            self.env["mail.activity"].sudo().search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", over.ids),
                    ("activity_type_id", "=", activity_type.id),
                ]
            ).unlink()
