from odoo import fields, models


class HelpdeskTicketCategory(models.Model):
    _inherit = "helpdesk.ticket.category"

    handler_ids = fields.Many2many(
        "res.users",
        relation="helpdesk_ticket_category_handler_rel",
        column1="category_id",
        column2="user_id",
        string="Handled By",
        domain="[('share', '=', False)]",
        groups="base.group_user",
        help="Who can solve tickets of this category and of those below it. New tickets go to the least loaded of"
        " them in the team; where it is nobody, to the least loaded of the team.",
    )
