"""What a database holds beside its business records: schema and definitions."""

from dataclasses import dataclass, field

from databases import query

from .installation import Installation

# One name a row, for each kind of thing that an addon can leave behind.
QUERIES = {
    "column": "SELECT table_name || '.' || column_name || ' ' || data_type"
    " FROM information_schema.columns WHERE table_schema = 'public'",
    "index": "SELECT tablename || '.' || indexname FROM pg_indexes"
    " WHERE schemaname = 'public'",
    "constraint": "SELECT conrelid::regclass || '.' || conname FROM pg_constraint",
    "sequence": "SELECT sequencename FROM pg_sequences",
    "function": "SELECT proname FROM pg_proc"
    " WHERE pronamespace = 'public'::regnamespace",
    "trigger": "SELECT tgrelid::regclass || '.' || tgname FROM pg_trigger"
    " WHERE NOT tgisinternal",
    "module": "SELECT name FROM ir_module_module WHERE state = 'installed'",
    "xml id": "SELECT module || '.' || name FROM ir_model_data",
    "model": "SELECT model FROM ir_model",
    "field": "SELECT model || '.' || name FROM ir_model_fields",
    "selection": "SELECT f.model || '.' || f.name || '.' || s.value"
    " FROM ir_model_fields_selection s JOIN ir_model_fields f ON f.id = s.field_id",
    "access": "SELECT name FROM ir_model_access",
    "rule": "SELECT name FROM ir_rule",
    "group": "SELECT name->>'en_US' FROM res_groups",
    "privilege": "SELECT name->>'en_US' FROM res_groups_privilege",
    "view": "SELECT name || ' ' || model FROM ir_ui_view WHERE model IS NOT NULL",
    "template": "SELECT key FROM ir_ui_view WHERE key IS NOT NULL",
    "menu": "SELECT name->>'en_US' FROM ir_ui_menu",
    "action": "SELECT type || ' ' || (name->>'en_US') FROM ir_actions",
    "cron": "SELECT cron_name FROM ir_cron",
    "parameter": "SELECT key FROM ir_config_parameter",
    "default": "SELECT f.model || '.' || f.name FROM ir_default d"
    " JOIN ir_model_fields f ON f.id = d.field_id",
    "number sequence": "SELECT name FROM ir_sequence",
    "mail template": "SELECT name->>'en_US' FROM mail_template",
    "mail subtype": "SELECT name->>'en_US' FROM mail_message_subtype",
    "activity type": "SELECT name->>'en_US' FROM mail_activity_type",
}
# Columns that hold the name of a model: none may name one that is gone.
MODEL_COLUMNS = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type = 'character varying'
      AND column_name IN ('model', 'res_model', 'model_name')
      AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public')
      AND table_name NOT IN ('ir_model', 'ir_logging')
"""
VIEWS = """
    result = []
    for view in env["ir.ui.view"].search([]):
        try:
            view._check_xml()
        except Exception as error:
            result.append(f"{view.xml_id or view.name}: {error}")
"""


@dataclass
class Snapshot:
    """The names of all that is there, by kind."""

    names: dict[str, set[str]] = field(default_factory=dict)

    def minus(self, other: "Snapshot") -> dict[str, list[str]]:
        """What is here and not there."""
        gone = {kind: sorted(n - other.names[kind]) for kind, n in self.names.items()}
        return {kind: names for kind, names in gone.items() if names}


def snapshot(database: str) -> Snapshot:
    kinds = {
        kind: {str(name) for (name,) in query(database, statement) if name}
        for kind, statement in QUERIES.items()
    }
    return Snapshot(kinds)


def orphans(database: str) -> list[str]:
    """External identifiers of nothing, and rows that speak of a model that is gone."""
    return [*orphan_identifiers(database), *orphan_rows(database)]


def orphan_identifiers(database: str) -> list[str]:
    found = []
    tables = {name for (name,) in query(database, "SELECT tablename FROM pg_tables")}
    for (model,) in query(database, "SELECT DISTINCT model FROM ir_model_data"):
        table = (
            "ir_actions" if model.startswith("ir.actions") else model.replace(".", "_")
        )
        if table in tables:
            statement = (
                "SELECT module || '.' || name FROM ir_model_data d WHERE model = %s"
                f" AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.id = d.res_id)"
            )
            found += [name for (name,) in query(database, statement, (model,))]
    return found


def orphan_rows(database: str) -> list[str]:
    found = []
    for table, column in query(database, MODEL_COLUMNS):
        statement = (
            f'SELECT DISTINCT "{column}" FROM "{table}" WHERE "{column}" <> \'\''
            f' AND "{column}" NOT IN (SELECT model FROM ir_model)'
        )
        found += [f"{table}: {name}" for (name,) in query(database, statement)]
    return found


def broken_views(odoo: Installation, database: str) -> list[str]:
    """Views that Odoo itself would refuse now."""
    views: list[str] = odoo.shell(database, VIEWS)
    return views
