/** What a playground does where its engine is missing, or where the engine's Worker was given up and its run with it. */

/** @typedef {import("./run-controller.js").RunController} RunController */
/** @typedef {import("./stage.js").Stage} Stage */

export class Recovery {
  /** Whether the Worker has no run because the one before was lost. */
  lost = false;

  /** @param {Stage} page @param {RunController} run */
  constructor(page, run) {
    this.page = page;
    this.run = run;
  }

  /** The Worker was given up. @param {import("../client/messenger.js").Loss} loss */
  take(loss) {
    const { page, run } = this;
    this.lost = true;
    run.stop();
    page.onReport({ type: "checkpoints", list: [], shown: null, stride: 1, bytes: 0, refused: 0 });
    if (loss.name === "LoadError") {
      if (!run.ready) page.messages.say("The run cannot start without the engine.", true);
      page.faults.show("engine", `The engine could not be loaded: ${loss.message}`, "Try again", () => this.load());
      return;
    }
    const copy = page.copies?.last;
    const title = copy ? `Continue from epoch ${copy.epoch} of ${copy.epochs}` : "Restart";
    page.faults.show("worker", `The engine stopped: ${loss.message}. A new one has been started.`, title, () => this.revive(true));
    run.worker.start();
  }

  /** Loads the engine again. */
  load() {
    if (!this.run.ready) this.page.messages.say("Loading the engine …", false);
    this.run.worker.start();
  }

  /**
   * Brings a run into the new Worker: the last one from its copy, or one from the start. False where that failed, or where the first
   * engine has to come before.
   * @param {boolean} play whether it goes on by itself
   */
  async revive(play) {
    const { page, run } = this;
    run.wantsToRun = play;
    if (!run.ready) this.load();
    const copy = page.copies?.last;
    return run.ready && (copy ? run.restore(copy.bytes, play) : run.start(run.chosen));
  }

  /** A run began. */
  over() {
    this.lost = false;
    this.page.faults.clear("worker");
  }
}
