// Sort the gallery and enlarge images. Without this script the page shows all, the worst first.
"use strict";
(() => {
  const gallery = document.querySelector(".gallery");
  const form = document.querySelector(".sort");
  const dialog = document.querySelector(".viewer");
  const table = document.querySelector("#scores tbody");
  const cases = [...gallery.children];
  const costsOf = new Map(cases.map((each) => [each, JSON.parse(each.dataset.costs)]));

  // The cost of a sketch's image; for "a|b", how much higher that of a is than that of b.
  function cost(each, metric, columns) {
    const costs = costsOf.get(each)[metric] ?? {};
    const [first, second] = columns.split("|").map((column) => costs[column]);
    return columns.includes("|") ? first - second : first;
  }

  // Sketches without a score keep their order: first those without an image, the others last.
  function sort() {
    const best = form.elements.best.checked;
    const rank = (each) => {
      const value = cost(each, form.elements.metric.value, form.elements.column.value);
      if (Number.isFinite(value)) return best ? value : -value;
      return each.querySelector(".placeholder") && !best ? -Infinity : Infinity;
    };
    const ranks = new Map(cases.map((each) => [each, rank(each)]));
    const order = [...cases].sort((a, b) => (ranks.get(a) < ranks.get(b) ? -1 : +(ranks.get(a) > ranks.get(b))));
    gallery.replaceChildren(...order);
    order.forEach((each, index) => (each.querySelector("h3 b").textContent = index + 1));
    const places = new Map(order.map((each, index) => [each.id, index]));
    const place = (row) => places.get(`sketch-${row.dataset.sketch}`) ?? cases.length;
    table.replaceChildren(...[...table.rows].sort((a, b) => place(a) - place(b)));
  }

  let current = null;

  function enlarge(image) {
    current = image;
    const large = document.createElement("img");
    large.src = image.src;
    large.alt = image.alt;
    dialog.querySelector("figure").replaceChildren(large);
    const scores = [...image.closest("figure").querySelectorAll("dt")].map(
      (name) => `${name.textContent} ${name.nextElementSibling.textContent}`,
    );
    dialog.querySelector("p").textContent = [image.alt, ...scores].join(" · ");
    if (!dialog.open) dialog.showModal();
  }

  function moveAcross(step) {
    const row = [...current.closest(".images").querySelectorAll("img")];
    enlarge(row[(row.indexOf(current) + step + row.length) % row.length]);
  }

  // To the same method's image of the next sketch that has one.
  function moveDown(step) {
    const column = (image) => image.dataset.image?.replace(/\/[^/]*$/, "");
    const others = [...current.closest("section").querySelectorAll(".image img")].filter(
      (image) => column(image) === column(current),
    );
    enlarge(others[(others.indexOf(current) + step + others.length) % others.length]);
  }

  const keys = {
    ArrowLeft: () => moveAcross(-1),
    ArrowRight: () => moveAcross(1),
    ArrowUp: () => moveDown(-1),
    ArrowDown: () => moveDown(1),
  };

  form.hidden = false;
  form.addEventListener("change", sort);
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const image of document.querySelectorAll(".image img")) {
    image.tabIndex = 0;
    image.setAttribute("role", "button");
    image.addEventListener("click", () => enlarge(image));
    image.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        enlarge(image);
      }
    });
  }
  dialog.addEventListener("keydown", (event) => {
    if (event.key in keys) {
      event.preventDefault();
      keys[event.key]();
    }
  });
  dialog.addEventListener("click", (event) => {
    const { across, down } = event.target.dataset;
    if (across) moveAcross(Number(across));
    else if (down) moveDown(Number(down));
    else if (event.target === dialog || event.target.matches("img, [data-close]")) dialog.close();
  });
  dialog.addEventListener("close", () => current.focus());
})();
