// The dialogs: keys and language, and the login.

import { useEffect, useRef, useState } from "preact/hooks";

function useModal(onClose: () => void) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current!;
    element.showModal();
    element.addEventListener("close", onClose);
    return () => element.removeEventListener("close", onClose);
  }, []);
  return dialog;
}

const kKeys: [string, string][] = [
  ["/", "search box"],
  ["j k ↓ ↑", "next, previous entry"],
  ["PgDn PgUp", "a page on, back"],
  ["g G Home End", "first, last entry"],
  ["Enter", "unfold, fold"],
  ["c", "context: its neighbours in the file"],
  ["y", "copy a link to the entry"],
  ["t", "time range"],
  ["+ -", "zoom in, out"],
  ["[ ]", "earlier, later"],
  ["Alt+←", "back, as browsers have it"],
  ["r", "search again"],
  ["l", "live tail, or end it"],
  ["o", "newest or oldest first"],
  ["p f i s", "patterns; files; inputs and outputs; search"],
  ["e", "export what was fetched"],
  ["d", "light, dark, as the system"],
  ["Esc", "close, back to results"],
  ["?", "this"],
];

const kLanguage: [string, string][] = [
  ["disk full", "both words, in any order"],
  ['"disk full"', "this phrase"],
  ["disk*  *isk*", "words that begin so; any part"],
  ["i(disk)", "in any case"],
  ['~"fail(ed|ure)"', "regular expression (RE2)"],
  ["level:>=warning", "this level and more severe ones"],
  ["sender:db-1  status:>=500", "a field's value"],
  ["a or b, not c, (…)", "or, not, brackets"],
  ["… | stats by (sender) count()", "a table; also top, uniq, sort, fields"],
];

export function Help(props: { onClose(): void }) {
  const dialog = useModal(props.onClose);
  const rows = (list: [string, string][]) => list.map(([what, means]) => <tr key={what}><th scope="row"><kbd>{what}</kbd></th><td>{means}</td></tr>);
  return (
    <dialog ref={dialog} aria-labelledby="help-title">
      <div class="columns">
        <div>
          <h2 id="help-title" tabIndex={-1} autofocus>Keys</h2>
          <table>{<tbody>{rows(kKeys)}</tbody>}</table>
        </div>
        <div>
          <h2>Search</h2>
          <table><tbody>{rows(kLanguage)}</tbody></table>
          <h2>Links</h2>
          <p>The address of this page is the view: question, range, order. It never holds a token. A relative range stays relative.</p>
        </div>
      </div>
      <form method="dialog"><button class="primary">Close</button></form>
    </dialog>
  );
}

export function Login(props: { wrong: boolean; onToken(token: string, keep: boolean): void; onClose(): void }) {
  const dialog = useModal(props.onClose);
  const input = useRef<HTMLInputElement>(null);
  const [keep, setKeep] = useState(false);
  return (
    <dialog ref={dialog} aria-labelledby="login-title">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const token = input.current!.value.trim();
          if (token) props.onToken(token, keep);
        }}
      >
        <h2 id="login-title">A token is needed</h2>
        <p>{props.wrong ? "This token was not taken. " : ""}Tokens are made with <code>towld token create --scope read</code> on the collector.</p>
        <label>Token <input ref={input} id="token" type="password" autocomplete="off" spellcheck={false} required autofocus /></label>
        <label class="check"><input type="checkbox" checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} /> Keep it until this tab is closed (else: until the page is left)</label>
        <p class="muted">It is sent to this collector in a header, and never part of an address.</p>
        <button type="submit" class="primary">Use it</button>
      </form>
    </dialog>
  );
}
