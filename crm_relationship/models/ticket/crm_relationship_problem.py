from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ...queries import problems as queries

SOLVED_TEMPLATE = "crm_relationship.mail_template_problem_solved"
BUTTON_FIELDS = {"state", "solved_at"}


class CrmRelationshipProblem(models.Model):
    """Something that one customer complained about again and again, or several customers did.

    Raised by a job from the complaints of the company's window; further complaints about the same join it while it is
    open. Its owner finds the cause and writes the solution; then every customer concerned is told. Kept for good: it
    says what was wrong with a product, how long, and for whom.
    """

    _name = "crm.relationship.problem"
    _description = "Repeated Complaint"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "state, last_date desc, id desc"
    _mail_post_access = "read"

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    repeat = fields.Selection(
        [("same", "Same customer"), ("many", "Many customers")],
        readonly=True,
        default="same",
        help="Whether one customer complained again and again, or several did.",
    )
    product_id = fields.Many2one(
        "product.product", index="btree_not_null", ondelete="restrict", tracking=True
    )
    category_id = fields.Many2one(
        "helpdesk.ticket.category",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="Of complaints that name no product, or different ones.",
    )
    kind_id = fields.Many2one(
        "crm.relationship.ticket.kind", readonly=True, ondelete="set null"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Where all the tickets are of one customer.",
    )
    ticket_ids = fields.One2many("helpdesk.ticket", "problem_id", string="Tickets")
    ticket_count = fields.Integer(readonly=True)
    customer_count = fields.Integer(
        string="Customers", readonly=True, help="How many customers are affected."
    )
    first_date = fields.Date(string="First Complaint", readonly=True)
    last_date = fields.Date(string="Last Complaint", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        index=True,
        ondelete="set null",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    state = fields.Selection(
        [("open", "Open"), ("solved", "Solved")],
        required=True,
        readonly=True,
        default="open",
        tracking=True,
        copy=False,
        group_expand=True,
    )
    solution = fields.Text(
        tracking=True,
        copy=False,
        help="What was the cause and what we did about it, in the words that the customers shall read.",
    )
    solved_at = fields.Datetime(string="Solved", readonly=True, copy=False)

    _open_product = models.UniqueIndex(
        "(company_id, product_id) WHERE state = 'open' AND product_id IS NOT NULL",
        "This product already has an open problem.",
    )
    _open_category = models.UniqueIndex(
        "(company_id, category_id) WHERE state = 'open' AND category_id IS NOT NULL",
        "This category already has an open problem.",
    )

    # --- checks ---

    @api.constrains("name", "product_id", "category_id")
    def _check_subject(self):
        for problem in self:
            if bool(problem.product_id) == bool(problem.category_id):
                raise ValidationError(
                    self.env._(
                        "“%(problem)s” needs either a product or a category, so that further complaints find it.",
                        problem=problem.name,
                    )
                )

    @api.constrains("state", "solution")
    def _check_solution(self):
        for problem in self:
            if problem.state == "solved" and not (problem.solution or "").strip():
                raise UserError(
                    self.env._(
                        "“%(problem)s” is solved when its solution is written down: what was the cause, and what was"
                        " done about it? The customers are told in these words.",
                        problem=problem.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_buttons(vals if vals.get("state", "open") != "open" else ())
        return super().create(vals_list)

    def write(self, vals):
        """States have their buttons: nobody is told, and no reason is given, past these."""
        self._check_buttons(vals)
        return super().write(vals)

    def _check_buttons(self, names):
        if BUTTON_FIELDS & set(names) and not self.env.su:
            raise UserError(
                self.env._("Use the buttons “Solved” and “Reopen” of the problem.")
            )

    # --- raising ---

    @api.model
    def _cron_raise(self):
        """Find the complaints that repeat themselves, company by company."""
        companies = self.env["res.company"].search([("active", "=", True)])
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=len(companies))
        for company in companies:
            self._raise(company)
            if not progress(1):
                return

    @api.model
    def _raise(self, company):
        """Bring the problems of a company up to date. The queries are constant in the number of tickets; a second run
        writes nothing.

        :return: the new problems.
        """
        self.env.flush_all()
        days = company.relationship_problem_window_days
        limits = queries.Limits(
            fields.Datetime.now() - relativedelta(days=days),
            company.relationship_problem_repeat_count,
            company.relationship_problem_customer_count,
        )
        lang = company.partner_id.lang or "en_US"
        joined = queries.raise_problems(self.env, company.id, lang, limits)
        # customers merge, and tickets change hands: what is open is counted anew
        domain = [("company_id", "=", company.id), ("state", "=", "open")]
        self.search(domain)._update_figures()
        self.env["helpdesk.ticket"].invalidate_model(["problem_id"])
        raised = self.browse({problem_id for problem_id, is_new in joined if is_new})
        raised._hand_to_owners()
        return raised

    def _update_figures(self):
        """Count anew what is counted over the tickets."""
        self.env.flush_all()
        if queries.update_figures(self.env, self.ids):
            self.invalidate_recordset()

    def _hand_to_owners(self):
        """Each new problem gets an owner, and its owner something to do."""
        if not self:
            return
        owners = {}
        for problem_id, user_id in queries.set_owners(self.env, self.ids):
            owners.setdefault(user_id, []).append(problem_id)
        self.invalidate_recordset(["user_id"])
        for user_id, problem_ids in owners.items():
            self.browse(problem_ids).activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=user_id,
                summary=self.env._(
                    "The same complaint again: find its cause and the solution."
                ),
            )

    # --- solving ---

    def action_solve(self):
        """The problem is solved: tell every customer concerned, each once."""
        self.check_access("write")
        solved = self.filtered(lambda problem: problem.state == "open")
        # sudo: the state is written by this button only; who may write the problem was checked
        solved.sudo().write({"state": "solved", "solved_at": fields.Datetime.now()})
        solved.activity_feedback(["mail.mail_activity_data_todo"])
        for problem in solved:
            problem._tell_customers()

    def _tell_customers(self):
        """Queue a mail to each customer, in his language and on his last ticket; say in the history who was told and
        who cannot be."""
        self.ensure_one()
        # sudo: all who complained are told, also on tickets that the owner may not read
        told, missed = self.sudo()._get_addressees()
        template = self.env.ref(SOLVED_TEMPLATE, raise_if_not_found=False)
        if not template:
            told, missed = told.browse(), told + missed
        elif told:
            told._send_notice(template)
        self.sudo()._message_log(body=self._get_told_text(told, missed))

    def _get_addressees(self):
        """(the last ticket of each customer that has an address, the last one of each that has none)."""
        tickets = self.env["helpdesk.ticket"]
        last = {}
        for ticket in self.ticket_ids.sorted(lambda item: (item.create_date, item.id)):
            key = ticket.commercial_partner_id or ticket.partner_email or ticket
            if key not in last or ticket._get_notice_address():
                last[key] = ticket
        chosen = tickets.concat(*last.values())
        told = chosen.filtered(lambda ticket: ticket._get_notice_address())
        return told, chosen - told

    def _get_told_text(self, told, missed):
        text = self.env._(
            "Customers who are told of the solution: %(count)s.", count=len(told)
        )
        if not missed:
            return text
        names = [ticket._get_customer_name() for ticket in missed]
        return Markup("%s<br/>%s") % (
            text,
            self.env._(
                "These got no mail: they are archived or have no address. Please tell them in another way:"
                " %(names)s.",
                names=", ".join(names),
            ),
        )

    # --- undoing ---

    def action_reopen(self):
        """Ask for the reason, then open the problem again."""
        return self._ask("reopen")

    def _ask(self, action, tickets=()):
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.relationship.problem.wizard",
            "name": self.env._("Say Why"),
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_action": action,
                "default_problem_id": self[:1].id,
                "default_ticket_ids": [ticket.id for ticket in tickets],
            },
        }

    def _reopen(self, reason):
        """Solved after all not: it goes on as the same problem, with the reason in its history."""
        self.ensure_one()
        self.check_access("write")
        if self.state == "open":
            return
        self._check_no_other_open()
        # sudo: the state is written by buttons only
        self.sudo().write({"state": "open", "solved_at": False})
        self._message_log(body=self.env._("Opened again: %(reason)s", reason=reason))
        if self.user_id:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=self.user_id.id,
                summary=self.env._("The problem is back: %(reason)s", reason=reason),
            )

    def _check_no_other_open(self):
        subject = "product_id" if self.product_id else "category_id"
        other = self.search(
            [
                ("company_id", "=", self.company_id.id),
                (subject, "=", self[subject].id),
                ("state", "=", "open"),
            ],
            limit=1,
        )
        if other:
            raise UserError(
                self.env._(
                    "“%(other)s”, open since %(date)s, is about the same: further complaints join that one. Work on"
                    " it there.",
                    other=other.name,
                    date=format_date(self.env, other.create_date),
                )
            )

    def action_view_tickets(self):
        """The tickets of the problem as a list."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_relationship.helpdesk_ticket_relationship_action"
        )
        return dict(
            action,
            display_name=self.name,
            domain=[("problem_id", "=", self.id), ("is_merged", "=", False)],
            context={"default_product_id": self.product_id.id},
        )
