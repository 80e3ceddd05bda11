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
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";
import {Layout} from "@web/search/layout";
import {
    formatInteger,
    formatMonetary,
    formatPercentage,
} from "@web/views/fields/formatters";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

const AMOUNT = "contribution_12m_amount";
const KNOWN = ["has_contribution", "=", true];
const EARNING = [[AMOUNT, ">", 0], KNOWN];
const COSTING = [[AMOUNT, "<", 0], KNOWN];

/** What the customers of the company bring, added up from the best to the worst, and who is behind it. */
export class WhaleCurve extends Component {
    static template = "crm_relationship.WhaleCurve";
    static components = {Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.canvasRef = useRef("canvas");
        this.keepLast = new KeepLast();
        this.chart = null;
        const {groupby, group} = this.props.state || {};
        this.state = useState({
            groupby: groupby || "segment_id",
            group: group || null,
            data: null,
            groups: [],
        });
        useSetupAction({
            getLocalState: () => ({
                groupby: this.state.groupby,
                group: this.state.group,
            }),
        });
        onWillStart(() => Promise.all([loadBundle("web.chartjs_lib"), this.loadAll()]));
        useEffect(
            () => this.renderChart(),
            () => [this.state.data]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    get groupings() {
        return [
            ["segment_id", _t("Segment")],
            ["primary_type_id", _t("Relationship type")],
            ["partner_id.industry_id", _t("Industry")],
            ["partner_id.user_id", _t("Salesperson")],
            ["manager_id", _t("Dedicated manager")],
        ];
    }

    // ------------------------------------------------------------------ data

    load(groupby, domain) {
        return this.orm.call("crm.relationship", "get_whale_curve", [groupby, domain]);
    }

    /** The curve of everybody with the table of groups, and that of the chosen group where there is one. */
    async loadAll() {
        const {groupby, group} = this.state;
        const [all, part] = await this.keepLast.add(
            Promise.all([
                this.load(groupby, []),
                group && this.load(null, group.domain),
            ])
        );
        this.state.groups = all.groups;
        this.state.data = part || all;
    }

    async onGroupby(ev) {
        this.state.groupby = ev.target.value;
        this.state.group = null;
        await this.loadAll();
    }

    async onGroup(group) {
        this.state.group = group && {name: group.name, domain: group.domain};
        await this.loadAll();
    }

    // ------------------------------------------------------------------ words

    money(value, options = {}) {
        return formatMonetary(value, {
            currencyId: this.state.data.currency_id,
            ...options,
        });
    }

    count(value) {
        return formatInteger(value);
    }

    get shareText() {
        const {peak_share, peak_share_reason} = this.state.data;
        if (peak_share !== false) {
            return formatPercentage(peak_share, {digits: [16, 0]});
        }
        return peak_share_reason === "no_profit" ? _t("No profit") : _t("No figures");
    }

    get shareHint() {
        const {peak_share, peak_share_reason} = this.state.data;
        if (peak_share !== false) {
            return _t("of the contribution is earned before the tail takes its part");
        }
        return peak_share_reason === "no_profit"
            ? _t("together the customers bring nothing, so there is no share to tell")
            : _t("there is no customer with figures");
    }

    get missingText() {
        const count = this.state.data.missing_count;
        if (count === 1) {
            return _t("1 customer has no figures yet and is left out.");
        }
        return _t(
            "%s customers have no figures yet and are left out.",
            this.count(count)
        );
    }

    get summary() {
        const data = this.state.data;
        return _t(
            "%(customers)s customers bring %(total)s; %(earning)s of them earn %(peak)s, %(costing)s cost %(destroyed)s.",
            {
                customers: this.count(data.customer_count),
                total: this.money(data.total),
                earning: this.count(data.earning_count),
                peak: this.money(data.peak),
                costing: this.count(data.costing_count),
                destroyed: this.money(data.destroyed),
            }
        );
    }

    get tiles() {
        const data = this.state.data;
        const name = this.state.group?.name;
        const titled = (title) => (name ? `${title}: ${name}` : title);
        return [
            {
                key: "total",
                label: _t("Contribution in 12 months"),
                value: this.money(data.total, {digits: [16, 0]}),
                hint: _t("of %s customers", this.count(data.customer_count)),
                title: titled(_t("Customers with figures")),
                domain: [KNOWN],
                isBad: data.total < 0,
            },
            {
                key: "share",
                label: _t("At the peak"),
                value: this.shareText,
                hint: this.shareHint,
                title: titled(_t("Customers up to the peak")),
                domain: EARNING,
            },
            {
                key: "earning",
                label: _t("Customers who earn"),
                value: this.count(data.earning_count),
                hint: _t("bring %s", this.money(data.peak, {digits: [16, 0]})),
                title: titled(_t("Customers who earn")),
                domain: EARNING,
            },
            {
                key: "costing",
                label: _t("Customers who cost"),
                value: this.count(data.costing_count),
                hint: _t("more than they bring"),
                title: titled(_t("Customers who cost")),
                domain: COSTING,
                isBad: data.costing_count > 0,
            },
            {
                key: "destroyed",
                label: _t("The tail destroys"),
                value: this.money(data.destroyed, {digits: [16, 0]}),
                hint: _t("between the peak and the end"),
                title: titled(_t("Customers who cost")),
                domain: COSTING,
                isBad: data.destroyed > 0,
            },
        ];
    }

    // ------------------------------------------------------------------ lists

    /** The list of the customers behind a figure. */
    async openCustomers(title, domain, groupDomain) {
        const action = await this.action.loadAction(
            "crm_relationship.crm_relationship_contribution_action"
        );
        const scope = groupDomain || this.state.group?.domain || [];
        await this.action.doAction({
            ...action,
            name: title,
            display_name: title,
            domain: [["company_id", "=", user.activeCompany.id], ...scope, ...domain],
        });
    }

    openMissing() {
        return this.openCustomers(_t("Customers without figures"), [
            ["has_contribution", "=", false],
        ]);
    }

    openPoint(index) {
        const [count, , high, low] = this.state.data.points[index];
        const title = _t(
            "Customers around place %s of the whale curve",
            this.count(count)
        );
        return this.openCustomers(title, [
            [AMOUNT, "<=", high],
            [AMOUNT, ">=", low],
            KNOWN,
        ]);
    }

    // ------------------------------------------------------------------ chart

    renderChart() {
        this.chart?.destroy();
        this.chart = null;
        if (this.canvasRef.el && this.state.data?.points.length) {
            // eslint-disable-next-line no-undef
            this.chart = new Chart(this.canvasRef.el, this.getChartConfig());
        }
    }

    getChartConfig() {
        const scheme = cookie.get("color_scheme");
        const up = getCustomColor(scheme, "#0E8270", "#43C5B1");
        const {points, earning_count, total, customer_count} = this.state.data;
        const down = getCustomColor(scheme, "#D44C59", "#F06050");
        const text = getCustomColor(scheme, "#111827", "#E4E4E4");
        const isDown = (segment) => segment.p0.parsed.x >= earning_count;
        return {
            type: "line",
            data: {
                datasets: [
                    {
                        label: _t("Contribution so far"),
                        data: [{x: 0, y: 0}, ...points.map(([x, y]) => ({x, y}))],
                        borderColor: up,
                        backgroundColor: `${up}22`,
                        borderWidth: 2,
                        fill: "origin",
                        pointRadius: (point) => (this.isPeak(point) ? 5 : 0),
                        pointBackgroundColor: up,
                        pointHoverRadius: 5,
                        segment: {
                            borderColor: (segment) =>
                                isDown(segment) ? down : undefined,
                            backgroundColor: (segment) =>
                                isDown(segment) ? `${down}22` : undefined,
                        },
                    },
                    {
                        label: _t("Total"),
                        data: [
                            {x: 0, y: total},
                            {x: customer_count, y: total},
                        ],
                        borderColor: text,
                        borderWidth: 1,
                        borderDash: [6, 4],
                        pointRadius: 0,
                        pointHitRadius: 0,
                    },
                ],
            },
            options: this.getChartOptions(
                text,
                getCustomColor(scheme, "#0000001a", "#ffffff26")
            ),
        };
    }

    isPeak({dataIndex, dataset}) {
        const {earning_count} = this.state.data;
        return earning_count > 0 && dataset.data[dataIndex]?.x === earning_count;
    }

    getChartOptions(color, gridColor) {
        const axis = {
            border: {display: false},
            ticks: {color},
            grid: {color: gridColor},
        };
        return {
            maintainAspectRatio: false,
            animation: false,
            interaction: {mode: "nearest", axis: "x", intersect: false},
            onClick: (_ev, [element]) => {
                if (element) {
                    this.openPoint(Math.max(element.index - 1, 0));
                }
            },
            onHover: (ev, elements) => {
                ev.native.target.style.cursor = elements.length ? "pointer" : "";
            },
            scales: {
                x: {
                    ...axis,
                    type: "linear",
                    max: this.state.data.customer_count,
                    ticks: {
                        color,
                        precision: 0,
                        callback: (value) => this.count(value),
                    },
                    title: {
                        display: true,
                        color,
                        text: _t("Customers, the best first"),
                    },
                },
                y: {
                    ...axis,
                    ticks: {color, callback: (value) => this.shortMoney(value)},
                    title: {display: true, color, text: _t("Contribution so far")},
                },
            },
            plugins: {
                legend: {display: false},
                tooltip: {
                    filter: (item) => item.datasetIndex === 0,
                    displayColors: false,
                    callbacks: {
                        title: ([item]) => item && this.getPointTitle(item.parsed),
                        label: (item) => this.getPointLines(item.parsed),
                    },
                },
            },
        };
    }

    shortMoney(value) {
        return this.money(value, {humanReadable: true, digits: [16, 0], minDigits: 2});
    }

    getPointTitle({x}) {
        return x === 1
            ? _t("The best customer")
            : _t("The best %s customers", this.count(x));
    }

    getPointLines({y}) {
        const {total} = this.state.data;
        const lines = [_t("bring together %s", this.money(y, {digits: [16, 0]}))];
        if (this.state.data.peak_share !== false) {
            const share = formatPercentage(y / total, {digits: [16, 0]});
            lines.push(_t("%s of the total", share));
        }
        return [...lines, _t("Click for the customers around here")];
    }
}

registry.category("actions").add("crm_relationship.whale_curve", WhaleCurve);
