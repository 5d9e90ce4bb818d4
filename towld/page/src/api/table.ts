// What a query with pipes gives: a table, GET /query -> {"rows":[{NAME:VALUE,…},…]}.

import { rfc3339, type Bounds } from "../model/time";
import { ask, url } from "./client";
import { asking, type Question } from "./search";

export interface Table {
  columns: string[];
  rows: Record<string, string | number>[];
  /** As many came as were asked for: there may be more. */
  cut: boolean;
  unread: string[];
}

const kMaxRows = 10_000;

/** True if `query` has a pipe; one in quotes is none. */
export function hasPipes(query: string): boolean {
  return /\|/.test(query.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, ""));
}

export async function table(question: Question, bounds: Bounds, signal: AbortSignal): Promise<Table> {
  return asking(question, async (parameters) => {
    const timeOf = (ms: number | undefined) => (ms === undefined ? undefined : rfc3339(ms));
    const path = url("query", { ...parameters, start: timeOf(bounds.start), end: timeOf(bounds.end), limit: kMaxRows });
    const answer = (await (await ask(path, { signal })).json()) as { rows?: Table["rows"]; errors?: string[] };
    const rows = answer.rows ?? [];
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    return { columns, rows, cut: rows.length >= kMaxRows, unread: answer.errors ?? [] };
  });
}
