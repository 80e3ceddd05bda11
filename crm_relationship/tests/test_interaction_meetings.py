"""Meetings with customers are interactions, once for each of them."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .interactions import NOW, InteractionCase


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestMeetings(InteractionCase):
    def make_event(self, *guests, start=NOW - timedelta(days=1), **values):
        return self.env["calendar.event"].create(
            {
                "name": "Review",
                "start": start,
                "stop": start + timedelta(minutes=90),
                "user_id": self.colleague.id,
                "partner_ids": [Command.set([guest.id for guest in guests])],
                **values,
            }
        )

    def test_a_meeting_counts_once_for_each_customer(self):
        other = self.make_customer("Other", company_id=self.company.id)
        self.make_event(
            self.buyer, self.customer, other, self.colleague.partner_id, res_model=False
        )
        names = ("partner_id", "channel", "minutes", "direction", "initiative")
        self.assertEqual(
            sorted(self.values(*names)),
            [
                (partner.id, "meeting", 90, "out", "proactive")
                for partner in self.customer + other
            ],
        )

    def test_a_meeting_with_a_link_is_a_video_call(self):
        self.make_event(self.buyer, videocall_location="https://meet.example.com/1")
        self.assertEqual(self.values("channel"), [("video",)])

    def test_what_did_not_take_place_does_not_count(self):
        self.make_event(self.buyer, start=NOW + timedelta(hours=1))
        self.make_event(self.buyer, active=False)
        declined = self.make_event(self.buyer)
        declined.attendee_ids.state = "declined"
        self.make_event(self.colleague.partner_id)
        self.assertFalse(self.interactions())

    def test_an_activity_and_its_meeting_are_one_contact(self):
        visit = "crm_relationship.activity_type_visit"
        event = self.make_event(self.buyer)
        self.do_activity(self.customer, visit, calendar_event_id=event.id)
        self.assertEqual(
            self.values("channel", "document_model"), [("visit", "calendar.event")]
        )

    def test_an_activity_whose_meeting_has_only_colleagues_counts_itself(self):
        event = self.make_event(self.colleague.partner_id)
        visit = "crm_relationship.activity_type_visit"
        self.do_activity(self.customer, visit, calendar_event_id=event.id)
        self.assertEqual(
            self.values("channel", "document_model", "minutes"),
            [("visit", "res.partner", 90)],
        )
