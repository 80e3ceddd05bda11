from pathlib import Path

import polib

from odoo.tests import BaseCase, tagged

I18N = Path(__file__).parent.parent / "i18n"
LANGUAGES = ("de", "zh_CN")


@tagged("post_install", "-at_install")
class TestI18n(BaseCase):
    """Every text of the addon is there in German and in Simplified Chinese."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.terms = {
            entry.msgid for entry in polib.pofile(I18N / "crm_relationship.pot")
        }
        cls.entries = {
            language: {
                entry.msgid: entry
                for entry in polib.pofile(I18N / f"{language}.po")
                if not entry.obsolete
            }
            for language in LANGUAGES
        }

    def test_every_term_of_the_template_is_translated_and_nothing_else_is_there(self):
        self.assertGreater(len(self.terms), 400)
        for language, entries in self.entries.items():
            self.assertEqual(set(entries), self.terms, language)
            for entry in entries.values():
                self.assertTrue(entry.msgstr.strip(), f"{language}: {entry.msgid}")
                self.assertFalse(entry.fuzzy, f"{language}: {entry.msgid}")

    def test_placeholders_are_the_same_in_every_language(self):
        for language, entries in self.entries.items():
            for msgid, entry in entries.items():
                self.assertEqual(
                    self.get_placeholders(msgid),
                    self.get_placeholders(entry.msgstr),
                    f"{language}: {msgid}",
                )

    def get_placeholders(self, text):
        """The set of “%(name)s” in a text; a repeated one may be said once."""
        parts = text.split("%(")[1:]
        return {part[: part.index(")") + 2] for part in parts}

    def test_tags_are_the_same_in_every_language(self):
        for language, entries in self.entries.items():
            for msgid, entry in entries.items():
                for mark in ("<", "</", "/>"):
                    self.assertEqual(
                        msgid.count(mark),
                        entry.msgstr.count(mark),
                        f"{language}: {msgid}",
                    )
