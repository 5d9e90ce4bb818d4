// Asks for the patterns of the view, and keeps them while other panes are looked at.

import { useEffect, useRef, useState } from "preact/hooks";
import { collectorNow, isAbort, RequestFailed } from "../api/client";
import { patterns, type Patterns } from "../api/patterns";
import { hasPipes } from "../api/table";
import { boundsOf, parseTime } from "../model/time";
import type { View } from "../model/view";
import { problemOf, type Problem } from "./use_results";

export interface PatternsFound {
  patterns: Patterns | undefined;
  problem: Problem | undefined;
}

export function usePatterns(view: View, attempt: number, onError: (error: unknown) => void): PatternsFound {
  const [found, setFound] = useState<PatternsFound>({ patterns: undefined, problem: undefined });
  const ran = useRef("");
  const abort = useRef(new AbortController());
  const wanted = view.pane === "patterns";
  const question = JSON.stringify([view.query, view.level, view.from, view.to, view.fresh, view.utc, attempt]);
  useEffect(() => {
    if (!wanted || ran.current === question) return;
    ran.current = question;
    abort.current.abort();
    abort.current = new AbortController();
    const { signal } = abort.current;
    setFound({ patterns: undefined, problem: undefined });
    const run = async () => {
      const now = collectorNow();
      const bounds = boundsOf(view, now, view.utc);
      if (typeof bounds === "string") throw new RequestFailed(400, bounds);
      const fresh = view.fresh === "" ? undefined : parseTime(view.fresh, now, view.utc);
      if (view.fresh !== "" && fresh === undefined) throw new RequestFailed(400, `“${view.fresh}” is not a time. Examples: -1h, today, 2026-01-17 14:30`);
      if (hasPipes(view.query)) throw new RequestFailed(400, "Patterns are of entries: take away what follows the first |");
      const asked = await patterns({ query: view.query, level: view.level }, bounds, fresh, signal);
      if (!signal.aborted) setFound({ patterns: asked, problem: undefined });
    };
    run().catch((error: unknown) => {
      if (signal.aborted || isAbort(error)) return;
      setFound({ patterns: undefined, problem: problemOf(error) });
      onError(error);
    });
  }, [wanted, question]);
  return found;
}
