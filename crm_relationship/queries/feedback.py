"""The SELECTs of the feedback contract over Odoo's ratings.

Columns, in the contract's order: company_id, partner_id (commercial), contact_id, date (UTC), metric, phase, score (as
given, 1–5 for csat), score_ratio (0 worst, 1 best), document_model, document_id. Grain: one row per answer.

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


def _ratings(company, documents, condition, phase):
    """Answered ratings; 0 is Odoo's word for "not rated".

    Source of the ratio: the scale 1–5 mapped linearly to 0–1.
    """
    return SQL(
        """
        SELECT COALESCE(%(company)s, contact.company_id, customer.company_id, operator.company_id,
                        (SELECT MIN(id) FROM res_company)) AS company_id,
               contact.commercial_partner_id AS partner_id, rating.partner_id AS contact_id,
               COALESCE(rating.rated_on, rating.write_date) AS date,
               'csat'::varchar AS metric, (%(phase)s)::varchar AS phase,
               rating.rating::float8 AS score,
               GREATEST((rating.rating - 1) / 4, 0)::float8 AS score_ratio,
               rating.res_model AS document_model, rating.res_id AS document_id
          FROM rating_rating rating
          JOIN res_partner contact ON contact.id = rating.partner_id
          JOIN res_partner customer ON customer.id = contact.commercial_partner_id
          LEFT JOIN LATERAL (
                SELECT company_id FROM res_users
                 WHERE partner_id = rating.rated_partner_id AND share IS NOT TRUE
                 ORDER BY active DESC, id LIMIT 1) operator ON TRUE
          %(documents)s
         WHERE rating.consumed AND rating.rating > 0
           AND %(condition)s AND %(is_customer)s
        """,
        company=company,
        documents=documents,
        phase=phase,
        condition=condition,
        is_customer=is_customer(SQL("contact.commercial_partner_id")),
    )


def document_ratings(model, table, phase):
    """Ratings of the documents of one model that stores its company."""
    return _ratings(
        SQL("document.company_id"),
        SQL(
            "LEFT JOIN %s document ON document.id = rating.res_id",
            SQL.identifier(table),
        ),
        SQL("rating.res_model = %s", model),
        phase,
    )


def other_ratings(models):
    """Ratings of every other document: the company is the customer's or the rated colleague's."""
    return _ratings(
        SQL("NULL::int"),
        SQL(),
        SQL("rating.res_model <> ALL(%s)", list(models)),
        "relationship",
    )


def few_ratings(documents):
    """The same in one SELECT that looks each document up: quicker where there is little to read.

    :param documents: model -> (table, phase), of the models that store their company.
    """
    companies = [
        SQL(
            "WHEN %s THEN (SELECT own.company_id FROM %s own WHERE own.id = rating.res_id)",
            model,
            SQL.identifier(table),
        )
        for model, (table, _phase) in documents.items()
    ]
    phases = [
        SQL("WHEN %s THEN %s", model, phase)
        for model, (_table, phase) in documents.items()
    ]
    return _ratings(
        SQL("CASE rating.res_model %s END", SQL(" ").join(companies)),
        SQL(),
        SQL("TRUE"),
        SQL("CASE rating.res_model %s ELSE 'relationship' END", SQL(" ").join(phases)),
    )
