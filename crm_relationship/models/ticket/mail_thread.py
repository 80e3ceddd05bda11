import logging
import random
import time
from datetime import timedelta

from odoo import api, models
from odoo.service.model import (
    MAX_TRIES_ON_CONCURRENCY_FAILURE,
    PG_CONCURRENCY_EXCEPTIONS_TO_RETRY,
)
from odoo.tools import email_normalize
from odoo.tools.mail import decode_message_header

from ...analytics import auto_reply
from .helpdesk_ticket_follow_up import AUTOMATIC_HEADER

_logger = logging.getLogger(__name__)

# In the references of the mail with which Odoo breaks off a loop.
LOOP_MARK = "-loop-detection-bounce-email@"


class MailThread(models.AbstractModel):
    """Mails of customers reach the ticket that is worked on, once, and no program is taken for a person."""

    _inherit = "mail.thread"

    @api.model
    def message_process(self, *args, **kwargs):
        """Where Odoo fetches the mails itself, it counts one as done that failed because somebody else wrote to the
        same ticket at the same moment. Each mail is a transaction of its own there: it is tried again.
        """
        if not self.env.context.get("fetchmail_cron_running"):
            # what is left out is None: no remote call can give that to the mail server, which would send it back
            return super().message_process(*args, **kwargs) or False
        for number in range(1, MAX_TRIES_ON_CONCURRENCY_FAILURE + 1):
            try:
                result = super().message_process(*args, **kwargs) or False
                self.env.cr.flush()
                return result
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                if number == MAX_TRIES_ON_CONCURRENCY_FAILURE:
                    raise
                self.env.cr.rollback()
                self.env.transaction.reset()
                _logger.info("A mail met another one on the same record: tried again.")
                time.sleep(random.uniform(0, 0.1 * 2**number))

    @api.model
    def _routing_create_bounce_email(self, email_from, body_html, message, **values):
        """A loop is broken off with one mail, which asks programs for no answer: another mail for each that comes
        would be a loop again."""
        if LOOP_MARK in (values.get("references") or ""):
            address = decode_message_header(message, "Return-Path") or email_from
            if self._is_told_of_loop(email_normalize(address) or address):
                return None
            values.update(auto_delete=False, headers=repr(AUTOMATIC_HEADER))
        return super()._routing_create_bounce_email(
            email_from, body_html, message, **values
        )

    @api.model
    def _is_told_of_loop(self, address):
        # sudo: as core counts the mails of a loop
        get_param = self.env["ir.config_parameter"].sudo().get_param
        minutes = int(get_param("mail.gateway.loop.minutes", 120))
        return bool(
            self.env["mail.mail"]
            .sudo()
            .search_count(
                [
                    (
                        "create_date",
                        ">=",
                        self.env.cr.now() - timedelta(minutes=minutes),
                    ),
                    ("email_to", "ilike", address),
                    ("references", "ilike", LOOP_MARK),
                ],
                limit=1,
            )
        )

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        tickets = self.env["helpdesk.ticket"]
        if not any(route[0] == tickets._name for route in routes or ()):
            return super()._message_route_process(message, message_dict, routes)
        flags = {
            "relationship_auto_reply": auto_reply.is_automatic(message),
            "relationship_no_answer": auto_reply.wants_no_answer(message),
        }
        thread = self.with_context(
            **{name: True for name, is_set in flags.items() if is_set}
        )
        routes = thread.env["helpdesk.ticket"]._route_mail(
            message, message_dict, routes
        )
        return super(MailThread, thread)._message_route_process(
            message, message_dict, routes
        )
