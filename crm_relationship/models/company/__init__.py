"""What a company decides: its settings, concern by concern."""

from . import (
    res_company,
    res_company_clv,
    res_company_dispatch,
    res_company_fcr,
    res_company_health,
    res_company_mail,
    res_company_problem,
    res_company_profitability,
    res_company_suggestion,
    res_config_settings,
    res_config_settings_dispatch,
    res_config_settings_fcr,
    res_config_settings_problem,
    res_config_settings_profitability,
    res_config_settings_suggestion,
)
