// What kinds of entries there are: GET /query/patterns -> {"rows":[{"count","example","pattern"},…], …}.

import { rfc3339, type Bounds } from "../model/time";
import { ask, url } from "./client";
import { asking, type Question } from "./search";

export interface Pattern {
  count: number;
  /** towl://UUID/ORDINAL, or FILE:ORDINAL. */
  example: string;
  /** `<*>` for what varies; bytes where it is not UTF-8. */
  pattern: string | number[];
}

export interface Patterns {
  rows: Pattern[];
  /** Patterns that are not given. */
  more?: number;
  /** Entries whose patterns are more than the collector keeps. */
  others?: number;
  /** Entries that were not looked at. */
  not_looked_at?: number;
  errors?: string[];
}

const kMaxPatterns = 1000;

export function patterns(question: Question, bounds: Bounds, freshMs: number | undefined, signal: AbortSignal): Promise<Patterns> {
  return asking(question, async (parameters) => {
    const timeOf = (ms: number | undefined) => (ms === undefined ? undefined : rfc3339(ms));
    const path = url("query/patterns", { ...parameters, start: timeOf(bounds.start), end: timeOf(bounds.end), "new-since": timeOf(freshMs), limit: kMaxPatterns });
    return (await (await ask(path, { signal })).json()) as Patterns;
  });
}
