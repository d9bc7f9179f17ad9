/**
 * Every panel of the page, in the order in which they are mounted: later ones may stand in what earlier ones have made. A
 * new panel is a class (see state/page.js) in a file of its own and a row here. Panels never name each other.
 */
import { makeReadable } from "../plots/plot-reading.js";
import { showAbout } from "./about.js";
import { Bits } from "./bits/bits.js";
import { Compare } from "./compare/compare.js";
import { Export } from "./export.js";
import { addHelp } from "./help.js";
import { Inspector } from "./inspector.js";
import { Kernels } from "./kernels.js";
import { OwnData } from "./own-data/own-data.js";
import { OwnModel } from "./own-model.js";
import { PlaneView } from "./planes.js";
import { Precision } from "./precision.js";
import { Project } from "./project/project.js";
import { RefusalBar } from "./refusal-bar.js";
import { Search } from "./search.js";
import { Settings } from "./settings/settings.js";
import { Share } from "./share.js";
import { Task } from "./task/task.js";
import { Timeline } from "./timeline.js";

/** @type {import("../state/page.js").PanelClass[]} */
export const PANELS = [
  Settings, RefusalBar, Task, Inspector, Kernels, Search, Precision, Bits, PlaneView, Compare, Project, OwnData, OwnModel, Share, Timeline, Export,
];

/** What is added once to the headings and plots of all panels. @type {((root: Document | ShadowRoot) => unknown)[]} */
export const ADDITIONS = [showAbout, makeReadable, addHelp];
