// Folding, filtering and copying. The page is whole without it.
"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const all = (what) => [...document.querySelectorAll(what)];

  find("tools").hidden = false;
  all("button.copy").forEach((button) => { button.hidden = false; });
  find("tools").addEventListener("submit", (event) => event.preventDefault());

  // Folding.
  const fold = (open) => all("main details").forEach((one) => { one.open = open; });
  find("open").addEventListener("click", () => fold(true));
  find("fold").addEventListener("click", () => fold(false));

  // What a link leads to is opened, with everything around it.
  const reveal = () => {
    let name = location.hash.slice(1);
    // What is no escaped text stands for itself.
    try { name = decodeURIComponent(name); } catch { }
    const target = name && find(name);
    if (!target) return;
    for (let one = target; one; one = one.parentElement) {
      if (one.tagName === "DETAILS") one.open = true;
    }
    target.scrollIntoView({ block: "nearest" });
  };
  addEventListener("hashchange", reveal);
  reveal();

  // On paper everything is open.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("main details:not([open])");
    folded.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((one) => { one.open = false; }));

  // Filtering: by all words, and by the verdict.
  const things = all("main [data-tone]");
  const filter = () => {
    const words = find("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    const tones = find("tone").value.split(" ").filter(Boolean);
    let shown = 0;
    for (const one of things) {
      const text = one.textContent.toLowerCase();
      const here = words.every((word) => text.includes(word))
        && (tones.length === 0 || tones.includes(one.dataset.tone));
      one.classList.toggle("gone", !here);
      if (here) shown += 1;
    }
    // What has something in it that is shown is shown too.
    for (const one of things) {
      if (one.classList.contains("gone")) continue;
      for (let up = one.parentElement; up; up = up.parentElement) up.classList.remove("gone");
    }
    const asked = words.length + tones.length > 0;
    find("told").textContent = asked ? `${shown} of ${things.length} shown` : "";
  };
  find("filter").addEventListener("input", filter);
  find("tone").addEventListener("change", filter);

  // Copying.
  const byHand = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return byHand(text);
    }
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.copy");
    if (!button) return;
    const text = button.closest(".copyable").querySelector("pre").textContent;
    const done = await copy(text);
    const said = done ? "Copied" : "Could not copy";
    find("said").textContent = said;
    button.classList.toggle("done", done);
    button.firstChild.textContent = said;
    button.focus();
    setTimeout(() => { button.firstChild.textContent = "Copy"; button.classList.remove("done"); }, 2000);
  });
})();
