/**
 * Moments of a run to go back to, kept by the Worker: the run as bytes at its first numbers, after every evaluation (which
 * ends an epoch) and at its end. Loaded after the first snapshot.
 *
 * To look at a moment, a session is restored from its bytes and takes the place of the present one, which waits. Going
 * on from there forgets what lay after it; since a restored session goes on to the same bits, the run repeats itself.
 */

/** @typedef {import("../pkg/index.js").Session} Session */
/** @typedef {import("../pkg/index.js").Progress} Progress */
/**
 * id: evaluations behind it, which no other moment of the run has.
 * @typedef {{ id: number, step: number, epoch: number, epochs: number, phase: Progress["phase"], done: boolean }} Moment
 */
/** @typedef {Moment & { bytes: Uint8Array }} Kept */
/**
 * What the page is told. shown: the moment that is looked at, null for the present; stride: every how many moments one is
 * kept; bytes: of all that are kept; refused: bytes of a moment that was too large to be kept, else 0.
 * @typedef {{ type: "moments", list: Moment[], shown: number | null, stride: number, bytes: number, refused: number }} Moments
 */
/**
 * What is needed of the Worker. put: has a session shown in the place of another, which is returned and not freed.
 * @typedef {{ loading: Promise<import("../pkg/index.js").Engine>, report: (message: Moments) => void, session: Session | null,
 *   hold: () => void, put: (session: Session) => Session | null, tell: () => void }} Host
 */

/** All moments together take at most this much, in bytes. */
const MOST_BYTES = 48 * 1024 * 1024;
/** More moments than a slider can tell apart are not kept. */
const MOST = 240;
/** Keeping moments takes at most this part of a run's time, */
const SHARE = 0.02;
/** and this many ms that a run begins with, so that a quick one with few epochs keeps them all. */
const CREDIT = 40;
/** The page hears of moments kept within this many ms together. */
const TELL_AFTER = 100;

export class Keeper {
  /** @param {Host} host @param {{ mostBytes?: number, most?: number, now?: () => number }} [limits] now: a clock in ms */
  constructor(host, { mostBytes = MOST_BYTES, most = MOST, now = () => performance.now() } = {}) {
    this.host = host;
    this.mostBytes = mostBytes;
    this.most = most;
    this.now = now;
    /** By id, the start first. @type {Kept[]} */
    this.list = [];
    /** The session of the present, while another moment is shown. @type {Session | null} */
    this.present = null;
    /** The moment shown in its place. @type {Kept | null} */
    this.shown = null;
    /** Moments are kept whose id is a multiple of this. */
    this.stride = 1;
    /** Bytes of a moment for which there was no room, after which none is kept. */
    this.refused = 0;
    /** The least time that keeping took in this run, in ms: more is other work of the machine. */
    this.cost = Infinity;
    /** When the run began, and moments kept since. */
    this.start = 0;
    this.count = 0;
    /** Whether the page is about to be told. */
    this.telling = false;
  }

  /** Whether another moment than the present is shown. */
  get away() {
    return this.shown !== null;
  }

  /** Another run began: nothing is left of the former one but its session, if that was the one shown. */
  forget() {
    this.present?.free();
    this.present = this.shown = null;
    Object.assign(this, { list: [], stride: 1, refused: 0, cost: Infinity, start: this.now(), count: 0 });
    this.tell();
  }

  /** Another run came to its first numbers, which are the first moment. @param {Session} session */
  begin(session) {
    this.forget();
    this.keep(session, session.progress());
    this.tell();
  }

  /** Keeps a moment that is due, at the end of a slice with which an evaluation ended. @param {Session} session @param {Progress} progress */
  keep(session, { evaluations: id, step, epoch, epochs, phase, done }) {
    const before = this.now();
    const allowed = CREDIT + SHARE * (before - this.start);
    const due = id % this.stride === 0 && (this.count === 0 || this.cost * (this.count + 1) <= allowed);
    if (this.refused > 0 || !(due || done)) return;
    const bytes = session.save();
    this.cost = Math.min(this.cost, this.now() - before);
    this.count++;
    this.list.push({ id, step, epoch, epochs, phase, done, bytes });
    this.#thin();
    if (this.telling) return;
    this.telling = true;
    setTimeout(() => this.hurry(), TELL_AFTER);
  }

  /** Tells at once what was about to be told. */
  hurry() {
    if (this.telling) this.tell();
  }

  get bytes() {
    return this.list.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** Makes room: every other moment is forgotten, but not the start and the end. */
  #thin() {
    const over = () => this.bytes > this.mostBytes || this.list.length > this.most;
    while (over() && this.list.length > 2) {
      this.stride *= 2;
      this.list = this.list.filter(({ id, done }, index) => index === 0 || done || id % this.stride === 0);
    }
    // Not even two fit.
    if (over()) this.refused = this.list.pop()?.bytes.length ?? 0;
  }

  tell() {
    this.telling = false;
    const { stride, bytes, refused } = this;
    const list = this.list.map(({ bytes: _, ...moment }) => moment);
    this.host.report({ type: "moments", list, shown: this.shown?.id ?? null, stride, bytes, refused });
  }

  /** Has a moment shown everywhere, or the last one kept before it; null for the present. @param {number | null} id */
  async show(id) {
    this.host.hold();
    if (id === null) return this.#return();
    const kept = this.list.findLast((moment) => moment.id <= id);
    if (!kept) throw new Error(`moment: expected one of ${this.list.map((moment) => moment.id).join(", ") || "none"}, got ${id}`);
    const engine = await this.host.loading;
    const { data, model } = this.host.session?.options ?? {};
    await (data === "own" || model === "own" ? engine.loadFiles() : engine.loadMethods());
    // Another run may have begun meanwhile.
    if (!this.list.includes(kept)) return;
    const before = this.host.put(engine.restore(kept.bytes));
    if (this.shown) before?.free();
    else this.present = before;
    this.shown = kept;
    this.host.tell();
    this.tell();
  }

  #return() {
    if (!this.present) return;
    this.host.put(this.present)?.free();
    this.present = this.shown = null;
    this.host.tell();
    this.tell();
  }

  /** The run goes on from the moment shown, which is the present from now on. */
  goOn() {
    const { shown } = this;
    if (!shown) return;
    this.present?.free();
    this.present = this.shown = null;
    this.list = this.list.filter(({ id }) => id <= shown.id);
    this.host.tell();
    this.tell();
  }
}
