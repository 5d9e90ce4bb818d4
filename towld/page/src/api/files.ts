// The collector's files, as far as they are durable.

import { msOf, type Entry } from "../model/entry";
import { ask, url } from "./client";
import { search, type Part } from "./search";

export interface FileInfo {
  file_id: number;
  file_uuid?: string;
  format_version: number;
  org: string;
  title: string;
  state: "open" | "closed" | "sealed";
  count: number;
  size: number;
  opened?: string;
  closed?: string;
  first?: string;
  last?: string;
}

/** All of them with an ID above `after`. */
export async function listFiles(after = 0, signal?: AbortSignal): Promise<FileInfo[]> {
  const files: FileInfo[] = [];
  for (let from: number | undefined = after; from !== undefined; ) {
    const response = await ask(url("files", { after: from || undefined, limit: 10000 }), signal ? { signal } : {});
    const answer = (await response.json()) as { files: FileInfo[]; next_after?: number };
    files.push(...answer.files);
    from = answer.next_after;
  }
  return files;
}

export interface StoreSpan {
  entries: number;
  firstMs: number;
  lastMs: number;
}

const kSampledFiles = 6;

const sample = async (part: Omit<Part, "limit">, signal?: AbortSignal): Promise<Entry | undefined> =>
  (await search({ query: "", level: "" }, { ...part, limit: 1 }, signal)).entries[0];

async function askSpan(signal?: AbortSignal): Promise<StoreSpan | undefined> {
  const [files, first, last] = await Promise.all([listFiles(0, signal), sample({}, signal), sample({ backwards: true }, signal)]);
  if (!first || !last) return undefined;
  const filled = files.filter((file) => file.count > 0);
  const newest = filled.toSorted((a, b) => ((a.last ?? "") < (b.last ?? "") ? 1 : -1)).slice(0, kSampledFiles);
  // The file with the highest ID is mostly the one that was written to last; in a mirror of several collectors it need not be.
  const isLast = newest.length === 0 || newest[0]!.file_id === last.fileId;
  const others = isLast ? [] : await Promise.all(newest.map((file) => sample({ cursor: `${file.file_id}:${file.count - 1}` }, signal)));
  const times = [first, last, ...others].flatMap((entry) => (entry ? [msOf(entry.time)] : []));
  return { entries: filled.reduce((sum, file) => sum + file.count, 0), firstMs: Math.min(...times), lastMs: Math.max(...times) };
}

let early: Promise<StoreSpan | undefined> | undefined;

/** Asks what storeSpan will tell: before the page is drawn, so that the answer comes meanwhile. */
export function askEarly(): void {
  early = askSpan();
  // Whoever wants it is told; it may be that nobody does.
  early.catch(() => undefined);
}

/**
 * About when the store's entries happened: the event times of the first entry and of the last ones of the files that were
 * written to last. A hint, for where to look first; others may be older and newer. undefined for an empty store.
 */
export function storeSpan(signal?: AbortSignal): Promise<StoreSpan | undefined> {
  const asked = early;
  early = undefined;
  return asked ?? askSpan(signal);
}
