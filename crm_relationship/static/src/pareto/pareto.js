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
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";
import {Layout} from "@web/search/layout";
import {formatInteger, formatPercentage} from "@web/views/fields/formatters";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

const REPORT = "crm.relationship.fcr.report";
// Longer names are cut on the axis, and whole in the table.
const LABEL_LENGTH = 28;

/** Why one contact was not enough: the most frequent causes first, and what they make up together. */
export class Pareto extends Component {
    static template = "crm_relationship.Pareto";
    static components = {Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.canvasRef = useRef("canvas");
        this.keepLast = new KeepLast();
        this.chart = null;
        const {groupby, filters, months} = this.props.state || {};
        this.state = useState({
            groupby: groupby || "cause_id",
            filters: filters || {},
            months: months ?? 12,
            data: null,
        });
        useSetupAction({
            getLocalState: () => ({
                groupby: this.state.groupby,
                filters: {...this.state.filters},
                months: this.state.months,
            }),
        });
        onWillStart(() => Promise.all([loadBundle("web.chartjs_lib"), this.load()]));
        useEffect(
            () => this.renderChart(),
            () => [this.state.data]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    get groupings() {
        return [
            ["cause_id", _t("Cause")],
            ["team_id", _t("Team")],
            ["category_id", _t("Category")],
            ["product_id", _t("Product")],
            ["kind_id", _t("Kind")],
            ["primary_type_id", _t("Relationship type")],
            ["segment_id", _t("Segment")],
        ];
    }

    get periods() {
        return [
            [1, _t("Last month")],
            [3, _t("Last 3 months")],
            [12, _t("Last 12 months")],
            [0, _t("All time")],
        ];
    }

    /** The filters that have something to choose. */
    get filters() {
        return this.groupings.filter(
            ([name]) =>
                this.state.data.options[name].length > 0 || this.state.filters[name]
        );
    }

    // ------------------------------------------------------------------ data

    async load() {
        const {groupby, filters, months} = this.state;
        this.state.data = await this.keepLast.add(
            this.orm.call(REPORT, "get_pareto", [groupby, {...filters}, months])
        );
    }

    onGroupby(ev) {
        this.state.groupby = ev.target.value;
        return this.load();
    }

    onFilter(name, ev) {
        this.state.filters[name] = Number(ev.target.value) || false;
        return this.load();
    }

    onPeriod(ev) {
        this.state.months = Number(ev.target.value);
        return this.load();
    }

    onReset() {
        this.state.filters = {};
        this.state.months = 0;
        return this.load();
    }

    // ------------------------------------------------------------------ words

    count(value) {
        return formatInteger(value || 0);
    }

    share(value) {
        return formatPercentage(value, {digits: [16, 0]});
    }

    get hasNothing() {
        const {bars, states} = this.state.data;
        return !bars.length && !states.yes && !states.no && !states.pending;
    }

    get decidedCount() {
        const {yes = 0, no = 0} = this.state.data.states;
        return yes + no;
    }

    get tiles() {
        const {states} = this.state.data;
        const decided = this.decidedCount;
        return [
            {
                key: "ratio",
                label: _t("First contact resolution"),
                value: decided
                    ? this.share((states.yes || 0) / decided)
                    : _t("Nothing decided"),
                hint: _t("of %s decided tickets", this.count(decided)),
            },
            {
                key: "no",
                label: _t("Needed a second contact"),
                value: this.count(states.no),
                hint: _t("tickets"),
            },
            {
                key: "pending",
                label: _t("Undecided"),
                value: this.count(states.pending),
                hint: _t("open, in the reopen window, or without the customer's word"),
            },
            {
                key: "vital",
                label: _t("The vital few"),
                value: this.count(this.state.data.vital_count),
                hint: _t("of %s make up 80 %", this.count(this.state.data.bars.length)),
            },
        ];
    }

    get summary() {
        const named = this.state.data.bars.slice(0, 3).map((bar) => bar.name);
        return _t("Pareto chart. The most frequent: %s", named.join(", "));
    }

    // ------------------------------------------------------------------ lists

    async openBar(bar) {
        const action = await this.action.loadAction(
            "crm_relationship.helpdesk_ticket_fcr_causes_action"
        );
        await this.action.doAction({
            ...action,
            name: bar.name,
            display_name: bar.name,
            domain: bar.domain,
        });
    }

    // ------------------------------------------------------------------ chart

    renderChart() {
        this.chart?.destroy();
        this.chart = null;
        if (this.canvasRef.el && this.state.data?.bars.length) {
            // eslint-disable-next-line no-undef
            this.chart = new Chart(this.canvasRef.el, this.getChartConfig());
        }
    }

    getChartConfig() {
        const scheme = cookie.get("color_scheme");
        const vital = getCustomColor(scheme, "#0E8270", "#43C5B1");
        const useful = getCustomColor(scheme, "#B7C9C6", "#4B615D");
        const line = getCustomColor(scheme, "#D98D1F", "#F3B35B");
        const text = getCustomColor(scheme, "#111827", "#E4E4E4");
        const {bars, vital_count} = this.state.data;
        return {
            data: {
                labels: bars.map(({name}) =>
                    name.length > LABEL_LENGTH
                        ? `${name.slice(0, LABEL_LENGTH - 1)}…`
                        : name
                ),
                datasets: [
                    {
                        type: "line",
                        label: _t("Together"),
                        yAxisID: "ratio",
                        data: bars.map((bar) => bar.cumulative_ratio),
                        borderColor: line,
                        backgroundColor: line,
                        borderWidth: 2,
                        pointRadius: 3,
                    },
                    {
                        type: "bar",
                        label: _t("Tickets"),
                        yAxisID: "count",
                        data: bars.map((bar) => bar.count),
                        backgroundColor: bars.map((_bar, index) =>
                            index < vital_count ? vital : useful
                        ),
                        maxBarThickness: 72,
                    },
                ],
            },
            options: this.getChartOptions(
                text,
                getCustomColor(scheme, "#0000001a", "#ffffff26")
            ),
        };
    }

    getChartOptions(color, gridColor) {
        const axis = {border: {display: false}, beginAtZero: true};
        return {
            maintainAspectRatio: false,
            animation: false,
            interaction: {mode: "index", intersect: false},
            onClick: (_ev, [element]) =>
                element && this.openBar(this.state.data.bars[element.index]),
            onHover: (ev, elements) => {
                ev.native.target.style.cursor = elements.length ? "pointer" : "";
            },
            scales: {
                x: {ticks: {color}, grid: {display: false}},
                count: {
                    ...axis,
                    position: "left",
                    ticks: {color, precision: 0},
                    grid: {color: gridColor},
                    title: {display: true, color, text: _t("Tickets")},
                },
                ratio: {
                    ...axis,
                    position: "right",
                    max: 1,
                    ticks: {color, callback: (value) => this.share(value)},
                    grid: {display: false},
                    title: {display: true, color, text: _t("Together")},
                },
            },
            plugins: {
                legend: {display: false},
                tooltip: {
                    callbacks: {
                        title: ([item]) =>
                            item && this.state.data.bars[item.dataIndex].name,
                        label: (item) =>
                            item.dataset.type === "bar"
                                ? _t("%s tickets", this.count(item.parsed.y))
                                : _t("%s up to here", this.share(item.parsed.y)),
                    },
                },
            },
        };
    }
}

registry.category("actions").add("crm_relationship.pareto", Pareto);
