from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .crm_relationship_policy_kind import HOURS


class CrmRelationshipPolicy(models.Model):
    """What is promised for the kinds of tickets: never less than what the floor promises for the same kind."""

    _inherit = "crm.relationship.policy"

    kind_promise_ids = fields.One2many(
        "crm.relationship.policy.kind",
        "policy_id",
        string="Promises by Kind",
        help="Where a kind of ticket is not named here, the promise of the policy itself holds for it.",
    )

    def _get_promised_hours(self, kind):
        """(first response, resolution) in working hours for tickets of a kind; of no kind where it is empty."""
        self.ensure_one()
        own = kind and self.kind_promise_ids.filtered(lambda item: item.kind_id == kind)
        holder = own or self
        return tuple(holder[name] for name in HOURS)

    @api.constrains(*HOURS, "active")
    def _check_kinds(self):
        for company, policies in self.grouped("company_id").items():
            floor = self._get_floor(company)
            if floor & policies:
                policies |= self.search([("company_id", "=", company.id)])
            kinds = (policies | floor).kind_promise_ids.kind_id
            for policy in (policies - floor).filtered("active"):
                policy._check_kinds_against(floor, kinds)

    def _check_kinds_against(self, floor, kinds):
        for kind in kinds if floor else kinds.browse():
            own, least = (policy._get_promised_hours(kind) for policy in (self, floor))
            if any(mine > given for mine, given in zip(own, least, strict=True)):
                raise ValidationError(
                    self.env._(
                        "No customer gets less than the floor, but “%(policy)s” would promise less for the kind"
                        " “%(kind)s”: first response in %(own_response)g and solution in %(own_resolution)g hours,"
                        " the floor gives %(response)g and %(resolution)g.",
                        policy=self.display_name,
                        kind=kind.name,
                        own_response=own[0],
                        own_resolution=own[1],
                        response=least[0],
                        resolution=least[1],
                    )
                )
