"""The account review: who gets what of it, what it costs, and how it comes down."""

import io
import tracemalloc

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import RelationshipMixin
from .review import ReviewCase

PROFIT = {"Margin", "Cost to Serve", "Contribution", "Margin 12 Months"}


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestReviewRights(ReviewCase):
    def test_profit_is_for_managers(self):
        self.make_month(self.big, "2026-02-28", revenue_amount=300, margin_amount=77)
        self.big.manager_id = self.users["user"]
        for role, is_shown in (("user", False), ("officer", False), ("manager", True)):
            book = self.make_book(self.big, role)
            words = {
                cell.value
                for sheet in book
                for row in sheet.iter_rows()
                for cell in row
            }
            self.assertEqual(PROFIT <= words, is_shown, role)
            self.assertEqual(bool(PROFIT & words), is_shown, role)
            self.assertEqual(77 in words, is_shown, role)
            self.assertIn(300, words)

    def test_a_user_gets_the_customers_that_he_may_read(self):
        self.big.manager_id = self.users["user"]
        rows = self.rows(self.make_book(self.big + self.small, "user"), "Summary")
        self.assertEqual([row["Customer"] for row in rows], ["Big"])
        foreign = self.small.with_user(self.users["user"])
        with self.assertRaises(AccessError):
            foreign.action_review_xlsx()

    def test_tickets_of_others_stay_theirs(self):
        values = {
            "description": "Help",
            "partner_id": self.big.partner_id.id,
            "company_id": self.company.id,
        }
        officer = self.users["officer"]
        officer.group_ids += self.env.ref("helpdesk_mgmt.group_helpdesk_user_own")
        self.env["helpdesk.ticket"].create(
            [
                {"name": "Own", "user_id": officer.id, **values},
                {"name": "Foreign", "user_id": self.users["helpdesk"].id, **values},
            ]
        )
        rows = self.rows(self.make_book(self.big, "officer"), "Open Tickets")
        self.assertEqual([row["Title"] for row in rows], ["Own"])

    def test_nothing_chosen_and_too_much_chosen_is_told(self):
        relationships = self.env["crm.relationship"]
        with self.assertRaisesRegex(UserError, "at least one"):
            relationships.action_review_xlsx()
        with self.assertRaisesRegex(UserError, "at most 3000"):
            relationships.browse(range(1, 3002)).sudo().action_review_xlsx()


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestReviewCost(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.many = cls.env["crm.relationship"].create(
            [
                {"partner_id": partner.id, "company_id": cls.company.id}
                for partner in cls.env["res.partner"].create(
                    [{"name": f"Many {number}"} for number in range(240)]
                )
            ]
        )
        for relationship in cls.many:
            cls.make_month(relationship, "2026-02-28", revenue_amount=relationship.id)
        owners = [{"relationship_id": item.id} for item in cls.many]
        cls.env["crm.relationship.plan"].create(owners)
        cls.env["crm.relationship.suggestion"].create(
            [
                {
                    **owner,
                    "kind": "next_product",
                    "product_id": cls.product.id,
                    "basis": "customers",
                    "antecedent_id": cls.product.id,
                }
                for owner in owners
            ]
        )
        cls.env["helpdesk.ticket"].create(
            [
                {"name": "Help", "description": "x", "partner_id": item.partner_id.id}
                for item in cls.many
            ]
        )

    def count_queries(self, relationships):
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        with open("/dev/null", "wb") as stream:
            relationships._write_review(NoSeek(stream))
        return self.env.cr.sql_log_count - before

    def test_the_queries_of_a_batch_do_not_grow_with_the_customers(self):
        self.count_queries(self.many[:10])
        self.assertEqual(
            self.count_queries(self.many[:10]), self.count_queries(self.many[:40])
        )

    def test_the_memory_does_not_grow_with_the_customers(self):
        self.count_queries(self.many[:100])
        peaks = []
        for relationships in (self.many[:100], self.many[:240]):
            tracemalloc.start()
            self.count_queries(relationships)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        self.assertLess(peaks[1], 1.25 * peaks[0])


class NoSeek:
    """A stream that takes everything and keeps nothing."""

    def __init__(self, stream):
        self.write, self.flush = stream.write, stream.flush


@tagged("post_install", "-at_install")
class TestReviewDownload(RelationshipMixin, HttpCase):
    def setUp(self):
        super().setUp()
        self.users = self.make_users(self.env.company, password="relationship-test")
        self.relationship = self.env["crm.relationship"].create(
            {
                "partner_id": self.make_customer("=Download, Ä/b").id,
                "manager_id": self.users["user"].id,
            }
        )
        action = self.relationship.with_user(self.users["user"]).action_review_xlsx()
        self.url = action["url"]

    def open_as(self, role):
        self.authenticate(f"relationship_{role}", "relationship-test")
        return self.url_open(self.url)

    def test_the_file_comes_down(self):
        response = self.open_as("user")
        self.assertEqual(response.status_code, 200)
        self.assertIn("spreadsheetml", response.headers["Content-Type"])
        self.assertIn("attachment", response.headers["Content-Disposition"])
        book = load_workbook(io.BytesIO(response.content))
        self.assertEqual(book["Summary"]["B2"].value, "=Download, Ä/b")
        self.assertEqual(int(response.headers["Content-Length"]), len(response.content))

    def test_archived_customers_are_reviewed_too(self):
        self.relationship.active = False
        self.assertEqual(self.open_as("user").status_code, 200)

    def test_the_download_of_another_does_not_exist(self):
        for role in ("portal", "internal", "officer", "manager"):
            with self.subTest(role):
                self.assertEqual(self.open_as(role).status_code, 404)
        self.url = "/crm_relationship/review/99999999999999999999"
        self.assertEqual(self.open_as("user").status_code, 404)

    def test_who_lost_the_customer_loses_the_download(self):
        self.relationship.manager_id = False
        self.assertEqual(self.open_as("user").status_code, 404)
