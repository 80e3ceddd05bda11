"""The SELECTs of the feedback and the invitation contract over Odoo's ratings.

Columns of the feedback, in the contract's order: company_id, partner_id (commercial), contact_id, date (UTC), metric,
phase, score (as given, 1–5 for csat), score_ratio (0 worst, 1 best), document_model, document_id. Grain: one row per
answer.

Index: ``rating_rating(partner_id) WHERE consumed``.
"""

from odoo.tools import SQL

from .customers import is_customer

FEEDBACK_COLUMNS = (
    "company_id",
    "partner_id",
    "contact_id",
    "date",
    "metric",
    "phase",
    "score",
    "score_ratio",
    "document_model",
    "document_id",
)
INVITATION_COLUMNS = ("company_id", "partner_id", "date", "is_answered")


def ratings(documents):
    """Answered ratings; 0 is Odoo's word for "not rated". A document that has no company of its own belongs to that of
    the customer or of the colleague who was rated.

    Source of the ratio: the scale 1–5 mapped linearly to 0–1.

    :param documents: model -> (table, phase), of the models whose own company decides where a rating belongs.
    """
    return SQL(
        """
        SELECT %(company)s AS company_id,
               contact.commercial_partner_id AS partner_id, rating.partner_id AS contact_id,
               COALESCE(rating.rated_on, rating.write_date) AS date, 'csat'::varchar AS metric,
               (CASE rating.res_model %(phases)s ELSE 'relationship' END)::varchar AS phase,
               rating.rating::float8 AS score,
               GREATEST((rating.rating - 1) / 4, 0)::float8 AS score_ratio,
               rating.res_model AS document_model, rating.res_id AS document_id
          FROM rating_rating rating
          JOIN res_partner contact ON contact.id = rating.partner_id
          JOIN res_partner customer ON customer.id = contact.commercial_partner_id
         WHERE rating.consumed AND rating.rating > 0 AND %(is_customer)s
        """,
        company=_company(documents),
        phases=SQL(" ").join(
            SQL("WHEN %s THEN %s", model, phase)
            for model, (_table, phase) in documents.items()
        ),
        is_customer=is_customer(SQL("contact.commercial_partner_id")),
    )


def invitations(documents):
    """Customers who were asked for a rating, or gave one, answered or not.

    Columns: :data:`INVITATION_COLUMNS`; ``date`` (UTC) is when they were asked. Grain: one row per rating.
    """
    return SQL(
        """
        SELECT %(company)s AS company_id, contact.commercial_partner_id AS partner_id, rating.create_date AS date,
               (rating.consumed AND rating.rating > 0) IS TRUE AS is_answered
          FROM rating_rating rating
          JOIN res_partner contact ON contact.id = rating.partner_id
          JOIN res_partner customer ON customer.id = contact.commercial_partner_id
         WHERE %(is_customer)s
        """,
        company=_company(documents),
        is_customer=is_customer(SQL("contact.commercial_partner_id")),
    )


def _company(documents):
    """The company of a rating: that of the document, else of the customer, else of the colleague who was rated."""
    return SQL(
        """
        COALESCE(CASE rating.res_model %(companies)s END, contact.company_id, customer.company_id,
                 (SELECT company_id FROM res_users
                   WHERE partner_id = rating.rated_partner_id AND share IS NOT TRUE
                   ORDER BY active DESC, id LIMIT 1),
                 (SELECT MIN(id) FROM res_company))
        """,
        companies=SQL(" ").join(
            SQL(
                "WHEN %s THEN (SELECT document.company_id FROM %s document WHERE document.id = rating.res_id)",
                model,
                SQL.identifier(table),
            )
            for model, (table, _phase) in documents.items()
        ),
    )
