// One entry with its neighbours in its file.

import { useEffect, useState } from "preact/hooks";
import { isAbort } from "../api/client";
import { entryAt, range } from "../api/entry";
import type { Entry } from "../model/entry";
import { problemOf, type Problem } from "./use_results";

export const kNeighbours = 20;

export interface Context {
  entries: Entry[];
  entry: Entry | undefined;
  /** So many are missing between the first and the last one. */
  unread: number;
  atBeginning: boolean;
  atEnd: boolean;
  problem: Problem | undefined;
  before(): void;
  after(): void;
}

export function useContext(address: string, attempt: number, onError: (error: unknown) => void): Context {
  const [entries, setEntries] = useState<Entry[]>([]);
  const [entry, setEntry] = useState<Entry | undefined>(undefined);
  const [ends, setEnds] = useState({ beginning: false, end: false });
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const fail = (error: unknown) => {
    if (isAbort(error)) return;
    setProblem(problemOf(error));
    onError(error);
  };
  useEffect(() => {
    setEntries([]);
    setEntry(undefined);
    setProblem(undefined);
    if (!address) return;
    const abort = new AbortController();
    const load = async () => {
      const found = await entryAt(address, abort.signal);
      const from = Math.max(0, found.ordinal - kNeighbours);
      const end = found.ordinal + kNeighbours + 1;
      const all = await range(found.fileId, from, end, abort.signal);
      setEntry(found);
      setEntries(all);
      setEnds({ beginning: from === 0, end: (all.at(-1)?.ordinal ?? 0) < end - 1 });
    };
    load().catch(fail);
    return () => abort.abort();
  }, [address, attempt]);

  const extend = async (before: boolean) => {
    const first = entries[0];
    const last = entries.at(-1);
    if (!first || !last) return;
    if (before) {
      const from = Math.max(0, first.ordinal - kNeighbours);
      const more = await range(first.fileId, from, first.ordinal);
      setEntries([...more, ...entries]);
      setEnds({ ...ends, beginning: from === 0 });
    } else {
      const end = last.ordinal + kNeighbours + 1;
      const more = await range(last.fileId, last.ordinal + 1, end);
      setEntries([...entries, ...more]);
      setEnds({ ...ends, end: (more.at(-1)?.ordinal ?? 0) < end - 1 });
    }
  };
  return {
    entries,
    entry,
    unread: entries.length === 0 ? 0 : entries.at(-1)!.ordinal - entries[0]!.ordinal + 1 - entries.length,
    atBeginning: ends.beginning,
    atEnd: ends.end,
    problem,
    before: () => void extend(true).catch(fail),
    after: () => void extend(false).catch(fail),
  };
}
