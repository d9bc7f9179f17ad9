/** What a playground does where its engine is missing, or where the engine's Worker was given up and its run with it. */

/** @typedef {import("./playground.js").Playground} Playground */

export class Recovery {
  /** Whether the Worker has no run because the one before was lost. */
  lost = false;

  /** @param {Playground} page */
  constructor(page) {
    this.page = page;
  }

  /** The Worker was given up. @param {import("./messenger.js").Loss} loss */
  take(loss) {
    const { page } = this;
    this.lost = true;
    page.awaited = false;
    page.setRunning(false);
    page.closer?.scrub.hear({ type: "moments", list: [], shown: null, stride: 1, bytes: 0, refused: 0 });
    if (loss.name === "LoadError") {
      if (!page.ready) page.say("The run cannot begin without the engine.", true);
      page.faults.show("engine", `The engine could not be loaded: ${loss.message}`, "Try again", () => this.load());
      return;
    }
    const copy = page.closer?.project.last;
    const title = copy ? `Go on from epoch ${copy.epoch} of ${copy.epochs}` : "Restart";
    page.faults.show("worker", `The engine stopped: ${loss.message}. A new one has been started.`, title, () => this.revive(true));
    page.run.start();
  }

  /** Loads the engine again. */
  load() {
    if (!this.page.ready) this.page.say("Loading the engine …", false);
    this.page.run.start();
  }

  /**
   * Brings a run into the new Worker: the last one from its copy, or one from the start. False where that failed, or where the first
   * engine has to come before.
   * @param {boolean} play whether it goes on by itself
   */
  async revive(play) {
    const { page } = this;
    page.wantsToRun = play;
    if (!page.ready) this.load();
    const copy = page.closer?.project.last;
    return page.ready && (copy ? page.restore(copy.bytes, play) : page.start(page.chosen));
  }

  /** A run began. */
  over() {
    this.lost = false;
    this.page.faults.clear("worker");
  }
}
