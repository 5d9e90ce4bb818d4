// How long a person waits for the page, in a real browser: from the link to the first entries, and to the histogram.
//
//   node bench/page_bench.mjs TOWLD STORE [RUNS]     STORE is copied; bench/search --ten-million makes one of ten million entries
//
// Needs what tests/page needs. Each run has a new browser context, with nothing cached, in a browser that runs already; times are
// the page's own, since navigation began. Medians, and the slowest.
import { cpSync } from "node:fs";
import { join } from "node:path";

const [towld, store, runs = "9"] = process.argv.slice(2);
if (!store) {
  console.error("node bench/page_bench.mjs TOWLD STORE [RUNS]");
  process.exit(2);
}
process.env.TOWLD_PROGRAM = towld;
process.env.CHROMIUM_PROGRAM ??= "/usr/bin/chromium";
const { Collector, openBrowser } = await import("../tests/page/support.mjs");

const links = {
  "the newest entries": "",
  "`level:err`": "#query=level%3Aerr",
  "a rare word": "#query=denied",
  "an absent word": "#query=zqxjkvabsentw",
  "a regular expression": `#query=${encodeURIComponent('~"den[a-z]+d.*[0-9]{3}"')}`,
};

/** In the page: notes when it first has entries, or says that there are none, and when it has a histogram. */
function note() {
  window.seen = {};
  const look = () => {
    const isAnswered = document.querySelector(".row") || /Nothing found/.test(document.querySelector(".status")?.textContent ?? "");
    if (isAnswered) window.seen.answer ??= performance.now();
    if (document.querySelector(".u-over")) window.seen.histogram ??= performance.now();
    if (document.querySelector("#search")) window.seen.frame ??= performance.now();
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
}

const collector = new Collector();
cpSync(store, join(collector.folder, "store"), { recursive: true });
await collector.start();
const browser = await openBrowser();
console.log("| link | the page stands | first entries: median, slowest | histogram |\n|---|---|---|---|");
for (const [name, link] of Object.entries(links)) {
  const times = { frame: [], answer: [], histogram: [] };
  for (let run = 0; run <= Number(runs); ++run) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    await context.addInitScript(note);
    const page = await context.newPage();
    await page.goto(`${collector.url}${link}`);
    await page.waitForFunction(() => window.seen.answer && window.seen.histogram);
    const seen = await page.evaluate(() => window.seen);
    if (run > 0) for (const key of Object.keys(times)) times[key].push(seen[key]);
    await context.close();
  }
  const told = (list) => {
    list.sort((a, b) => a - b);
    return [list[list.length >> 1], list.at(-1)].map((time) => `${time.toFixed(0)} ms`);
  };
  console.log(`| ${name} | ${told(times.frame)[0]} | ${told(times.answer).join(", ")} | ${told(times.histogram).join(", ")} |`);
}
await browser.close();
await collector.end();
