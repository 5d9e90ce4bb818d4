// One entry by its address, and its neighbours: those before and after it in its file, whatever they are about.

import { readEntry, type Entry } from "../model/entry";
import { ask, RequestFailed } from "./client";
import { search } from "./search";

const kEverything = { query: "", level: "" };

const kAddress = /^(?:towl:\/\/)?(?:(\d+):(\d+)|([0-9a-fA-F-]{32,36})\/(\d+))$/;

export const isAddress = (text: string): boolean => kAddress.test(text);

/** Errors: RequestFailed 404 if there is no such entry. */
export async function entryAt(address: string, signal?: AbortSignal): Promise<Entry> {
  const match = kAddress.exec(address);
  if (!match) throw new RequestFailed(400, `“${address}” is no address of an entry: FILE:ORDINAL or FILE-UUID/ORDINAL`);
  if (match[3] !== undefined) {
    const response = await ask(`entry/${match[3]}/${match[4]}`, signal ? { signal } : {});
    return readEntry((await response.text()).trim());
  }
  const [file, ordinal] = [Number(match[1]), Number(match[2])];
  const [found] = await range(file, ordinal, ordinal + 1, signal);
  if (!found) throw new RequestFailed(404, `There is no entry ${address} that can be read: its file was removed, does not have that many entries, or is damaged there`);
  return found;
}

/** The entries of `file` from ordinal `from` up to before `end`, as far as they are there and can be read. */
export async function range(file: number, from: number, end: number, signal?: AbortSignal): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let at = from; at < end; ) {
    const answer = await search(kEverything, { cursor: `${file}:${at}`, limit: end - at }, signal);
    const found = answer.entries.filter((entry) => entry.fileId === file && entry.ordinal >= at && entry.ordinal < end);
    entries.push(...found);
    const next = /^(\d+):(\d+)$/.exec(answer.cursor ?? "");
    if (!next || Number(next[1]) !== file || Number(next[2]) <= at) break;
    at = Number(next[2]);
  }
  return entries;
}
