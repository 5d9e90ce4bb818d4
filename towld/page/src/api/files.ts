// The collector's files, as far as they are durable.

import { msOf } from "../model/entry";
import { ask, url } from "./client";
import { search } from "./search";

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

/**
 * About when the store's entries happened: the event times of the first entry and of the last ones of the files that were
 * written to last. A hint, for where to look first; others may be older and newer. undefined for an empty store.
 */
export async function spanOf(files: FileInfo[], signal?: AbortSignal): Promise<StoreSpan | undefined> {
  const filled = files.filter((file) => file.count > 0);
  const first = filled[0];
  if (!first) return undefined;
  const newest = filled.toSorted((a, b) => ((a.last ?? "") < (b.last ?? "") ? 1 : -1)).slice(0, kSampledFiles);
  const sample = async (file: number, ordinal: number): Promise<number[]> => {
    const { entries } = await search({ query: "", level: "" }, { cursor: `${file}:${ordinal}`, limit: 1 }, signal);
    return entries.map((entry) => msOf(entry.time));
  };
  const times = (await Promise.all([sample(first.file_id, 0), ...newest.map((file) => sample(file.file_id, file.count - 1))])).flat();
  if (times.length === 0) return undefined;
  return { entries: filled.reduce((sum, file) => sum + file.count, 0), firstMs: Math.min(...times), lastMs: Math.max(...times) };
}
