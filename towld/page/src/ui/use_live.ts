// The live tail, while its pane is open.

import { useEffect, useRef, useState } from "preact/hooks";
import { isAbort, RequestFailed } from "../api/client";
import { hasPipes } from "../api/table";
import { tail } from "../api/tail";
import type { Entry } from "../model/entry";
import type { View } from "../model/view";
import { problemOf, type Problem } from "./use_results";

/** So many are held; then the older half is let go, and that is said. */
const kHeld = 50_000;

export interface Live {
  entries: Entry[];
  version: number;
  connected: boolean;
  /** Why not. */
  why: string;
  notices: string[];
  letGo: number;
  problem: Problem | undefined;
}

export function useLive(view: View, attempt: number, onError: (error: unknown) => void): Live {
  const [, redraw] = useState(0);
  const live = useRef<Live>({ entries: [], version: 0, connected: false, why: "", notices: [], letGo: 0, problem: undefined });
  const wanted = view.pane === "live";
  useEffect(() => {
    if (!wanted) return;
    const abort = new AbortController();
    let drawing = 0;
    const draw = () => {
      live.current.version += 1;
      // Once a frame, however fast entries come.
      if (drawing === 0)
        drawing = requestAnimationFrame(() => {
          drawing = 0;
          redraw((before) => before + 1);
        });
    };
    live.current = { entries: [], version: live.current.version, connected: false, why: "Connecting", notices: [], letGo: 0, problem: undefined };
    const state = live.current;
    const seen = new Set<string>();
    const events = {
      entries(entries: Entry[]) {
        for (const entry of entries) {
          // The collector gives each once; a list with one twice would be confused.
          if (seen.has(entry.key)) continue;
          seen.add(entry.key);
          state.entries.push(entry);
        }
        if (state.entries.length > kHeld) {
          const over = state.entries.length - kHeld / 2;
          for (const entry of state.entries.splice(0, over)) seen.delete(entry.key);
          state.letGo += over;
        }
        draw();
      },
      state(connected: boolean, why: string) {
        if (state.connected === connected && state.why === why) return;
        state.connected = connected;
        state.why = why;
        draw();
      },
      notice(text: string) {
        if (!state.notices.includes(text) && state.notices.length < 20) state.notices.push(text);
        draw();
      },
    };
    const run = async () => {
      if (hasPipes(view.query)) throw new RequestFailed(400, "A live tail has no pipes (|)", view.query.indexOf("|") + 1);
      await tail({ query: view.query, level: view.level }, events, abort.signal);
    };
    run().catch((error: unknown) => {
      if (isAbort(error)) return;
      state.connected = false;
      state.problem = problemOf(error);
      draw();
      onError(error);
    });
    return () => {
      abort.abort();
      cancelAnimationFrame(drawing);
    };
  }, [wanted, view.query, view.level, attempt]);
  return live.current;
}
