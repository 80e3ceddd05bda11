from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_amount

from ...queries import plan as plan_query

MANAGER = "crm_relationship.group_relationship_manager"
REVIEW_ACTIVITY = "crm_relationship.mail_activity_type_plan_review"
FIRST_YEAR = 2000
YEARS_AHEAD = 10
PLANNED = ("planned_revenue_amount", "planned_margin_amount", "planned_cost_amount")


class CrmRelationshipPlan(models.Model):
    """What we want to reach with a key account in one year, and what came of it.

    One row per relationship and year, kept by officers and managers for as long as the relationship lives. The actual
    figures are read from the facts whenever they are shown and are never stored.
    """

    _name = "crm.relationship.plan"
    _description = "Key Account Plan"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "year desc, id desc"
    _mail_post_access = "read"
    _check_company_auto = True

    relationship_id = fields.Many2one(
        "crm.relationship", required=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one(
        related="relationship_id.partner_id", store=True, index=True, string="Customer"
    )
    company_id = fields.Many2one(
        related="relationship_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    manager_id = fields.Many2one(
        related="relationship_id.manager_id", store=True, string="Dedicated Manager"
    )
    year = fields.Integer(
        required=True,
        aggregator=None,
        default=lambda self: fields.Date.context_today(self).year,
        tracking=True,
    )
    state = fields.Selection(
        [("draft", "Draft"), ("agreed", "Agreed"), ("closed", "Closed")],
        required=True,
        default="draft",
        tracking=True,
        index=True,
        copy=False,
    )
    objectives = fields.Html(
        help="What we want to reach together, and how we will know that we have."
    )
    next_review_date = fields.Date(
        string="Next Review",
        tracking=True,
        copy=False,
        help="The dedicated manager gets an activity on that day.",
    )
    stakeholder_ids = fields.One2many(
        "crm.relationship.plan.stakeholder", "plan_id", string="Stakeholders", copy=True
    )

    planned_revenue_amount = fields.Monetary(string="Planned Revenue", tracking=True)
    planned_margin_amount = fields.Monetary(string="Planned Margin", groups=MANAGER)
    planned_cost_amount = fields.Monetary(
        string="Planned Cost to Serve", groups=MANAGER
    )
    actual_revenue_amount = fields.Monetary(
        string="Actual Revenue", compute="_compute_actuals"
    )
    actual_margin_amount = fields.Monetary(
        string="Actual Margin", compute="_compute_actuals", groups=MANAGER
    )
    actual_cost_amount = fields.Monetary(
        string="Actual Cost to Serve", compute="_compute_actuals", groups=MANAGER
    )
    revenue_ratio = fields.Float(
        string="Revenue Reached",
        compute="_compute_actuals",
        help="Actual as a part of the planned revenue; 0 where nothing is planned.",
    )

    _relationship_year_unique = models.Constraint(
        "UNIQUE (relationship_id, year)",
        "The customer already has a plan for that year: open that one.",
    )

    # --- computes ---

    @api.depends("partner_id.display_name", "year")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = f"{plan.partner_id.display_name or ''} {plan.year}"

    @api.depends("relationship_id", "year", "planned_revenue_amount")
    def _compute_actuals(self):
        found = self._get_actuals()
        for plan in self:
            revenue, margin, cost = found.get(plan._get_actuals_key(), (0.0, 0.0, 0.0))
            plan.actual_revenue_amount = revenue
            plan.actual_margin_amount = margin
            plan.actual_cost_amount = cost
            planned = plan.planned_revenue_amount
            plan.revenue_ratio = revenue / planned if planned else 0.0

    def _get_actuals_key(self):
        relationship = self.relationship_id
        return relationship.company_id.id, relationship.partner_id.id, self.year

    def _get_actuals(self):
        """(company id, partner id, year) -> (revenue, margin, cost to serve) of these plans, in one query."""
        keys = {plan._get_actuals_key() for plan in self if plan._is_year_sound()}
        keys = {key for key in keys if all(key)}
        if not keys:
            return {}
        self.env.flush_all()
        queries = self._get_fact_queries()
        return {
            tuple(row[:3]): tuple(row[3:])
            for row in plan_query.actuals(self.env, keys, *queries)
        }

    @api.model
    def _get_fact_queries(self):
        """The SELECTs of what customers bought until today and of what serving them cost."""
        source = self.env["crm.relationship.source"]
        tomorrow = fields.Date.add(fields.Date.today(), days=1)
        sold = plan_query.until(tomorrow, source._get_transaction_query())
        return sold, source._get_cost_query()

    # --- checks ---

    def _is_year_sound(self):
        return self._check_year(self.year, raises=False)

    @api.model
    def _check_year(self, year, raises=True):
        """Before the database sees it, which may not be able to hold it: a year that can be meant."""
        last = fields.Date.context_today(self).year + YEARS_AHEAD
        is_sound = FIRST_YEAR <= year <= last
        if raises and not is_sound:
            raise ValidationError(
                self.env._(
                    "%(year)s is no year to plan for: enter a year from %(first)s to %(last)s.",
                    year=year,
                    first=FIRST_YEAR,
                    last=last,
                )
            )
        return is_sound

    @api.constrains(*PLANNED)
    def _check_planned(self):
        for plan in self.sudo():  # sudo: who may not see the margin may still save
            for name in PLANNED:
                if plan[name] < 0:
                    raise ValidationError(
                        self.env._(
                            "%(plan)s: %(label)s is %(amount)s. A plan cannot be below 0: enter 0 or more.",
                            plan=plan.display_name,
                            label=self._fields[name]._description_string(self.env),
                            amount=format_amount(
                                self.env, plan[name], plan.currency_id
                            ),
                        )
                    )

    def _check_free(self, keys):
        """Before the database refuses it: one plan per relationship and year.

        :param keys: (relationship id, year) that plans other than these are to have.
        """
        domain = [("relationship_id", "in", [key[0] for key in keys])]
        # sudo: also a plan that the user does not see is in the way
        others = self.sudo().search(Domain(domain) & Domain("id", "not in", self.ids))
        taken = [(plan.relationship_id.id, plan.year) for plan in others]
        for position, key in enumerate(keys):
            if key in taken or key in keys[:position]:
                relationship = self.env["crm.relationship"].browse(key[0])
                raise ValidationError(
                    self.env._(
                        "%(customer)s already has a plan for %(year)s: open that one, or choose another year.",
                        customer=relationship.sudo().display_name,
                        year=key[1],
                    )
                )

    # --- create and write ---

    @api.model_create_multi
    def create(self, vals_list):
        self.check_access("create")
        this_year = fields.Date.context_today(self).year
        keys = [
            (vals.get("relationship_id"), vals.get("year", this_year))
            for vals in vals_list
        ]
        for _relationship_id, year in keys:
            self._check_year(year)
        self.browse()._check_free(keys)
        plans = super().create(vals_list)
        plans.filtered("next_review_date")._schedule_reviews()
        return plans

    def write(self, vals):
        if "year" in vals or "relationship_id" in vals:
            self.check_access("write")
            self._check_year(vals.get("year", FIRST_YEAR))
            self._check_free(
                [
                    (
                        vals.get("relationship_id", plan.relationship_id.id),
                        vals.get("year", plan.year),
                    )
                    for plan in self
                ]
            )
        moved = self.filtered(lambda item: item._is_review_moved(vals))
        result = super().write(vals)
        moved._schedule_reviews()
        return result

    def copy_data(self, default=None):
        """The plan of the next year: objectives and people stay."""
        copies = super().copy_data(default)
        for plan, values in zip(self, copies, strict=True):
            if "year" not in (default or {}):
                values["year"] = plan.year + 1
        return copies

    def _is_review_moved(self, vals):
        """Whether these values change when, or whether, the plan is to be reviewed."""
        if "next_review_date" in vals:
            date = fields.Date.to_date(vals["next_review_date"])
            if date != self.next_review_date:
                return True
        return (vals.get("state", self.state) == "closed") != (self.state == "closed")

    def _schedule_reviews(self):
        """One open activity per plan that has a next review, none for the others."""
        self.activity_unlink([REVIEW_ACTIVITY])
        for plan in self.filtered("next_review_date"):
            if plan.state != "closed":
                plan.activity_schedule(
                    REVIEW_ACTIVITY,
                    plan.next_review_date,
                    user_id=(plan.manager_id or self.env.user).id,
                )

    # --- merging ---

    def _merge_into(self, target):
        """Add this plan to another one of the same year: amounts, objectives and people."""
        values = {name: target[name] + self[name] for name in PLANNED}
        values["objectives"] = (target.objectives or "") + (self.objectives or "")
        known = target.stakeholder_ids.contact_id
        for stakeholder in self.stakeholder_ids:
            if stakeholder.contact_id not in known:
                stakeholder.plan_id = target
        if self.next_review_date and not target.next_review_date:
            values["next_review_date"] = self.next_review_date
        target.write(values)
        self.unlink()

    # --- buttons ---

    def action_agree(self):
        """Both sides have agreed."""
        self.state = "agreed"

    def action_close(self):
        """The year is over; nothing is left to review."""
        self.state = "closed"

    def action_reopen(self):
        """Back to the draft."""
        self.state = "draft"

    def action_view_comparison(self):
        """Plan against actual of these plans, as a graph."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_relationship.crm_relationship_plan_comparison_action_one"
        )
        return dict(action, domain=[("plan_id", "in", self.ids)], context={})
