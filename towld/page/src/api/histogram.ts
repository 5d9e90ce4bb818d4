// Counts over time, of all that the question asks for: GET /query/histogram, where the collector has it.
//
//     ?query=EXPR&level=&start=&end=&step=SECONDS  ->  {"start":RFC3339,"step":SECONDS,"counts":[…],"complete":true}
//
// Without `start` the answer begins at the first entry there is. Where the endpoint is missing, or answers otherwise,
// MissingEndpoint is thrown, and the page counts what it has fetched, and says so.

import { rfc3339, type Bounds } from "../model/time";
import { ask, MissingEndpoint, url } from "./client";
import { inItsLanguage, type Question } from "./search";

export interface Histogram {
  startMs: number;
  stepMs: number;
  counts: number[];
  /** False if the collector did not look at everything. */
  complete: boolean;
}

let missing = false;

const timeOf = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : rfc3339(ms));

export async function histogram(question: Question, bounds: Bounds, stepMs: number, signal?: AbortSignal): Promise<Histogram> {
  if (missing) throw new MissingEndpoint();
  try {
    return await inItsLanguage(question, async (parameters) => {
      const path = url("query/histogram", { ...parameters, start: timeOf(bounds.start), end: timeOf(bounds.end), step: stepMs / 1000 });
      const answer = (await (await ask(path, signal ? { signal } : {})).json()) as { start?: string; step?: number; counts?: number[]; complete?: boolean };
      if (!answer.start || !answer.step || !Array.isArray(answer.counts)) throw new MissingEndpoint();
      return { startMs: Date.parse(answer.start), stepMs: answer.step * 1000, counts: answer.counts, complete: answer.complete !== false };
    });
  } catch (error) {
    if (error instanceof MissingEndpoint) missing = true;
    throw error;
  }
}
