// An unfolded entry: its text as it is, its times and fields, and what can be done with it.

import { useEffect, useRef, useState } from "preact/hooks";
import { addressOf, fieldsOf, type Entry, type Field } from "../model/entry";
import { cut } from "../model/text";
import { showTime } from "../model/time";
import { VisibleText } from "./visible_text";

export interface DetailActions {
  onContext(entry: Entry): void;
  onLink(entry: Entry): void;
  onCopy(text: string): void;
  /** Adds a condition to the question. */
  onFilter(field: string, value: string, exclude: boolean): void;
}

const kShownCharacters = 4000;

function Value(props: { text: string }) {
  const [whole, setWhole] = useState(false);
  const text = whole ? props.text : cut(props.text, kShownCharacters);
  return (
    <>
      <VisibleText text={text} lines />
      {text.length < props.text.length && (
        <button type="button" onClick={() => setWhole(true)}>Show all {props.text.length} characters</button>
      )}
    </>
  );
}

function Row(props: { field: Field; actions: DetailActions; shown?: string }) {
  const { field, actions } = props;
  return (
    <tr>
      <th scope="row"><VisibleText text={field.name} /></th>
      <td>
        <Value text={props.shown ?? field.value} />
        <button type="button" class="small" aria-label={`Only entries with this ${field.name}`} title="Only entries with this" onClick={() => actions.onFilter(field.name, field.value, false)}>=</button>
        <button type="button" class="small" aria-label={`Only entries without this ${field.name}`} title="Only entries without this" onClick={() => actions.onFilter(field.name, field.value, true)}>≠</button>
      </td>
    </tr>
  );
}

export function EntryDetail(props: { entry: Entry; utc: boolean; actions: DetailActions; onHeight(key: string, height: number): void }) {
  const { entry, actions, utc } = props;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current!;
    const watch = new ResizeObserver(() => element.isConnected && props.onHeight(entry.key, element.offsetHeight));
    watch.observe(element);
    return () => watch.disconnect();
  }, [entry.key]);
  // A click here is not one on the row.
  return (
    <div class="detail" ref={box} onClick={(event) => event.stopPropagation()}>
      <div class="detail-text"><Value text={entry.message} /></div>
      <div class="actions">
        <button type="button" onClick={() => actions.onContext(entry)}>Context</button>
        <button type="button" onClick={() => actions.onLink(entry)}>Copy link</button>
        <button type="button" onClick={() => actions.onCopy(entry.message)}>Copy text</button>
        <button type="button" onClick={() => actions.onCopy(entry.line)}>Copy JSON</button>
      </div>
      <table>
        <tbody>
          <Row field={{ name: "sender", value: entry.sender }} actions={actions} />
          <tr><th scope="row">time</th><td>{entry.time} <span class="muted">({showTime(entry.time, utc)})</span></td></tr>
          {entry.received !== entry.time && <tr><th scope="row">received</th><td>{entry.received}</td></tr>}
          <tr><th scope="row">address</th><td><code>{addressOf(entry)}</code>{entry.fileUuid && <span class="muted"> (file {entry.fileId})</span>}</td></tr>
          {fieldsOf(entry).map((field, i) => <Row key={i} field={field} actions={actions} />)}
        </tbody>
      </table>
    </div>
  );
}
