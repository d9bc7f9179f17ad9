/** The copy that this browser keeps of a run: what is said to be kept is kept, and the run that the visitor wants. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { beginning, closeAll, fullSpeed, openPage, pause, quiet, waitForStepAfter } from "./open.mjs";

/** @typedef {import("playwright-core").Page} Page */

after(closeAll);

/** What the browser keeps: settings, epoch, bytes. @param {Page} page @returns {Promise<{ of: string, epoch: number, bytes: number } | null>} */
const stored = (page) => page.evaluate(() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("ddq-playground", 1);
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const asking = opening.result.transaction("runs").objectStore("runs").get("last");
    asking.onsuccess = () => {
      opening.result.close();
      resolve(asking.result ? { of: asking.result.of, epoch: asking.result.epoch, bytes: asking.result.bytes.length } : null);
    };
  };
}));

/** Puts another copy in the place of the one that is kept. @param {Page} page @param {Record<string, unknown>} changes */
const forge = (page, changes) => page.evaluate((given) => new Promise((resolve) => {
  const opening = indexedDB.open("ddq-playground", 1);
  opening.onsuccess = () => {
    const transaction = opening.result.transaction("runs", "readwrite");
    const store = transaction.objectStore("runs");
    const asking = store.get("last");
    asking.onsuccess = () => store.put({ ...asking.result, ...given, bytes: new Uint8Array([1, 2, 3]) }, "last");
    transaction.oncomplete = () => {
      opening.result.close();
      resolve(undefined);
    };
  };
}), changes);

/** Waits for what is said about the copy. @param {Page} page @param {string} words */
const says = (page, words) => page.waitForFunction((wanted) => document.querySelector("#project [role=status]")?.textContent?.includes(wanted), words);
/** @param {Page} page */
const saysNothing = (page) => page.waitForFunction(() => document.querySelector("#project [role=status]")?.textContent === "");

/** Waits for a copy of this epoch or a later one, or of the end. @param {Page} page @param {"done" | number} epoch */
const kept = (page, epoch) => page.waitForFunction((wanted) => {
  const found = document.getElementById("project")?.dataset.kept;
  return found === wanted || Number(found) >= Number(wanted);
}, epoch);

/** Leaves a copy of the usual run after an epoch, and comes back. @param {Page} page @param {string} [hash] */
async function leaveCopy(page, hash = "") {
  await waitForStepAfter(page, 45);
  await kept(page, 1);
  await pause(page);
  const left = await stored(page);
  assert.ok(left);
  await page.goto("about:blank");
  await page.goto(`${address}${hash}`);
  await page.waitForSelector("#resume");
  return left;
}

/** The playground's address. */
let address = "";

/** @param {Parameters<typeof openPage>[0]} [options] */
async function opened(options) {
  const found = await openPage(options);
  address = found.guest;
  return found;
}

test("where the storage is full the page says that nothing is kept, and keeps again when there is room", async () => {
  const { page, complaints, close } = await opened();
  const devtools = await page.context().newCDPSession(page);
  const { origin } = new URL(page.url());
  await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1000 });
  await says(page, "This browser cannot keep a copy of the run (its storage is full); use “Save run”.");
  assert.equal(await page.getAttribute("#project", "data-kept"), null);
  assert.equal(await stored(page), null);
  await devtools.send("Storage.overrideQuotaForOrigin", { origin });
  await saysNothing(page);
  await pause(page);
  assert.equal(String((await stored(page))?.epoch), await page.getAttribute("#project", "data-kept"));
  assert.deepEqual(complaints, []);
  await close();
});

test("a run too large to be kept is refused alone: the next one is kept, and no word of it is left", async () => {
  const { page, complaints, close } = await opened();
  await waitForStepAfter(page, 5);
  await page.waitForSelector("#project button");
  await fullSpeed(page);
  await beginning(page, () => page.evaluate(() => void (location.hash = "#model=mlp&net=1024-1024-1024&pretrained=false&method=float&epochs=1&speed=max")));
  await says(page, "This browser cannot keep a copy of the run (it takes ");
  await beginning(page, () => page.evaluate(() => void (location.hash = "#data=moons&model=mlp&epochs=4&speed=max")));
  await kept(page, "done");
  await saysNothing(page);
  assert.match((await stored(page))?.of ?? "", /"data":"moons"/);
  assert.deepEqual(complaints, []);
  await close();
});

test("a run that a link asked for is kept while another copy is on offer, and that can still be taken", async () => {
  const { page, complaints, close } = await opened();
  await leaveCopy(page, "#data=moons&model=mlp&epochs=30");
  // Its epochs are short: a busy machine keeps one of the next.
  await page.waitForSelector("#project[data-kept]", { state: "attached" });
  assert.match((await stored(page))?.of ?? "", /"data":"moons"/);
  await beginning(page, () => page.click("#resume"));
  await page.waitForFunction(() => /** @type {HTMLSelectElement} */ (document.querySelector("[name=data]")).value === "digits");
  assert.deepEqual(complaints, []);
  await close();
});

test("the same run, opened anew by its link, does not take the place of a copy that has come farther", async () => {
  const { page, complaints, close } = await opened({ path: "#epochs=20" });
  await waitForStepAfter(page, 100);
  await kept(page, 2);
  await pause(page);
  const left = await stored(page);
  await page.reload();
  // Slowly, so that it does not come as far.
  await page.selectOption("#speed", "2");
  await page.waitForSelector("#resume");
  await pause(page);
  await page.click("#step-epoch");
  await page.waitForFunction(() => document.getElementById("sentence")?.dataset.step === "45");
  await quiet(page);
  assert.deepEqual(await stored(page), left);
  // Once it has come as far, it is kept.
  await page.selectOption("#speed", "50");
  await page.click("#run");
  await waitForStepAfter(page, 150);
  await kept(page, 3);
  assert.deepEqual(complaints, []);
  await close();
});

test("a run that the visitor works on is kept while another copy is on offer", async () => {
  const { page, complaints, close } = await opened({ path: "#data=moons&model=mlp&epochs=40" });
  await waitForStepAfter(page, 30);
  await page.waitForSelector("#project[data-kept]", { state: "attached" });
  await page.goto("about:blank");
  await page.goto(address);
  await page.waitForSelector("#resume");
  await pause(page);
  const left = await stored(page);
  await page.click("#step-epoch");
  await kept(page, 1);
  assert.notEqual((await stored(page))?.bytes, left?.bytes);
  assert.deepEqual(complaints, []);
  await close();
});

test("a copy that is damaged is refused in words, is on offer no longer, and the run in view is kept", async () => {
  const { page, complaints, close } = await opened();
  await waitForStepAfter(page, 45);
  await kept(page, 1);
  await pause(page);
  await forge(page, {});
  await page.reload();
  await page.click("#resume");
  await page.waitForFunction(() => document.getElementById("message")?.textContent?.startsWith("project file, at byte 0: "));
  await says(page, "is damaged and was discarded");
  assert.equal(await page.locator("#resume").count(), 0);
  await page.click("#restart");
  await kept(page, 1);
  assert.ok(((await stored(page))?.bytes ?? 0) > 1000);
  await pause(page);
  // A record of another kind is no copy at all.
  await forge(page, { epoch: "<img src=x>", epochs: {} });
  await page.reload();
  await waitForStepAfter(page, 5);
  await kept(page, 1);
  assert.equal(await page.locator("#resume").count(), 0);
  assert.deepEqual(complaints, []);
  await close();
});

test("a storage that another tab blocks is said to be, and used once it is free", async () => {
  const { page, complaints, close } = await opened();
  const other = await page.context().newPage();
  await page.goto("about:blank");
  await other.goto(`${address}icon.svg`);
  // The deletion waits for the connection that this tab keeps, and every other tab for the deletion.
  await other.evaluate(() => new Promise((resolve) => {
    const opening = indexedDB.open("ddq-playground", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("runs");
    opening.onsuccess = () => {
      Reflect.set(window, "connection", opening.result);
      indexedDB.deleteDatabase("ddq-playground").onblocked = () => resolve(undefined);
    };
  }));
  await page.goto(address);
  await says(page, "This browser cannot keep a copy of the run (its storage is blocked by another tab of this page)");
  await other.evaluate(() => Reflect.get(window, "connection").close());
  await page.waitForSelector("#project[data-kept]", { state: "attached" });
  await saysNothing(page);
  assert.deepEqual(complaints, []);
  await close();
});
