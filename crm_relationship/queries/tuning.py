"""How PostgreSQL is to run the statements of this addon."""

from odoo.tools import SQL


def run_uncompiled(env):
    """Let the database run the statements of this transaction as they are.

    The contracts are dozens of SELECTs in one statement: compiling them takes many times as long as running them, and
    their cost, which is what the database decides by, says nothing about that. Wherever a contract is read, this has
    been said: see ``crm.relationship.source``.
    """
    env.cr.execute(SQL("SET LOCAL jit = off"))


def run_alone(env):
    """Uncompiled, and in one process: for statements that group by document or customer. Workers would each group
    nearly every document for themselves, and the leader all of them again."""
    run_uncompiled(env)
    env.cr.execute(SQL("SET LOCAL max_parallel_workers_per_gather = 0"))


def run_in_memory(env):
    """Uncompiled, and sorting in memory: for statements that read very many rows once, and then few of them again.

    What was just read is in memory, so that single rows cost no more than rows in sequence.
    """
    run_uncompiled(env)
    env.cr.execute(SQL("SET LOCAL work_mem = '48MB'"))
    env.cr.execute(SQL("SET LOCAL random_page_cost = 1.1"))
