/** What Lighthouse says of the built pages, but for speed, which `make lighthouse` prints. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { audit, LEAST, MOST_SHIFT } from "../scripts/lighthouse.mjs";

test("Lighthouse finds the pages accessible and sound, and nothing moves while they load", async () => {
  execFileSync("scripts/setup.sh", ["hosts"], { cwd: fileURLToPath(new URL("..", import.meta.url)), stdio: "inherit" });
  const found = await audit();
  assert.equal(found.length, 4);
  for (const { page, form, scores, shift, failed } of found) {
    for (const name of /** @type {const} */ (["accessibility", "best-practices", "seo"])) assert.ok(scores[name] >= LEAST[name], `${page}, ${form}: ${name} ${scores[name]}: ${failed.join(", ")}`);
    assert.ok(shift <= MOST_SHIFT, `${page}, ${form}: ${shift} moved`);
  }
});
