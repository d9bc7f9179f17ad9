/** What a first view does without: the closer views and the panels, loaded after the first plot. */
import { showAbout } from "./about.js";
import { Bits } from "./bits.js";
import { Compare } from "./compare.js";
import { Export } from "./export.js";
import { pageAddress } from "./files.js";
import { addHelp } from "./help.js";
import { Inspector } from "./inspector.js";
import { Kernels } from "./kernels.js";
import { OwnModel } from "./model.js";
import { OwnData } from "./own.js";
import { PlaneView } from "./planes.js";
import { makeReadable } from "./plot-reading.js";
import { Precision } from "./precision.js";
import { Project } from "./project.js";
import { RefusalBar } from "./refusal.js";
import { Scrub } from "./scrub.js";
import { Search } from "./search.js";
import { Settings } from "./settings.js";
import { Share } from "./share.js";
import { Task } from "./task.js";

/** @typedef {ReturnType<typeof buildCloser>} Closer */

/** @param {import("./playground.js").Playground} page */
export function buildCloser(page) {
  const { canvas, run, optionTable } = page;
  const element = page.element.bind(page);
  const message = page.message.bind(page);
  const settings = new Settings(/** @type {HTMLFormElement} */ (element("settings")), page.first, (options) => page.start(options),
    (take) => page.faults.attempt("options", "The other settings could not be loaded", async () => take(await run.send("allOptions"))));
  settings.build(optionTable);
  void showAbout(element("about-place")).catch(() => undefined);
  const closer = {
    settings,
    refusal: new RefusalBar(page, settings),
    task: new Task(element("task"), run),
    inspector: new Inspector(canvas, element("inspector-text")),
    kernels: new Kernels(element, run),
    search: new Search(element("search"), run, message),
    precision: new Precision(element("precision")),
    bits: new Bits(element("bits"), element("what-if-budget"), page, settings),
    planes: new PlaneView(element("planes")),
    compare: new Compare(element("compare"), settings, page),
    project: new Project(element("project"), run, settings, page),
    own: new OwnData(element("own"), settings, page),
    model: new OwnModel(element("own-model"), run, settings, page),
    share: new Share(element("share"), page),
    scrub: new Scrub(element("scrub"), page),
    takeaway: new Export(element("export"), run, () => page, () => page.rest()),
    /** A run began. @param {import("./playground.js").Created} report */
    begin(report) {
      settings.show(report.options);
      for (const view of [closer.kernels, closer.bits, closer.planes, closer.precision, closer.takeaway, closer.scrub]) view.clear();
    },
  };
  // What is a part of a host's own bundle has no address to share.
  if (pageAddress("./") === null) element("share").hidden = true;
  makeReadable(page.root);
  addHelp(page.root);
  return closer;
}
