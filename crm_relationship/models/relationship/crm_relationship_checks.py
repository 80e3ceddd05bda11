from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmRelationship(models.Model):
    """What a relationship may not be: of a contact, twice, with a manager or a segment that cannot be."""

    _inherit = "crm.relationship"

    @api.constrains("partner_id")
    def _check_partner(self):
        for relationship in self:
            partner = relationship.partner_id
            if partner != partner.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(company)s: the relationship is the one of %(company)s."
                        " Choose %(company)s as the customer.",
                        contact=partner.name,
                        company=partner.commercial_partner_id.name,
                    )
                )

    @api.model
    def _check_once(self, vals_list):
        """Before the database refuses it: no second relationship of a customer with a company."""
        pairs = {
            (vals.get("company_id") or self.env.company.id, vals["partner_id"])
            for vals in vals_list
            if vals.get("partner_id")
        }
        for relationship in self.sudo()._find(pairs).values() if pairs else ():
            raise ValidationError(
                self.env._(
                    "%(customer)s already has a relationship with %(company)s: open that one.",
                    customer=relationship.partner_id.display_name,
                    company=relationship.company_id.name,
                )
            )

    @api.constrains("manager_id", "deputy_id")
    def _check_manager(self):
        for relationship in self:
            for user in relationship.manager_id | relationship.deputy_id:
                if user.share:
                    raise ValidationError(
                        self.env._(
                            "%(user)s cannot look after %(customer)s: only internal users can be the dedicated"
                            " manager or the deputy.",
                            user=user.name,
                            customer=relationship.display_name,
                        )
                    )
            if (
                relationship.manager_id
                and relationship.manager_id == relationship.deputy_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(user)s is the manager of %(customer)s and cannot be the deputy as well.",
                        user=relationship.manager_id.name,
                        customer=relationship.display_name,
                    )
                )

    @api.constrains(
        "segment_is_manual", "segment_reason", "segment_id", "segment_until_date"
    )
    def _check_segment(self):
        today = fields.Date.context_today(self)
        for relationship in self.filtered("segment_is_manual"):
            if not relationship.segment_id or not relationship.segment_reason:
                raise ValidationError(
                    self.env._(
                        "%(customer)s: a segment set by hand needs the segment and a reason.",
                        customer=relationship.display_name,
                    )
                )
            if (
                relationship.segment_until_date
                and relationship.segment_until_date < today
            ):
                raise ValidationError(
                    self.env._(
                        "%(customer)s: the segment set by hand would end on %(until)s, which is past. Choose a later"
                        " day or none.",
                        customer=relationship.display_name,
                        until=relationship.segment_until_date,
                    )
                )
