/** The moments of a run that the Worker keeps: which of them, and in how much memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Checkpoints } from "../www/worker/checkpoints.js";

/** @typedef {import("../www/worker/checkpoints.js").CheckpointReport} CheckpointReport */

/**
 * A keeper for runs whose states take `size` bytes and `cost` ms to be kept.
 * @param {{ size?: number, cost?: number, mostBytes?: number, most?: number }} [options]
 */
function keeping({ size = 100, cost = 0, mostBytes = 1000, most = 100 } = {}) {
  const clock = { time: 0 };
  /** @type {CheckpointReport[]} */
  const told = [];
  /** Numbers of the sessions that were freed. @type {number[]} */
  const freed = [];
  /** @param {number} id a session, with what the keeper asks of one */
  const session = (id) => /** @type {any} */ ({
    id, options: {},
    save: () => {
      clock.time += cost;
      return new Uint8Array(size).fill(id);
    },
    progress: () => progress(0),
    free: () => freed.push(id),
  });
  const engine = { loadMethods: async () => undefined, loadFiles: async () => undefined, restore: (/** @type {Uint8Array} */ bytes) => session(100 + bytes[0]) };
  const host = {
    loading: /** @type {Promise<any>} */ (Promise.resolve(engine)), session: session(1),
    report: (/** @type {CheckpointReport} */ message) => void told.push(message), pause: () => undefined, tell: () => undefined,
    put(/** @type {any} */ other) {
      const before = host.session;
      host.session = other;
      return before;
    },
  };
  const keeper = new Checkpoints(host, { mostBytes, most, now: () => clock.time });
  return { keeper, host, clock, freed, told, session, ids: () => keeper.list.map(({ id }) => id) };
}

/** @param {number} id @param {boolean} [done] */
const progress = (id, done = false) => /** @type {any} */ ({ evaluations: id, step: 10 * id, epoch: id, epochs: 1000, phase: done ? "done" : "quantize", done });

test("moments take no more memory than allowed, however long the run, and reach from its start to its end", () => {
  const { keeper, host, ids } = keeping();
  keeper.begin(host.session);
  for (let id = 1; id <= 500; id++) {
    keeper.keep(host.session, progress(id, id === 500));
    assert.ok(keeper.bytes <= 1000, `${keeper.bytes} bytes after moment ${id}`);
    assert.equal(keeper.list[0].id, 0);
    assert.ok(ids().length >= Math.min(id + 1, 5), `only ${ids()} after moment ${id}`);
  }
  assert.equal(ids().at(-1), 500);
  assert.equal(keeper.list.at(-1)?.done, true);
  // Evenly spread: all but the last are apart by the same.
  const gaps = ids().slice(1, -1).map((id, index) => id - ids()[index]);
  assert.equal(new Set(gaps).size, 1, `${ids()}`);
});

test("what is kept in quick succession is told together, or at once where the run stands still", () => {
  const { keeper, host, told } = keeping();
  keeper.begin(host.session);
  const before = told.length;
  for (const id of [1, 2, 3]) keeper.keep(host.session, progress(id));
  assert.equal(told.length, before);
  keeper.hurry();
  keeper.hurry();
  assert.equal(told.length, before + 1);
  assert.equal(told.at(-1)?.list.length, 4);
});

test("there are no more moments than allowed", () => {
  const { keeper, host } = keeping({ mostBytes: Infinity, most: 20 });
  keeper.begin(host.session);
  for (let id = 1; id <= 300; id++) {
    keeper.keep(host.session, progress(id));
    assert.ok(keeper.list.length <= 20);
  }
  assert.ok(keeper.list.length >= 10);
});

test("a run whose states are too large keeps none of them, says how large they are, and stops trying", () => {
  const { keeper, host, told, clock } = keeping({ size: 1500, cost: 7 });
  keeper.begin(host.session);
  keeper.keep(host.session, progress(1));
  keeper.keep(host.session, progress(2, true));
  assert.equal(keeper.bytes, 0);
  assert.equal(told.at(-1)?.refused, 1500);
  assert.equal(clock.time, 7);
  // Another run is another matter.
  keeper.begin(/** @type {any} */ ({ save: () => new Uint8Array(10), progress: () => progress(0) }));
  assert.equal(told.at(-1)?.refused, 0);
  assert.equal(keeper.list.length, 1);
});

test("keeping takes a fiftieth of a long run's time, and all moments of a short one are kept", () => {
  const { keeper, host, clock, ids } = keeping({ cost: 2, mostBytes: Infinity, most: Infinity });
  keeper.begin(host.session);
  for (let id = 1; id <= 1000; id++) {
    clock.time += 10;
    keeper.keep(host.session, progress(id));
  }
  assert.deepEqual(ids().slice(0, 20), Array.from({ length: 20 }, (_, id) => id));
  const spent = 2 * ids().length;
  assert.ok(spent <= 40 + 0.02 * clock.time && spent >= 0.02 * clock.time, `${spent} of ${clock.time} ms`);
  // The end is kept whatever the time.
  keeper.keep(host.session, progress(1001, true));
  assert.equal(ids().at(-1), 1001);
});

test("a moment takes the present's place, the present comes back untouched, and nothing is left behind", async () => {
  const { keeper, host, freed, told } = keeping();
  const present = host.session;
  keeper.begin(present);
  for (const id of [1, 2, 3]) keeper.keep(present, progress(id));
  assert.equal(keeper.away, false);
  await keeper.show(1);
  assert.equal(keeper.away, true);
  assert.equal(told.at(-1)?.shown, 1);
  assert.notEqual(host.session, present);
  await keeper.show(2);
  assert.deepEqual(freed, [101]);
  await keeper.show(null);
  assert.equal(host.session, present);
  assert.equal(keeper.away, false);
  assert.deepEqual(freed, [101, 101]);
  assert.equal(told.at(-1)?.list.length, 4);
  // One that was forgotten meanwhile: the last one before it.
  keeper.list.splice(2, 1);
  await keeper.show(2);
  assert.equal(told.at(-1)?.shown, 1);
  await assert.rejects(keeper.show(-1), /moment: expected one of 0, 1, 3, got -1/);
});

test("going on from a moment forgets what lay after it, and the former present", async () => {
  const { keeper, host, freed, ids, told } = keeping();
  keeper.begin(host.session);
  for (const id of [1, 2, 3]) keeper.keep(host.session, progress(id));
  await keeper.show(1);
  keeper.goOn();
  assert.deepEqual(freed, [1]);
  assert.deepEqual(ids(), [0, 1]);
  assert.equal(told.at(-1)?.shown, null);
  keeper.keep(host.session, progress(2));
  assert.deepEqual(ids(), [0, 1, 2]);
});

test("another run frees the present that was waiting", async () => {
  const { keeper, host, freed, ids, session } = keeping();
  keeper.begin(host.session);
  keeper.keep(host.session, progress(1));
  await keeper.show(0);
  keeper.begin(session(7));
  assert.deepEqual(freed, [1]);
  assert.deepEqual(ids(), [0]);
  assert.equal(keeper.away, false);
});
