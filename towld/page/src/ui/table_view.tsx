// A table of results. Where its last column is numbers, each has a bar as long as it is large.

import { useState } from "preact/hooks";
import type { Table } from "../api/table";
import { count } from "../model/text";
import { showTime } from "../model/time";
import { VisibleText } from "./visible_text";

const kShownRows = 500;

function textOf(name: string, value: unknown, utc: boolean): string {
  if (name === "_time" && typeof value === "string") return showTime(value, utc);
  return typeof value === "string" ? value : value === undefined ? "" : typeof value === "number" ? count(value) : JSON.stringify(value);
}

export function TableView({ table, utc }: { table: Table; utc: boolean }) {
  const [shown, setShown] = useState(kShownRows);
  const measure = table.columns.at(-1);
  const isMeasure = measure !== undefined && table.rows.length > 1 && table.rows.every((row) => typeof row[measure] === "number" || row[measure] === undefined);
  const most = isMeasure ? table.rows.reduce((max, row) => Math.max(max, Number(row[measure] ?? 0)), 0) : 0;
  return (
    <section class="pane" aria-label="Table of results" tabIndex={0}>
      <p class="muted" role="status">
        {table.cut ? `The first ${count(table.rows.length)} rows; there may be more` : table.rows.length === 1 ? "1 row: all there is" : `${count(table.rows.length)} rows: all there are`}
      </p>
      {table.unread.length > 0 && <ul class="error" role="alert"><li>Not everything could be read: the figures lack it</li>{table.unread.map((part) => <li key={part}>{part}</li>)}</ul>}
      <div class="scroll" tabIndex={0} role="region" aria-label="Rows">
        <table class="table" id="table">
          <thead>
            <tr>{table.columns.map((name) => <th key={name} scope="col"><VisibleText text={name} /></th>)}{isMeasure && <th><span class="hidden">Compared</span></th>}</tr>
          </thead>
          <tbody>
            {table.rows.slice(0, shown).map((row, i) => (
              <tr key={i}>
                {table.columns.map((name) => <td key={name} class={typeof row[name] === "number" ? "number" : ""}><VisibleText text={textOf(name, row[name], utc)} /></td>)}
                {isMeasure && <td class="measure"><span class="measured" style={{ width: `${most > 0 ? Math.max(1, (Number(row[measure] ?? 0) / most) * 220) : 0}px` }} /></td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {table.rows.length > shown && <p><button type="button" onClick={() => setShown(shown + kShownRows)}>Show more: {count(table.rows.length - shown)} rows are not shown</button></p>}
    </section>
  );
}
