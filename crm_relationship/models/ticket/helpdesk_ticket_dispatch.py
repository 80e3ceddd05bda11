import logging

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.http import request

from .helpdesk_ticket import ROUTED_FIELDS


class HelpdeskTicket(models.Model):
    """A ticket has one owner. Who that is from the start, and how it goes to another one.

    Beside what the policy gave, ``routing`` keeps in ``owner_rule`` that the owner was found by load.
    """

    _inherit = "helpdesk.ticket"

    is_owned = fields.Boolean(
        compute="_compute_is_owned",
        help="The ticket has an owner, so that another one needs a reason.",
    )

    handover_reason = fields.Char(
        string="Reason for the Hand-over",
        store=False,
        groups="base.group_user",
        help="For imports and other programs that change the owner: why. It is kept in the course of events.",
    )

    @api.depends("user_id")
    @api.depends_context("su")
    def _compute_is_owned(self):
        """As it is saved: choosing the first owner in a form does not lock the choice.

        A program that fills in the form with all rights is asked for no reason: it could not give one.
        """
        for ticket in self:
            ticket.is_owned = bool(ticket._origin.user_id) and not self.env.su

    # --- the first owner ---

    @api.model
    def default_get(self, fields):
        """Where new tickets are assigned automatically, their creator does not own them by default."""
        defaults = super().default_get(fields)
        company = self.env["res.company"].browse(
            defaults.get("company_id") or self.env.company.id
        )
        if (
            defaults.get("user_id")
            and company.ticket_owner_assignment
            and not self.env.context.get("default_user_id")
        ):
            del defaults["user_id"]
        return defaults

    @api.model
    def _assign_owners(self, vals_list, companies, owners):
        """Give the least loaded member of its team to each ticket to be created that has no owner yet."""
        ownerless = [
            (vals, company)
            for vals, company in zip(vals_list, companies, strict=True)
            if company.sudo().ticket_owner_assignment and self._needs_owner(vals)
        ]
        candidates = [
            self._get_candidates(vals, company, owners) for vals, company in ownerless
        ]
        for (vals, _company), user_id in zip(
            ownerless, owners.distribute(candidates), strict=True
        ):
            if user_id:
                vals["user_id"] = user_id
                vals["routing"].update(user_id=user_id, owner_rule="load")

    @api.model
    def _needs_owner(self, vals):
        stage = self.env["helpdesk.ticket.stage"].sudo().browse(vals.get("stage_id"))
        return not (
            vals.get("user_id")
            or self.env.context.get("default_user_id")
            or stage.closed
        )

    @api.model
    def _get_candidates(self, vals, company, owners):
        team, category = (
            self.env[self._fields[name].comodel_name].browse(
                vals.get(name) or self.env.context.get(f"default_{name}")
            )
            for name in ("team_id", "category_id")
        )
        return owners.get_candidates(team, category, company)

    def _prepare_rerouting(self, policy, relationship, owners=None):
        """Who owns a ticket because of the load keeps it, unless the new policy names somebody."""
        values = super()._prepare_rerouting(policy, relationship, owners)
        before = self.sudo().routing or {}
        is_by_load = before.get("owner_rule") == "load"
        if (
            is_by_load
            and not values.get("user_id", True)
            and not self._is_elsewhere("user_id")
        ):
            values["user_id"] = self.user_id.id
            values["routing"]["user_id"] = self.user_id.id
        return values

    def _get_owner_reason(self):
        """Why the first owner owns it; False where a person chose, or nobody owns it."""
        routing = self.sudo().routing or {}
        user = self.user_id
        if not user or routing.get("user_id") != user.id:
            return False
        if routing.get("owner_rule") == "load":
            return self.env._("Had least to do in the team.")
        relationship = self.sudo().relationship_id
        if user == relationship.manager_id:
            return self.env._("Dedicated manager of the customer.")
        return user == relationship.deputy_id and self.env._(
            "Deputy of %(manager)s, who is away or has left.",
            manager=relationship.manager_id.name or self.env._("nobody"),
        )

    # --- another owner ---

    def write(self, vals):
        if self._is_asked_for_reason() and not self._get_handover_reason(vals):
            taken = self.filtered(lambda ticket: ticket._is_taken_by(vals))
            if taken:
                taken._ask_for_reason(vals)
        return super().write(vals)

    @api.model
    def _is_asked_for_reason(self):
        """Whether somebody who gives a ticket to another one has to say why: who changes it in the browser, by an
        import or from another program. What a program here does by itself is only written down."""
        has_reason = self.env.context.get("handover_reason")
        return bool(request) and not self.env.su and not has_reason

    def _is_taken_by(self, vals):
        """Whether these values take the ticket from its owner, or with its owner to another team."""
        return bool(self.user_id) and any(
            name in vals and self[name] and vals[name] != self[name].id
            for name in ("user_id", "team_id")
        )

    def _ask_for_reason(self, vals):
        """Refuse the change and offer the way to it: dragging a card, editing several rows, and an import know none."""
        values = {
            "ticket": self[0].display_name,
            "owner": self[0].user_id.name,
            "field": self._fields["handover_reason"]._description_string(self.env),
        }
        if self.env.context.get("import_file"):
            raise UserError(
                self.env._(
                    "%(ticket)s belongs to %(owner)s. Add the column “%(field)s” and say in it why somebody else gets"
                    " it.",
                    **values,
                )
            )
        tickets = self.with_context(default_user_id=vals.get("user_id"))
        action = tickets.action_hand_over()
        context = {**action["context"], "handover_reload": True}
        if "team_id" in vals:
            context["default_team_id"] = vals["team_id"]
        refusal = RedirectWarning(
            self.env._(
                "%(ticket)s belongs to %(owner)s. Who gives it to somebody else says why: use Hand Over. Nothing has"
                " changed yet.",
                **values,
            ),
            {**action, "views": [(False, "form")], "context": context},
            self.env._("Hand Over"),
        )
        refusal.loglevel = (
            logging.INFO
        )  # a question to a person, no error of the program
        raise refusal

    @api.model
    def _get_handover_reason(self, vals):
        """Why these values change the owner, where they tell it: a form routes anew when its customer or company
        changes."""
        if (vals.get("handover_reason") or "").strip():
            return vals["handover_reason"].strip()
        given = vals.get("routing") or {}
        is_routed = not {"partner_id", "company_id"}.isdisjoint(vals) and any(
            name in given and name in vals and vals[name] == given[name]
            for name in ROUTED_FIELDS
        )
        return is_routed and self.env._(
            "The policy of the new customer routes the ticket."
        )

    def assign_to_me(self):
        """Take a ticket; that of a colleague asks for a reason."""
        self.ensure_one()
        if self.user_id and self.user_id != self.env.user:
            return self.with_context(default_user_id=self.env.uid).action_hand_over()
        return super().assign_to_me()

    def action_hand_over(self):
        """Ask to whom these tickets go, and why."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand Over"),
            "res_model": "crm.relationship.handover.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_ticket_ids": self.ids,
                "default_user_id": self.env.context.get("default_user_id", False),
                "default_team_id": self.team_id.id if len(self.team_id) == 1 else False,
            },
        }
