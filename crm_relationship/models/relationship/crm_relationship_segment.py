from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmRelationshipSegment(models.Model):
    """A class of customers. Key, core and small follow from the share of revenue (ABC), new from the first
    order; the refresh assigns them. Further segments are given by hand. Shared by all companies."""

    _name = "crm.relationship.segment"
    _description = "Relationship Segment"
    _order = "sequence, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    rule = fields.Text(
        string="Who is in it",
        translate=True,
        help="The rule in words. The thresholds of key, core and new are settings of each company.",
    )
    is_computed = fields.Boolean(
        compute="_compute_is_computed",
        help="Assigned every night from the customer's orders; the others are given by hand.",
    )
    relationship_count = fields.Integer(compute="_compute_relationship_count")

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another segment already has this code."
    )

    @api.model
    def _get_computed_codes(self):
        return ("key", "core", "small", "new")

    @api.depends("code")
    def _compute_is_computed(self):
        for segment in self:
            segment.is_computed = segment.code in self._get_computed_codes()

    def _compute_relationship_count(self):
        counts = dict(
            self.env["crm.relationship"]._read_group(
                [("segment_id", "in", self.ids)], ["segment_id"], ["__count"]
            )
        )
        for segment in self:
            segment.relationship_count = counts.get(segment, 0)

    @api.model_create_multi
    def create(self, vals_list):
        segments = super().create(vals_list)
        self.env["crm.relationship.policy"]._check_reach_of_companies()
        return segments

    def write(self, vals):
        for segment in self.filtered("is_computed"):
            if (
                vals.get("code", segment.code) != segment.code
                or vals.get("active") is False
            ):
                raise UserError(
                    self.env._(
                        "The nightly refresh assigns the segment “%(name)s” by its code “%(code)s”: keep the code"
                        " and leave it active. Its name is free.",
                        name=segment.name,
                        code=segment.code,
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        policies = self.env["crm.relationship.policy"].with_context(active_test=False)
        relationships = self.env["crm.relationship"].with_context(active_test=False)
        for segment in self:
            domain = [("segment_id", "=", segment.id)]
            customers = relationships.sudo().search_count(domain)
            promises = policies.sudo().search_count(domain)
            if customers or promises or segment.is_computed:
                raise UserError(
                    self.env._(
                        "The segment “%(name)s” cannot be deleted: it is in use by %(customers)s relationships and"
                        " %(policies)s policies, or assigned by the nightly refresh. Move them first, or archive"
                        " a segment of your own.",
                        name=segment.name,
                        customers=customers,
                        policies=promises,
                    )
                )
