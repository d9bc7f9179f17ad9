/** What a first view does without: the closer views and the panels, loaded after the first plot. */
import { showAbout } from "./about.js";
import { Bits } from "./bits.js";
import { Compare } from "./compare.js";
import { Export } from "./export.js";
import { Inspector } from "./inspector.js";
import { Kernels } from "./kernels.js";
import { OwnModel } from "./model.js";
import { OwnData } from "./own.js";
import { PlaneView } from "./planes.js";
import { Precision } from "./precision.js";
import { Project } from "./project.js";
import { Search } from "./search.js";
import { Settings } from "./settings.js";
import { Task } from "./task.js";

/**
 * What the closer views work with. state: what they show; restore: goes on with a project file; rest: stops a run under way.
 * @typedef {{
 *   element: <T extends HTMLElement>(id: string) => T,
 *   canvas: (id: string) => HTMLCanvasElement,
 *   run: import("./run.js").Run,
 *   cards: import("./cards.js").Cards,
 *   start: (options: import("../pkg/index.js").SessionOptions) => Promise<boolean>,
 *   optionTable: import("../pkg/index.js").OptionRow[],
 *   message: (text: string) => void,
 *   state: () => { history: import("./history.js").History, snapshot: import("../pkg/index.js").Snapshot | null, runs: number },
 *   restore: (bytes: Uint8Array, play: boolean) => Promise<boolean>,
 *   rest: () => Promise<void>,
 * }} Page
 */
/** @typedef {ReturnType<typeof buildCloser>} Closer */

/** @param {Page} page */
export function buildCloser({ element, canvas, run, cards, start, optionTable, message, state, restore, rest }) {
  const settings = new Settings(/** @type {HTMLFormElement} */ (element("settings")), start, () => run.send("allOptions"));
  settings.build(optionTable);
  void showAbout(element("about-place")).catch(() => undefined);
  return {
    settings,
    task: new Task(element("task"), run),
    inspector: new Inspector(canvas, element("inspector-text")),
    kernels: new Kernels(element, run),
    search: new Search(element("search"), run, message),
    precision: new Precision(element("precision")),
    bits: new Bits(element("bits"), element("what-if-budget"), run, settings, cards),
    planes: new PlaneView(element("planes")),
    compare: new Compare(element("compare"), settings),
    project: new Project(element("project"), run, settings, { state, restore, message }),
    own: new OwnData(element("own"), settings),
    model: new OwnModel(element("own-model"), run, settings),
    takeaway: new Export(element("export"), run, state, rest),
  };
}
