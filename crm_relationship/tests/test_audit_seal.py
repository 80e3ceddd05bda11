"""A sealed audit stays as it is, and shows where somebody changed it past Odoo. On paper, and as an Excel file."""

from io import BytesIO

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from .audits import NOW, AuditCase
from .tickets import MONDAY

TABLES = ("line", "breach", "service")


class SealCase(AuditCase):
    def setUp(self):
        super().setUp()
        self.visit = self.env.ref("crm_relationship.service_visit")
        self.env["crm.relationship.entitlement"].create(
            {
                "policy_id": self.floor.id,
                "service_id": self.visit.id,
                "access": "paid",
            }
        )
        self.env["crm.relationship.entitlement"].create(
            {
                "policy_id": self.policy.id,
                "service_id": self.visit.id,
                "access": "included",
                "ground": "revenue",
            }
        )
        self.ticket = self.open_ticket(
            self.small, f"{MONDAY} 09:00:00", name="=HYPERLINK(1)"
        )
        self.audit = self.make_audit()

    def seal(self, audit=None):
        with freeze_time(NOW):
            (audit or self.audit).with_user(self.users["manager"]).action_seal()


@tagged("post_install", "-at_install")
class TestSeal(SealCase):
    def rows(self):
        return [self.audit[f"{name}_ids"] for name in TABLES]

    def test_a_seal_is_whole(self):
        self.seal()
        self.assertEqual(self.audit.state, "sealed")
        self.assertRegex(self.audit.digest, "^[0-9a-f]{64}$")
        self.assertEqual(self.audit.sealed_by_id, self.users["manager"])
        self.assertFalse(self.audit.is_seal_broken)

    def test_nothing_of_it_can_be_changed(self):
        self.seal()
        audit = self.audit.with_user(self.users["manager"])
        for call in (
            lambda: audit.write({"date_to": "2026-03-30"}),
            lambda: audit.unlink(),
            lambda: audit.action_run(),
            lambda: audit.action_seal(),
            lambda: audit._run(),
        ):
            with self.refused("is sealed", UserError):
                call()
        for rows in self.rows():
            self.assertTrue(rows)
            for call in (
                lambda rows=rows: rows[0].write({"audit_id": self.audit.id}),
                lambda rows=rows: rows[0].unlink(),
                lambda rows=rows: rows[0].copy({"audit_id": self.audit.id}),
            ):
                with self.refused("is sealed", UserError):
                    call()
        self.assertFalse(self.audit.is_seal_broken)

    def test_who_says_that_he_uninstalls_does_not(self):
        self.seal()
        flag = {"_force_unlink": True}
        manager = self.users["manager"]
        manager.group_ids += self.env.ref("helpdesk_mgmt.group_helpdesk_manager")
        audit = self.audit.with_user(manager).with_context(**flag)
        with self.refused("is sealed", UserError):
            audit.unlink()
        with self.refused("is sealed", UserError):
            audit.sudo().unlink()
        with self.refused("sealed audit", UserError):
            self.ticket.with_user(manager).with_context(**flag).unlink()

    def test_a_row_cannot_be_moved_into_it(self):
        other = self.make_audit(MONDAY, MONDAY)
        self.seal()
        with self.refused("is sealed", UserError):
            other.line_ids.write({"audit_id": self.audit.id})

    def test_a_row_that_was_changed_past_odoo_breaks_the_seal(self):
        self.seal()
        self.env.flush_all()
        changes = {
            "crm_relationship_audit_line": "ticket_count = ticket_count + 1",
            "crm_relationship_audit_breach": "late_hours = late_hours / 2",
            "crm_relationship_audit_service": "policy_name = 'Another'",
            "crm_relationship_audit": "breach_count = 0",
        }
        for table, change in changes.items():
            with self.subTest(table):
                key = "id" if table == "crm_relationship_audit" else "audit_id"
                self.check_broken_by(
                    SQL(f"UPDATE {table} SET {change} WHERE {key} = %s", self.audit.id)
                )

    def test_a_row_that_was_deleted_or_added_past_odoo_breaks_the_seal(self):
        self.seal()
        self.env.flush_all()
        table = "crm_relationship_audit_breach"
        row = self.audit.breach_ids[0]
        self.check_broken_by(SQL(f"DELETE FROM {table} WHERE id = %s", row.id))
        self.check_broken_by(
            SQL(
                f"INSERT INTO {table} (audit_id, promise, reason)"
                " VALUES (%s, 'resolution', 'waited')",
                self.audit.id,
            )
        )

    def check_broken_by(self, change):
        audits = self.env["crm.relationship.audit"]
        savepoint = self.env.cr.savepoint(flush=False)
        self.env.cr.execute(change)
        self.env.invalidate_all()
        self.assertTrue(self.audit.is_seal_broken)
        self.assertEqual(audits.search([("is_seal_broken", "=", True)]), self.audit)
        savepoint.close(rollback=True)
        self.env.invalidate_all()
        self.assertFalse(self.audit.is_seal_broken)
        self.assertIn(self.audit, audits.search([("is_seal_broken", "=", False)]))

    def test_what_goes_on_afterwards_does_not_break_it(self):
        self.seal()
        self.ticket.name = "Another title"
        self.small.partner_id.name = "Another name"
        self.segments["small"].name = "Tiny"
        self.move(self.ticket, NOW, stage_id=self.done.id)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(self.audit.is_seal_broken)

    def test_only_a_result_is_sealed(self):
        draft = self.make_audit(run=False)
        with self.refused("no result to seal", UserError):
            self.seal(draft)

    def test_a_ticket_of_a_sealed_audit_stays(self):
        self.ticket.copy().unlink()
        self.seal()
        with self.refused("sealed audit", UserError):
            self.ticket.unlink()

    def test_a_new_audit_of_the_same_period_stands_beside_it(self):
        self.seal()
        again = self.make_audit()
        self.assertEqual(again.previous_id, self.audit)
        self.assertEqual(self.audit.next_ids, again)
        self.assertFalse(self.audit.is_seal_broken)
        again.unlink()
        self.assertFalse(self.audit.next_ids)

    def test_officers_read_and_managers_seal(self):
        audit = self.audit.with_user(self.users["officer"])
        self.assertTrue(audit.summary and audit.breach_ids.mapped("customer_name"))
        for call in (audit.action_seal, audit.action_run):
            with self.assertRaises(AccessError):
                call()
        with self.assertRaises(AccessError):
            self.audit.with_user(self.users["user"]).read(["state"])

    def test_nobody_sees_the_audits_of_another_company(self):
        other = self.make_company("Relationship Other")
        audit = self.env["crm.relationship.audit"].create(
            {
                "company_id": other.id,
                "date_from": MONDAY,
                "date_to": MONDAY,
            }
        )
        audit._run()
        seen = self.env["crm.relationship.audit"].with_user(self.users["manager"])
        self.assertEqual(seen.search([]).company_id.sudo(), self.company)


@tagged("post_install", "-at_install")
class TestAuditOnPaper(SealCase):
    def test_the_printed_audit(self):
        self.seal()
        html, _type = self.env["ir.actions.report"]._render_qweb_html(
            "crm_relationship.crm_relationship_audit_report", self.audit.ids
        )
        text = html.decode()
        for words in ("March 2026", self.audit.digest, "=HYPERLINK(1)", "No owner in"):
            self.assertIn(words, text)

    def test_the_excel_file(self):
        stream = BytesIO()
        self.audit.with_user(self.users["officer"])._write_file(stream)
        book = load_workbook(stream)
        self.assertEqual(len(book.sheetnames), 4)
        lines, breaches, services = book.worksheets[1:]
        self.assertEqual(lines.max_row - 1, len(self.audit.line_ids))
        self.assertEqual(breaches.max_row - 1, len(self.audit.breach_ids))
        self.assertEqual(services.max_row - 1, 1)
        titles = [row[1] for row in breaches.iter_rows(min_row=2)]
        self.assertEqual({cell.value for cell in titles}, {"=HYPERLINK(1)"})
        self.assertEqual({cell.data_type for cell in titles}, {"s"})
        self.assertIn(
            self.audit.summary.splitlines()[0],
            [cell.value for cell in book.worksheets[0]["B"]],
        )

    def test_nothing_is_0_in_the_file_and_unknown_is_empty(self):
        self.ticket.unlink()
        self.audit._run()
        stream = BytesIO()
        self.audit._write_file(stream)
        [summary, *_rows] = load_workbook(stream).worksheets
        cells = {row[0].value: row[1].value for row in summary.iter_rows(min_row=2)}
        self.assertEqual(cells["Broken Promises of the Floor"], "0")
        self.assertIsNone(cells["First Response: Small − Key"])

    def test_a_draft_has_no_file(self):
        with self.refused("no result yet", UserError):
            self.make_audit(run=False).action_xlsx()


@tagged("post_install", "-at_install")
class TestAuditDownload(HttpCase, SealCase):
    def get(self, role):
        self.authenticate(f"relationship_{role}", f"relationship_{role}")
        return self.url_open(
            self.audit.with_user(self.users[role]).sudo().action_xlsx()["url"]
        )

    def test_only_who_may_read_it_gets_the_file(self):
        response = self.get("officer")
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response.content.startswith(b"PK"))
        for role in ("user", "portal"):
            self.assertEqual(self.get(role).status_code, 404, role)
