// The switcher keeps the section one is reading, and the choice made is remembered for the front page.
const keepAnchor = () => document.querySelectorAll(".language-switcher a").forEach((a) => (a.hash = location.hash));
addEventListener("hashchange", keepAnchor);
keepAnchor();

document.querySelectorAll(".language-switcher a").forEach((a) =>
  a.addEventListener("click", () => {
    keepAnchor();
    try { localStorage.setItem("language", a.hreflang); } catch { /* a browser may forbid it */ }
  })
);

// One open menu closes when the reader goes elsewhere.
document.addEventListener("click", (event) =>
  document.querySelectorAll(".language-switcher[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  })
);
