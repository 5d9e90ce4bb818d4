// Counts over time, of all that the question asks for: GET /query/histogram.
//
//     the parameters of /query, and step=1m  ->  {"rows":[{"_time":RFC3339,"hits":N},…]}, what is empty left out

import { msOf } from "../model/entry";
import { rfc3339, type Bounds } from "../model/time";
import { ask, url } from "./client";
import { asking, type Question } from "./search";

export interface Histogram {
  startMs: number;
  stepMs: number;
  counts: number[];
  /** False if the collector did not look at everything, or did not send all. */
  complete: boolean;
}

/** The collector sends so many rows at most. */
const kMaxRows = 10_000;

const timeOf = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : rfc3339(ms));

/** Of the whole time if it has no bounds. At most `most` bins: if there are more steps, several are one. */
export async function histogram(question: Question, bounds: Bounds, stepMs: number, most: number, signal: AbortSignal): Promise<Histogram> {
  return asking(question, async (parameters) => {
    const path = url("query/histogram", { ...parameters, start: timeOf(bounds.start), end: timeOf(bounds.end), step: `${stepMs}ms` });
    const response = await ask(path, { signal });
    const answer = (await response.json()) as { rows: { _time: string; hits: number }[] };
    const rows = answer.rows.map((row) => ({ ms: msOf(row._time), hits: Number(row.hits) }));
    const times = rows.map((row) => row.ms);
    const start = bounds.start ?? times.reduce((least, ms) => Math.min(least, ms), Infinity);
    const end = bounds.end ?? times.reduce((last, ms) => Math.max(last, ms), -Infinity) + stepMs;
    if (!Number.isFinite(end - start)) return { startMs: Date.now() - stepMs, stepMs, counts: [0], complete: true };
    const together = Math.max(1, Math.ceil((end - start) / stepMs / most));
    const counts = new Array<number>(Math.max(1, Math.ceil((end - start) / stepMs / together))).fill(0);
    for (const { ms, hits } of rows) {
      const at = Math.floor((ms - start) / stepMs / together);
      if (at >= 0 && at < counts.length) counts[at]! += hits;
    }
    const complete = rows.length < kMaxRows && !(Number(response.headers.get("Towl-Errors")) > 0);
    return { startMs: start, stepMs: stepMs * together, counts, complete };
  });
}
