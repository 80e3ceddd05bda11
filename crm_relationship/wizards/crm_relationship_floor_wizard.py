from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.policy.crm_relationship_policy import PROMISE_FIELDS

# How many customers and tickets the dialog lists; it counts them all.
SHOWN = 200


class CrmRelationshipFloorWizard(models.TransientModel):
    """Lowering the floor: what it affects is listed before it is done."""

    _name = "crm.relationship.floor.wizard"
    _description = "Lower the Service Floor"

    policy_id = fields.Many2one(
        "crm.relationship.policy", required=True, domain=[("is_floor", "=", True)]
    )
    company_id = fields.Many2one(related="policy_id.company_id")
    first_response_hours = fields.Float(
        required=True,
        compute="_compute_promises",
        store=True,
        readonly=False,
        precompute=True,
    )
    resolution_hours = fields.Float(
        required=True,
        compute="_compute_promises",
        store=True,
        readonly=False,
        precompute=True,
    )
    priority = fields.Selection(
        [("0", "Low"), ("1", "Medium"), ("2", "High"), ("3", "Very High")],
        required=True,
        compute="_compute_promises",
        store=True,
        readonly=False,
        precompute=True,
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        compute="_compute_promises",
        store=True,
        readonly=False,
        precompute=True,
    )
    channel_ids = fields.Many2many(
        "helpdesk.ticket.channel",
        string="Channels",
        compute="_compute_promises",
        store=True,
        readonly=False,
        precompute=True,
    )
    lowered = fields.Text(compute="_compute_lowered", string="Promises that get worse")
    relationship_ids = fields.Many2many(
        "crm.relationship", compute="_compute_effect", string="Customers affected"
    )
    ticket_ids = fields.Many2many(
        "helpdesk.ticket", compute="_compute_effect", string="Open tickets affected"
    )
    relationship_count = fields.Integer(compute="_compute_effect")
    ticket_count = fields.Integer(compute="_compute_effect")
    reason = fields.Char(required=True, help="Kept in the history of the floor.")

    @api.depends("policy_id")
    def _compute_promises(self):
        for wizard in self:
            for name in PROMISE_FIELDS:
                wizard[name] = wizard.policy_id[name]

    def _prepare_promises(self):
        self.ensure_one()
        return {
            name: self._fields[name].convert_to_write(self[name], self)
            for name in PROMISE_FIELDS
        }

    @api.depends("policy_id", *PROMISE_FIELDS)
    def _compute_lowered(self):
        for wizard in self:
            lowered = wizard.policy_id and wizard.policy_id._get_lowered(
                wizard._prepare_promises()
            )
            wizard.lowered = "\n".join(lowered or [])

    @api.depends("policy_id")
    def _compute_effect(self):
        for wizard in self:
            if not wizard.policy_id:
                wizard.relationship_ids = wizard.ticket_ids = False
                wizard.relationship_count = wizard.ticket_count = 0
                continue
            (
                wizard.relationship_ids,
                wizard.relationship_count,
                wizard.ticket_ids,
                wizard.ticket_count,
            ) = wizard.policy_id._get_effect(SHOWN)

    def action_confirm(self):
        """Lower the floor, and keep the reason."""
        self.ensure_one()
        floor = self.policy_id
        floor.check_access("write")
        if not floor.is_floor:
            raise UserError(
                self.env._("“%(name)s” is not a floor.", name=floor.display_name)
            )
        lowered = self.lowered
        floor._write_policies(self._prepare_promises())
        floor.message_post(
            body=self.env._(
                "The floor was lowered. Reason: %(reason)s\n%(promises)s",
                reason=self.reason,
                promises=lowered or self.env._("No promise got worse."),
            )
        )
        return {"type": "ir.actions.act_window_close"}
