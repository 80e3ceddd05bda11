from contextlib import contextmanager

from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase


class RefusalCase(TransactionCase):
    @contextmanager
    def refused(self, words, error=ValidationError):
        """What happens inside is refused with these words (a regular expression), and undone."""
        with self.assertRaises(error) as caught:
            yield
        self.assertRegex(str(caught.exception), words)
