"""The SELECTs of the transaction contract over Odoo's own documents.

Columns, in the contract's order: company_id, partner_id (commercial), contact_id, date (UTC), kind,
document_model, document_id, product_id, quantity (in the product's unit), revenue, cost, discount
(company currency, refunds negative). Grain: one row per document line. ``kind`` is ``sale``, ``refund`` or
``down_payment``: money in advance, and its deduction from the invoice that follows. It is revenue of its day, but no
purchase: a purchase is a ``sale`` that is not only taken back.

What :func:`ordered_lines` and its like bring has one column more, ``is_cost_estimated``: the line has no cost of its
own, so that it counts with the product's, which is today's. :func:`contract` leaves it out.

Indexes used: ``sale_order_line(order_id)``, ``sale_order(partner_id)``, ``account_move_line(partner_id, ref)``,
``account_move_line(move_id)``, ``res_partner(commercial_partner_id)``.
"""

from odoo.tools import SQL

TRANSACTION_COLUMNS = (
    "company_id",
    "partner_id",
    "contact_id",
    "date",
    "kind",
    "document_model",
    "document_id",
    "product_id",
    "quantity",
    "revenue",
    "cost",
    "discount",
)
# What is known beyond the contract, in this order.
TRANSACTION_MARKS = ("is_cost_estimated",)


def ordered_lines():
    """Confirmed order lines of the companies whose revenue basis is "ordered".

    Sections, notes and down payments are no sale. Cost is the purchase price frozen on the line, else (a line older
    than the margin addon) the product's current cost of the company.
    """
    return SQL(
        """
        SELECT sale.company_id AS company_id,
               customer.commercial_partner_id AS partner_id,
               sale.partner_id AS contact_id,
               sale.date_order AS date,
               'sale'::varchar AS kind,
               'sale.order'::varchar AS document_model,
               sale.id AS document_id,
               line.product_id AS product_id,
               (line.product_uom_qty * COALESCE(line_unit.factor / NULLIF(unit.factor, 0), 1))::float8
                   AS quantity,
               (line.price_subtotal / COALESCE(NULLIF(sale.currency_rate, 0), 1))::float8 AS revenue,
               (line.product_uom_qty
                    * COALESCE(line.purchase_price / COALESCE(NULLIF(sale.currency_rate, 0), 1),
                               (product.standard_price ->> sale.company_id::text)::numeric
                                   * COALESCE(line_unit.factor / NULLIF(unit.factor, 0), 1),
                               0))::float8 AS cost,
               (CASE WHEN line.discount = 100
                     THEN line.price_unit * line.product_uom_qty * %(net_share)s
                     ELSE line.price_subtotal * COALESCE(line.discount, 0)
                          / (100 - COALESCE(line.discount, 0))
                END / COALESCE(NULLIF(sale.currency_rate, 0), 1))::float8 AS discount,
               line.purchase_price IS NULL
                   AND COALESCE((product.standard_price ->> sale.company_id::text)::numeric, 0) <> 0
                   AS is_cost_estimated
          FROM sale_order_line line
          JOIN sale_order sale ON sale.id = line.order_id
          JOIN res_partner customer ON customer.id = sale.partner_id
          JOIN res_company company ON company.id = sale.company_id
          LEFT JOIN product_product product ON product.id = line.product_id
          LEFT JOIN product_template template ON template.id = product.product_tmpl_id
          LEFT JOIN uom_uom unit ON unit.id = template.uom_id
          LEFT JOIN uom_uom line_unit ON line_unit.id = line.product_uom_id
         WHERE sale.state = 'sale'
           AND line.display_type IS NULL
           AND line.is_downpayment IS NOT TRUE
           AND company.relationship_revenue_basis = 'ordered'
        """,
        net_share=_net_share(
            SQL.identifier("account_tax_sale_order_line_rel"),
            SQL.identifier("sale_order_line_id"),
        ),
    )


def _net_share(relation, line_column):
    """The share of the price of ``line`` that is left without the taxes that are in it, 1 where there are none: what a
    discount of 100 % takes off, of which the line itself keeps no net amount. Like Odoo, percentages are added up
    (those that are a base of one another are not told apart) and fixed amounts stay."""
    return SQL(
        """
        (SELECT (1 - COALESCE(SUM(tax.amount) FILTER (WHERE tax.amount_type = 'division'), 0) / 100)
                / NULLIF(1 + COALESCE(SUM(tax.amount) FILTER (WHERE tax.amount_type = 'percent'), 0) / 100, 0)
           FROM %(relation)s link
           JOIN account_tax chosen ON chosen.id = link.account_tax_id
           LEFT JOIN account_tax_filiation_rel part
                  ON part.parent_tax = chosen.id AND chosen.amount_type = 'group'
           JOIN account_tax tax ON tax.id = COALESCE(part.child_tax, chosen.id)
           JOIN res_company owner ON owner.id = tax.company_id
          WHERE link.%(line_column)s = line.id
            AND COALESCE(tax.price_include_override, owner.account_price_include) = 'tax_included')
        """,
        relation=relation,
        line_column=line_column,
    )


def _move_lines(kind, condition):
    """Posted customer invoice lines; ``kind`` is an expression, ``condition`` says which moves. Revenue is the line's
    balance, so that exchange rates and signs are those of the books. Cost: the mean purchase price frozen on the
    linked order lines, else the product's current cost of the company."""
    return SQL(
        """
        SELECT move.company_id AS company_id,
               customer.commercial_partner_id AS partner_id,
               move.partner_id AS contact_id,
               COALESCE(move.invoice_date, move.date)::timestamp AS date,
               (%(kind)s)::varchar AS kind,
               'account.move'::varchar AS document_model,
               move.id AS document_id,
               line.product_id AS product_id,
               (CASE WHEN move.move_type = 'out_refund' THEN -1 ELSE 1 END
                    * COALESCE(line.quantity, 0)
                    * COALESCE(line_unit.factor / NULLIF(unit.factor, 0), 1))::float8 AS quantity,
               (-line.balance)::float8 AS revenue,
               (CASE WHEN move.move_type = 'out_refund' THEN -1 ELSE 1 END
                    * COALESCE(line.quantity, 0)
                    * COALESCE(line_unit.factor / NULLIF(unit.factor, 0), 1)
                    * COALESCE(own.cost, (product.standard_price ->> move.company_id::text)::numeric, 0))::float8
                   AS cost,
               (CASE WHEN line.discount = 100
                     THEN CASE WHEN move.move_type = 'out_refund' THEN -1 ELSE 1 END
                          * line.price_unit * line.quantity * %(net_share)s
                          / COALESCE(NULLIF(move.invoice_currency_rate, 0), 1)
                     ELSE -line.balance * COALESCE(line.discount, 0) / (100 - COALESCE(line.discount, 0))
                END)::float8 AS discount,
               own.cost IS NULL
                   AND COALESCE((product.standard_price ->> move.company_id::text)::numeric, 0) <> 0
                   AS is_cost_estimated
          FROM account_move_line line
          JOIN account_move move ON move.id = line.move_id
          JOIN res_partner customer ON customer.id = line.partner_id
          JOIN res_company company ON company.id = move.company_id
          LEFT JOIN product_product product ON product.id = line.product_id
          LEFT JOIN product_template template ON template.id = product.product_tmpl_id
          LEFT JOIN uom_uom unit ON unit.id = template.uom_id
          LEFT JOIN uom_uom line_unit ON line_unit.id = line.product_uom_id
          LEFT JOIN LATERAL (
                SELECT AVG(sold.purchase_price
                           / COALESCE(NULLIF(sale.currency_rate, 0), 1)
                           / COALESCE(sold_unit.factor / NULLIF(unit.factor, 0), 1)) AS cost
                  FROM sale_order_line_invoice_rel link
                  JOIN sale_order_line sold ON sold.id = link.order_line_id
                  JOIN sale_order sale ON sale.id = sold.order_id
                  LEFT JOIN uom_uom sold_unit ON sold_unit.id = sold.product_uom_id
                 WHERE link.invoice_line_id = line.id) own ON TRUE
         WHERE move.state = 'posted'
           AND line.display_type = 'product'
           AND %(condition)s
        """,
        kind=kind,
        condition=condition,
        net_share=_net_share(
            SQL.identifier("account_move_line_account_tax_rel"),
            SQL.identifier("account_move_line_id"),
        ),
    )


def invoiced_lines():
    """Posted invoice and receipt lines of the companies whose revenue basis is "invoiced". With the deduction of a
    down payment the lines of both invoices come to the sum of the order."""
    return _move_lines(
        SQL("CASE WHEN line.is_downpayment THEN 'down_payment' ELSE 'sale' END"),
        SQL(
            "move.move_type IN ('out_invoice', 'out_receipt')"
            " AND company.relationship_revenue_basis = 'invoiced'"
        ),
    )


def credit_note_lines():
    """Posted credit note lines, whatever the revenue basis. Where orders are the revenue, a down payment was never
    counted as sold, so that giving it back takes nothing away."""
    return _move_lines(
        SQL("'refund'"),
        SQL(
            "move.move_type = 'out_refund'"
            " AND (company.relationship_revenue_basis = 'invoiced' OR line.is_downpayment IS NOT TRUE)"
        ),
    )


def contract(lines):
    """The contract's columns of lines that have marks as well."""
    return SQL(
        "SELECT %s FROM (%s) line",
        SQL(", ").join(map(SQL.identifier, TRANSACTION_COLUMNS)),
        lines,
    )


def unmarked(transactions):
    """Rows of the contract with marks that say nothing: for sources that do not know better."""
    return SQL("SELECT line.*, FALSE AS is_cost_estimated FROM (%s) line", transactions)


def union_all(queries):
    """One SELECT of several with the same columns."""
    return SQL(" UNION ALL ").join(SQL("(%s)", query) for query in queries)
