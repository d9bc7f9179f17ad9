/** Bits set on the cards themselves: arrow keys, L, and dragging along the gauge of the weights. */

/** @typedef {import("../../plots/layer-cards.js").LayerCards} Cards */

/** A pointer that moves less than this, in CSS pixels, clicks and does not drag. */
const STILL = 4;

/** The weight bits that a card shows. @param {Cards} cards @param {number} layer */
const shownBits = (cards, layer) => parseInt(cards.cards[layer]?.weight.bits.textContent ?? "", 10) || 8;

/**
 * Lets visitors change bits on the cards.
 * @param {Cards} cards
 * @param {{ onBits: (layer: number, bits: number) => void, onLock: (layer: number) => void }} hands
 */
export function handleBits(cards, { onBits, onLock }) {
  cards.place.addEventListener("keydown", (event) => {
    const more = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (more) onBits(cards.selected, shownBits(cards, cards.selected) + more);
    else if (event.key === "l" || event.key === "L") onLock(cards.selected);
    else return;
    // The page's own keys stay out of this.
    event.preventDefault();
    event.stopPropagation();
  });
  /** @type {{ gauge: HTMLElement, layer: number, x: number } | null} */
  let drag = null;
  cards.place.addEventListener("pointerdown", (event) => {
    const gauge = /** @type {HTMLElement} */ (event.target).closest(".row.w .gauge");
    const layer = cards.cards.findIndex(({ weight }) => weight.gauge === gauge);
    drag = layer < 0 ? null : { gauge: cards.cards[layer].weight.gauge, layer, x: event.clientX };
  });
  addEventListener("pointermove", (/** @type {PointerEvent} */ { clientX }) => {
    if (!drag || Math.abs(clientX - drag.x) < STILL) return;
    const { left, width } = drag.gauge.getBoundingClientRect();
    const bits = Math.max(1, Math.min(8, Math.ceil((8 * (clientX - left)) / width)));
    if (bits !== shownBits(cards, drag.layer)) onBits(drag.layer, bits);
  });
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => (drag = null));
}

/** Marks the layers whose bits are locked. @param {Cards} cards @param {Map<number, number>} locks */
export function showLocks(cards, locks) {
  cards.cards.forEach(({ button, weight }, layer) => {
    const bits = locks.get(layer);
    button.classList.toggle("locked", bits !== undefined);
    if (bits === undefined) return;
    weight.bits.textContent = `${bits} b`;
    [...weight.gauge.children].forEach((segment, bit) => segment.classList.toggle("on", bit < bits));
  });
}
