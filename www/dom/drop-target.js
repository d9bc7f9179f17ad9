/** Panels on which files are dropped. */

/**
 * Has a panel take the files dropped on it; project files are the page's own, wherever they fall.
 * @param {HTMLElement} place @param {(dropped: DataTransfer) => void} take
 */
export function acceptDrops(place, take) {
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("dropping");
  });
  place.addEventListener("dragleave", () => place.classList.remove("dropping"));
  place.addEventListener("drop", (event) => {
    place.classList.remove("dropping");
    const { dataTransfer } = event;
    if (!dataTransfer || [...dataTransfer.files].some(({ name }) => name.endsWith(".ddq"))) return;
    event.preventDefault();
    take(dataTransfer);
  });
}
