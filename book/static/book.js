// A figure's frame follows the page's light or dark: most browsers tell it so by themselves.

const tell = (frame) => {
  frame.contentWindow.postMessage({ rnnEduTheme: document.documentElement.dataset.theme }, "*");
};
const tellAll = () => document.querySelectorAll(".rnn-edu-static > iframe").forEach(tell);

new MutationObserver(tellAll).observe(document.documentElement, { attributeFilter: ["data-theme"] });
document.addEventListener("load", ({ target }) => {
  if (target.matches?.(".rnn-edu-static > iframe")) tell(target);
}, true);

// A formula that does not fit scrolls in its box, by the arrow keys too.

const reach = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".formula").forEach((formula) => reach.observe(formula));
});

// Opened from a file, a page may not read another for the lines around what was searched.

if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
