"""The account review as an Excel file: what is in it, and that nothing typed by anybody breaks it."""

import doctest
import io
from datetime import datetime

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo.tests import tagged

from .. import review
from ..review import sheets, workbook
from .review import ReviewCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestReview(ReviewCase):
    def test_docstrings_tell_the_truth(self):
        for module in (workbook, sheets):
            self.assertEqual(doctest.testmod(module).failed, 0)

    def test_the_summary_has_a_row_per_customer_the_largest_first(self):
        self.big.first_order_date = "2025-01-02"
        book = self.make_book(self.small + self.big)
        rows = self.rows(book, "Summary")
        self.assertEqual(
            [(row["No."], row["Customer"]) for row in rows], [(1, "Big"), (2, "Small")]
        )
        self.assertEqual(rows[0]["Revenue 12 Months"], 5000)
        self.assertEqual(rows[0]["First Order"], datetime(2025, 1, 2))
        self.assertIsNone(rows[1]["First Order"])

    def test_cells_have_the_types_and_formats_of_their_values(self):
        self.big.write({"first_order_date": "2025-01-02", "alive_probability": 0.5})
        sheet = self.make_book(self.big)["Summary"]
        header = [cell.value for cell in sheet[1]]
        cells = dict(zip(header, sheet[2], strict=True))
        self.assertTrue(cells["First Order"].is_date)
        symbol = self.company.currency_id.symbol
        self.assertIn(symbol, cells["Revenue 12 Months"].number_format)
        self.assertIn("0.00", cells["Revenue 12 Months"].number_format)
        self.assertEqual(cells["Probability Alive"].number_format, "0.0%")
        self.assertEqual(sheet.freeze_panes, "C2")
        self.assertGreater(sheet.column_dimensions["B"].width, 20)

    def test_an_absent_figure_is_an_empty_cell(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_relationship SET contribution_12m_amount = NULL, health_score = 0 WHERE id = %s",
            [self.big.id],
        )
        row = self.rows(self.make_book(self.big), "Summary")[0]
        self.assertIsNone(row["Contribution 12 Months"])
        self.assertEqual(row["Health"], 0)

    def test_money_is_in_the_currency_of_its_company(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        other = self.make_company("Tokyo", currency_id=yen.id)
        elsewhere = self.make_relationship("Far", 7, company_id=other.id)
        user = self.users["manager"]
        user.company_ids += other
        stream = io.BytesIO()
        both = (self.big + elsewhere).with_user(user)
        both.with_context(allowed_company_ids=(self.company + other).ids)._write_review(
            stream
        )
        sheet = load_workbook(stream)["Summary"]
        column = [cell.value for cell in sheet[1]].index("Revenue 12 Months")
        formats = [row[column].number_format for row in sheet.iter_rows(min_row=2)]
        self.assertIn(yen.symbol, formats[1])
        self.assertNotIn("0.00", formats[1])
        self.assertNotEqual(*formats)

    def test_the_months_feed_native_charts(self):
        self.make_month(
            self.big, "2026-02-28", revenue_amount=300, contribution_amount=80
        )
        self.make_month(
            self.big, "2026-01-31", revenue_amount=200, contribution_amount=-5
        )
        self.make_month(self.small, "2026-02-28", revenue_amount=40)
        self.make_month(self.small, "2023-02-28", revenue_amount=9999)
        relationships = self.big + self.small
        months = self.rows(self.make_book(relationships), "Months")
        self.assertEqual(
            [(row["Customer"], row["Date"].month, row["Revenue"]) for row in months],
            [("Big", 1, 200), ("Big", 2, 300), ("Small", 2, 40)],
        )
        charts = self.make_book(relationships)["Charts"]
        self.assertEqual(len(charts._charts), 2)
        self.assertIn("SUMIFS('Months'!", charts["B29"].value)
        shown = self.make_book(relationships, data_only=True)["Charts"]
        self.assertEqual(shown["A29"].value, datetime(2026, 2, 28))
        self.assertEqual((shown["B28"].value, shown["B29"].value), (200, 340))
        self.assertEqual(shown["B2"].value, "All customers")
        alone = self.make_book(self.small, data_only=True)["Charts"]
        self.assertEqual((alone["B1"].value, alone["B2"].value), (1, "Small"))

    def test_a_month_tells_a_health_of_nothing_from_none(self):
        worst = self.make_month(self.big, "2026-01-31")
        unknown = self.make_month(self.big, "2026-02-28")
        self.env.flush_all()
        for month, score in ((worst, 0), (unknown, None)):
            self.env.cr.execute(
                "UPDATE crm_relationship_snapshot SET health_score = %s WHERE id = %s",
                [score, month.id],
            )
        for role in ("manager", "officer"):
            months = self.rows(self.make_book(self.big, role), "Months")
            self.assertEqual([row["Health Score"] for row in months], [0, None])

    def test_the_formulas_read_the_columns_that_they_name(self):
        self.make_month(self.big, "2026-02-28", revenue_amount=300)
        book = self.make_book(self.big + self.small)
        header = {cell.value: cell.column_letter for cell in book["Months"][1]}
        charts = book["Charts"]
        for cell in charts[5][1:5]:
            formula = charts.cell(29, cell.column).value
            self.assertIn(f"SUMIFS('Months'!${header[cell.value]}$2:", formula)
            self.assertIn(f"'Months'!${header['Date']}$2:", formula)

    def test_the_open_tickets_are_listed(self):
        values = {
            "description": "Help",
            "partner_id": self.big.partner_id.id,
            "company_id": self.company.id,
        }
        self.env["helpdesk.ticket"].create(
            [
                {"name": "Open", **values},
                {
                    "name": "Done",
                    "stage_id": self.env.ref(
                        "helpdesk_mgmt.helpdesk_ticket_stage_done"
                    ).id,
                    **values,
                },
            ]
        )
        stream = io.BytesIO()
        self.big._write_review(stream)
        rows = self.rows(load_workbook(stream), "Open Tickets")
        self.assertEqual([row["Title"] for row in rows], ["Open"])

    def test_suggestions_come_with_their_reason(self):
        hour = self.product
        day = self.env["product.product"].create({"name": "Day", "type": "service"})
        self.env["crm.relationship.suggestion"].create(
            [
                {
                    "relationship_id": self.big.id,
                    "kind": "reorder",
                    "product_id": hour.id,
                    "interval_days": 30,
                    "last_date": "2026-02-01",
                },
                {
                    "relationship_id": self.big.id,
                    "kind": "next_product",
                    "product_id": day.id,
                    "basis": "customers",
                    "antecedent_id": hour.id,
                    "together_count": 9,
                    "antecedent_count": 12,
                    "support_ratio": 0.1,
                    "confidence_ratio": 0.75,
                    "lift": 3,
                },
            ]
        )
        rows = {
            row["Kind"]: row
            for row in self.rows(self.make_book(self.big), "Suggestions")
        }
        self.assertIn("every 30 days", rows["Reorder"]["Why"])
        self.assertIsNone(rows["Reorder"]["Confidence"])
        self.assertEqual(rows["Next product"]["Confidence"], 0.75)

    def test_the_health_comes_with_its_reasons(self):
        overdue = {"value": 1.5, "points": 75.0, "weight": 30.0}
        self.big.write({"health_score": 75, "health_components": {"overdue": overdue}})
        rows = self.rows(self.make_book(self.big + self.small), "Health")
        self.assertEqual((rows[0]["Health Score"], rows[0]["Points"]), (75, 75))
        self.assertIn("1.5 times", rows[0]["Value"])
        self.assertIn("The score is 75 of 100. ", rows[0]["Why"])
        self.assertEqual(rows[1]["Health Score"], None)
        self.assertIn("no score yet", rows[1]["Why"])

    def test_the_points_of_the_margin_are_for_those_who_may_see_it(self):
        trend = {"value": -0.2, "points": 42.0, "weight": 20.0}
        self.big.write({"health_score": 42, "health_components": {"trend": trend}})
        for role, points in (("manager", 42), ("officer", None)):
            (row,) = self.rows(self.make_book(self.big, role), "Health")
            self.assertEqual((row["Value"], row["Points"]), ("falling", points))

    def test_plans_stand_against_what_came(self):
        self.env["crm.relationship.plan"].create(
            {
                "relationship_id": self.big.id,
                "year": 2026,
                "planned_revenue_amount": 1000,
            }
        )
        self.make_order(self.big.partner_id, "2026-02-01 10:00:00", 250)
        row = self.rows(self.make_book(self.big), "Plan against Actual")[0]
        self.assertEqual((row["Year"], row["Planned Revenue"]), (2026, 1000))
        self.assertEqual((row["Actual Revenue"], row["Revenue Reached"]), (250, 0.25))

    def test_an_addon_adds_a_sheet(self):
        class Extra(review.ReviewSheet):
            title = "Extra: [new]"

            def get_columns(self):
                return [review.Column("Word")]

            def get_rows(self, relationships):
                for relationship in relationships:
                    yield relationship, ["hello"]

        model = self.env.registry["crm.relationship"]
        listed = self.env["crm.relationship"]._get_review_sheets()
        self.patch(model, "_get_review_sheets", lambda _self: [*listed, Extra])
        rows = self.rows(self.make_book(self.big), "Extra new")
        self.assertEqual(rows, [{"No.": 1, "Customer": "Big", "Word": "hello"}])

    def test_it_speaks_the_language_of_its_reader(self):
        self.env["res.lang"]._activate_lang("de_DE")
        stream = io.BytesIO()
        self.big.with_context(lang="de_DE")._write_review(stream)
        header = [cell.value for cell in load_workbook(stream).worksheets[0][1]]
        term = self.env["crm.relationship"].with_context(lang="de_DE")
        expected = term.fields_get(["segment_id"], ["string"])["segment_id"]["string"]
        self.assertIn(expected, header)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestReviewTexts(ReviewCase):
    def test_a_name_that_looks_like_a_formula_stays_text(self):
        for name in (
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            '=HYPERLINK("http://x","y")',
            "{=1}",
        ):
            with self.subTest(name):
                self.big.partner_id.name = name
                cell = self.make_book(self.big)["Summary"]["B2"]
                self.assertEqual((cell.value, cell.data_type), (name, "s"))

    def test_odd_names_do_not_break_the_file(self):
        for name, expected in (
            ("\N{GRINNING FACE} & <b>'\"", "\N{GRINNING FACE} & <b>'\""),
            ("a\x01b\x0bc\x1f", "abc"),
            ("<r><t>x</r>", "<r><t>x</r> "),
            ("http://example.com", "http://example.com"),
            ("12", "12"),
            ("x" * 40_000, "x" * 32_767),
        ):
            with self.subTest(name[:20]):
                self.big.partner_id.name = name
                book = self.make_book(self.big + self.small)
                self.assertEqual(book["Summary"]["B2"].value, expected)
                self.assertEqual(book["Summary"]["B2"].data_type, "s")
                self.assertTrue(self.make_book(self.big))
