// The page in a real browser, over a real collector: what people do with it, and what logs may try to do to it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFileSync } from "node:fs";
import { axeSource, Collector, madeEntries, messages, openBrowser, openPage, selectedMessage, status } from "./support.mjs";

let browser;
const collector = new Collector();

before(async () => {
  browser = await openBrowser();
  await collector.start();
  await collector.ingest(madeEntries(3000));
});

after(async () => {
  await browser?.close();
  await collector.end();
});

async function closed(page) {
  assert.deepEqual(page.wrong, [], "errors in the page");
  const elsewhere = page.asked.map((request) => request.url()).filter((url) => !url.startsWith(new URL(page.url()).origin) && !/^(data|blob):/.test(url));
  assert.deepEqual(elsewhere, [], "requests to elsewhere");
  await page.context().close();
}

const link = (page) => new URLSearchParams(new URL(page.url()).hash.slice(1));

test("shows the newest entries first, and says that there are more", async () => {
  const page = await openPage(browser, collector.url);
  await page.waitForSelector(".row");
  assert.match((await messages(page))[0], /^request 2999 /);
  await page.waitForFunction(() => document.querySelector(".status").textContent.includes("there may be more"));
  assert.match(await status(page), /entries, all since .* there may be more/);
  const answer = await page.request.get(collector.url);
  assert.match(answer.headers()["content-security-policy"], /default-src 'none'/);
  assert.equal(answer.headers()["x-content-type-options"], "nosniff");
  await closed(page);
});

test("searches, keeps the question in the link, and finds the same from the link", async () => {
  const page = await openPage(browser, collector.url);
  await page.fill("#search", '"request 29 took"');
  await page.press("#search", "Enter");
  await page.waitForFunction(() => document.querySelector(".status").textContent.includes("1 entry: all there are"));
  assert.deepEqual(await messages(page), ["request 29 took 173 ms"]);
  assert.equal(link(page).get("query"), '"request 29 took"');
  const other = await openPage(browser, page.url());
  await other.waitForSelector(".row");
  assert.deepEqual(await messages(other), ["request 29 took 173 ms"]);
  await other.selectOption("select", "err");
  await other.waitForFunction(() => document.querySelector(".status").textContent.includes("Nothing found"));
  await closed(other);
  await page.goBack();
  await page.waitForFunction(() => document.querySelectorAll(".row").length > 10);
  await closed(page);
});

test("shows what is wrong with a question under its column", async () => {
  const page = await openPage(browser, collector.url);
  await page.waitForSelector(".row");
  await page.fill("#search", "a (b");
  await page.press("#search", "Enter");
  await page.waitForSelector("#search-error mark");
  assert.match(await page.textContent("#search-error"), /Column \d+: /);
  await page.fill("#search", '~"a("');
  await page.press("#search", "Enter");
  await page.waitForFunction(() => /regex|missing|regular/.test(document.querySelector("#search-error")?.textContent ?? ""));
  await closed(page);
});

test("zooms to what is dragged over in the histogram, and back", async () => {
  const page = await openPage(browser, `${collector.url}#from=2026-03-01T11:00:00Z&to=2026-03-01T12:00:01Z`);
  await page.waitForSelector(".row");
  await page.waitForSelector(".u-over");
  const box = await (await page.$(".u-over")).boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 25, { steps: 4 });
  await page.mouse.move(box.x + box.width * 0.75, box.y + 25, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction(() => !location.hash.includes("T11:00:00Z"));
  const [from, to] = [Date.parse(link(page).get("from")), Date.parse(link(page).get("to"))];
  assert.ok(Math.abs(from - Date.parse("2026-03-01T11:30:00Z")) < 120_000, link(page).get("from"));
  assert.ok(Math.abs(to - Date.parse("2026-03-01T11:45:00Z")) < 120_000, link(page).get("to"));
  await page.waitForFunction(() => document.querySelector(".row .time")?.textContent.includes("11:4"));
  await page.press("#list", "End");
  await page.waitForFunction(() => document.querySelector(".status").textContent.includes("all there are"));
  const number = Number(/([\d,]+) entries/.exec(await status(page))[1].replace(",", ""));
  assert.ok(Math.abs(number - (to - from) / 1000) <= 1, `${number} entries in ${to - from} ms`);
  await page.goBack();
  await page.waitForFunction(() => location.hash.includes("T11:00:00Z") && document.querySelector(".row .time")?.textContent.includes("12:00:00"));
  await closed(page);
});

test("unfolds an entry, shows its neighbours, and links to it", async () => {
  const page = await openPage(browser, `${collector.url}#query=%22request+1500+took%22`, { permissions: ["clipboard-read", "clipboard-write"] });
  await page.click(".row");
  await page.waitForSelector(".detail");
  const detail = await page.textContent(".detail");
  assert.match(detail, /path\/items\/45/);
  assert.match(detail, /address(1:|[0-9a-f]{32}\/)1500/);
  await page.click("text=Copy link");
  const address = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(address, /#entry=(1%3A|[0-9a-f]{32}%2F)1500$/);
  await page.click("text=Context");
  await page.waitForSelector(".row.marked");
  const shown = await messages(page);
  assert.ok(shown.includes("request 1499 took 563 ms") || shown.some((text) => text.startsWith("request 1499 ")), shown.join("\n"));
  assert.match(await page.textContent(".row.marked .message"), /^request 1500 /);
  await page.click("text=More before");
  await page.waitForFunction(() => document.querySelector("#list").getAttribute("aria-rowcount") === "61");
  const other = await openPage(browser, address);
  await other.waitForSelector(".row.marked");
  assert.match(await selectedMessage(other), /^request 1500 /);
  await closed(other);
  await page.goBack();
  await page.waitForFunction(() => document.querySelectorAll(".row").length === 1);
  await closed(page);
});

test("an address that is not there is said to be so", async () => {
  const page = await openPage(browser, `${collector.url}#entry=1:999999`);
  await page.waitForSelector("#search-error");
  assert.match(await page.textContent("#search-error"), /There is no entry 1:999999 that can be read/);
  await closed(page);
});

test("exports what was fetched, and says if that is not all", async () => {
  const page = await openPage(browser, `${collector.url}#query=~%22request+77%22`);
  await page.waitForFunction(() => document.querySelector(".status")?.textContent.includes("all there are"));
  const rows = Number(await page.getAttribute("#list", "aria-rowcount"));
  const exported = async (name) => {
    await page.press("#list", "e");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(`text=${name}`)]);
    return [download.suggestedFilename(), readFileSync(await download.path(), "utf8")];
  };
  const [name, lines] = await exported("JSON, one entry a line");
  assert.match(name, /^towl-.*[^t]\.ndjson$/);
  assert.equal(lines.trim().split("\n").map((line) => JSON.parse(line)).length, rows);
  const [, table] = await exported("CSV");
  assert.match(table, /^time,received,sender,level,message,address,/);
  assert.equal(table.trim().split("\r\n").length, rows + 1);
  await page.goto(`${collector.url}#`);
  await page.waitForFunction(() => document.querySelector(".status")?.textContent.includes("there may be more"));
  assert.match((await exported("Text"))[0], /-part\.log$/);
  await closed(page);
});

test("what a log wrote is shown as text", async () => {
  const other = new Collector();
  await other.start();
  try {
    const hostile = [
      "<script>window.pwned = 1</script><img src=x onerror='window.pwned=2'>",
      "user \u202egnp.exe\u202c logged in \u2066x\u2069 a\u200bb",
      "red \u001b[31malert\u0007 nul \u0000 del \u007f c1 \u009b",
      "two\nlines\r\nand a\ttab",
      "javascript:alert(1) \"'`</style></script><!--",
      "=HYPERLINK(\"http://elsewhere.example\")",
      "x".repeat(20_000),
    ];
    await other.ingest(hostile.map((message, i) => ({ message, time: new Date(Date.now() - 1000 + i).toISOString(), host: "<b>h</b>\u202e", "<i>name</i>": "<u>value</u>", big: 1 })));
    await fetch(`${other.url}ingest`, { method: "POST", body: `{"message":"exact","n":12345678901234567890.10,"host":"h"}` });
    const page = await openPage(browser, `${other.url}#order=oldest`);
    await page.waitForSelector(".row");
    const shown = await messages(page);
    assert.equal(shown[0], hostile[0]);
    assert.equal(shown[1], "user U+202Egnp.exeU+202C logged in U+2066xU+2069 aU+200Bb");
    assert.equal(shown[2], "red \\e[31malert\\x07 nul \\0 del \\x7f c1 \\x9b");
    assert.equal(shown[3], "two↵lines\\r↵and a\ttab");
    assert.equal(shown[4], hostile[4]);
    assert.ok(shown[6].length < 1000 && shown[6].endsWith("20000 characters"));
    await page.press("#list", "e");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("text=CSV")]);
    const table = readFileSync(await download.path(), "utf8");
    assert.match(table, /,"'=HYPERLINK\(""http:\/\/elsewhere\.example""\)",/);
    await page.focus("#list");
    for (let i = 0; i < hostile.length; ++i) await page.keyboard.press(i === 0 ? "Enter" : "j");
    await page.keyboard.press("Enter");
    await page.press("#list", "G");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => [...document.querySelectorAll(".detail")].some((detail) => detail.textContent.includes("12345678901234567890.10")));
    assert.equal(await page.evaluate(() => window.pwned), undefined);
    assert.equal(await page.evaluate(() => document.querySelectorAll("main img, main script, main i, main u, main b").length), 0);
    const bidi = await page.evaluate(() => /[\u202a-\u202e\u2066-\u2069\u0000-\u0008\u001b]/.test(document.body.innerText));
    assert.equal(bidi, false);
    await closed(page);
  } finally {
    await other.end();
  }
});

test("100,000 hits are scrolled through, and only what is in sight is in the document", async () => {
  const other = new Collector();
  await other.start();
  try {
    await other.ingest(madeEntries(100_000));
    const page = await openPage(browser, other.url);
    await page.waitForSelector(".row");
    await page.press("#list", "End");
    await page.waitForFunction(() => document.querySelector(".status").textContent.includes("100,000 entries: all there are"), undefined, { timeout: 180_000 });
    await page.press("#list", "End");
    await page.waitForFunction(() => document.querySelector(".row.selected .message")?.textContent.startsWith("request 0 "));
    for (const index of [50_000, 12_345, 99_000, 7]) {
      await page.evaluate((at) => (document.querySelector("#list").scrollTop = at * 24), index);
      await page.waitForFunction((wanted) => [...document.querySelectorAll(".row .message")].some((one) => one.textContent.startsWith(wanted)), `request ${99_999 - index} `);
      assert.ok((await page.$$(".row")).length < 100);
    }
    await closed(page);
  } finally {
    await other.end();
  }
});

// Newest first is put together from windows of time: whatever the times are, each entry is there once, in order.
test("any times come newest first, each entry once", async () => {
  const seed = Number(process.env.TOWL_SEED ?? Date.now() % 1_000_000);
  console.log(`seed ${seed} (TOWL_SEED)`);
  let state = seed;
  const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  const now = Date.now();
  const kinds = [
    () => now - random() * 60_000,
    () => now - random() * 3 * 365 * 86400e3,
    () => now + random() * 86400e3,
    () => now - 5_000_000,
    () => 1_000_000_000_000 + Math.floor(random() * 10),
    () => random() * 1e12,
  ];
  const other = new Collector();
  await other.start();
  try {
    const made = Array.from({ length: 9000 }, (_, i) => ({ time: new Date(Math.floor(kinds[Math.floor(random() * random() * kinds.length)]())).toISOString(), message: `n ${i}` }));
    await other.ingest(made);
    const page = await openPage(browser, other.url);
    await page.waitForSelector(".row");
    await page.press("#list", "End");
    await page.waitForFunction(() => document.querySelector(".status").textContent.includes("all there are"), undefined, { timeout: 180_000 });
    await page.press("#list", "e");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("text=JSON, one entry a line")]);
    const seen = readFileSync(await download.path(), "utf8").trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(new Set(seen.map((entry) => entry.ordinal)).size, made.length);
    assert.equal(seen.length, made.length);
    for (let i = 1; i < seen.length; ++i) assert.ok(Date.parse(seen[i - 1].time) >= Date.parse(seen[i].time), `${seen[i - 1].time} before ${seen[i].time}`);
    await closed(page);
  } finally {
    await other.end();
  }
});

// As a bulk load leaves them. It cannot be cut by time: it must not be waited for either.
test("what is all of one moment comes page by page, each entry once", async () => {
  const other = new Collector();
  await other.start();
  try {
    const moment = (time, count, name) => Array.from({ length: count }, (_, i) => ({ time, message: `${name} ${i}` }));
    await other.ingest([...moment("2026-01-01T00:00:00Z", 100, "old"), ...moment("2026-02-01T00:00:00Z", 20_000, "bulk"), ...moment("2025-12-01T00:00:00Z", 3000, "older")]);
    const page = await openPage(browser, other.url);
    await page.waitForSelector(".row");
    const asked = page.asked.filter((request) => request.url().includes("/query?")).length;
    assert.ok(asked < 12, `${asked} requests before there was anything to see`);
    assert.equal((await messages(page))[0], "bulk 19999");
    await page.press("#list", "End");
    await page.waitForFunction(() => document.querySelector(".status").textContent.includes("all there are"), undefined, { timeout: 180_000 });
    await page.press("#list", "e");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("text=JSON, one entry a line")]);
    const seen = readFileSync(await download.path(), "utf8").trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(seen.length, 23_100);
    assert.equal(new Set(seen.map((entry) => entry.ordinal)).size, seen.length);
    for (let i = 1; i < seen.length; ++i) assert.ok(Date.parse(seen[i - 1].time) >= Date.parse(seen[i].time));
    await closed(page);
  } finally {
    await other.end();
  }
});

test("the live tail misses nothing and repeats nothing over a restart of the collector", async () => {
  const other = new Collector();
  await other.start();
  try {
    await other.ingest(madeEntries(10));
    const page = await openPage(browser, `${other.url}#pane=live`);
    const state = (text) => page.waitForFunction((wanted) => document.querySelector(".status")?.textContent.includes(wanted), text);
    const rows = (count) => page.waitForFunction((wanted) => document.querySelector("#list").getAttribute("aria-rowcount") === String(wanted), count);
    const numbered = (from, to) => Array.from({ length: to - from }, (_, i) => ({ message: `live ${from + i}` }));
    await state("Live:");
    await other.ingest(numbered(0, 20));
    await rows(20);
    await other.stop();
    await state("Not connected");
    await other.start();
    await other.ingest(numbered(20, 1500));
    await state("Live:");
    await rows(1500);
    await other.stop();
    await other.start();
    await other.ingest(numbered(1500, 1510));
    await rows(1510);
    await page.press("#list", "e");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("text=JSON, one entry a line")]);
    const seen = readFileSync(await download.path(), "utf8").trim().split("\n").map((line) => JSON.parse(JSON.parse(line).log_entry.startsWith("{") ? JSON.parse(line).log_entry : JSON.stringify(JSON.parse(line).log_entry)));
    assert.deepEqual(seen.map((one) => one.MESSAGE ?? one), Array.from({ length: 1510 }, (_, i) => `live ${i}`));
    // The newest one is in sight.
    assert.ok((await messages(page)).includes("live 1509"));
    await closed(page);
  } finally {
    await other.end();
  }
});

test("shows what kinds of entries there are, what is new among them, and one of each", async () => {
  const other = new Collector();
  await other.start();
  try {
    await other.ingest(madeEntries(400));
    await other.ingest(Array.from({ length: 30 }, (_, i) => ({ time: new Date(Date.parse("2026-03-01T13:00:00Z") + i).toISOString(), message: `panic <b>${i}</b> \u202e in task ${i * 7}`, level: "error", host: "web-9" })));
    const page = await openPage(browser, other.url);
    await page.waitForSelector(".row");
    await page.keyboard.press("p");
    await page.waitForSelector("#patterns");
    const rows = () => page.$$eval("#patterns tbody tr", (all) => all.map((row) => [row.cells[0].innerText, row.cells[2].innerText]));
    assert.deepEqual(await rows(), [["400", "request <*> took <*> ms"], ["30", "panic <b><*></b> U+202E in task <*>"]]);
    assert.equal(await page.$(".status:not(.pane .status)"), null);
    assert.match(await page.textContent('.pane [role="status"]'), /^2 patterns of 430 entries$/);
    // What is new, by the link and by hand.
    await page.fill("#fresh", "2026-03-01T12:30:00Z");
    await page.press("#fresh", "Enter");
    await page.waitForFunction(() => document.querySelectorAll("#patterns tbody tr").length === 1);
    assert.equal(link(page).get("pane"), "patterns");
    assert.equal(link(page).get("new"), "2026-03-01T12:30:00Z");
    const again = await openPage(browser, page.url());
    await again.waitForSelector("#patterns");
    assert.match(await again.textContent('.pane [role="status"]'), /^1 pattern of 30 entries, none of which came before$/);
    await closed(again);
    await page.click(".pane >> text=Last hour");
    await page.waitForSelector("text=Nothing came since then that had not come before");
    await page.click(".pane >> text=Any time");
    await page.waitForFunction(() => document.querySelectorAll("#patterns tbody tr").length === 2);
    // The question selects, and its errors stand where they always do.
    await page.fill("#search", "sender:web-0");
    await page.press("#search", "Enter");
    await page.waitForFunction(() => /of 134 entries/.test(document.querySelector('.pane [role="status"]')?.textContent ?? ""));
    await page.fill("#search", "a (b");
    await page.press("#search", "Enter");
    await page.waitForSelector("#search-error mark");
    await page.fill("#search", "* | count()");
    await page.press("#search", "Enter");
    await page.waitForFunction(() => /take away what follows/.test(document.querySelector("#search-error")?.textContent ?? ""));
    await page.fill("#search", "");
    await page.press("#search", "Enter");
    await page.waitForFunction(() => document.querySelectorAll("#patterns tbody tr").length === 2);
    await page.fill("#fresh", "soonish");
    await page.press("#fresh", "Enter");
    await page.waitForFunction(() => /is not a time/.test(document.querySelector("#search-error")?.textContent ?? ""));
    await page.click(".pane >> text=Any time");
    await page.waitForSelector("#patterns");
    // The first of them, among its neighbours.
    await page.click("#patterns tbody tr:nth-child(2) a");
    await page.waitForSelector(".row.marked");
    assert.match(await page.textContent(".row.marked .message"), /^panic <b>0<\/b>/);
    await page.goBack();
    await page.waitForSelector("#patterns");
    await closed(page);
  } finally {
    await other.end();
  }
});

test("is worked by keys alone", async () => {
  const page = await openPage(browser, collector.url);
  await page.waitForSelector(".row");
  const { keyboard } = page;
  await keyboard.press("?");
  await page.waitForSelector("dialog[open]");
  assert.match(await page.textContent("dialog"), /context: its neighbours/);
  await keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  await keyboard.press("/");
  await keyboard.type('~"request 12"');
  await keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector(".status").textContent.includes("all there are"));
  await keyboard.press("Escape");
  await keyboard.press("j");
  await keyboard.press("j");
  assert.match(await selectedMessage(page), /^request 1297 /);
  assert.equal(await page.evaluate(() => document.activeElement.id), "list");
  await keyboard.press("Enter");
  await page.waitForSelector(".detail");
  await keyboard.press("Enter");
  await page.waitForSelector(".detail", { state: "detached" });
  await keyboard.press("c");
  await page.waitForSelector(".row.marked");
  await keyboard.press("Escape");
  await page.waitForFunction(() => !location.hash.includes("entry="));
  await keyboard.press("t");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Last 15 minutes");
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  await page.waitForFunction(() => location.hash.includes("from=-1h"));
  await keyboard.press("-");
  await page.waitForFunction(() => !location.hash.includes("from=-1h"));
  // As the page has it now: what the driver knows of the address comes later.
  const before = await page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get("from"));
  await keyboard.press("[");
  await page.waitForFunction((was) => new URLSearchParams(location.hash.slice(1)).get("from") < was, before);
  await keyboard.press("p");
  await page.waitForSelector('[aria-label="Patterns"]');
  await keyboard.press("f");
  await page.waitForSelector("text=3,000 entries that are synced");
  await keyboard.press("i");
  await page.waitForSelector('[aria-label="Table of inputs"]');
  await keyboard.press("l");
  await page.waitForFunction(() => document.querySelector(".status")?.textContent.includes("Live:"));
  await keyboard.press("s");
  await keyboard.press("o");
  await page.waitForFunction(() => location.hash.includes("order=oldest"));
  const scheme = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await scheme();
  await keyboard.press("d");
  await page.waitForFunction((was) => getComputedStyle(document.body).backgroundColor !== was, light);
  await closed(page);
});

test("completes what was seen", async () => {
  const page = await openPage(browser, collector.url);
  await page.waitForSelector(".row");
  await page.focus("#search");
  await page.keyboard.type("se");
  await page.waitForSelector("#offers li");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.equal(await page.inputValue("#search"), "sender:");
  await page.waitForSelector("text=web-1");
  await page.keyboard.type("web-2");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelectorAll(".row").length > 5 && [...document.querySelectorAll(".row .sender")].every((one) => one.textContent === "web-2"));
  await closed(page);
});

test("is readable on a screen of 390 pixels", async () => {
  const page = await openPage(browser, collector.url, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await page.waitForSelector(".row");
  const fits = () => page.evaluate(() => document.scrollingElement.scrollWidth <= 390 && [...document.querySelectorAll("header *, .question > *, .row, .row > *, .status")].every((one) => one.getBoundingClientRect().right <= 390.5));
  assert.ok(await fits());
  await page.tap(".row >> nth=2");
  await page.waitForSelector(".detail");
  assert.ok(await fits());
  const message = await (await page.$(".row .message")).boundingBox();
  assert.ok(message.width > 340, `the message has ${message.width} pixels`);
  await page.tap("text=Files");
  await page.waitForSelector("text=synced to disk");
  assert.ok(await page.evaluate(() => document.scrollingElement.scrollWidth <= 390));
  await page.tap("text=Patterns");
  await page.waitForSelector("#patterns");
  assert.ok(await page.evaluate(() => document.scrollingElement.scrollWidth <= 390));
  await page.tap("text=Inputs and outputs");
  await page.waitForSelector('[aria-label="Table of inputs"]');
  assert.ok(await page.evaluate(() => document.scrollingElement.scrollWidth <= 390));
  await closed(page);
});

test("has no serious accessibility findings, light and dark, wide and narrow", async () => {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
      const page = await openPage(browser, collector.url, { colorScheme, viewport: { width, height: 800 } });
      await page.waitForSelector(".row");
      await page.evaluate(axeSource);
      const check = async (what) => {
        const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
        const serious = found.violations.filter((one) => ["serious", "critical"].includes(one.impact));
        assert.deepEqual(serious.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`), [], `${what}, ${colorScheme}, ${width}`);
      };
      await page.click(".row >> nth=1");
      await page.waitForSelector(".detail");
      await check("results");
      await page.press("#list", "t");
      await check("time range");
      await page.keyboard.press("Escape");
      for (const [key, selector] of [["p", "#patterns"], ["f", '[aria-label="Table of files"]'], ["i", '[aria-label="Table of inputs"]'], ["l", ".light"], ["?", "dialog"]]) {
        await page.keyboard.press(key);
        await page.waitForSelector(selector);
        await check(key);
      }
      await page.context().close();
    }
  }
});
