// For collectors without a query language: what is typed becomes the parameters that they have. What these cannot say is
// an error, never another question than the one that was asked.

export interface PlainQuery {
  q?: string;
  regex?: string;
  level?: string;
  sender?: string;
  /** What is looked for, in words. */
  readAs: string;
}

export class NotPlain extends Error {
  constructor(
    message: string,
    readonly column: number,
  ) {
    super(message);
  }
}

const kOnly = "this collector has no query language: it searches for one text as a whole, ~\"regular expression\", level:err and sender:NAME";

interface Word {
  text: string;
  column: number;
  quoted: boolean;
  name?: string;
  regex: boolean;
}

function words(text: string): Word[] {
  const found: Word[] = [];
  const next = /\s*(?:([\w.]+):)?(~?)("(?:[^"\\]|\\.)*"|[^\s"]\S*)?/y;
  while (next.lastIndex < text.length) {
    const begin = next.lastIndex;
    const match = next.exec(text);
    if (!match || match[0].trim() === "") {
      if (text.slice(begin).trim() === "") break;
      throw new NotPlain("a quote is not closed", begin + 1);
    }
    const value = match[3] ?? "";
    const quoted = value.startsWith('"');
    const column = begin + match[0].length - match[0].trimStart().length + 1;
    found.push({
      text: quoted ? value.slice(1, -1).replace(/\\(["\\])/g, "$1") : value,
      column,
      quoted,
      regex: match[2] === "~",
      ...(match[1] === undefined ? {} : { name: match[1] }),
    });
  }
  return found;
}

/** Errors: NotPlain. */
export function plainQuery(text: string): PlainQuery {
  const query: PlainQuery = { readAs: "" };
  const texts: Word[] = [];
  for (const word of words(text)) {
    if (word.name === "level" || word.name === "sender") query[word.name] = word.text;
    else if (word.name !== undefined && !word.regex && /^\d+$/.test(word.name)) texts.push({ ...word, text: `${word.name}:${word.text}` });
    else if (word.name !== undefined) throw new NotPlain(`“${word.name}:” cannot be asked for: ${kOnly}`, word.column);
    else if (word.regex) {
      if (query.regex !== undefined) throw new NotPlain(`there is a regular expression already: ${kOnly}`, word.column);
      query.regex = word.text;
    } else if (!word.quoted && (/^(AND|OR|NOT|and|or|not|\||[-!(].*|.*\))$/.test(word.text)))
      throw new NotPlain(`“${word.text}” cannot be asked for, and as a text it has to be in quotes: ${kOnly}`, word.column);
    else texts.push(word);
  }
  if (texts.length > 1 && texts.some((word) => word.quoted))
    throw new NotPlain(`there is a text already: ${kOnly}`, texts[1]!.column);
  if (texts.length > 0) query.q = texts.map((word) => word.text).join(" ");
  const parts = [];
  if (query.q !== undefined) parts.push(`the text “${query.q}” anywhere in the stored entry`);
  if (query.regex !== undefined) parts.push(`the regular expression ${query.regex}`);
  if (query.level !== undefined) parts.push(`level ${query.level} or more severe`);
  if (query.sender !== undefined) parts.push(`sender ${query.sender}`);
  query.readAs = parts.join(", ");
  return query;
}
