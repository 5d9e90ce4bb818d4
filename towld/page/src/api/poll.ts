// The live tail of a collector that has no /tail: each file is asked for everything from the ordinal on that was reached.
//
// Complete: a file's count is read before its entries are, so no entry lies between two rounds; an entry that became
// durable in between is remembered by its ordinal and not given twice.

import type { Entry } from "../model/entry";
import { isAbort, messageOf, NeedsToken, RequestFailed, sleep } from "./client";
import { listFiles } from "./files";
import { search, type Question } from "./search";
import type { TailEvents } from "./tail";

const kRoundMs = 700;
const kPausedMs = 1500;
const kEntriesARequest = 1000;

/** By file: the first ordinal that was not looked at. */
type Reached = Map<number, number>;

export async function poll(question: Question, events: TailEvents, signal: AbortSignal): Promise<void> {
  let reached: Reached | undefined;
  while (!signal.aborted) {
    let pause = kRoundMs;
    try {
      if (reached === undefined) {
        reached = new Map((await listFiles(0, signal)).map((file) => [file.file_id, file.count]));
        // Asked once, so that a question that is wrong is told at once.
        await search(question, { limit: 1, endMs: 0 }, signal);
      } else {
        await round(question, reached, events, signal);
      }
      events.state(true, "");
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      if (error instanceof NeedsToken) throw error;
      if (error instanceof RequestFailed && error.status >= 400 && error.status < 500 && error.status !== 429) throw error;
      events.state(false, messageOf(error));
      pause = kPausedMs;
    }
    await sleep(pause, signal).catch(() => undefined);
  }
}

async function round(question: Question, reached: Reached, events: TailEvents, signal: AbortSignal): Promise<void> {
  for (const file of await listFiles(0, signal)) {
    const from = reached.get(file.file_id) ?? 0;
    if (file.count < from) {
      events.notice(`File ${file.file_id} has fewer entries than before: this is another store. The tail goes on at its end.`);
      reached.set(file.file_id, file.count);
    }
    if (file.count > from) await readOn(question, file.file_id, from, file.count, reached, events, signal);
  }
}

async function readOn(question: Question, file: number, from: number, count: number, reached: Reached, events: TailEvents, signal: AbortSignal): Promise<void> {
  for (let at = from; ; ) {
    const answer = await search(question, { cursor: `${file}:${at}`, limit: Math.min(kEntriesARequest, count - at) }, signal);
    const found: Entry[] = answer.entries.filter((entry) => entry.fileId === file && entry.ordinal >= at);
    if (answer.unread > 0) events.notice(`${answer.unread} parts of the store could not be read; towlctl verify names them`);
    const last = found.at(-1);
    if (last) at = last.ordinal + 1;
    const next = /^(\d+):(\d+)$/.exec(answer.cursor ?? "");
    const goesOn = next !== null && Number(next[1]) === file && Number(next[2]) < count;
    if (goesOn) at = Math.max(at, Number(next[2]));
    else at = Math.max(at, count);
    // First what was reached, then the entries: whoever is given them may end the tail.
    reached.set(file, at);
    if (found.length > 0) events.entries(found);
    if (!goesOn || at >= count) return;
  }
}
