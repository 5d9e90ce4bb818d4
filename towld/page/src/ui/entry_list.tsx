// The list of entries: only the rows that are in sight are in the document, however many there are.
//
// Rows have one height (two lines on narrow screens); an unfolded one is as high as it turns out to be. The selected row
// is told to assistive technology as the active descendant; the list itself has the focus.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { levelName, type Entry } from "../model/entry";
import { cut } from "../model/text";
import { showTime } from "../model/time";
import { EntryDetail, type DetailActions } from "./entry_detail";
import { VisibleText } from "./visible_text";

export interface ListProperties {
  entries: Entry[];
  /** Grows whenever `entries` changed in place. */
  version: number;
  utc: boolean;
  selected: number;
  onSelect(index: number): void;
  unfolded: Set<string>;
  onUnfold(key: string): void;
  /** The end is near: more could be fetched. */
  onEnd?(): void;
  /** Of the entry that the neighbours are of. */
  marked?: string;
  /** Stays at the end while it is there. */
  follows?: boolean;
  actions: DetailActions;
  label: string;
}

const kRowPx = 24;
const kNarrowRowPx = 46;
const kSpareRows = 12;
const kShownCharacters = 600;
const kNarrow = "(max-width: 700px)";

/** Where rows are: all have one height but those that are unfolded. */
class Heights {
  constructor(
    private readonly row: number,
    /** By index, rising: what an unfolded row has besides. */
    private readonly more: [number, number][],
    readonly rows: number,
  ) {}

  top(index: number): number {
    let top = index * this.row;
    for (const [at, height] of this.more) {
      if (at >= index) break;
      top += height;
    }
    return top;
  }

  get total(): number {
    return this.top(this.rows);
  }

  /** The row at this height. */
  at(px: number): number {
    let low = 0;
    let high = Math.max(0, this.rows - 1);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.top(middle) <= px) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(kNarrow).matches);
  useEffect(() => {
    const query = matchMedia(kNarrow);
    const changed = () => setNarrow(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  return narrow;
}

export function EntryList(properties: ListProperties) {
  const { entries, selected, unfolded, utc } = properties;
  const box = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState({ top: 0, height: 600 });
  const [detailHeights, setDetailHeights] = useState<Map<string, number>>(() => new Map());
  const atEnd = useRef(true);
  const rowPx = useNarrow() ? kNarrowRowPx : kRowPx;

  const more: [number, number][] = [];
  if (unfolded.size > 0) entries.forEach((entry, i) => unfolded.has(entry.key) && more.push([i, detailHeights.get(entry.key) ?? 120]));
  const heights = new Heights(rowPx, more, entries.length);
  const first = Math.max(0, heights.at(scroll.top) - kSpareRows);
  const last = Math.min(entries.length, heights.at(scroll.top + scroll.height) + 1 + kSpareRows);

  useLayoutEffect(() => {
    const element = box.current!;
    const look = () => {
      atEnd.current = element.scrollTop + element.clientHeight >= element.scrollHeight - rowPx;
      setScroll({ top: element.scrollTop, height: element.clientHeight });
    };
    look();
    element.addEventListener("scroll", look, { passive: true });
    const watch = new ResizeObserver(look);
    watch.observe(element);
    return () => {
      element.removeEventListener("scroll", look);
      watch.disconnect();
    };
  }, [rowPx]);

  useEffect(() => {
    if (last >= entries.length - 100) properties.onEnd?.();
  }, [last, entries.length, properties.version]);

  useLayoutEffect(() => {
    if (properties.follows && atEnd.current) box.current!.scrollTop = heights.total;
  }, [properties.version, properties.follows]);

  // The selected row is brought into sight.
  useLayoutEffect(() => {
    if (selected < 0 || selected >= entries.length) return;
    const element = box.current!;
    const top = heights.top(selected);
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowPx > element.scrollTop + element.clientHeight) element.scrollTop = top + rowPx - element.clientHeight;
  }, [selected, properties.marked]);

  const measured = (key: string, height: number) => {
    if (detailHeights.get(key) !== height) setDetailHeights((before) => new Map(before).set(key, height));
  };

  const rows = [];
  for (let i = first; i < last; ++i) {
    const entry = entries[i]!;
    const isUnfolded = unfolded.has(entry.key);
    const classes = `row level${entry.level ?? ""}${i === selected ? " selected" : ""}${entry.key === properties.marked ? " marked" : ""}`;
    rows.push(
      <div
        key={entry.key}
        id={`row-${i}`}
        role="row"
        class={classes}
        style={{ top: `${heights.top(i)}px`, height: `${rowPx}px` }}
        aria-rowindex={i + 1}
        aria-level={1}
        aria-selected={i === selected}
        aria-expanded={isUnfolded}
        onClick={() => {
          // Whoever selects text does not want to unfold it.
          if (getSelection()?.toString()) return;
          properties.onSelect(i);
          properties.onUnfold(entry.key);
        }}
      >
        <span role="gridcell" class="time">{showTime(entry.time, utc)}</span>
        <span role="gridcell" class="level">{levelName(entry.level)}</span>
        <span role="gridcell" class="sender"><VisibleText text={cut(entry.sender, 80)} /></span>
        <span role="gridcell" class="message">
          <VisibleText text={cut(entry.message, kShownCharacters)} />
          {entry.message.length > kShownCharacters && <span class="named">… {entry.message.length} characters</span>}
        </span>
      </div>,
    );
    if (isUnfolded)
      rows.push(
        <div key={entry.key + " detail"} role="row" aria-level={2} class="detail-row" style={{ top: `${heights.top(i) + rowPx}px` }}>
          <div role="gridcell">
            <EntryDetail entry={entry} utc={utc} actions={properties.actions} onHeight={measured} />
          </div>
        </div>,
      );
  }
  return (
    <div
      ref={box}
      id="list"
      class="list"
      role="treegrid"
      tabIndex={0}
      aria-label={properties.label}
      aria-rowcount={entries.length}
      aria-activedescendant={selected >= first && selected < last ? `row-${selected}` : undefined}
    >
      <div class="rows" role="rowgroup" style={{ height: `${heights.total}px` }}>{rows}</div>
    </div>
  );
}

/** How many rows a page has, for keys. */
export function rowsInSight(): number {
  const list = document.getElementById("list");
  const row = list?.querySelector<HTMLElement>(".row");
  return list && row ? Math.max(1, Math.floor(list.clientHeight / row.offsetHeight) - 1) : 10;
}
