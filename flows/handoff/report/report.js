"use strict";
const rows = [...document.querySelectorAll("#findings tbody tr")];
const words = rows.map((row) => row.textContent.toLowerCase());
const severity = document.getElementById("severity");
const code = document.getElementById("code");
const search = document.getElementById("search");
const shown = document.getElementById("shown");

function filter() {
  const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  rows.forEach((row, place) => {
    const fits = (!severity.value || row.dataset.severity === severity.value)
      && (!code.value || row.dataset.code === code.value)
      && wanted.every((word) => words[place].includes(word));
    row.hidden = !fits;
    count += fits;
  });
  shown.textContent = count.toLocaleString("en") + " of " + rows.length.toLocaleString("en") + " shown";
}

for (const control of [severity, code, search]) {
  control.addEventListener("input", filter);
}
filter();
