import {
    Component,
    onWillStart,
    onWillUnmount,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import {loadBundle} from "@web/core/assets";
import {cookie} from "@web/core/browser/cookie";
import {getCustomColor} from "@web/core/colors/colors";
import {deserializeDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {
    formatInteger,
    formatMonetary,
    formatPercentage,
} from "@web/views/fields/formatters";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

const ACTIONS = {
    "crm.relationship": "crm_relationship.crm_relationship_action",
    "crm.relationship.snapshot": "crm_relationship.crm_relationship_snapshot_action",
    "crm.relationship.suggestion":
        "crm_relationship.crm_relationship_suggestion_action",
};

/** The customers of the company at a glance; every number opens the list behind it. */
export class CustomerBase extends Component {
    static template = "crm_relationship.CustomerBase";
    static components = {Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.segmentRef = useRef("segments");
        this.moneyRef = useRef("money");
        this.monthRef = useRef("months");
        this.charts = [];
        this.state = useState({data: null});
        onWillStart(async () => {
            [this.state.data] = await Promise.all([
                this.orm.call("crm.relationship", "get_customer_base", []),
                loadBundle("web.chartjs_lib"),
            ]);
        });
        useEffect(
            () => this.renderCharts(),
            () => [this.state.data]
        );
        onWillUnmount(() => this.destroyCharts());
    }

    get isEmpty() {
        return !this.state.data.segments.length;
    }

    // ------------------------------------------------------------------ tiles

    money(value, options = {}) {
        const {currency_id: currencyId} = this.state.data;
        return formatMonetary(value, {currencyId, digits: [16, 0], ...options});
    }

    count(value) {
        return value === false ? _t("None yet") : formatInteger(value);
    }

    percent(value) {
        return value === false
            ? _t("None yet")
            : formatPercentage(value, {digits: [16, 0]});
    }

    get words() {
        return {
            customers: [_t("Customers"), (tile) => formatInteger(tile.value), () => ""],
            revenue: [
                _t("Revenue"),
                (tile) => this.money(tile.value),
                () => _t("in the last 12 months"),
            ],
            contribution: [
                _t("Contribution"),
                (tile) => this.money(tile.value),
                () => _t("margin less cost to serve, 12 months"),
            ],
            at_risk: [
                _t("At risk"),
                (tile) => this.count(tile.value),
                (tile) =>
                    tile.value === false
                        ? _t("no estimate: it takes enough customers with a history")
                        : _t("more likely gone than still a customer"),
            ],
            overdue: [
                _t("Overdue"),
                (tile) => formatInteger(tile.value),
                () => _t("should have ordered by their own rhythm"),
            ],
            retention: [
                _t("Retention"),
                (tile) => this.percent(tile.value),
                (tile) =>
                    _t(
                        "of those with us for over a year bought in the last 12 months; %s did not",
                        formatInteger(tile.count)
                    ),
            ],
            suggestions: [
                _t("Suggestions accepted"),
                (tile) => this.percent(tile.value),
                (tile) => _t("of %s answered in 12 months", formatInteger(tile.count)),
            ],
        };
    }

    get tiles() {
        const titles = {
            retention: _t("Bought before, but not in the last 12 months"),
            suggestions: _t("Suggestions answered in 12 months"),
        };
        return this.state.data.tiles.map((tile) => {
            const [label, getValue, getHint] = this.words[tile.key];
            return {
                ...tile,
                label,
                title: titles[tile.key] || label,
                text: getValue(tile),
                hint: getHint(tile),
                isBad: ["at_risk", "overdue"].includes(tile.key) && tile.value > 0,
            };
        });
    }

    /** The list behind a number. */
    async open(title, model, domain) {
        const action = await this.action.loadAction(ACTIONS[model]);
        return this.action.doAction({
            ...action,
            name: title,
            display_name: title,
            path: false,
            context: {},
            domain,
        });
    }

    openSegment(index) {
        const {name, domain} = this.state.data.segments[index];
        const company = ["company_id", "=", user.activeCompany.id];
        return this.open(name, "crm.relationship", [company, ...domain]);
    }

    // ------------------------------------------------------------------ charts

    destroyCharts() {
        this.charts.forEach((chart) => chart.destroy());
        this.charts = [];
    }

    renderCharts() {
        this.destroyCharts();
        const {segments, months, is_manager} = this.state.data;
        const names = segments.map(({name}) => name);
        const counts = segments.map((segment) => segment.customer_count);
        this.draw(this.segmentRef, "bar", names, [[_t("Customers"), counts]], {
            format: formatInteger,
            onClick: (index) => this.openSegment(index),
        });
        const amounts = [[_t("Revenue"), segments.map(({revenue}) => revenue)]];
        if (is_manager) {
            amounts.push([
                _t("Contribution"),
                segments.map((item) => item.contribution),
            ]);
        }
        this.draw(this.moneyRef, "bar", names, amounts, {
            onClick: (index) => this.openSegment(index),
        });
        const dates = months.map(({date}) => deserializeDate(date).toFormat("LLL yy"));
        const flows = [
            [_t("Revenue"), months.map(({revenue}) => revenue)],
            [_t("Contribution"), months.map(({contribution}) => contribution)],
        ];
        this.draw(this.monthRef, "line", dates, flows, {
            onClick: (index) =>
                this.open(
                    dates[index],
                    "crm.relationship.snapshot",
                    months[index].domain
                ),
        });
    }

    draw(ref, type, labels, datasets, {format, onClick} = {}) {
        if (!ref.el) {
            return;
        }
        const scheme = cookie.get("color_scheme");
        const colors = [
            getCustomColor(scheme, "#5B8DB8", "#7BB0DF"),
            getCustomColor(scheme, "#0E8270", "#43C5B1"),
        ];
        const color = getCustomColor(scheme, "#111827", "#E4E4E4");
        const full = format || ((value) => this.money(value));
        const short = (value) =>
            format
                ? format(value)
                : this.money(value, {humanReadable: true, minDigits: 2});
        // eslint-disable-next-line no-undef
        const chart = new Chart(ref.el, {
            type,
            data: {
                labels,
                datasets: datasets.map(([label, data], index) => ({
                    label,
                    data,
                    backgroundColor: colors[index],
                    borderColor: colors[index],
                    borderRadius: type === "bar" ? 4 : 0,
                    maxBarThickness: 56,
                })),
            },
            options: {
                maintainAspectRatio: false,
                animation: false,
                interaction: {mode: "index", intersect: false},
                onClick: (_ev, [element]) => element && onClick?.(element.index),
                onHover: (ev, elements) => {
                    ev.native.target.style.cursor =
                        onClick && elements.length ? "pointer" : "";
                },
                scales: {
                    x: {ticks: {color}, grid: {display: false}},
                    y: {
                        beginAtZero: true,
                        ticks: {color, precision: 0, callback: short},
                    },
                },
                plugins: {
                    legend: {display: datasets.length > 1, labels: {color}},
                    tooltip: {
                        callbacks: {
                            label: ({dataset, raw}) => `${dataset.label}: ${full(raw)}`,
                        },
                    },
                },
            },
        });
        this.charts.push(chart);
    }
}

registry.category("actions").add("crm_relationship.customer_base", CustomerBase);
