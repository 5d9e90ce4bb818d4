// The live tail: every entry that becomes durable from now on, once, over restarts of the collector and broken lines.
//
// GET /tail sends them as events whose id is UUID/ORDINAL; after a break the last one is named and the collector goes on
// there. The token goes in a header, which EventSource cannot do: the stream is read by fetch.

import { readEntry, type Entry } from "../model/entry";
import { ask, isAbort, messageOf, NeedsToken, RequestFailed, sleep, url } from "./client";
import { asking, type Question } from "./search";

export interface TailEvents {
  entries(entries: Entry[]): void;
  /** "" while connected; else why not. */
  state(connected: boolean, why: string): void;
  /** Something that the collector says besides entries: what could not be read, or was passed over. */
  notice(text: string): void;
}

const kFirstPauseMs = 250;
const kLongestPauseMs = 5000;

/** Runs until `signal`. Errors: RequestFailed for a wrong question, NeedsToken; anything else is tried again. */
export async function tail(question: Question, events: TailEvents, signal: AbortSignal): Promise<void> {
  const position = { last: "" };
  let pause = kFirstPauseMs;
  for (;;) {
    try {
      await stream(question, position, events, signal, () => (pause = kFirstPauseMs));
      events.state(false, "The collector ended the stream");
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      if (error instanceof NeedsToken) throw error;
      if (error instanceof RequestFailed && error.status >= 400 && error.status < 500 && error.status !== 429) throw error;
      events.state(false, messageOf(error));
    }
    await sleep(pause, signal).catch(() => undefined);
    if (signal.aborted) return;
    pause = Math.min(pause * 2, kLongestPauseMs);
  }
}

async function stream(question: Question, position: { last: string }, events: TailEvents, signal: AbortSignal, alive: () => void): Promise<void> {
  const response = await asking(question, (parameters) =>
    ask(url("tail", parameters), {
      signal,
      headers: { Accept: "text/event-stream", ...(position.last ? { "Last-Event-ID": position.last } : {}) },
    }),
  );
  if (!response.body) throw new Error("the answer has no body");
  events.state(true, "");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new EventParser();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    const entries: Entry[] = [];
    for (const event of parser.feed(value)) {
      if (event.id !== undefined) position.last = event.id;
      if (event.data === "") continue;
      if (event.type === "message" || event.type === "entry") entries.push(readEntry(event.data));
      else events.notice(`${event.type}: ${event.data}`);
    }
    if (entries.length > 0) events.entries(entries);
  }
}

interface ServerEvent {
  type: string;
  data: string;
  id?: string;
}

/** Server-sent events (WHATWG HTML, 9.2.6), from pieces of any size. */
export class EventParser {
  private rest = "";
  private type = "";
  private data: string[] = [];
  private id: string | undefined;

  feed(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    this.rest += text;
    const ends = /\r\n|\n|\r(?!$)/g;
    let begin = 0;
    for (let end = ends.exec(this.rest); end; end = ends.exec(this.rest)) {
      this.line(this.rest.slice(begin, end.index), events);
      begin = end.index + end[0].length;
    }
    this.rest = this.rest.slice(begin);
    return events;
  }

  private line(line: string, events: ServerEvent[]): void {
    if (line === "") {
      if (this.data.length > 0 || this.id !== undefined)
        events.push({ type: this.type || "message", data: this.data.join("\n"), ...(this.id === undefined ? {} : { id: this.id }) });
      this.type = "";
      this.data = [];
      this.id = undefined;
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.type = value;
    else if (name === "data") this.data.push(value);
    else if (name === "id" && !value.includes("\0")) this.id = value;
  }
}
