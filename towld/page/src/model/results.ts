// Results is what a question has found so far, in the order in which it is shown, and finds more as it is asked to.
//
// The collector answers oldest first. For newest first, the time is cut into windows, from its end backwards: each is
// fetched whole, sorted, and put below what is there; a window that holds too much is made shorter, one that holds
// little is followed by a longer one. So what is shown is always all there is between two times. A millisecond that holds too
// much is not cut: it comes page by page, the last stored first.

import { collectorNow } from "../api/client";
import type { StoreSpan } from "../api/files";
import { search, unreadParts, type Answer, type Part, type Question } from "../api/search";
import { byNewest, msOf, type Entry } from "./entry";
import type { Bounds } from "./time";

const kPage = 1000;
const kFirstPage = 200;
/** Of one window: fetched whole if it holds so many at most. */
const kWindowEntries = 4000;
const kShortestWindowMs = 1;
/** So often the newest time is guessed anew; then the windows begin at the very end. */
const kRaises = 3;
/** So many are held: browsers scroll no higher than some 30 million pixels, and memory (about 1 KB each). */
export const kMaxHeld = 250_000;
/** Of long entries, so many characters are held. */
const kMaxHeldCharacters = 200_000_000;

export class Results {
  entries: Entry[] = [];
  /** All that there is, was fetched. */
  complete = false;
  /** No more is fetched, though there is more. */
  full = false;
  /** It broke off: nothing more is fetched, until the question is asked anew. */
  failed = false;
  unread: string[] = [];
  /** Entries at or after this time are all here (newest first), or before it (oldest first, where times rise). */
  reachedMs: number | undefined;
  private cursor: string | undefined;
  private heldCharacters = 0;
  private windowMs: number;
  /** No entries are known of before this time; there may be some that say of themselves to be older. */
  private floorMs: number | undefined;
  /** Without an end of the time: when the question was asked. Newer entries are fetched once, if they are not too many. */
  private readonly askedMs: number;
  private newer: Entry[] | undefined;
  private triedOpen = false;
  private target = 0;
  /** What comes page by page now. */
  private dense: Part | undefined;
  /** So many entries came in since it was asked that they are not shown. */
  newerLeftOut = false;
  /** About the newest time there is. */
  private topMs: number;
  private raised = 0;
  private running: Promise<void> | undefined;

  constructor(
    readonly question: Question,
    readonly bounds: Bounds,
    readonly order: "newest" | "oldest",
    private readonly store: StoreSpan | undefined,
    private readonly signal: AbortSignal,
    private readonly changed: () => void,
  ) {
    this.windowMs = this.firstWindow();
    this.floorMs = store?.firstMs;
    this.topMs = store ? store.lastMs + 1 : collectorNow();
    this.askedMs = Math.max(collectorNow(), this.topMs);
  }

  get searching(): boolean {
    return this.running !== undefined;
  }

  /** Fetches until there are `wanted` entries more, or no more. A call while one is under way makes that one longer. */
  more(wanted: number): Promise<void> {
    if (this.complete || this.full || this.failed) return Promise.resolve();
    this.target = Math.max(this.target, this.entries.length + wanted);
    this.running ??= this.fetch()
      .catch((error: unknown) => {
        this.failed = true;
        throw error;
      })
      .finally(() => {
        this.running = undefined;
        this.changed();
      });
    return this.running;
  }

  private async fetch(): Promise<void> {
    this.changed();
    while (!this.complete && this.entries.length < this.target) {
      if (this.entries.length >= kMaxHeld || this.heldCharacters >= kMaxHeldCharacters) {
        this.full = true;
        break;
      }
      await (this.order === "oldest" ? this.fetchPage() : this.dense ? this.fetchDense(this.dense) : this.fetchWindow());
      this.signal.throwIfAborted();
      this.changed();
    }
  }

  private async answerTo(part: Part): Promise<Answer> {
    const answer = await search(this.question, part, this.signal);
    if (answer.unread > 0) {
      const parts = await unreadParts(this.question, part, this.signal).catch(() => [`${answer.unread} parts of the store`]);
      this.unread = [...new Set([...this.unread, ...parts])];
    }
    return answer;
  }

  private async fetchPage(): Promise<void> {
    const part: Part = { limit: this.entries.length === 0 ? kFirstPage : kPage };
    if (this.bounds.start !== undefined) part.startMs = this.bounds.start;
    if (this.bounds.end !== undefined) part.endMs = this.bounds.end;
    if (this.cursor !== undefined) part.cursor = this.cursor;
    const answer = await this.answerTo(part);
    this.take(answer.entries);
    this.cursor = answer.cursor;
    this.complete = answer.cursor === undefined;
  }

  private take(entries: Entry[]): void {
    for (const entry of entries) {
      this.entries.push(entry);
      this.heldCharacters += entry.line.length;
    }
  }

  private firstWindow(): number {
    const store = this.store;
    const end = Math.min(this.bounds.end ?? Infinity, store ? store.lastMs + 1 : collectorNow());
    const start = Math.max(this.bounds.start ?? -Infinity, store?.firstMs ?? end - 60_000);
    const all = Math.max(end - start, 1000);
    // As if entries came evenly: about a page of them.
    if (!store || store.entries <= kFirstPage) return all;
    return Math.max(10, Math.min(all, ((store.lastMs - store.firstMs) * kFirstPage) / store.entries));
  }

  /** Where the next window ends, and from where its length counts: there is little between about the newest time and the end. */
  private top(): { endMs: number; from: number } {
    if (this.reachedMs !== undefined) return { endMs: this.reachedMs, from: this.reachedMs };
    const endMs = this.bounds.end ?? this.askedMs;
    return { endMs, from: Math.max(Math.min(endMs, this.topMs), this.bounds.start ?? -Infinity) };
  }

  /** What came since it was asked, or says that it is still to happen. */
  private async fetchNewer(): Promise<Entry[]> {
    if (this.newer !== undefined || this.bounds.end !== undefined) return this.newer ?? [];
    const part: Part = { startMs: Math.max(this.askedMs, this.bounds.start ?? -Infinity), limit: kPage };
    const newer: Entry[] = [];
    let more = true;
    while (more && newer.length < kWindowEntries) {
      const answer = await this.answerTo(part);
      for (const entry of answer.entries) newer.push(entry);
      more = answer.cursor !== undefined;
      if (answer.cursor !== undefined) part.cursor = answer.cursor;
      this.signal.throwIfAborted();
    }
    this.newerLeftOut = more;
    this.newer = more ? [] : newer;
    return this.newer;
  }

  private async fetchWindow(): Promise<void> {
    const { endMs, from } = this.top();
    let start: number | undefined = Math.floor(from - this.windowMs);
    const floor = this.bounds.start ?? this.floorMs;
    // Below the floor all are asked for at once: mostly there are none.
    if (floor === undefined || start <= floor) start = this.bounds.start;
    const part: Part = { limit: kPage };
    if (start !== undefined) part.startMs = start;
    let window: Entry[] | undefined;
    if (this.reachedMs === undefined && this.bounds.end === undefined && !this.triedOpen) {
      // Without an end, in the hope that not more comes in than is asked for: a single request then.
      this.triedOpen = true;
      const answer = await this.answerTo(part);
      if (answer.cursor !== undefined) return;
      window = answer.entries;
    } else {
      const newer = this.reachedMs === undefined ? await this.fetchNewer() : [];
      window = await this.wholeWindow({ ...part, endMs }, from);
      if (this.dense) {
        this.take(newer.sort(byNewest));
        this.reachedMs = endMs;
      }
      if (window === undefined) return;
      for (const entry of newer) window.push(entry);
    }
    window.sort(byNewest);
    this.take(window);
    this.reach(start);
    if (window.length === 0) this.windowMs *= 16;
    else if (window.length < kFirstPage / 4) this.windowMs *= 8;
    else if (window.length < kPage) this.windowMs *= 2;
  }

  private reach(start: number | undefined): void {
    this.reachedMs = start;
    this.complete = start === undefined || (this.bounds.start !== undefined && start <= this.bounds.start);
  }

  private async fetchDense(part: Part): Promise<void> {
    const answer = await this.answerTo(part);
    this.take(answer.entries);
    if (answer.cursor !== undefined) {
      part.cursor = answer.cursor;
      return;
    }
    this.dense = undefined;
    this.reach(part.startMs);
  }

  /** undefined if it holds too much: then the window is shorter from now on, or dense. */
  private async wholeWindow(part: Part, from: number): Promise<Entry[] | undefined> {
    const entries: Entry[] = [];
    for (;;) {
      const answer = await this.answerTo(part);
      for (const entry of answer.entries) entries.push(entry);
      if (answer.cursor === undefined) return entries;
      this.signal.throwIfAborted();
      part = { ...part, cursor: answer.cursor };
      const tooMuch = entries.length >= kWindowEntries || (this.entries.length === 0 && entries.length >= kPage);
      if (tooMuch) {
        this.shorten(part, from, entries);
        return undefined;
      }
    }
  }

  /** Makes windows so short that they hold about a page, by what the beginning of a too long one held; or this one dense. */
  private shorten(part: Part, from: number, entries: Entry[]): void {
    let oldest = Infinity;
    let newest = -Infinity;
    for (const entry of entries) {
      const ms = msOf(entry.time);
      oldest = Math.min(oldest, ms);
      newest = Math.max(newest, ms);
    }
    if (this.reachedMs === undefined && newest >= from) {
      // What was known of the newest time was too old: the window begins later.
      this.topMs = ++this.raised < kRaises ? newest + 1 : part.endMs!;
      from = this.topMs;
    }
    const start = part.startMs ?? oldest;
    if (part.startMs === undefined) this.floorMs = Math.min(this.floorMs ?? oldest, oldest);
    const evenly = ((newest - oldest) * kPage) / 2 / entries.length;
    const shorter = Math.max(kShortestWindowMs, Math.floor(Math.min(evenly, (from - start) / 4)));
    if (shorter < from - start) {
      this.windowMs = shorter;
    } else {
      this.dense = { startMs: start, endMs: part.endMs!, limit: kPage, backwards: true };
    }
  }
}
