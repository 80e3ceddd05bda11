from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import html2plaintext, plaintext2html

# Tickets on a desk; those after them come when these are done.
AT_ONCE = 60
MESSAGES = 5
MESSAGE_LENGTH = 4000
RESPONSES = 50
OWN = "helpdesk_mgmt.group_helpdesk_user_own"
SHOWN = (
    "number",
    "name",
    "partner_name",
    "next_deadline",
    "next_promise",
    "first_response_warning_at",
    "resolution_warning_at",
    "first_response_at",
    "queue_reason",
    "is_waiting_customer",
    "promise_problem",
    "stage_id",
    "user_id",
    "team_id",
    "kind_id",
    "priority",
    "reopen_count",
    "create_date",
)


class HelpdeskTicket(models.Model):
    """What an agent needs on one screen: what to do next, for whom, and until when."""

    _inherit = "helpdesk.ticket"

    @api.model
    @api.readonly
    def get_desk(self):
        """The open tickets of the user and those of his teams that nobody owns, the next deadline first.

        The number of queries does not grow with the tickets.

        :return: dict of ``now``, ``user_id``, ``tickets`` (fields of :data:`SHOWN` and ``warning_at``), ``limit``,
            ``tiles`` (key, value or False for none, count, domain of the tickets behind it), ``fcr_rule`` (the
            company's definition in words) and ``responses`` (id, source, substitution of canned responses).
        """
        self._check_desk_access()
        now = fields.Datetime.now()
        tickets = self.search(self._get_desk_domain(), limit=AT_ONCE)
        return {
            "now": fields.Datetime.to_string(now),
            "user_id": self.env.uid,
            "tickets": tickets._prepare_desk_rows(),
            "limit": AT_ONCE,
            "tiles": self._prepare_desk_tiles(now),
            "fcr_rule": self.env.company.sudo()._get_fcr_rule_text(),
            "responses": self._prepare_desk_responses(),
        }

    @api.model
    def _check_desk_access(self):
        if not self.env.user.has_group(OWN):
            raise AccessError(
                self.env._(
                    "The desk is for those who answer tickets: ask an administrator for a helpdesk role."
                )
            )

    @api.model
    def _get_desk_domain(self):
        """Mine, and those without an owner in my teams or in none: otherwise nobody would see the latter."""
        teams = [*self.env.user.helpdesk_team_ids.ids, False]
        return [
            *self._get_desk_open_domain(),
            "|",
            ("user_id", "=", self.env.uid),
            "&",
            ("user_id", "=", False),
            ("team_id", "in", teams),
        ]

    @api.model
    def _get_desk_open_domain(self):
        return [("closed", "=", False), ("is_merged", "=", False)]

    def _prepare_desk_rows(self):
        rows = self.read(SHOWN)
        for row in rows:
            row["warning_at"] = (
                row["next_promise"] and row[f"{row['next_promise']}_warning_at"]
            )
        return rows

    @api.model
    def _prepare_desk_tiles(self, now):
        mine = [*self._get_desk_open_domain(), ("user_id", "=", self.env.uid)]
        moment = fields.Datetime.to_string(now)
        domains = {
            "queue": self._get_desk_domain(),
            "late": [*mine, ("next_deadline", "<", moment)],
            "waiting": [*mine, ("is_waiting_customer", "=", True)],
        }
        tiles = [
            {"key": key, "value": count, "count": count, "domain": domain}
            for key, domain in domains.items()
            for count in (self.search_count(domain),)
        ]
        return [*tiles, self._prepare_desk_fcr(now)]

    @api.model
    def _prepare_desk_fcr(self, now):
        """The share of the user's tickets that the first contact solved, of those decided within seven days."""
        domain = [
            ("user_id", "=", self.env.uid),
            ("is_merged", "=", False),
            ("fcr_state", "in", ["yes", "no"]),
            ("fcr_decided_at", ">=", fields.Datetime.to_string(now - timedelta(7))),
        ]
        counts = dict(self._read_group(domain, ["fcr_state"], ["__count"]))
        count = sum(counts.values())
        return {
            "key": "fcr",
            "value": counts.get("yes", 0) / count if count else False,
            "count": count,
            "domain": domain,
        }

    @api.model
    def _prepare_desk_responses(self):
        return self.env["mail.canned.response"].search_read(
            [], ["source", "substitution"], limit=RESPONSES, order="source, id"
        )

    # --- one ticket of it ---

    @api.readonly
    def get_desk_ticket(self):
        """One ticket with what was said last, and its customer as far as the user may see him.

        :return: dict of ``ticket`` (id, number, description, can_answer, no_answer_reason), ``messages`` (the newest
            first) and ``customer`` (False where there is none or the user may not see him).
        """
        self.ensure_one()
        self._check_desk_access()
        self.check_access("read")
        reason = self._get_no_answer_reason()
        return {
            "ticket": {
                "id": self.id,
                "number": self.number,
                "description": self._as_desk_text(self.description),
                "can_answer": not reason,
                "no_answer_reason": reason,
                "policy_reason": self.policy_reason,
                "user_id": self.user_id.id,
                "is_closed": self.closed,
            },
            "messages": self._prepare_desk_messages(),
            "customer": self._prepare_desk_customer(),
        }

    def _get_no_answer_reason(self):
        """Why the ticket cannot be answered here, False if it can."""
        if not self.has_access("write"):
            return self.env._(
                "You may read this ticket, but not answer it: take it, or ask its owner."
            )
        if not self.partner_id:
            return self.env._(
                "The sender is none of our contacts yet. Open the ticket and choose the customer, then answer."
            )
        return False

    def _prepare_desk_messages(self):
        """What was said and noted last; what Odoo sent by itself is left out."""
        messages = self.env["mail.message"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("message_type", "in", ("comment", "email", "email_outgoing")),
            ],
            order="date desc, id desc",
            limit=MESSAGES,
        )
        # sudo: whether the author is, or was, one of us
        users = self.env["res.users"].sudo().with_context(active_test=False)
        ours = users.search(
            [
                ("partner_id", "in", messages.sudo().author_id.ids),
                ("share", "=", False),
            ]
        ).partner_id
        return [
            {
                "id": message.id,
                "date": fields.Datetime.to_string(message.date),
                # sudo: only the name of who wrote it
                "author": message.sudo().author_id.name or message.email_from or "",
                "is_note": message.is_internal or message.subtype_id.internal,
                "is_customer": message.sudo().author_id not in ours - self.partner_id,
                "text": self._as_desk_text(message.body),
            }
            for message in messages
        ]

    @api.model
    def _as_desk_text(self, html):
        text = html2plaintext(html or "", include_references=False).strip()
        return text[:MESSAGE_LENGTH]

    def _prepare_desk_customer(self):
        relationship = self.relationship_id
        if not relationship or not relationship.has_access("read"):
            return False
        return {
            **relationship._prepare_desk_summary(),
            "problems": self._prepare_desk_problems(relationship),
        }

    @api.model
    def _prepare_desk_problems(self, relationship):
        """The repeated complaints that are still open and concern this customer."""
        problems = self.env["crm.relationship.problem"].search(
            [
                ("state", "=", "open"),
                ("company_id", "=", relationship.company_id.id),
                (
                    "ticket_ids",
                    "any",
                    [("commercial_partner_id", "=", relationship.partner_id.id)],
                ),
            ]
        )
        return problems.read(["name", "ticket_count", "customer_count"])

    def post_desk_answer(self, text):
        """Answer the customer in plain text, as his mail and the portal show it.

        :return: id of the message.
        """
        self.ensure_one()
        self._check_desk_access()
        if not isinstance(text, str) or not text.strip():
            raise UserError(
                self.env._(
                    "There is nothing to send to the customer of %(ticket)s yet: write the answer first.",
                    ticket=self.display_name,
                )
            )
        self.check_access("read")
        if reason := self._get_no_answer_reason():
            raise UserError(reason)
        message = self.message_post(
            body=plaintext2html(text.strip()),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.partner_id.ids,
        )
        return message.id
