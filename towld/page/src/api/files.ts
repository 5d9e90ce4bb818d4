// The collector's files, as far as they are durable.

import { ask, url } from "./client";

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

/** When the store's entries were received, first and last; undefined for an empty store. */
export function spanOf(files: FileInfo[]): StoreSpan | undefined {
  let span: StoreSpan | undefined;
  for (const file of files) {
    if (file.count === 0 || !file.first || !file.last) continue;
    const first = Date.parse(file.first.replace(/(\.\d{3})\d+/, "$1"));
    const last = Date.parse(file.last.replace(/(\.\d{3})\d+/, "$1"));
    span ??= { entries: 0, firstMs: first, lastMs: last };
    span.entries += file.count;
    span.firstMs = Math.min(span.firstMs, first);
    span.lastMs = Math.max(span.lastMs, last);
  }
  return span;
}
