"""Working time is worked out once and remembered, and forgotten when a calendar or a holiday changes."""

import random
from datetime import datetime, timedelta

from pytz import UTC

from odoo.tests import tagged

from .tickets import TicketCase

BEGIN = UTC.localize(datetime(2026, 3, 2))


@tagged("post_install", "-at_install")
class TestWorkingTime(TicketCase):
    def hours(self, days=7):
        found = self.calendar._get_intervals(BEGIN, BEGIN + timedelta(days=days))
        seconds = sum((stop - start).total_seconds() for start, stop in found)
        return round(seconds / 3600)

    def make_holiday(self, **values):
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "date_from": "2026-03-03 00:00:00",
                "date_to": "2026-03-03 23:59:59",
                **values,
            }
        )

    def test_it_is_what_the_calendar_says(self):
        chance = random.Random(5)
        self.calendar.tz = "America/New_York"  # summer time begins on 8 March
        self.make_holiday(calendar_id=self.calendar.id)
        for _ in range(40):
            begin = BEGIN + timedelta(minutes=chance.randint(-200_000, 200_000))
            end = begin + timedelta(minutes=chance.randint(1, 250_000))
            expected = self.calendar._work_intervals_batch(begin, end)[False]
            found = self.calendar._get_intervals(begin, end)
            self.assertEqual(
                [moment for pair in found for moment in pair],
                [moment for start, stop, _ in expected for moment in (start, stop)],
            )

    def test_it_is_asked_for_once(self):
        self.hours()
        self.env.invalidate_all()
        with self.assertQueryCount(0):
            self.hours()

    def test_flexible_hours_are_counted_from_the_start(self):
        self.calendar.flexible_hours = True
        begin, end = BEGIN + timedelta(hours=9), BEGIN + timedelta(days=20)
        expected = self.calendar._work_intervals_batch(begin, end)[False]
        self.assertEqual(
            self.calendar._get_intervals(begin, end),
            [(start, stop) for start, stop, _ in expected],
        )

    def test_a_change_of_the_week_counts_at_once(self):
        self.assertEqual(self.hours(), 40)
        self.calendar.attendance_ids[0].hour_to = 12
        self.assertEqual(self.hours(), 36)
        self.calendar.attendance_ids[0].unlink()
        self.assertEqual(self.hours(), 32)
        self.env["resource.calendar.attendance"].create(
            {
                "calendar_id": self.calendar.id,
                "name": "Saturday",
                "dayofweek": "5",
                "hour_from": 8,
                "hour_to": 9,
            }
        )
        self.assertEqual(self.hours(), 33)

    def test_another_time_zone_counts_at_once(self):
        first = self.calendar._get_intervals(BEGIN, BEGIN + timedelta(days=1))[0][0]
        self.calendar.tz = "Europe/Berlin"
        moved = self.calendar._get_intervals(BEGIN, BEGIN + timedelta(days=1))[0][0]
        self.assertEqual(first - moved, timedelta(hours=1))

    def test_a_holiday_counts_at_once_and_until_it_is_taken_back(self):
        self.hours()
        holiday = self.make_holiday(calendar_id=self.calendar.id)
        self.assertEqual(self.hours(), 32)
        holiday.date_to = "2026-03-04 23:59:59"
        self.assertEqual(self.hours(), 24)
        holiday.unlink()
        self.assertEqual(self.hours(), 40)

    def test_the_leave_of_one_person_is_no_holiday(self):
        self.hours()
        resource = self.env["resource.resource"].create(
            {"name": "Agent", "calendar_id": self.calendar.id}
        )
        leave = self.make_holiday(resource_id=resource.id, calendar_id=self.calendar.id)
        self.assertEqual(self.hours(), 40)
        leave.resource_id = False
        self.assertEqual(self.hours(), 32)

    def test_the_holiday_of_another_company_is_none_of_ours(self):
        other = self.make_company("Other")
        holiday = self.make_holiday(calendar_id=False)
        holiday.company_id = other
        self.assertEqual(self.hours(), 40)
        holiday.company_id = self.company
        self.assertEqual(self.hours(), 32)
