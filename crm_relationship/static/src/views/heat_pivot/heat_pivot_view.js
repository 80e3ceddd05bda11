import {PivotRenderer} from "@web/views/pivot/pivot_renderer";
import {pivotView} from "@web/views/pivot/pivot_view";
import {registry} from "@web/core/registry";

// Text stays readable on the strongest colour.
const STRONGEST = 0.6;

/** A pivot whose shares between 0 and 1 are the darker the higher they are. */
export class HeatPivotRenderer extends PivotRenderer {
    static template = "crm_relationship.HeatPivotRenderer";

    /**
     * @param {Object} cell of the table
     * @returns {String} style of the cell, empty for totals and for what is no share
     */
    getHeatStyle(cell) {
        if (cell.isBold || !cell.value || !cell.measure.endsWith("_ratio")) {
            return "";
        }
        const strength = Math.min(Math.max(cell.value, 0), 1) * STRONGEST;
        return `background-color: rgba(1, 126, 132, ${strength.toFixed(3)}) !important;`;
    }
}

registry.category("views").add("relationship_heat_pivot", {
    ...pivotView,
    Renderer: HeatPivotRenderer,
});
