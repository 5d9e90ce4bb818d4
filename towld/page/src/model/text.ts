// What a log wrote is shown as text, never obeyed: characters that would be invisible, move others about or end a line
// are named instead, so that no entry can look like something that it is not.

export interface Piece {
  text: string;
  /** Stands for a character that is not shown itself: `text` names it. */
  named: boolean;
}

// C0 and C1 controls but tab, DEL; soft hyphen; zero-width and joining characters; bidirectional controls (Unicode TR 9);
// line and paragraph separators; invisible operators; variation selectors are left to emoji; BOM; interlinear
// annotations; tags; halves of surrogate pairs; object replacement.
const kHidden =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffc]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\udb40[\udc00-\udc7f]/g;

// Not the pictures of control characters: fonts lack them.
const kShort: Record<string, string> = { "\n": "↵", "\r": "\\r", "\x1b": "\\e", "\0": "\\0" };

export function nameOf(character: string): string {
  const short = kShort[character];
  if (short) return short;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? "\\x" + code.toString(16).padStart(2, "0") : "U+" + code.toString(16).toUpperCase().padStart(4, "0");
}

/** `lines`: line feeds are kept, for where a text is shown over several lines. */
export function pieces(text: string, lines = false): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  kHidden.lastIndex = 0;
  for (let match = kHidden.exec(text); match; match = kHidden.exec(text)) {
    if (lines && match[0] === "\n") continue;
    if (match.index > at) found.push({ text: text.slice(at, match.index), named: false });
    found.push({ text: nameOf(match[0]), named: true });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ text: text.slice(at), named: false });
  return found;
}

/** As plain text, for labels and exports that are lines. */
export function visible(text: string): string {
  return pieces(text)
    .map((piece) => piece.text)
    .join("");
}

/** At most `max` UTF-16 units, never half a character. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? max - 1 : max);
}

export function count(number: number): string {
  return number.toLocaleString("en-US");
}

export function size(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    ++unit;
  }
  return `${unit === 0 ? bytes : bytes.toFixed(1)} ${units[unit]}`;
}

/** "1 entry", "2 entries". */
export function entries(number: number): string {
  return number === 1 ? "1 entry" : `${count(number)} entries`;
}
