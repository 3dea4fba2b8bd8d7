// Sorting the gallery, and looking at an image more closely. Without it the page shows all, worst first.
"use strict";
(() => {
  const gallery = document.querySelector(".gallery");
  const form = document.querySelector(".sort");
  const dialog = document.querySelector(".closer");
  const table = document.querySelector(".scores tbody");
  const cases = [...gallery.children];
  const lossesOf = new Map(cases.map((each) => [each, JSON.parse(each.dataset.losses)]));

  // How bad a sketch's result is; where "a|b" is chosen, how much worse a's is than b's.
  function badness(each, measure, columns) {
    const losses = lossesOf.get(each)[measure] ?? {};
    const [first, second] = columns.split("|").map((column) => losses[column]);
    return columns.includes("|") ? first - second : first;
  }

  // Those without a score keep their order: before the worst where no image is, else at the end.
  function sort() {
    const best = form.elements.best.checked;
    const rank = (each) => {
      const value = badness(each, form.elements.measure.value, form.elements.column.value);
      if (Number.isFinite(value)) return best ? value : -value;
      return each.querySelector(".hole") && !best ? -Infinity : Infinity;
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

  function look(image) {
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

  function across(step) {
    const row = [...current.closest(".images").querySelectorAll("img")];
    look(row[(row.indexOf(current) + step + row.length) % row.length]);
  }

  // To the same method's image of the next sketch that has one.
  function down(step) {
    const column = (image) => image.dataset.image?.replace(/\/[^/]*$/, "");
    const alike = [...current.closest("section").querySelectorAll(".image img")].filter(
      (image) => column(image) === column(current),
    );
    look(alike[(alike.indexOf(current) + step + alike.length) % alike.length]);
  }

  const keys = {
    ArrowLeft: () => across(-1),
    ArrowRight: () => across(1),
    ArrowUp: () => down(-1),
    ArrowDown: () => down(1),
  };

  form.hidden = false;
  form.addEventListener("change", sort);
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const image of document.querySelectorAll(".image img")) {
    image.tabIndex = 0;
    image.setAttribute("role", "button");
    image.addEventListener("click", () => look(image));
    image.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        look(image);
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
    const { across: aside, down: along } = event.target.dataset;
    if (aside) across(Number(aside));
    else if (along) down(Number(along));
    else if (event.target === dialog || event.target.matches("img, [data-close]")) dialog.close();
  });
  dialog.addEventListener("close", () => current.focus());
})();
