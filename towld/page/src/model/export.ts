// What is seen, as a file: the entries as they came, or as lines, or as a table.

import { fieldsOf, levelName, type Entry } from "./entry";
import { visible } from "./text";

export type ExportFormat = "ndjson" | "text" | "csv";

const kTypes: Record<ExportFormat, string> = { ndjson: "application/x-ndjson", text: "text/plain", csv: "text/csv" };

/** RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe; numbers are no formulas. */
function cell(text: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(text) && !/^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(text);
  const safe = isFormula ? "'" + text : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

function csv(entries: Entry[]): string {
  const names = new Set<string>();
  const rows = entries.map((entry) => {
    const fields = new Map<string, string>();
    for (const { name, value } of fieldsOf(entry)) {
      names.add(name);
      const before = fields.get(name);
      fields.set(name, before === undefined ? value : `${before}\n${value}`);
    }
    return fields;
  });
  const columns = [...names];
  const head = ["time", "received", "sender", "level", "message", "address", ...columns].map(cell).join(",");
  const lines = entries.map((entry, i) =>
    [entry.time, entry.received, entry.sender, levelName(entry.level), entry.message, entry.key, ...columns.map((name) => rows[i]!.get(name) ?? "")].map(cell).join(","),
  );
  return [head, ...lines].join("\r\n") + "\r\n";
}

export function exported(entries: Entry[], format: ExportFormat): string {
  if (format === "csv") return csv(entries);
  if (format === "ndjson") return entries.map((entry) => entry.line + "\n").join("");
  return entries.map((entry) => `${entry.time} ${visible(entry.sender)} ${visible(entry.message)}\n`).join("");
}

type Row = Record<string, unknown>;

export function exportedTable(columns: string[], rows: Row[], format: ExportFormat): string {
  const textOf = (value: unknown): string => (value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value));
  if (format === "ndjson") return rows.map((row) => JSON.stringify(row) + "\n").join("");
  if (format === "csv") return [columns.map(cell), ...rows.map((row) => columns.map((name) => cell(textOf(row[name]))))].map((line) => line.join(",") + "\r\n").join("");
  return [columns, ...rows.map((row) => columns.map((name) => visible(textOf(row[name]))))].map((line) => line.join("\t") + "\n").join("");
}

/** Gives `text` to the browser as a file. */
export function save(text: string, format: ExportFormat, complete: boolean): void {
  const blob = new Blob([text], { type: kTypes[format] });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `towl-${new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-")}${complete ? "" : "-part"}.${format === "text" ? "log" : format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
