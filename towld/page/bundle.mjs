// Makes the one page of what Vite built: dist/page.html.gz, and the Content-Security-Policy that allows its own script
// and style, by their hashes, and nothing else.
//
//     node bundle.mjs [BUILT [TARGET]]      build and dist, if not said
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";

const kBuilt = new URL(`file://${resolve(process.argv[2] ?? "build")}/`);
const kTarget = new URL(`file://${resolve(process.argv[3] ?? "dist")}/`);
const kMaxCompressedBytes = 60 * 1024;

const folder = new URL("assets/", kBuilt);
const read = (ending) => {
  const files = readdirSync(folder).filter((name) => name.endsWith(ending));
  if (files.length !== 1) throw new Error(`expected one *${ending}, found ${files.length}: the page is to be a single file`);
  return readFileSync(new URL(files[0], folder), "utf8").trim();
};
// In a script, `</script` and `<!--` would end it or change how it is read; both are the same within a string literal.
const script = read(".js").replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--");
const style = read(".css");
if (/<\/style/i.test(style)) throw new Error("the style ends itself");

const head = readFileSync(new URL("index.html", import.meta.url), "utf8");
const tag = '<script type="module" src="/src/main.tsx"></script>';
if (!head.includes(tag)) throw new Error("index.html has no script to replace");
// What others wrote and the page holds asks to be named in every copy.
const notices = ["preact", "uplot"]
  .map((name) => `${name}\n\n${readFileSync(new URL(`node_modules/${name}/LICENSE`, import.meta.url), "utf8").trim()}`)
  .join("\n\n");
if (notices.includes("--")) throw new Error("a licence ends the comment that it is in");
const page = head
  .replace(tag, () => `<script type="module">${script}</script>`)
  .replace("<html", () => `<!--\nThis page holds parts of:\n\n${notices}\n-->\n<html`)
  .replace("</head>", () => `<style>${style}</style>\n</head>`);

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const policy = [
  "default-src 'none'",
  `script-src ${hash(script)}`,
  `style-src ${hash(style)}`,
  "img-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const compressed = gzipSync(page, { level: 9 });
if (compressed.length > kMaxCompressedBytes) {
  throw new Error(`the page has ${compressed.length} bytes compressed; ${kMaxCompressedBytes} are the limit`);
}
mkdirSync(kTarget, { recursive: true });
writeFileSync(new URL("page.html.gz", kTarget), compressed);
writeFileSync(new URL("policy.txt", kTarget), policy + "\n");
console.log(`page.html.gz: ${compressed.length} bytes, ${page.length} unpacked`);
