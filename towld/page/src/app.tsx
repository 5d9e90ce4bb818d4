// The page: what is asked at the top, one pane below it, and a key for everything.

import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { collectorNow, hasToken, NeedsToken, setToken } from "./api/client";
import { isPlainName, quoted } from "./model/completion";
import { addressOf, kLevels, type Entry } from "./model/entry";
import { exported, exportedTable, save, type ExportFormat } from "./model/export";
import { entries as entriesText } from "./model/text";
import { boundsOf, rfc3339, type Bounds } from "./model/time";
import { permalink, readLink, type View } from "./model/view";
import { Chart } from "./ui/chart";
import { copyText } from "./ui/copy";
import { Help, Login } from "./ui/dialogs";
import { EntryList, rowsInSight } from "./ui/entry_list";
import type { DetailActions } from "./ui/entry_detail";
import { Files } from "./ui/files";
import { useKeys } from "./ui/keys";
import { Parts } from "./ui/parts";
import { PatternsPane } from "./ui/patterns";
import { SearchBox } from "./ui/search_box";
import { LiveStatus, ResultsStatus } from "./ui/status_line";
import { useTheme } from "./ui/theme";
import { TableView } from "./ui/table_view";
import { TimeRange } from "./ui/time_range";
import { useContext } from "./ui/use_context";
import { useLive } from "./ui/use_live";
import { usePatterns } from "./ui/use_patterns";
import { useResults } from "./ui/use_results";
import { useView } from "./ui/use_view";

const kEndEntries = 100_000;
const kMoreEntries = 1000;
const kToastMs = 4000;

function useToast(): [string, (text: string) => void] {
  const [toast, setToast] = useState("");
  useEffect(() => {
    if (!toast) return;
    const timer = setTimeout(() => setToast(""), kToastMs);
    return () => clearTimeout(timer);
  }, [toast]);
  return [toast, setToast];
}

export function App() {
  const [view, setView] = useView();
  const [theme, shownTheme, nextTheme] = useTheme();
  const [attempt, setAttempt] = useState(0);
  const [dialog, setDialog] = useState<"" | "help" | "login">("");
  const [toast, setToast] = useToast();
  const [selected, setSelected] = useState(0);
  const [unfolded, setUnfolded] = useState<Set<string>>(() => new Set());
  const exporter = useRef<HTMLDetailsElement>(null);

  const onError = useCallback((error: unknown) => {
    if (error instanceof NeedsToken) setDialog("login");
  }, []);
  const found = useResults(view, attempt, onError);
  const live = useLive(view, attempt, onError);
  const kinds = usePatterns(view, attempt, onError);
  const context = useContext(view.pane === "entry" ? view.address : "", attempt, onError);

  const { pane } = view;
  const entries: Entry[] = pane === "live" ? live.entries : pane === "entry" ? context.entries : (found.results?.entries ?? []);
  const isList = pane === "results" || pane === "live" || pane === "entry";
  const hasQuestion = isList || pane === "patterns";
  /** Where a changed question is asked. */
  const askedIn = pane === "live" || pane === "patterns" ? pane : "results";
  const problem = pane === "live" ? live.problem : pane === "entry" ? context.problem : pane === "patterns" ? kinds.problem : found.problem;

  // A new list begins at its first row, one that is come back to where it was left; the context at the entry that it is of.
  const left = useRef({ results: found.results, at: 0 });
  useEffect(() => {
    if (left.current.results !== found.results) left.current = { results: found.results, at: 0 };
    const at = pane === "entry" ? context.entries.findIndex((entry) => entry.key === context.entry?.key) : pane === "results" ? left.current.at : 0;
    setSelected(Math.max(0, at));
    document.getElementById("list")?.scrollTo(0, Math.max(0, at - 5) * 24);
  }, [pane, found.results, context.entry]);
  const select = (index: number) => {
    setSelected(index);
    if (pane === "results") left.current.at = index;
  };
  useEffect(() => {
    document.title = view.query && hasQuestion ? `${view.query} – towl` : "towl";
  }, [view.query, hasQuestion]);

  const go = (index: number) => {
    select(Math.max(0, Math.min(entries.length - 1, index)));
    document.getElementById("list")?.focus({ preventScroll: true });
  };
  const toggle = (key: string) =>
    setUnfolded((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  const show = (next: View["pane"]) => setView({ pane: next, address: "" });
  const copy = (text: string, what: string) => {
    void copyText(text).then((done) => setToast(done ? `${what} copied` : `The browser does not let this page copy: ${text}`));
  };
  const link = (entry: Entry) => copy(permalink(addressOf(entry), location.href), "Link");
  const openContext = (entry: Entry) => setView({ pane: "entry", address: addressOf(entry) });

  const actions: DetailActions = useMemo(
    () => ({
      onContext: openContext,
      onLink: link,
      onCopy: (text) => copy(text, "Text"),
      onFilter: (field, value, exclude) => {
        const name = isPlainName(field) ? field : `"${field.replace(/["\\]/g, "\\$&")}"`;
        // A level is one, whatever the entry calls it.
        const condition = `${exclude ? "!" : ""}${name}:${field === "level" ? "" : "="}${quoted(value)}`;
        setView({ query: `${view.query.trim()} ${condition}`.trim(), pane: askedIn, address: "" });
      },
    }),
    [view.query, askedIn],
  );

  const spanShown = (): Bounds | undefined => {
    // What the link says: keys may come faster than the page is drawn.
    const now = readLink(location.hash);
    const bounds = boundsOf(now, collectorNow(), now.utc);
    if (typeof bounds === "string") return undefined;
    const { bins } = found;
    const end = bounds.end ?? (bins ? bins.startMs + bins.stepMs * bins.counts.length : collectorNow());
    const start = bounds.start ?? bins?.startMs;
    return start === undefined || end === undefined ? undefined : { start, end };
  };
  const zoom = (startMs: number, endMs: number) => setView({ from: rfc3339(startMs), to: rfc3339(Math.max(endMs, startMs + 1)), pane: pane === "patterns" ? pane : "results" });
  /** `by` times as long, moved by `shift` of its length. */
  const change = (by: number, shift: number) => {
    const span = spanShown();
    if (!span) return;
    const length = span.end! - span.start!;
    const middle = (span.start! + span.end!) / 2 + shift * length;
    zoom(Math.round(middle - (length * by) / 2), Math.round(middle + (length * by) / 2));
  };

  const current = entries[selected];
  const last = () => {
    if (pane === "results" && found.results && !found.results.complete) {
      found.more(kEndEntries);
      setToast("Fetching up to 100,000 more entries; press End again to go to the last one");
    }
    go(entries.length - 1);
  };
  const listKeys = isList
    ? {
        j: () => go(selected + 1), ArrowDown: () => go(selected + 1), k: () => go(selected - 1), ArrowUp: () => go(selected - 1),
        PageDown: () => go(selected + rowsInSight()), PageUp: () => go(selected - rowsInSight()),
        Home: () => go(0), g: () => go(0), End: last, G: last,
        Enter: current && (() => toggle(current.key)),
        ArrowRight: current && !unfolded.has(current.key) ? () => toggle(current.key) : undefined,
        ArrowLeft: current && unfolded.has(current.key) ? () => toggle(current.key) : undefined,
        c: current && (() => openContext(current)),
        y: current && (() => link(current)),
      }
    : {};
  useKeys({
    ...listKeys,
    "/": () => document.getElementById("search")?.focus(),
    "?": () => setDialog("help"),
    t: () => {
      const summary = document.getElementById("time");
      const details = summary?.parentElement as HTMLDetailsElement | null;
      if (details) details.open = true;
      details?.querySelector<HTMLElement>("button")?.focus();
    },
    "+": () => change(0.5, 0), "=": () => change(0.5, 0), "-": () => change(2, 0), "[": () => change(1, -0.5), "]": () => change(1, 0.5),
    r: () => setAttempt(attempt + 1),
    l: () => show(pane === "live" ? "results" : "live"),
    o: () => setView({ order: view.order === "newest" ? "oldest" : "newest", pane: "results" }),
    p: () => show("patterns"), f: () => show("files"), i: () => show("parts"), s: () => show("results"),
    e: () => {
      if (!exporter.current) return;
      exporter.current.open = true;
      exporter.current.querySelector("button")?.focus();
    },
    d: nextTheme,
    Escape: () => show("results"),
  });

  const exportAs = (format: ExportFormat) => {
    const rows = pane === "results" ? found.table : undefined;
    const complete = rows ? !rows.cut && rows.unread.length === 0 : pane === "results" ? found.results?.complete === true && !found.results.newerLeftOut && found.results.unread.length === 0 : pane === "entry";
    save(rows ? exportedTable(rows.columns, rows.rows, format) : exported(entries, format), format, complete);
    if (exporter.current) exporter.current.open = false;
    setToast(`${rows ? `${rows.rows.length} rows` : entriesText(entries.length)} exported${complete ? "" : ": those fetched so far, there may be more"}`);
  };

  const tab = (name: View["pane"], title: string, key: string) => (
    <button type="button" aria-current={pane === name ? "page" : undefined} title={`${title} (${key})`} onClick={() => show(name)}>{title}</button>
  );
  return (
    <>
      <span id="colors" hidden />
      <header>
        <h1><a href="#" onClick={(event) => { event.preventDefault(); setView({ pane: "results", query: "", level: "", from: "", to: "", address: "" }); }}>towl</a></h1>
        <nav aria-label="Views">{tab("results", "Search", "s")}{tab("live", "Live", "l")}{tab("patterns", "Patterns", "p")}{tab("files", "Files", "f")}{tab("parts", "Inputs and outputs", "i")}</nav>
        <div class="tools">
          <button type="button" title="Light or dark (d)" aria-label={`Colours: ${theme}. Change`} onClick={nextTheme}>{shownTheme === "dark" ? "☾" : "☀"}</button>
          {hasToken() && <button type="button" onClick={() => { setToken("", false); location.reload(); }}>Log out</button>}
          <button type="button" title="Keys and help (?)" aria-label="Keys and help" onClick={() => setDialog("help")}>?</button>
        </div>
      </header>
      <main>
        {hasQuestion && (
          <div class="question">
            <SearchBox value={view.query} error={problem} entries={entries} onSearch={(query) => { if (query.trim() === view.query && pane !== "entry") setAttempt(attempt + 1); else setView({ query: query.trim(), pane: askedIn, address: "" }); }} />
            <select aria-label="Level" value={view.level} onChange={(event) => setView({ level: event.currentTarget.value, pane: askedIn, address: "" })}>
              <option value="">All levels</option>
              {kLevels.slice(0, 7).map((level) => <option key={level} value={level}>{level === "emerg" ? "emerg" : `${level} and worse`}</option>)}
            </select>
            <TimeRange range={view} utc={view.utc} onChange={(range) => setView({ ...range, pane: pane === "patterns" ? pane : "results", address: "" })} onZone={(utc) => setView({ utc }, true)} />
            {pane === "results" && <button type="button" title="Order (o)" onClick={() => setView({ order: view.order === "newest" ? "oldest" : "newest" })}>{view.order === "newest" ? "Newest first" : "Oldest first"}</button>}
            {isList && <details class="menu right" ref={exporter} onKeyDown={(event) => { if (event.key === "Escape") { event.stopPropagation(); exporter.current!.open = false; exporter.current!.querySelector("summary")!.focus(); } }}>
              <summary title="Export (e)">Export</summary>
              <div class="panel presets">
                <button type="button" onClick={() => exportAs("ndjson")}>JSON, one entry a line</button>
                <button type="button" onClick={() => exportAs("text")}>Text</button>
                <button type="button" onClick={() => exportAs("csv")}>CSV</button>
              </div>
            </details>}
          </div>
        )}
        {pane === "results" && (found.bins ? <Chart bins={found.bins} utc={view.utc} theme={shownTheme} onZoom={zoom} /> : !found.table && <div class="chart" />)}
        {pane === "results" && found.table && <TableView table={found.table} utc={view.utc} />}
        {pane === "results" && !found.table && <ResultsStatus found={found} utc={view.utc} />}
        {pane === "live" && <LiveStatus live={live} />}
        {pane === "entry" && (
          <p class="status" role="status">
            <button type="button" onClick={() => show("results")}>Back to the results</button>
            {context.entry ? ` Entry ${addressOf(context.entry)} and its neighbours in file ${context.entry.fileId}, whatever they are about ` : context.problem ? "" : " Looking for the entry… "}
            {context.entry && <button type="button" disabled={context.atBeginning} onClick={context.before}>More before</button>}{" "}
            {context.entry && <button type="button" disabled={context.atEnd} onClick={context.after}>More after</button>}
          </p>
        )}
        {pane === "entry" && context.unread > 0 && <p class="error" role="alert">{entriesText(context.unread)} among these could not be read: towlctl verify names them</p>}
        {isList && !(pane === "results" && found.table) && (
          <EntryList
            entries={entries}
            version={pane === "live" ? live.version : found.version}
            utc={view.utc}
            selected={selected}
            onSelect={select}
            unfolded={unfolded}
            onUnfold={toggle}
            {...(pane === "results" ? { onEnd: () => found.more(kMoreEntries) } : {})}
            {...(context.entry && pane === "entry" ? { marked: context.entry.key } : {})}
            follows={pane === "live"}
            actions={actions}
            label={pane === "live" ? "Entries as they come" : pane === "entry" ? "An entry and its neighbours" : "Entries found"}
          />
        )}
        {pane === "patterns" && <PatternsPane found={kinds} fresh={view.fresh} onFresh={(fresh) => setView({ fresh })} />}
        {pane === "files" && <Files utc={view.utc} onError={onError} onShow={(file) => setView({ pane: "entry", address: `${file.file_id}:0` })} />}
        {pane === "parts" && <Parts onError={onError} />}
      </main>
      {toast && <p class="toast" role="status">{toast}</p>}
      {dialog === "help" && <Help onClose={() => setDialog("")} />}
      {dialog === "login" && <Login wrong={hasToken()} onClose={() => setDialog("")} onToken={(token, keep) => { setToken(token, keep); setDialog(""); setAttempt(attempt + 1); }} />}
    </>
  );
}
