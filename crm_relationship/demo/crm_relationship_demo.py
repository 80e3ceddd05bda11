from odoo import api, models


class CrmRelationship(models.Model):
    _inherit = "crm.relationship"

    @api.model
    def _load_demo_story(self):
        """Tell the story of the demo customers: orders, invoices, types, tickets.

        Called by ``demo/crm_relationship_story_demo.xml`` and by nothing else; without demo data nothing
        of the story is even imported.
        """
        from . import story

        story.tell(self.env(context={**self.env.context, **story.QUIET}))
