import { pieces } from "../model/text";

/** Text of a log, as text: what would be invisible is named, and nothing moves what stands beside it. */
export function VisibleText(props: { text: string; lines?: boolean }) {
  return (
    <bdi class={props.lines ? "text lines" : "text"}>
      {pieces(props.text, props.lines).map((piece) => (piece.named ? <span class="named">{piece.text}</span> : piece.text))}
    </bdi>
  );
}
