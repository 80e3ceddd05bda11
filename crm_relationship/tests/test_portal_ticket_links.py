"""The customer finds in the portal where his ticket went."""

from datetime import timedelta

from odoo.tests import tagged

from .portal import PortalCase


@tagged("post_install", "-at_install")
class TestPortalTicketLinks(PortalCase):
    def test_merged_and_followed_up(self):
        kept, old = (
            self.make_ticket(self.key_user, title) for title in ("Still loud", "Old")
        )
        self.key_ticket.duplicate_id = kept
        old.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET resolved_at = %s WHERE id = %s",
            [self.env.cr.now() - timedelta(days=99), old.id],
        )
        old.invalidate_recordset()
        old.message_post(
            body="Again",
            author_id=self.key_user.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        for ticket, other, words in (
            (self.key_ticket, kept, "Merged into"),
            (old, old.follow_up_ids, "Continued in"),
            (old.follow_up_ids, old, "Continues"),
        ):
            page = self.open(f"/my/ticket/{ticket.id}", self.key_user)
            links = self.text(page, "ticket_links")
            self.assertIn(words, links)
            self.assertIn(other.number, links)
