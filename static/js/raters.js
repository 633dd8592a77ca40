// Choosing raters: the counter of each group follows the ticks, and one person stands in one group only.

const form = document.querySelector("form[data-raters]");

function count(group) {
  const { least, most } = group.dataset;
  const inside = [...group.querySelectorAll("input[name=pick]:checked")].length;
  const outside = [...form.querySelectorAll(".rt-found input[name=pick]:checked")]
    .filter((box) => box.value.startsWith(`${group.dataset.name}:`)).length;
  const n = inside + outside;
  const line = group.querySelector(".rt-counter");
  line.querySelector("[data-count]").textContent = n;
  line.classList.toggle("is-over", n > Number(most));
  line.classList.toggle("is-short", n < Number(least));
  line.classList.toggle("is-good", n > 0 && n >= Number(least) && n <= Number(most));
}

function countAll() {
  form.querySelectorAll("[data-group]").forEach(count);
}

form?.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.matches("input[name=pick]")) return;
  const person = box.value.split(":")[1];
  if (box.checked) {
    form.querySelectorAll("input[name=pick]:checked").forEach((other) => {
      if (other !== box && other.value.split(":")[1] === person) other.checked = false;
    });
  }
  countAll();
});

if (form) countAll();
