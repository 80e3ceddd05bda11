from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CrmRelationshipAssignment(models.Model):
    """A relationship has a type from one day until another. One assignment at a time is the primary one.

    Ended assignments stay: they are the history. Written by users (or a recommendation that they accept).
    """

    _name = "crm.relationship.assignment"
    _description = "Relationship Type of a Customer"
    _order = "since desc, id desc"
    _rec_name = "type_id"

    relationship_id = fields.Many2one(
        "crm.relationship", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="relationship_id.company_id", store=True, index=True
    )
    type_id = fields.Many2one(
        "crm.relationship.type",
        string="Type",
        required=True,
        ondelete="restrict",
        index=True,
    )
    since = fields.Date(required=True, default=fields.Date.context_today)
    until = fields.Date(help="Last day. Empty while it goes on.")
    is_primary = fields.Boolean(
        string="Primary",
        help="The type whose service model decides where types differ.",
    )
    reason = fields.Char(
        help="Why. Required where the new primary type gives the customer less than the one before."
    )
    source = fields.Selection(
        [("manual", "By hand"), ("recommended", "Recommended")],
        required=True,
        default="manual",
        readonly=True,
    )
    is_current = fields.Boolean(
        compute="_compute_is_current", search="_search_is_current", string="In Force"
    )

    @api.depends("since", "until")
    def _compute_is_current(self):
        today = fields.Date.context_today(self)
        for assignment in self:
            assignment.is_current = assignment._covers(today)

    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        return [
            ("since", "<=", today),
            "|",
            ("until", "=", False),
            ("until", ">=", today),
        ]

    def _covers(self, day):
        """Whether the assignment is in force on that day."""
        self.ensure_one()
        return bool(
            self.since and self.since <= day and (not self.until or self.until >= day)
        )

    def _overlaps(self, other):
        return (not other.until or self.since <= other.until) and (
            not self.until or other.since <= self.until
        )

    # --- checks ---

    @api.constrains("since", "until")
    def _check_period(self):
        for assignment in self:
            if assignment.until and assignment.until < assignment.since:
                raise ValidationError(
                    self.env._(
                        "%(customer)s: the type “%(type)s” would end on %(until)s, before it begins on"
                        " %(since)s. Set an end on or after the beginning, or leave it empty.",
                        customer=assignment.relationship_id.display_name,
                        type=assignment.type_id.name,
                        until=assignment.until,
                        since=assignment.since,
                    )
                )

    @api.constrains("relationship_id", "type_id", "since", "until", "is_primary")
    def _check_overlap(self):
        for assignment in self:
            for other in assignment.relationship_id.assignment_ids - assignment:
                if not assignment._overlaps(other):
                    continue
                if assignment.is_primary and other.is_primary:
                    raise ValidationError(
                        self.env._(
                            "%(customer)s would have two primary types at a time: “%(one)s” (since %(one_since)s) and"
                            " “%(other)s” (since %(other_since)s). End one of them first, or use “Change type”.",
                            customer=assignment.relationship_id.display_name,
                            one=other.type_id.name,
                            one_since=other.since,
                            other=assignment.type_id.name,
                            other_since=assignment.since,
                        )
                    )
                if assignment.type_id == other.type_id:
                    raise ValidationError(
                        self.env._(
                            "%(customer)s already has the type “%(type)s” since %(since)s in that time.",
                            customer=assignment.relationship_id.display_name,
                            type=assignment.type_id.name,
                            since=other.since,
                        )
                    )

    @api.constrains("type_id", "since", "is_primary", "reason")
    def _check_reason(self):
        for assignment in self.filtered(
            lambda item: item.is_primary and not item.reason
        ):
            old_type = assignment._get_previous_type()
            losses = old_type and old_type._get_losses(assignment.type_id)
            if losses:
                raise ValidationError(
                    self.env._(
                        "Moving %(customer)s from “%(old)s” to “%(new)s” takes away %(losses)s."
                        " Give the reason for it.",
                        customer=assignment.relationship_id.display_name,
                        old=old_type.name,
                        new=assignment.type_id.name,
                        losses="; ".join(losses),
                    )
                )

    def _get_previous_type(self):
        """The primary type that this assignment replaces, empty if it is the first that somebody gave."""
        self.ensure_one()
        relationship = self.relationship_id
        earlier = relationship.assignment_ids.filtered(
            lambda item: item.is_primary and item.since < self.since and item != self
        ).sorted("since")
        if not earlier and self.is_current:
            return relationship.last_type_id
        return earlier[-1:].type_id

    # --- create, write, unlink ---

    @api.model_create_multi
    def create(self, vals_list):
        relationships = self.env["crm.relationship"].browse(
            {vals.get("relationship_id") for vals in vals_list} - {None, False}
        )
        has_primary = {
            item.id for item in relationships if item._get_primary_assignment()
        }
        for vals in vals_list:
            relationship_id = vals.get("relationship_id")
            if "is_primary" not in vals and relationship_id not in has_primary:
                vals["is_primary"] = True
                has_primary.add(relationship_id)
            elif vals.get("is_primary"):
                has_primary.add(relationship_id)
        assignments = super().create(vals_list)
        assignments.relationship_id._on_type_change()
        return assignments

    def write(self, vals):
        if "type_id" in vals:
            self._check_history(vals["type_id"])
        result = super().write(vals)
        if {"type_id", "since", "until", "is_primary"} & set(vals):
            self.relationship_id._on_type_change()
        return result

    def unlink(self):
        relationships = self.relationship_id
        result = super().unlink()
        relationships._on_type_change()
        return result

    def _check_history(self, type_id):
        today = fields.Date.context_today(self)
        for assignment in self:
            if assignment.type_id.id != type_id and assignment.since < today:
                raise UserError(
                    self.env._(
                        "%(customer)s has had the type “%(type)s” since %(since)s: the history stays as it was."
                        " End it and add the new type, or use “Change type”.",
                        customer=assignment.relationship_id.display_name,
                        type=assignment.type_id.name,
                        since=assignment.since,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        today = fields.Date.context_today(self)
        for assignment in self:
            if assignment.since < today:
                raise UserError(
                    self.env._(
                        "The type “%(type)s” of %(customer)s has been in force since %(since)s and stays in the"
                        " history. Set its last day instead.",
                        type=assignment.type_id.name,
                        customer=assignment.relationship_id.display_name,
                        since=assignment.since,
                    )
                )
