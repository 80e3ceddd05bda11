import logging
import random
import time

from odoo import api, models
from odoo.service.model import (
    MAX_TRIES_ON_CONCURRENCY_FAILURE,
    PG_CONCURRENCY_EXCEPTIONS_TO_RETRY,
)

from .. import auto_reply

_logger = logging.getLogger(__name__)


class MailThread(models.AbstractModel):
    """Mails of customers reach the ticket that is worked on, once, and no program is taken for a person."""

    _inherit = "mail.thread"

    @api.model
    def message_process(self, *args, **kwargs):
        """Where Odoo fetches the mails itself, it counts one as done that failed because somebody else wrote to the
        same ticket at the same moment. Each mail is a transaction of its own there: it is tried again.
        """
        if not self.env.context.get("fetchmail_cron_running"):
            return super().message_process(*args, **kwargs)
        for number in range(1, MAX_TRIES_ON_CONCURRENCY_FAILURE + 1):
            try:
                result = super().message_process(*args, **kwargs)
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
