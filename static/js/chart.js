// Draws every <figure data-chart> from its JSON with Plotly, in the colours of the page's tokens.
// Plotly (1.5 MB) is fetched only when a chart is on the page; until then, and if it fails, the table is there.

let loading;

function load(src) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = src;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`cannot load ${src}`));
    document.head.append(script);
  });
}

function plotly() {
  if (!loading) {
    const meta = document.querySelector('meta[name="plotly"]');
    loading = load(meta.content).then(async () => {
      if (chinese()) await load(meta.dataset.locale).catch(() => undefined); // words of a menu we do not show
      return window.Plotly;
    });
  }
  return loading;
}

const chinese = () => document.documentElement.lang.toLowerCase().startsWith("zh");

function tokens() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: read("ink"), ink2: read("ink-2"), line: read("line"), surface: read("surface"), font: read("font"),
    accent: read("chart-1"), second: read("chart-2"), third: read("chart-3"), fourth: read("chart-4"),
    fifth: read("chart-5"), muted: read("chart-muted"), good: read("good"), warn: read("warn"), bad: read("bad"),
  };
}

/** Plotly reads a little HTML in names; ours are plain text. */
const plain = (text) => String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Short labels for the value axis in the reader's language: 100万, 1.2M, 45%. */
function axisFormat(data) {
  const options = { maximumFractionDigits: 2 };
  if (["percent", "ratio", "rate", "share"].includes(data.unit)) options.style = "percent";
  else options.notation = "compact";
  if (data.currency && ["money", "currency", "amount"].includes(data.unit)) {
    options.style = "currency";
    options.currency = data.currency;
    options.minimumFractionDigits = 0;
  }
  return new Intl.NumberFormat(chinese() ? "zh-CN" : "en", options);
}

/** Round steps (1, 2, 2.5, 5 x 10^n) that cover the values, zero included. */
export function niceTicks(values, count = 5) {
  const known = values.filter((value) => value !== null && Number.isFinite(value));
  const low = Math.min(0, ...known);
  const high = Math.max(0, ...known);
  const span = high - low || 1;
  const power = 10 ** Math.floor(Math.log10(span / count));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => span / size <= count);
  const ticks = [];
  for (let index = Math.floor(low / step); index * step < high + step * 0.999; index += 1) {
    ticks.push(Number((index * step).toPrecision(12)));
  }
  return ticks;
}

function trace(series, data, colors) {
  const flat = series.kind === "hbar";
  const color = colors[series.role] || colors.accent;
  const base = {
    name: plain(series.name),
    x: flat ? series.y : data.categories.map(plain),
    y: flat ? data.categories.map(plain) : series.y,
    customdata: series.text.map(plain),
    hovertemplate: `%{customdata}<extra>${plain(series.name).replaceAll("%{", "% {")}</extra>`,
  };
  if (series.kind !== "line") {
    return { ...base, type: "bar", orientation: flat ? "h" : "v", marker: { color, cornerradius: 3 } };
  }
  const dashed = series.style === "dash";
  const shade = series.fills ? { fill: "tonexty", fillcolor: `${color}2e` } : {};
  return {
    ...base, ...shade, type: "scatter", mode: dashed ? "lines" : "lines+markers", connectgaps: false,
    line: { color, width: dashed ? 1.5 : 2.5, dash: series.style, shape: "linear" },
    marker: { color, size: 6, line: { color: colors.surface, width: 1.5 } },
  };
}

/** Short names at every so many of the categories; without such names Plotly chooses among the names themselves. */
function shortTicks(data, most) {
  if (!data.ticks?.length) return { nticks: most };
  const step = Math.ceil(data.ticks.length / most);
  const chosen = data.categories.map((_, index) => index).filter((index) => index % step === 0);
  return {
    tickmode: "array",
    tickvals: chosen.map((index) => plain(data.categories[index])),
    ticktext: chosen.map((index) => plain(data.ticks[index])),
  };
}

function layout(data, colors, narrow) {
  const flat = data.kind === "hbar";
  const format = axisFormat(data);
  const ticks = niceTicks(data.series.flatMap((series) => series.y), narrow ? 4 : 5);
  const values = {
    tickvals: ticks, ticktext: ticks.map((tick) => format.format(tick)), range: [ticks[0], ticks.at(-1) * 1.02 || 1],
    gridcolor: colors.line, gridwidth: 1, zeroline: true, zerolinecolor: colors.line, fixedrange: true,
    automargin: true, ticks: "",
  };
  const names = {
    type: "category", fixedrange: true, automargin: true, showgrid: false, ticks: "", linecolor: colors.line,
    tickangle: 0, spikecolor: colors.muted, spikethickness: -1, spikedash: "solid", ...shortTicks(data, narrow ? 6 : 12), autorange: flat ? "reversed" : true,
  };
  return {
    xaxis: flat ? values : names, yaxis: flat ? { ...names, nticks: data.categories.length } : values,
    font: { family: colors.font, size: 12, color: colors.ink2 },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 8, r: 12, t: data.series.length > 1 ? 36 : 10, b: 8 },
    showlegend: data.series.length > 1,
    legend: { orientation: "h", x: 0, y: 1.02, xanchor: "left", yanchor: "bottom", font: { color: colors.ink2 } },
    hovermode: flat ? "y unified" : "x unified",
    hoverlabel: { bgcolor: colors.surface, bordercolor: colors.line, font: { color: colors.ink, family: colors.font } },
    bargap: 0.35, bargroupgap: 0.08, dragmode: false,
  };
}

async function draw(figure) {
  figure.dataset.begun = "yes";
  const plot = figure.querySelector("[data-plot]");
  const failed = figure.querySelector("[data-chart-error]");
  try {
    const data = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
    const Plotly = await plotly();
    const colors = tokens();
    figure.querySelector("[data-chart-loading]")?.remove();
    const traces = data.series.map((series) => trace(series, data, colors));
    await Plotly.react(plot, traces, layout(data, colors, plot.clientWidth < 480), {
      displayModeBar: false, responsive: true, locale: chinese() ? "zh-CN" : "en", scrollZoom: false,
    });
    if (!figure.dataset.drawn) listen(figure, plot, data);
    figure.dataset.drawn = "yes";
  } catch (error) {
    console.warn("chart:", error);
    figure.querySelector("[data-chart-loading]")?.remove();
    plot.hidden = true;
    failed.hidden = false;
    figure.querySelector("details").open = true;
  }
}

/** A point opens its facts; by keyboard the same values are reached left and right and read out. */
function listen(figure, plot, data) {
  plot.on("plotly_click", ({ points }) => {
    const url = data.series[points[0].curveNumber]?.urls[points[0].pointIndex];
    if (url) window.location.assign(url);
  });
  plot.tabIndex = 0;
  plot.setAttribute("role", "group");
  plot.setAttribute("aria-labelledby", figure.getAttribute("aria-labelledby"));
  const live = document.createElement("p");
  live.className = "visually-hidden";
  live.setAttribute("aria-live", "polite");
  plot.after(live);
  let at = -1;
  plot.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      at = Math.max(0, Math.min(data.categories.length - 1, at + step));
      window.Plotly.Fx.hover(plot, data.kind === "hbar" ? { yval: at } : { xval: at }, "xy");
      live.textContent = [data.categories[at], ...data.series.map((s) => `${s.name} ${s.text[at]}`)].join(", ");
    } else if (event.key === "Enter" && at >= 0) {
      const url = data.series.map((series) => series.urls[at]).find(Boolean);
      if (url) window.location.assign(url);
    } else if (event.key === "Escape") {
      window.Plotly.Fx.unhover(plot);
    }
  });
}

function drawAll(root = document) {
  root.querySelectorAll("figure[data-chart]").forEach(draw);
}

drawAll();
document.addEventListener("themechange", () => drawAll());
// A part that took the place of another one (hx-swap="outerHTML") is not inside the target, which is gone: look everywhere.
document.addEventListener("htmx:afterSwap", () => {
  document.querySelectorAll("figure[data-chart]:not([data-begun])").forEach(draw);
});
