// What the list holds, and what it does not: no part is ever taken for the whole.

import type { Results } from "../model/results";
import { count, entries as entriesText } from "../model/text";
import { showMs } from "../model/time";
import type { Found } from "./use_results";
import type { Live } from "./use_live";

function held(results: Results, utc: boolean): string {
  const number = results.entries.length;
  if (results.full) return `The first ${count(number)} entries; there are more. No more are held here: narrow the time or the search`;
  if (results.complete && results.newerLeftOut) return `${entriesText(number)}: all there were when this was asked; many came since, or are dated later: r asks again`;
  if (results.complete) return number === 0 ? "Nothing found" : `${entriesText(number)}: all there are`;
  if (results.failed) return number === 0 ? "" : `${entriesText(number)}; the search broke off, there may be more. r asks again`;
  if (results.searching && number === 0) return results.reachedMs === undefined ? "Searching…" : `Searching… nothing since ${showMs(results.reachedMs, utc)}`;
  const more = results.searching ? "searching for more…" : "there may be more: scroll on, or press End";
  if (results.order === "newest" && results.reachedMs !== undefined) return `${entriesText(number)}, all since ${showMs(results.reachedMs, utc)}${results.newerLeftOut ? " until this was asked" : ""}; ${more}`;
  return `The first ${entriesText(number)}; ${more}`;
}

export function ResultsStatus({ found, utc }: { found: Found; utc: boolean }) {
  const { results, problem } = found;
  if (!results) return <p class="status" role="status">{problem ? "" : "Searching…"}</p>;
  return (
    <>
      <p class="status" role="status">
        {held(results, utc)}
        {found.bins && !found.countedThere && !results.complete && !results.failed && ". The chart counts what was fetched; the rest is hatched"}
        {found.countedThere && found.bins?.knownFromMs === undefined && ". The chart is a part: the collector did not look at everything"}
      </p>
      {results.unread.length > 0 && (
        <div class="error" role="alert"><details>
          <summary>Not everything could be read: what is shown lacks it</summary>
          <ul>{results.unread.map((part) => <li key={part}>{part}</li>)}</ul>
        </details></div>
      )}
    </>
  );
}

export function LiveStatus({ live }: { live: Live }) {
  return (
    <>
      <p class="status" role="status">
        <span class={live.connected ? "light on" : "light"} aria-hidden="true" />
        {live.connected ? "Live: every entry from when this was opened" : live.problem ? "Not live" : `Not connected: ${live.why}. It goes on where it was, nothing is missed`}
        {` — ${entriesText(live.entries.length)}`}
        {live.letGo > 0 && `; ${count(live.letGo)} older ones were let go here`}
      </p>
      {live.notices.length > 0 && <ul class="error" role="alert">{live.notices.map((notice) => <li key={notice}>{notice}</li>)}</ul>}
    </>
  );
}
