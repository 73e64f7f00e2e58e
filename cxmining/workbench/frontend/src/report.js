// The report without a kernel: the same map widget, plotly's pictures and the table, joined by one selection.
import { contents } from './contents.js';
import { figures } from './figures.js';
import { filters } from './filters.js';
import widget from './journeymap.js';
import { Model } from './model.js';
import { ways } from './ways.js';

const data = JSON.parse(document.getElementById('cx-data').textContent);
const model = new Model({ spec: data.map, selected: null, way: null, flow: data.map ? data.map.flow : 1 });
const dark = matchMedia('(prefers-color-scheme: dark)');
const paper = matchMedia('print');

const mapAt = document.getElementById('cx-map');
if (mapAt && data.map) widget.render({ model, el: mapAt });

// Plotly draws with colours, not with CSS variables: the dark set is put in their place.
const dressed = (figure) => {
  if (!dark.matches || paper.matches) return figure;
  return JSON.parse(JSON.stringify(figure), (_, value) => (typeof value === 'string' && Object.hasOwn(data.dark, value) ? data.dark[value] : value));
};

const pictures = [...document.querySelectorAll('[data-figure]')];
const config = { responsive: false, displayModeBar: false, scrollZoom: false, doubleClick: false, showTips: false };

function drawPicture(el) {
  const figure = dressed(data.figures[el.dataset.figure]);
  const least = Number(el.dataset.least || 0);
  const room = el.parentElement.clientWidth;
  const width = Math.max(least, room);
  // paper cannot scroll: what is wider is made smaller
  el.style.zoom = paper.matches ? String(room / width) : '';
  el.style.width = `${width}px`;
  const layout = { ...figure.layout, width, autosize: false };
  window.Plotly.react(el, figure.data, layout, config);
  el.dataset.width = String(width);
  highlight(el);
}

function highlight(el) {
  const chosen = model.get('selected');
  (el.data || []).forEach((trace, i) => {
    if (!trace.customdata || !trace.meta) return;
    const points = trace.customdata.flatMap((id, k) => (id === chosen ? [k] : []));
    window.Plotly.restyle(el, { selectedpoints: [points.length ? points : null] }, [i]);
  });
}

for (const el of pictures) {
  drawPicture(el);
  el.on('plotly_click', (event) => {
    const id = event.points[0].customdata;
    if (typeof id === 'string') model.set('selected', id === model.get('selected') ? null : id);
  });
}
const redraw = () => pictures.forEach(drawPicture);
dark.addEventListener('change', redraw);
paper.addEventListener('change', redraw);
addEventListener('beforeprint', redraw);
addEventListener('afterprint', redraw);
let waiting = 0;
addEventListener('resize', () => { clearTimeout(waiting); waiting = setTimeout(redraw, 120); });

// What is wider than its box says so, and fades out on the side where there is more.
for (const box of document.querySelectorAll('.scroller, .cx-scroll')) {
  const hint = document.createElement('p');
  hint.className = 'wider';
  hint.hidden = true;
  hint.textContent = data.wider;
  box.before(hint);
  const look = () => {
    hint.hidden = box.scrollWidth <= box.clientWidth + 1;
    box.classList.toggle('cx-more', box.scrollLeft + box.clientWidth < box.scrollWidth - 2);
  };
  const observer = new ResizeObserver(look);
  observer.observe(box);
  if (box.firstElementChild) observer.observe(box.firstElementChild);
  new MutationObserver(look).observe(box, { childList: true });
  box.addEventListener('scroll', look, { passive: true });
  look();
}

// The table: sort by any column, choose a row.
const table = document.getElementById('cx-table');
if (table) {
  const body = table.tBodies[0], rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((th, column) => {
    const button = th.querySelector('button');
    if (!button) return;
    button.addEventListener('click', () => {
      const numeric = th.classList.contains('num');
      const down = th.getAttribute('aria-sort') === 'descending' ? false : th.getAttribute('aria-sort') === 'ascending' ? true : numeric;
      heads.forEach((other) => other.removeAttribute('aria-sort'));
      th.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const value = (row) => row.cells[column].dataset.v ?? '';
      const words = new Intl.Collator(document.documentElement.lang);
      const sorted = [...rows].sort((a, b) => {
        const x = value(a), y = value(b);
        if (x === '' || y === '') return x === y ? 0 : x === '' ? 1 : -1; // what has no figure stays below
        const order = numeric ? Number(x) - Number(y) : words.compare(x, y);
        return down ? -order : order;
      });
      body.append(...sorted);
    });
  });
  body.addEventListener('click', (event) => {
    const row = event.target.closest('tr[data-id]');
    if (row && !getSelection().toString()) model.set('selected', model.get('selected') === row.dataset.id ? null : row.dataset.id);
  });
}
model.on('change:way', () => {
  const on = new Set(model.get('way') || []);
  for (const row of document.querySelectorAll('#cx-table tr[data-id]')) row.classList.toggle('onway', on.has(row.dataset.id));
});
model.on('change:selected', () => {
  const chosen = model.get('selected');
  pictures.forEach(highlight);
  for (const row of document.querySelectorAll('#cx-table tr[data-id]')) {
    const mine = row.dataset.id === chosen;
    row.classList.toggle('chosen', mine);
    row.querySelector('button')?.setAttribute('aria-pressed', String(mine));
  }
});
figures({ model, picked: data.picked, labels: data.labels, text: data.text });
const list = ways({ model, data: data.ways, labels: data.labels });
filters({ data, model, ways: list, drawPicture });
contents(document.getElementById('cx-contents'));
