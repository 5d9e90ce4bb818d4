// Runs the question of the view, and keeps what was found while other panes are looked at.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { collectorNow, isAbort, messageOf, NeedsToken, RequestFailed } from "../api/client";
import { storeSpan } from "../api/files";
import { histogram } from "../api/histogram";
import { hasPipes, table, type Table } from "../api/table";
import { countInto, emptyBins, type Bins } from "../model/bins";
import { Results } from "../model/results";
import { boundsOf, rfc3339, type Bounds } from "../model/time";
import type { View } from "../model/view";

const kFirstEntries = 200;
const kBins = 120;

export interface Problem {
  message: string;
  column?: number;
}

export interface Found {
  results: Results | undefined;
  /** Instead of results: of a query with pipes. */
  table: Table | undefined;
  bins: Bins | undefined;
  /** The counts are those of the collector, not of what was fetched. */
  countedThere: boolean;
  problem: Problem | undefined;
  /** Changes whenever what was found does. */
  version: number;
  more(wanted: number): void;
}

export function problemOf(error: unknown): Problem {
  const problem: Problem = { message: messageOf(error) };
  if (error instanceof RequestFailed && error.column !== undefined) problem.column = error.column;
  return problem;
}

/** The bins of what was fetched: known is the part of the time of which all entries are here. */
function localBins(results: Results, span: Bounds): Bins {
  const bins = countInto(emptyBins(span.start!, span.end!, kBins), results.entries);
  const end = bins.startMs + bins.stepMs * bins.counts.length;
  if (results.complete) return { ...bins, knownFromMs: bins.startMs, knownToMs: end };
  // Oldest first is the order of storing: until all is here, no time is sure to be complete.
  if (results.order === "oldest" || results.reachedMs === undefined) return bins;
  return { ...bins, knownFromMs: results.reachedMs, knownToMs: end };
}

export function useResults(view: View, attempt: number, onError: (error: unknown) => void): Found {
  const [version, setVersion] = useState(0);
  const [results, setResults] = useState<Results | undefined>(undefined);
  const [tableFound, setTableFound] = useState<Table | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [counted, setCounted] = useState<Bins | undefined>(undefined);
  const span = useRef<Bounds>({});
  const ran = useRef("");
  const abort = useRef(new AbortController());

  const fail = (error: unknown) => {
    if (isAbort(error)) return;
    setProblem(problemOf(error));
    onError(error);
  };

  const wanted = view.pane === "results";
  const question = JSON.stringify([view.query, view.level, view.from, view.to, view.order, view.utc, attempt]);
  // Before the browser paints: the collector looks meanwhile.
  useLayoutEffect(() => {
    if (!wanted || ran.current === question) return;
    ran.current = question;
    abort.current.abort();
    abort.current = new AbortController();
    const { signal } = abort.current;
    setProblem(undefined);
    setResults(undefined);
    setTableFound(undefined);
    setCounted(undefined);
    const run = async () => {
      const bounds = boundsOf(view, collectorNow(), view.utc);
      if (typeof bounds === "string") throw new RequestFailed(400, bounds);
      const asked = { query: view.query, level: view.level };
      if (hasPipes(view.query)) {
        const answer = await table(asked, bounds, signal);
        return signal.aborted ? undefined : setTableFound(answer);
      }
      const store = await storeSpan(signal);
      signal.throwIfAborted();
      const made = new Results(asked, bounds, view.order, store, signal, () => {
        if (!signal.aborted) setVersion((before) => before + 1);
      });
      span.current = { start: bounds.start ?? store?.firstMs ?? collectorNow() - 3600e3, end: bounds.end ?? Math.max(store ? store.lastMs + 1 : 0, bounds.start === undefined ? 0 : collectorNow()) };
      setResults(made);
      await made.more(kFirstEntries);
      const { stepMs } = emptyBins(span.current.start!, span.current.end!, kBins);
      try {
        // Whole steps, so that the first and the last bin are not smaller than they look.
        const aligned: Bounds = {};
        if (bounds.start !== undefined) aligned.start = Math.floor(bounds.start / stepMs) * stepMs;
        if (bounds.end !== undefined) aligned.end = Math.ceil(bounds.end / stepMs) * stepMs;
        const there = await histogram(asked, aligned, stepMs, 2 * kBins, signal);
        const known = there.complete ? { knownFromMs: there.startMs, knownToMs: there.startMs + there.stepMs * there.counts.length } : {};
        setCounted({ startMs: there.startMs, stepMs: there.stepMs, counts: there.counts, ...known });
      } catch (error) {
        // What was found is there all the same, and the chart counts that.
        if (isAbort(error) || error instanceof NeedsToken) throw error;
      }
    };
    run().catch((error: unknown) => {
      if (!signal.aborted) fail(error);
    });
  }, [wanted, question]);

  const cached = useRef<{ key: string; bins: Bins }>(undefined);
  let bins = counted;
  // Not before anything is shown: a chart takes as long to draw as the first entries.
  const isShown = results !== undefined && (!results.searching || results.entries.length > 0);
  if (!bins && isShown && span.current.end !== undefined) {
    // Without a bound, entries that say of themselves to be older than the store widen the time that is shown.
    if (view.from === "" && results.entries.length > 0) {
      const last = Date.parse(results.order === "newest" ? results.entries.at(-1)!.time : results.entries[0]!.time);
      if (last < span.current.start!) span.current = { ...span.current, start: Math.floor(last) };
    }
    const key = `${question} ${results.entries.length} ${results.reachedMs} ${results.complete} ${rfc3339(span.current.start!)}`;
    if (cached.current?.key !== key) cached.current = { key, bins: localBins(results, span.current) };
    bins = cached.current.bins;
  }
  return {
    results,
    table: tableFound,
    bins,
    countedThere: counted !== undefined,
    problem,
    version,
    more: (wanted) => void results?.more(wanted).catch(fail),
  };
}
