"""What the tests of the account review share."""

import io

from openpyxl import load_workbook

from .common import RelationshipCase


class ReviewCase(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = cls.make_users(cls.company)
        cls.relationships = cls.env["crm.relationship"].browse()
        cls.big = cls.make_relationship("Big", 5000)
        cls.small = cls.make_relationship("Small", 100)

    @classmethod
    def make_relationship(cls, name, revenue=0.0, **values):
        return cls.env["crm.relationship"].create(
            {
                "partner_id": cls.make_customer(name).id,
                "company_id": cls.company.id,
                "revenue_12m_amount": revenue,
                **values,
            }
        )

    @classmethod
    def make_month(cls, relationship, day, **values):
        return cls.env["crm.relationship.snapshot"].create(
            {
                "relationship_id": relationship.id,
                "company_id": relationship.company_id.id,
                "date": day,
                **values,
            }
        )

    def make_book(self, relationships, role="manager", **options):
        """The workbook that a user of this role gets, read back."""
        stream = io.BytesIO()
        mine = relationships.with_user(self.users[role]).with_company(self.company)
        mine._write_review(stream)
        return load_workbook(stream, **options)

    def rows(self, book, title):
        """The rows of a sheet as dicts of its header."""
        header, *rows = book[title].iter_rows(values_only=True)
        return [dict(zip(header, row, strict=True)) for row in rows]
