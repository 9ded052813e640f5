import { TableCellDisplayMode } from "@grafana/grafana-foundation-sdk/common";
import type {
  DataTransformerConfig,
  DynamicConfigValue,
  ThresholdsConfigBuilder,
  ValueMapping,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";

import type { Link } from "./links.ts";

/** A column of a table: where its values come from, what it is called, and how it looks. */
export interface Column {
  /** A label, or `Value`, or with several queries `Value #refId`. */
  readonly from: string;
  readonly title: string;
  readonly unit?: string;
  readonly decimals?: number;
  /** Colours the cell by these. */
  readonly thresholds?: ThresholdsConfigBuilder;
  /** Colours the cell by these, and shows words. */
  readonly mappings?: readonly ValueMapping[];
  readonly width?: number;
  readonly link?: Link;
}

/**
 * Gives a table its columns, in their order, and hides all others.
 * @param hidden fields of the queries that are of no interest, beside the time
 */
export function withColumns(
  table: TableBuilder,
  columns: readonly Column[],
  hidden: readonly string[] = [],
): TableBuilder {
  for (const transformation of chosen(columns, hidden)) table.withTransformation(transformation);
  for (const column of columns) {
    const properties = looks(column);
    if (properties.length > 0) table.overrideByName(column.title, properties);
  }
  return table;
}

/** Rows of several queries with the same labels become one. */
export function merged(table: TableBuilder): TableBuilder {
  return table.withTransformation({ id: "merge", options: {} });
}

/** A label of digits becomes a number, so that the table sorts it as one. */
export function numbered(table: TableBuilder, label: string): TableBuilder {
  return table.withTransformation({
    id: "convertFieldType",
    options: { fields: {}, conversions: [{ targetField: label, destinationType: "number" }] },
  });
}

function chosen(
  columns: readonly Column[],
  hidden: readonly string[],
): readonly DataTransformerConfig[] {
  const excludeByName = Object.fromEntries(["Time", ...hidden].map((name) => [name, true]));
  const indexByName = Object.fromEntries(columns.map(({ from }, index) => [from, index]));
  const renameByName = Object.fromEntries(columns.map(({ from, title }) => [from, title]));
  return [{ id: "organize", options: { excludeByName, indexByName, renameByName } }];
}

function looks(column: Column): DynamicConfigValue[] {
  const { unit, decimals, thresholds, mappings, width, link } = column;
  const properties: DynamicConfigValue[] = [];
  if (unit !== undefined) properties.push({ id: "unit", value: unit });
  if (decimals !== undefined) properties.push({ id: "decimals", value: decimals });
  if (mappings !== undefined) properties.push({ id: "mappings", value: mappings });
  if (thresholds !== undefined) {
    properties.push({ id: "thresholds", value: thresholds.build() });
  }
  if (thresholds !== undefined || mappings !== undefined) {
    const value = { type: TableCellDisplayMode.ColorBackground, mode: "basic" };
    properties.push({ id: "custom.cellOptions", value });
  }
  if (width !== undefined) properties.push({ id: "custom.width", value: width });
  if (link !== undefined) {
    const { title, url, elsewhere = false } = link;
    properties.push({ id: "links", value: [{ title, url, targetBlank: elsewhere }] });
  }
  return properties;
}
