// What the pages do by themselves: stay fresh, copy texts, remember the theme. Without it they still work.
"use strict";

(function theme() {
  const kept = localStorage.getItem("ringback-theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
})();

document.addEventListener("DOMContentLoaded", () => {
  prepareTheme();
  prepareCopying();
  prepareKeys();
  live();
  showPlace();
  addEventListener("resize", showPlace);
  const here = document.querySelector(".outline .here");
  if (here) here.scrollIntoView({ block: "center" });
});

// On a phone the navigation is wider than the window.
function showPlace() {
  const here = document.querySelector(".top nav [aria-current]");
  const list = here?.closest("ul");
  if (list) list.scrollLeft = here.offsetLeft - list.offsetLeft - (list.clientWidth - here.offsetWidth) / 2;
}

function prepareTheme() {
  const button = document.querySelector("[data-theme-switch]");
  if (!button) return;
  const dark = () => {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };
  const name = () => { button.textContent = dark() ? "Light" : "Dark"; };
  button.hidden = false;
  name();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  button.addEventListener("click", () => {
    const next = dark() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("ringback-theme", next);
    name();
  });
}

// Buttons of parts that are exchanged keep working, since the document listens for them.
function prepareCopying() {
  showCopying(document);
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = document.getElementById(button.dataset.copy);
    if (!text) return;
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(text);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = before; }, 1500);
  });
}

function showCopying(root) {
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
}

function prepareKeys() {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = document.querySelector(`[data-focus-key="${CSS.escape(event.key)}"]`);
    if (!field) return;
    event.preventDefault();
    field.focus();
  });
}

function live() {
  for (const part of document.querySelectorAll("[data-live]")) {
    setInterval(() => { if (!document.hidden) refresh(part.id); }, Number(part.dataset.live));
  }
  const part = document.querySelector("[data-events]");
  if (part) follow(part);
}

function follow(part) {
  const events = new EventSource(part.dataset.events);
  let waiting = false;
  const changed = () => {
    if (waiting) return;
    waiting = true;
    setTimeout(async () => {
      waiting = false;
      await refresh(part.id);
    }, 200);
  };
  for (const name of ["state", "progress", "step", "log", "delivery"]) events.addEventListener(name, changed);
  events.addEventListener("error", () => { if (events.readyState === EventSource.CLOSED) changed(); });
  // Bars of what is under way grow by themselves.
  const growing = setInterval(() => {
    if (document.hidden) return;
    if (document.getElementById(part.id)?.querySelector(".actions .danger")) refresh(part.id);
  }, 5000);
  addEventListener("pagehide", () => { clearInterval(growing); events.close(); });
}

// Asks for the page again and takes over one part of it: what the server wrote, escaped as everything that it writes.
async function refresh(id) {
  const said = document.querySelector("[data-live-state]");
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, credentials: "same-origin" });
    if (answer.redirected || answer.status === 401) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(id);
    const old = document.getElementById(id);
    if (!fresh || !old || holdsSelection(old)) return;
    keepOpen(old, fresh);
    showCopying(fresh);
    const focused = path(old, document.activeElement);
    old.replaceChildren(...fresh.childNodes);
    if (focused) old.querySelector(focused)?.focus({ preventScroll: true });
    if (said) said.textContent = "";
  } catch {
    if (said) said.textContent = "the server does not answer; this page is not fresh";
  }
}

// A reader who marks text would lose his marks.
function holdsSelection(part) {
  const selection = getSelection();
  return selection && !selection.isCollapsed && part.contains(selection.anchorNode);
}

function keepOpen(old, fresh) {
  for (const before of old.querySelectorAll("details[id]")) {
    const after = fresh.querySelector(`#${CSS.escape(before.id)}`);
    if (after) after.open = before.open;
  }
}

function path(part, element) {
  if (!element || !part.contains(element) || element === part) return null;
  if (element.id) return `#${CSS.escape(element.id)}`;
  const href = element.getAttribute("href");
  if (href) return `a[href="${CSS.escape(href)}"]`;
  const details = element.closest("details[id]");
  return details ? `#${CSS.escape(details.id)} > summary` : null;
}
