// The box for the question: completion of fields and their values, errors under the column.

import { useEffect, useRef, useState } from "preact/hooks";
import { complete, type Completion } from "../model/completion";
import type { Entry } from "../model/entry";
import { VisibleText } from "./visible_text";

interface Properties {
  value: string;
  error: { message: string; column?: number } | undefined;
  /** Seen so far: what can be completed comes from them. */
  entries: Entry[];
  onSearch(text: string): void;
}

export function SearchBox(properties: Properties) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(properties.value);
  const [offers, setOffers] = useState<Completion[]>([]);
  const [chosen, setChosen] = useState(-1);
  useEffect(() => setText(properties.value), [properties.value]);

  const look = () => {
    const element = input.current!;
    setOffers(complete(element.value, element.selectionStart ?? element.value.length, properties.entries));
    setChosen(-1);
  };
  const close = () => {
    setOffers([]);
    setChosen(-1);
  };
  const take = (offer: Completion) => {
    const element = input.current!;
    const at = element.selectionStart ?? element.value.length;
    const before = element.value.slice(0, offer.from) + offer.text;
    const after = element.value.slice(at);
    setText(before + after);
    close();
    element.value = before + after;
    element.focus();
    element.setSelectionRange(before.length, before.length);
    if (offer.text.endsWith(":")) look();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      event.preventDefault();
      const offer = offers[chosen];
      if (offer) return take(offer);
      close();
      properties.onSearch(input.current!.value);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (offers.length > 0) close();
      else input.current!.blur(), document.getElementById("list")?.focus();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && offers.length > 0) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setChosen((chosen + step + offers.length + (chosen < 0 && step < 0 ? 1 : 0)) % offers.length);
    } else if (event.key === "Tab" && !event.shiftKey && offers[chosen]) {
      event.preventDefault();
      take(offers[chosen]);
    }
  };

  const { error } = properties;
  return (
    <div class="search">
      <input
        ref={input}
        id="search"
        type="search"
        list={undefined}
        role="combobox"
        aria-label="Search"
        aria-autocomplete="list"
        aria-expanded={offers.length > 0}
        aria-controls="offers"
        aria-activedescendant={chosen >= 0 ? `offer-${chosen}` : undefined}
        aria-invalid={error !== undefined}
        aria-describedby={error ? "search-error" : undefined}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        placeholder="Search  ( / )"
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          look();
        }}
        onKeyDown={onKeyDown}
        onBlur={close}
      />
      <ul id="offers" role="listbox" aria-label="Completions" hidden={offers.length === 0}>
        {offers.map((offer, i) => (
          <li
            key={offer.text}
            id={`offer-${i}`}
            role="option"
            aria-selected={i === chosen}
            class={i === chosen ? "chosen" : ""}
            onMouseDown={(event) => {
              event.preventDefault();
              take(offer);
            }}
          >
            <VisibleText text={offer.text} /> <span class="muted">{offer.about}</span>
          </li>
        ))}
      </ul>
      {error && (
        <div id="search-error" class="error" role="alert">
          {error.column !== undefined && (
            <pre aria-hidden="true">
              <VisibleText text={properties.value.slice(0, error.column - 1)} />
              <mark><VisibleText text={properties.value[error.column - 1] ?? " "} /></mark>
              <VisibleText text={properties.value.slice(error.column)} />
            </pre>
          )}
          {error.column !== undefined && `Column ${error.column}: `}
          <VisibleText text={error.message} />
        </div>
      )}
    </div>
  );
}
