from odoo import api, fields, models


class CrmRelationshipReview(models.TransientModel):
    """One download of an account review: for whom, and of which customers. Kept until Odoo clears it away."""

    _name = "crm.relationship.review"
    _description = "Download of an Account Review"

    relationship_ids = fields.Many2many(
        "crm.relationship",
        string="Customers",
        required=True,
        context={"active_test": False},
    )

    @api.model
    def _find_own(self, review_id):
        """The user's own request with that id, empty if there is none."""
        if not self.has_access("read"):
            return self.browse()
        return self.search([("id", "=", review_id), ("create_uid", "=", self.env.uid)])

    def _get_filename(self):
        """A name that says what is inside."""
        name = self.relationship_ids._get_review_title()
        if len(self.relationship_ids) == 1:
            name = f"{self.relationship_ids.display_name[:80]} - {name}"
        return f"{name}.xlsx"
