/**
 * Says which of the files that the page begins with could not be loaded. A classic script, and the first of all: the page's
 * modules may be what is missing.
 */

/** @param {string} text @param {() => void} act what another try does @param {boolean} whole whether nothing of the page works */
function tell(text, act, whole) {
  const sentence = document.getElementById("sentence");
  const line = document.createElement("p");
  const button = document.createElement("button");
  line.className = "message";
  line.setAttribute("role", "alert");
  button.type = "button";
  button.textContent = "Try again";
  button.addEventListener("click", () => {
    line.remove();
    act();
  });
  line.append(`${text} `, button);
  sentence?.after(line);
  if (whole && sentence) sentence.textContent = "The page cannot begin.";
}

addEventListener("error", ({ target }) => {
  const script = target instanceof HTMLScriptElement ? target : null;
  const style = target instanceof HTMLLinkElement && target.rel === "stylesheet" ? target : null;
  if (!script && !style) return;
  const again = () => (script ? location.reload() : style?.replaceWith(/** @type {Node} */ (style?.cloneNode())));
  const show = () => tell(`The file ${script?.getAttribute("src") ?? style?.getAttribute("href")}, or one that it needs, could not be loaded.`, again, script !== null);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", show);
  else show();
}, true);
