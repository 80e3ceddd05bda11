"""What customers do in the portal is an interaction."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .interactions import NOW, InteractionCase


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestPortalActs(InteractionCase):
    def log_in(self, user, *moments):
        for moment in moments:
            log = self.env["res.users.log"].with_user(user).sudo().create({})
            self.set_created(log, moment, user)

    def test_each_day_with_a_log_in_counts_once(self):
        moments = [NOW - timedelta(hours=hours) for hours in (1, 2, 30)]
        self.log_in(self.visitor, *moments)
        self.log_in(self.colleague, NOW)
        names = ("partner_id", "contact_id", "date", "channel", "level", "initiative")
        self.assertEqual(
            self.values(*names),
            [
                (
                    self.customer.id,
                    self.visitor.partner_id.id,
                    moment,
                    "portal",
                    "collaborative",
                    "reactive",
                )
                for moment in (moments[2], moments[0])
            ],
        )

    def test_housekeeping_leaves_the_days_of_customers(self):
        moments = [NOW - timedelta(hours=hours) for hours in (1, 2, 30)]
        self.log_in(self.visitor, *moments)
        self.log_in(self.colleague, *moments)
        before = self.interactions()
        self.env["res.users.log"]._gc_user_logs()
        self.assertEqual(self.interactions(), before)
        logs = self.env["res.users.log"].sudo()
        for user, count in ((self.visitor, 2), (self.colleague, 1)):
            self.assertEqual(logs.search_count([("create_uid", "=", user.id)]), count)

    def test_a_signed_order_is_one_act(self):
        order = self.make_order(self.buyer, NOW, 10)
        order.write({"signed_on": NOW, "signed_by": "Buyer"})
        signature = NOW + timedelta(seconds=20)
        self.write_message(order, self.buyer, signature, message_type="comment")
        self.assertEqual(
            self.values("channel", "document_model"), [("portal", "sale.order")]
        )

    def test_an_order_paid_online_is_one_act(self):
        order = self.make_order(self.buyer, NOW, 10)
        provider = self.env["payment.provider"].create(
            {"name": "Pay", "code": "none", "company_id": self.company.id}
        )
        method = self.env["payment.method"].create({"name": "Card", "code": "card_t"})
        for number, operation in enumerate(("online_redirect", "offline")):
            self.env["payment.transaction"].create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": method.id,
                    "reference": f"P{number}",
                    "amount": 10,
                    "currency_id": self.company.currency_id.id,
                    "partner_id": self.buyer.id,
                    "operation": operation,
                    "state": "done",
                    "last_state_change": NOW,
                    "sale_order_ids": [Command.set(order.ids)],
                }
            )
        self.assertEqual(self.values("channel", "date"), [("portal", NOW)])
