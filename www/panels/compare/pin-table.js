/** Two results of a comparison, layer by layer. */
import { percent } from "../../base/text.js";
import { make } from "../../dom/elements.js";

/** Bits per layer of A and B, side by side. @param {(import("./results.js").Group | null)[]} pins */
export function pinTable(pins) {
  const table = make("table", "measured pins");
  table.append(make("caption", "", "Weight bits per layer of the pinned runs (first seed)"));
  const titles = make("tr");
  titles.append(make("th", "", "layer"), ...pins.map((pin, at) => make("th", "", `${"AB"[at]}: ${pin ? `${pin.title}, ${pin.averageBits.toFixed(2)} stored bits per weight, ${percent(pin.accuracy)}` : "none pinned"}`)));
  const head = make("thead");
  head.append(titles);
  const body = make("tbody");
  const names = pins.find((pin) => pin)?.runs[0].names ?? [];
  names.forEach((name, layer) => {
    const line = make("tr");
    const header = make("th", "", name);
    header.scope = "row";
    line.append(header);
    for (const pin of pins) {
      const bits = pin?.runs[0].bits[layer];
      const cell = make("td", "", bits === undefined ? "–" : `${bits} `);
      if (bits !== undefined) {
        const meter = make("meter");
        Object.assign(meter, { min: 0, max: 8, value: Math.min(8, bits) });
        meter.setAttribute("aria-label", `${bits} bits`);
        cell.append(meter);
      }
      line.append(cell);
    }
    body.append(line);
  });
  table.append(head, body);
  return table;
}
